import Domain
import Postgres

/// Calls with all that a price depends on, for questions about other prices. *Source:* `observations`.
public struct CallTraffic: Sendable {
  let pool: ConnectionPool
  /// Longest range that single calls are read for.
  public static let daysMax = CostSource.observationDaysMax

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Every call of the range and filter, in chunks, in constant memory: all that its price is decided by, and the cost that is
  /// booked. *Errors:* `CostQueryRefusal` for a range over `daysMax`.
  public func each(
    _ range: TimeRange, filter: CostFilter = [:], scope: AccessScope, organisation: Organisation,
    _ body: ([Observation]) throws -> Void
  ) async throws {
    let range = CostFrame.clamped(range)
    guard range.durationMicroseconds <= Self.daysMax * 86_400_000_000 + 3_600_000_000 else {
      throw CostQueryRefusal(
        message: "Single calls are read for this. Accepted: a range of up to \(Self.daysMax) days.")
    }
    let filter = filter.active
    guard scope.organisation == organisation.id else { throw CostQueryRefusal(message: "The organisation is out of reach.") }
    try scope.checkUsers(filter.keys)
    let condition = try await pool.run { c -> SQL? in
      let directory = try CostDirectory.read(Set(filter.keys), scope, c)
      let projects = directory.projects(within: scope, filter: filter[.project])
      return projects.isEmpty ? nil : directory.condition(filter, projects: projects, scope: scope, table: .observations)
    }
    guard let condition else { return }
    let sql: SQL = """
      select \(unescaped: Self.columns) from observations
      where is_call and \(condition) and started_at >= \(range.from) and started_at < \(range.to)
      """
    try await pool.cursor(
      sql.named("CallTraffic").uncached(), chunkRows: 1000, statementTimeoutMilliseconds: 60_000, decode: Self.read
    ) { try body($0) }
  }

  /// All that `PriceBook` decides by; what is shown of a call stays behind.
  private static let columns =
    ([
      "project_id", "trace_id", "id", "started_at", "key_id", "first_token_at", "level", "request_model", "response_model",
      "sent_provider", "provider", "model", "service_tier", "region", "response_id", "stamps", "cost_status", "cost_pico",
      "reported_cost_pico", "reported_cost_source", "usage_rule", "usage_flags",
    ] + MeasureColumns.usage).joined(separator: ", ")

  private static func read(_ row: Row) throws -> Observation {
    var facts = ObservationFacts(project: try row.id(0), trace: try row.traceID(1), id: ObservationID(signed: try row.int64(2)))
    let start = try row.timestamp(3)
    var at = Cursor(row: row, column: 4)
    facts.key = try at.int32().map { KeyID($0) }
    facts.firstTokenAt = try at.timestamp()
    facts.level = try at.int16().flatMap { ObservationLevel(code: $0) }
    facts.requestModel = try at.text()
    facts.responseModel = try at.text()
    facts.provider = try at.text()
    var decision = Decision()
    decision.isCall = true
    decision.provider = try at.text()
    decision.model = try at.text()
    facts.serviceTier = try at.text()
    facts.region = try at.text()
    facts.responseID = try at.text()
    facts.stamps = try at.bytes().flatMap { Stamps(bytes: $0) } ?? Stamps()
    decision.cost = CostOutcome(status: try at.int16().flatMap { CostStatus(code: $0) } ?? .none)
    decision.cost.cost = try at.int64().map { USD(pico: Int128($0)) }
    facts.reportedCost = try reported(&at)
    facts.usage = try usage(&at)
    var call = Observation(facts: facts, startedAt: start, isStartAssumed: false, receivedAt: start)
    call.decision = decision
    return call
  }

  private static func reported(_ at: inout Cursor) throws -> ReportedCost? {
    let amount = try at.int64(), source = try at.int16()
    return amount.map { amount in
      ReportedCost(amount: USD(pico: Int128(amount)), source: source.flatMap { ReportedCost.Source(rawValue: $0) } ?? .sender)
    }
  }

  /// nil: none was sent.
  private static func usage(_ at: inout Cursor) throws -> UsageReport? {
    let rule = try at.text(), flags = UsageFlags(rawValue: try at.int16() ?? 0)
    var usage = Usage()
    for bucket in UsageBucket.allCases { usage[bucket] = try at.int64() ?? 0 }
    return rule.map { UsageReport(usage: usage, rule: $0, flags: flags, raw: "") }
  }
}
