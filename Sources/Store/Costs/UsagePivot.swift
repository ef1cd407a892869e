import Domain
import Postgres

/// Usage of one model, of calls whose whole prompt lies between two sizes.
public struct ModelUsage: Sendable, Hashable {
  /// As booked.
  public var provider: String?
  public var model: String?
  /// The largest threshold that the prompts are above; 0: none.
  public var promptOver: Int64
  public var measures: Measures
}

/// What was used, to be priced otherwise ("what if").
public struct UsagePivot: Sendable {
  let pool: ConnectionPool
  public static let thresholdsMax = 16

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Usage by model over what `scope` may see the money of, by cost descending.
  ///
  /// A price with tiers of context size holds for a whole request by the size of its prompt, so sums of different sizes
  /// can't be priced together: give the thresholds of all prices that are to be tried, and rows are kept apart by them.
  /// *Source:* without thresholds, the smallest rollup; with them, calls, up to 31 days. *Errors:* `CostQueryRefusal`,
  /// `DatabaseError`.
  public func run(
    _ range: TimeRange, filter: CostFilter = [:], promptThresholds: Set<Int64> = [], scope: AccessScope,
    organisation: Organisation
  ) async throws -> [ModelUsage] {
    let thresholds = promptThresholds.filter { $0 > 0 }.sorted()
    guard thresholds.count <= Self.thresholdsMax else {
      throw CostQueryRefusal(message: "Accepted: at most \(Self.thresholdsMax) thresholds of prompt size.")
    }
    if thresholds.isEmpty { return try await sums(range, filter, scope, organisation) }
    let range = try CostSource.callRange(range)
    let filter = filter.active
    return try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      let directory = try CostDirectory.read(Set(filter.keys), scope.organisation, c)
      let projects = directory.projects(within: scope, filter: filter[.project])
      if projects.isEmpty { return [] }
      let condition = directory.condition(filter, projects: projects, scope: scope, table: .observations)
      let sql = Self.statement(range, condition, thresholds)
      return try c.query(sql.named("UsagePivot").uncached()) { row in
        let place = Int(try row.int32(2))
        return ModelUsage(
          provider: try row.stringOrNil(0), model: try row.stringOrNil(1),
          promptOver: place > 0 && place <= thresholds.count ? thresholds[place - 1] : 0,
          measures: try Measures(row: row, from: 3))
      }
    }
  }

  private func sums(_ range: TimeRange, _ filter: CostFilter, _ scope: AccessScope, _ organisation: Organisation)
    async throws -> [ModelUsage]
  {
    // Sums by endpoint are kept without the provider.
    let groupBy: [CostDimension] = filter.active[.endpoint] == nil ? [.provider, .model] : [.model]
    let query = CostQuery(range: range, timeZone: organisation.timeZone, groupBy: groupBy, filter: filter)
    let report = try await CostReports(pool: pool).run(query, scope: scope, organisation: organisation)
    return report.rows.map { row in
      ModelUsage(
        provider: row.values.count == 2 ? row.values[0].value : nil, model: row.values.last?.value, promptOver: 0,
        measures: row.measures)
    }
  }

  private static func statement(_ range: TimeRange, _ condition: SQL, _ thresholds: [Int64]) -> SQL {
    let prompt = UsageBucket.allCases.filter(\.isInput).map { "coalesce(\($0.column), 0)" }.joined(separator: " + ")
    // width_bucket counts the bounds at or below its operand, a tier those below the prompt.
    return """
      with part as (
        select provider, model, width_bucket(\(unescaped: prompt) - 1, \(thresholds)) as tier,
          \(CostSource.observations.measures)
        from observations where is_call and \(condition) and started_at >= \(range.from) and started_at < \(range.to)
      )
      select provider, model, tier, \(unescaped: CostSource.sums) from part group by 1, 2, 3
      order by sum(part.cost_pico) desc nulls last, 1, 2, 3 limit \(CostReports.rowsMax)
      """
  }
}
