import Domain
import Postgres

/// Calls with all that a price depends on, for questions about other prices. *Source:* `observations`.
public struct CallTraffic: Sendable {
  let pool: ConnectionPool
  /// Longest range that single calls are read for.
  public static let daysMax = CostSource.observationDaysMax

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Every call of the range and filter, in chunks, in constant memory: model, provider, tier, region, usage, start, and the cost that
  /// is booked. *Errors:* `CostQueryRefusal` for a range over `daysMax`.
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
    let condition = try await pool.run { c -> SQL? in
      let directory = try CostDirectory.read(Set(filter.keys), organisation.id, c)
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

  private static let columns =
    ([
      "project_id", "trace_id", "id", "started_at", "level", "request_model", "response_model", "sent_provider", "provider", "model",
      "service_tier", "region", "cost_status", "cost_pico",
    ] + MeasureColumns.usage).joined(separator: ", ")

  private static func read(_ row: Row) throws -> Observation {
    var facts = ObservationFacts(project: try row.id(0), trace: try row.traceID(1), id: ObservationID(signed: try row.int64(2)))
    facts.level = try row.int16OrNil(4).flatMap { ObservationLevel(code: $0) }
    facts.requestModel = try row.stringOrNil(5)
    facts.responseModel = try row.stringOrNil(6)
    facts.provider = try row.stringOrNil(7)
    facts.serviceTier = try row.stringOrNil(10)
    facts.region = try row.stringOrNil(11)
    var usage = Usage()
    for bucket in UsageBucket.allCases { usage[bucket] = try row.int64OrNil(14 + bucket.position) ?? 0 }
    facts.usage = UsageReport(usage: usage, rule: "", raw: "")
    let start = try row.timestamp(3)
    var call = Observation(facts: facts, startedAt: start, isStartAssumed: false, receivedAt: start)
    call.decision.isCall = true
    call.decision.provider = try row.stringOrNil(8)
    call.decision.model = try row.stringOrNil(9)
    call.decision.cost = CostOutcome(status: try row.int16OrNil(12).flatMap { CostStatus(code: $0) } ?? .none)
    call.decision.cost.cost = try row.int64OrNil(13).map { USD(pico: Int128($0)) }
    return call
  }
}
