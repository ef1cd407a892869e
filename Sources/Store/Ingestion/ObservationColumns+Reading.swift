import Domain
import Postgres

extension ObservationColumns {
  /// Decodes `names`, which begin at column `first` of the row.
  static func read(_ row: Row, from first: Int = 0) throws -> Observation {
    var at = Cursor(row: row, column: first)
    let project = ProjectID(try at.int32() ?? 0)
    let key = try at.int32().map { KeyID($0) }
    let trace = TraceID(uuid: try row.uuid(at.next()))
    var facts = ObservationFacts(project: project, trace: trace, id: ObservationID(signed: try at.int64() ?? 0))
    facts.key = key
    let startedAt = try row.timestamp(at.next())
    let receivedAt = try row.timestamp(at.next())
    var o = Observation(facts: facts, startedAt: startedAt, isStartAssumed: false, receivedAt: receivedAt)
    try readNumbers(&at, into: &o)
    let flags = try readCodes(&at, into: &o)
    try readTexts(&at, flags, into: &o)
    o.decision.extras = try readExtras(&at)
    if let declared = try at.bytes() { o.facts.declared = StoredValues.decode(declared) }
    o.facts.stamps = try at.bytes().flatMap { Stamps(bytes: $0) } ?? Stamps()
    if let bytes = try at.bytes() { (o.facts.parts, o.facts.notes) = StoredParts.decodeAll(bytes) }
    return o
  }

  private static func readNumbers(_ at: inout Cursor, into o: inout Observation) throws {
    o.facts.endedAt = try at.timestamp()
    o.facts.firstTokenAt = try at.timestamp()
    o.facts.parent = try at.int64().map { ObservationID(signed: $0) }
    o.decision.shadowedBy = try at.int64().map { ObservationID(signed: $0) }
    o.decision.cost.cost = try at.int64().map { USD(pico: Int128($0)) }
    o.decision.cost.computed = try at.int64().map { USD(pico: Int128($0)) }
    o.decision.cost.list = try at.int64().map { USD(pico: Int128($0)) }
    // Its status follows with the codes; without one nothing was re-priced.
    o.decision.firstCharge = FirstCharge(status: .none, cost: try at.int64().map { USD(pico: Int128($0)) })
    o.facts.reportedCost = try at.int64().map { ReportedCost(amount: USD(pico: Int128($0)), source: .sender) }
    o.decision.cost.avoided = try at.int64().map { USD(pico: Int128($0)) }
    var usage = Usage()
    for bucket in UsageBucket.allCases {
      if let count = try at.int64() { usage[bucket] = count }
    }
    // Rule and raw object follow with the texts; without a rule no usage was sent.
    o.facts.usage = UsageReport(usage: usage, rule: "", raw: "")
  }

  private static func readCodes(_ at: inout Cursor, into o: inout Observation) throws -> Flags {
    o.decision.team = try at.int32().map { TeamID($0) }
    o.decision.userGroup = try at.int32().map { UserGroupID($0) }
    o.decision.cost.rateID = try at.int32().map { RateID($0) }
    o.decision.rule = try at.int32().map { RuleID($0) }
    o.decision.cost.revision = try at.int32() ?? 0
    o.decision.cost.priceRevision = try at.int32() ?? 0
    let flags = Flags(rawValue: try at.int16() ?? 0)
    let kind = try at.int16().flatMap { ObservationKind(code: $0) }
    o.facts.kind = flags.contains(.ownKind) ? kind : nil
    o.isStartAssumed = flags.contains(.startAssumed)
    o.facts.startedAt = o.isStartAssumed ? nil : o.startedAt
    o.facts.level = try at.int16().flatMap { ObservationLevel(code: $0) }
    o.decision.cost.status = try at.int16().flatMap { CostStatus(code: $0) } ?? .none
    if let status = try at.int16().flatMap({ CostStatus(code: $0) }) {
      o.decision.firstCharge?.status = status
    } else {
      o.decision.firstCharge = nil
    }
    o.decision.ownerStep = try at.int16().flatMap { OwnerStep(rawValue: $0) } ?? .unallocated
    o.decision.shadowReason = try at.int16().flatMap { ShadowReason(code: $0) }
    o.facts.usage?.flags = UsageFlags(rawValue: try at.int16() ?? 0)
    if let source = try at.int16().flatMap({ ReportedCost.Source(rawValue: $0) }) {
      o.facts.reportedCost?.source = source
    }
    o.facts.isArrived = try at.bool()
    o.decision.isCall = try at.bool()
    return flags
  }

  /// Empty when none has a value.
  private static func readExtras(_ at: inout Cursor) throws -> [String] {
    let values = [try at.text(), try at.text(), try at.text(), try at.text()]
    return values.allSatisfy { $0 == nil } ? [] : values.map { $0 ?? "" }
  }

  private static func readTexts(_ at: inout Cursor, _ flags: Flags, into o: inout Observation) throws {
    o.decision.environment = try at.text() ?? ""
    o.facts.environment = flags.contains(.ownEnvironment) ? o.decision.environment : nil
    o.facts.externalID = try at.text()
    o.facts.name = try at.text()
    o.facts.statusMessage = try at.text()
    o.facts.requestModel = try at.text()
    o.facts.responseModel = try at.text()
    o.decision.model = try at.text()
    o.facts.provider = try at.text()
    o.decision.provider = try at.text()
    o.facts.serviceTier = try at.text()
    o.facts.region = try at.text()
    o.facts.responseID = try at.text()
    if let rule = try at.text() { o.facts.usage?.rule = rule } else { o.facts.usage = nil }
    if let raw = try at.text() { o.facts.usage?.raw = raw }
    o.facts.prompt = try at.text()
    o.facts.service = try at.text()
    o.facts.release = try at.text()
    o.facts.version = try at.text()
    o.decision.user = try at.text()
    o.facts.user = flags.contains(.ownUser) ? o.decision.user : nil
    o.decision.session = try at.text()
    o.facts.session = flags.contains(.ownSession) ? o.decision.session : nil
    o.decision.endpoint = try at.text()
    o.facts.endpointHint = try at.text()
    o.facts.serverRoute = try at.text()
    o.facts.scope = try at.text()
    o.decision.cost.price = try at.text()
    o.decision.cost.reason = try at.text() ?? ""
  }
}

/// Reads a row's columns one after the other.
struct Cursor {
  let row: Row
  private(set) var column: Int

  init(row: Row, column: Int) {
    self.row = row
    self.column = column
  }

  mutating func next() -> Int {
    defer { column += 1 }
    return column
  }
  mutating func int16() throws -> Int16? { try row.int16OrNil(next()) }
  mutating func int32() throws -> Int32? { try row.int32OrNil(next()) }
  mutating func int64() throws -> Int64? { try row.int64OrNil(next()) }
  mutating func bool() throws -> Bool { try row.bool(next()) }
  mutating func text() throws -> String? { try row.stringOrNil(next()) }
  mutating func bytes() throws -> [UInt8]? { try row.bytesOrNil(next()) }
  mutating func timestamp() throws -> Timestamp? { try row.timestampOrNil(next()) }
}
