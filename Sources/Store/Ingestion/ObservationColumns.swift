import Domain
import Postgres

/// A row of `observations`: its columns in one order, written and read here and nowhere else.
enum ObservationColumns {
  static let names: [String] =
    [
      "project_id", "key_id", "trace_id", "id", "started_at", "received_at", "ended_at", "first_token_at", "parent_id",
      "shadowed_by", "cost_pico", "computed_cost_pico", "reported_cost_pico",
    ] + MeasureColumns.usage + [
      "team_id", "user_group_id", "catalogue_revision", "flags", "kind", "level", "cost_status", "owner_step",
      "shadow_reason", "usage_flags", "reported_cost_source", "is_arrived", "is_call", "environment", "external_id",
      "name",
      "status_message", "request_model", "response_model", "model", "sent_provider", "provider", "service_tier",
      "response_id", "usage_rule", "usage_raw", "prompt", "service", "release", "version", "user_id", "session_id",
      "endpoint", "endpoint_hint", "server_route", "scope", "price", "cost_reason", "stamps", "parts",
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
    let facts = o.facts
    let decision = o.decision
    w.int32(facts.project.rawValue)
    w.int32(facts.key?.rawValue)
    w.uuid(facts.trace.uuid)
    w.int64(facts.id.signed)
    w.timestamp(microseconds: o.startedAt.microseconds)
    w.timestamp(microseconds: o.receivedAt.microseconds)
    w.timestamp(microseconds: facts.endedAt?.microseconds)
    w.timestamp(microseconds: facts.firstTokenAt?.microseconds)
    w.int64(facts.parent?.signed)
    w.int64(decision.shadowedBy?.signed)
    w.int64(try pico(decision.cost.cost))
    w.int64(try pico(decision.cost.computed))
    w.int64(try pico(facts.reportedCost?.amount))
    writeUsage(facts.usage?.usage, to: w)
    w.int32(decision.team?.rawValue)
    w.int32(decision.userGroup?.rawValue)
    w.int32(decision.cost.revision)
    w.int16(flags(of: o).rawValue)
    w.int16(o.kind.code)
    w.int16(facts.level?.code)
    w.int16(decision.cost.status.code)
    w.int16(decision.ownerStep.rawValue)
    w.int16(decision.shadowReason?.code)
    w.int16(facts.usage?.flags.rawValue)
    w.int16(facts.reportedCost?.source.rawValue)
    w.bool(facts.isArrived)
    w.bool(decision.isCall)
    writeTexts(o, to: w)
    w.bytea(facts.stamps.bytes)
    w.bytea(facts.parts.isEmpty ? nil : StoredParts.encode(facts.parts))
  }

  private static func writeUsage(_ usage: Usage?, to w: CopyWriter) {
    for bucket in UsageBucket.allCases {
      let count = usage?[bucket] ?? 0
      w.int64(count == 0 ? nil : count)
    }
  }

  private static func writeTexts(_ o: Observation, to w: CopyWriter) {
    let facts = o.facts
    let decision = o.decision
    w.text(facts.environment ?? decision.environment)
    w.text(facts.externalID)
    w.text(facts.name)
    w.text(facts.statusMessage)
    w.text(facts.requestModel)
    w.text(facts.responseModel)
    w.text(decision.model)
    w.text(facts.provider)
    w.text(decision.provider)
    w.text(facts.serviceTier)
    w.text(facts.responseID)
    w.text(facts.usage?.rule)
    w.text(facts.usage?.raw)
    w.text(facts.prompt)
    w.text(facts.service)
    w.text(facts.release)
    w.text(facts.version)
    w.text(facts.user ?? decision.user)
    w.text(facts.session ?? decision.session)
    w.text(decision.endpoint)
    w.text(facts.endpointHint)
    w.text(facts.serverRoute)
    w.text(facts.scope)
    w.text(decision.cost.price)
    w.text(decision.cost.reason.isEmpty ? nil : decision.cost.reason)
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
