import Domain
import Postgres

/// A row of `observations`: its columns in one order, written and read here and nowhere else.
enum ObservationColumns {
  static let names: [String] =
    [
      "project_id", "key_id", "trace_id", "id", "started_at", "received_at", "ended_at", "first_token_at", "parent_id",
      "shadowed_by", "cost_pico", "computed_cost_pico", "list_cost_pico", "first_cost_pico", "reported_cost_pico",
      "avoided_cost_pico",
    ] + MeasureColumns.usage + [
      "team_id", "user_group_id", "rate_id", "rule_id", "catalogue_revision", "price_revision", "flags", "kind", "level", "cost_status",
      "first_cost_status", "owner_step", "shadow_reason", "usage_flags", "reported_cost_source", "is_arrived",
      "is_call", "environment", "external_id", "name", "status_message", "request_model", "response_model", "model",
      "sent_provider", "provider", "service_tier", "region", "response_id", "usage_rule", "usage_raw", "prompt",
      "service", "release", "version", "user_id", "session_id", "endpoint", "endpoint_hint", "server_route", "scope",
      "price", "cost_reason", "extra_1", "extra_2", "extra_3", "extra_4", "declared", "stamps", "parts",
    ]

  /// For a select list; `alias` is the table's name in the query ("o").
  static func list(_ alias: String) -> String { names.map { "\(alias).\($0)" }.joined(separator: ", ") }

  struct Flags: OptionSet {
    let rawValue: Int16
    static let startAssumed = Flags(rawValue: 1)
    static let ownUser = Flags(rawValue: 2)
    static let ownSession = Flags(rawValue: 4)
    static let ownEnvironment = Flags(rawValue: 8)
    static let ownKind = Flags(rawValue: 16)
  }

  private static func flags(of o: Observation) -> Flags {
    var flags: Flags = o.isStartAssumed ? .startAssumed : []
    if o.facts.user != nil { flags.insert(.ownUser) }
    if o.facts.session != nil { flags.insert(.ownSession) }
    if o.facts.environment != nil { flags.insert(.ownEnvironment) }
    if o.facts.kind != nil { flags.insert(.ownKind) }
    return flags
  }

  /// *Errors:* `ValueOutOfRange` for an amount that no column can hold.
  static func write(_ o: Observation, to w: CopyWriter) throws {
    // Read in place: a copy of the facts retains thirty texts.
    w.int32(o.facts.project.rawValue)
    w.int32(o.facts.key?.rawValue)
    w.uuid(o.facts.trace.uuid)
    w.int64(o.facts.id.signed)
    w.timestamp(microseconds: o.startedAt.microseconds)
    w.timestamp(microseconds: o.receivedAt.microseconds)
    w.timestamp(microseconds: o.facts.endedAt?.microseconds)
    w.timestamp(microseconds: o.facts.firstTokenAt?.microseconds)
    w.int64(o.facts.parent?.signed)
    w.int64(o.decision.shadowedBy?.signed)
    w.int64(try pico(o.decision.cost.cost))
    w.int64(try pico(o.decision.cost.computed))
    w.int64(try pico(o.decision.cost.list))
    w.int64(try pico(o.decision.firstCharge?.cost))
    w.int64(try pico(o.facts.reportedCost?.amount))
    w.int64(try pico(o.decision.cost.avoided))
    writeUsage(o.facts.usage?.usage.positional ?? [], to: w)
    w.int32(o.decision.team?.rawValue)
    w.int32(o.decision.userGroup?.rawValue)
    w.int32(o.decision.cost.rateID?.rawValue)
    w.int32(o.decision.rule?.rawValue)
    w.int32(o.decision.cost.revision)
    w.int32(o.decision.cost.priceRevision == 0 ? nil : o.decision.cost.priceRevision)
    w.int16(flags(of: o).rawValue)
    w.int16(o.kind.code)
    w.int16(o.facts.level?.code)
    w.int16(o.decision.cost.status.code)
    w.int16(o.decision.firstCharge?.status.code)
    w.int16(o.decision.ownerStep.rawValue)
    w.int16(o.decision.shadowReason?.code)
    w.int16(o.facts.usage?.flags.rawValue)
    w.int16(o.facts.reportedCost?.source.rawValue)
    w.bool(o.facts.isArrived)
    w.bool(o.decision.isCall)
    writeTexts(o, to: w)
    writeExtras(o.decision.extras, to: w)
    w.bytea(StoredValues.encode(o.facts.declared))
    w.bytea(o.facts.stamps.bytes)
    w.bytea(StoredParts.encode(o.facts.parts, o.facts.notes))
  }

  /// `counts` by bucket; empty is all zero.
  private static func writeUsage(_ counts: [Int64], to w: CopyWriter) {
    if counts.isEmpty { return w.nulls(MeasureColumns.usage.count) }
    for count in counts { w.int64(count == 0 ? nil : count) }
  }

  private static func writeExtras(_ extras: [String], to w: CopyWriter) {
    if extras.isEmpty { return w.nulls(CostDimension.extras.count) }
    for i in CostDimension.extras.indices { w.text(extras.indices.contains(i) && !extras[i].isEmpty ? extras[i] : nil) }
  }

  private static func writeTexts(_ o: Observation, to w: CopyWriter) {
    w.text(o.facts.environment ?? o.decision.environment)
    w.text(o.facts.externalID)
    w.text(o.facts.name)
    w.text(o.facts.statusMessage)
    w.text(o.facts.requestModel)
    w.text(o.facts.responseModel)
    w.text(o.decision.model)
    w.text(o.facts.provider)
    w.text(o.decision.provider)
    w.text(o.facts.serviceTier)
    w.text(o.facts.region)
    w.text(o.facts.responseID)
    w.text(o.facts.usage?.rule)
    w.text(o.facts.usage?.raw)
    w.text(o.facts.prompt)
    w.text(o.facts.service)
    w.text(o.facts.release)
    w.text(o.facts.version)
    w.text(o.facts.user ?? o.decision.user)
    w.text(o.facts.session ?? o.decision.session)
    w.text(o.decision.endpoint)
    w.text(o.facts.endpointHint)
    w.text(o.facts.serverRoute)
    w.text(o.facts.scope)
    w.text(o.decision.cost.price)
    w.text(o.decision.cost.reason.isEmpty ? nil : o.decision.cost.reason)
  }

  private static func pico(_ amount: USD?) throws -> Int64? {
    guard let amount else { return nil }
    guard let value = Int64(exactly: amount.pico) else { throw ValueOutOfRange(field: "cost") }
    return value
  }
}

/// A value that the schema has no room for; belongs to one item, like an error of class 22 from the database.
struct ValueOutOfRange: Error, Sendable {
  var field: String
}

extension TraceID {
  var uuid: UInt128 { UInt128(high) << 64 | UInt128(low) }
}

extension ObservationID {
  var signed: Int64 { Int64(bitPattern: rawValue) }
}
