import Domain
import Postgres

/// Calls that were sent with the same names, to try a pattern or a price on.
public struct SentModel: Sendable, Hashable {
  public var provider: String?
  public var requestModel: String?
  public var responseModel: String?
  public var serviceTier: String?
  public var region: String?
  /// As booked; the newest where they differ.
  public var bookedProvider: String?
  public var bookedModel: String?
  public var firstSeen: Timestamp
  public var lastSeen: Timestamp
  public var measures: Measures
}

/// Names of models as they were really sent.
public struct SentModels: Sendable {
  let pool: ConnectionPool
  public static let rowsMax = 2000

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Distinct names of calls in the range that `scope` may see the money of, most calls first, at most `rowsMax`.
  /// *Source:* calls, up to 31 days. *Errors:* `CostQueryRefusal`, `DatabaseError`.
  public func run(_ range: TimeRange, filter: CostFilter = [:], scope: AccessScope) async throws -> [SentModel] {
    let range = try CostSource.callRange(range)
    let filter = filter.active
    return try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      let directory = try CostDirectory.read(Set(filter.keys), scope.organisation, c)
      let projects = directory.projects(within: scope, filter: filter[.project])
      if projects.isEmpty { return [] }
      let condition = directory.condition(filter, projects: projects, scope: scope, table: .observations)
      return try c.query(Self.statement(range, condition).named("SentModels").uncached()) { try SentModel(row: $0) }
    }
  }

  private static func statement(_ range: TimeRange, _ condition: SQL) -> SQL {
    """
    with part as (
      select sent_provider, request_model, response_model, service_tier, region, provider, model, started_at,
        \(CostSource.observations.measures)
      from observations where is_call and \(condition) and started_at >= \(range.from) and started_at < \(range.to)
    ), booked as (
      select sent_provider, request_model, response_model, service_tier, region, provider, model,
        min(started_at) as first_seen, max(started_at) as last_seen, \(unescaped: CostSource.sums)
      from part group by 1, 2, 3, 4, 5, 6, 7
    )
    select sent_provider, request_model, response_model, service_tier, region,
      (array_agg(provider order by last_seen desc))[1], (array_agg(model order by last_seen desc))[1],
      min(first_seen), max(last_seen), \(unescaped: CostSource.sums)
    from booked group by 1, 2, 3, 4, 5 order by sum(calls) desc, 1, 2, 3, 4, 5 limit \(rowsMax)
    """
  }
}

extension SentModel {
  fileprivate init(row: Row) throws {
    self.init(
      provider: try row.stringOrNil(0), requestModel: try row.stringOrNil(1), responseModel: try row.stringOrNil(2),
      serviceTier: try row.stringOrNil(3), region: try row.stringOrNil(4), bookedProvider: try row.stringOrNil(5),
      bookedModel: try row.stringOrNil(6), firstSeen: try row.timestamp(7), lastSeen: try row.timestamp(8),
      measures: try Measures(row: row, from: 9))
  }
}

extension CostSource {
  /// calls, errors, unpriced, costed, cost_pico and the buckets, summed under their own names.
  static let sums =
    (MeasureColumns.counts.map { "sum(\($0))::bigint as \($0)" } + ["sum(cost_pico) as cost_pico"]
    + MeasureColumns.usage.map { "coalesce(sum(\($0)), 0)::bigint as \($0)" }).joined(separator: ", ")

  /// A range that single calls are read for. *Errors:* `CostQueryRefusal`.
  static func callRange(_ range: TimeRange) throws -> TimeRange {
    let range = CostFrame.clamped(range)
    guard range.durationMicroseconds <= observationDaysMax * 86_400_000_000 + 3_600_000_000 else {
      throw CostQueryRefusal(
        message: "Single calls are read for this. Accepted: a range of up to \(observationDaysMax) days.")
    }
    return range
  }
}
