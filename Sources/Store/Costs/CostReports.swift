import Domain
import Postgres

/// Where money went, by up to two dimensions and steps of time.
public struct CostReports: Sendable {
  let pool: ConnectionPool
  /// More rows are refused: nobody reads them, and they would not fit in memory.
  public static let rowsMax = 100_000

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Sums over the calls that `scope` may see the money of.
  ///
  /// *Shape:* rows by time step, then cost descending (unknown last), then value; only rows with calls; the total is
  /// their sum to the last pico-dollar. *Money in scope:* of its teams; when it has all teams, of its projects.
  /// *Errors:* `CostQueryRefusal` when no table answers exactly, `DatabaseError`. *Source:* the smallest rollup that
  /// covers the query, with parts of hours or days at the range's ends from observations; else observations, up to 31
  /// days. Calls of the last two seconds may be missing.
  public func run(_ query: CostQuery, scope: AccessScope, organisation: Organisation) async throws -> CostReport {
    try await run(query, scope: scope, organisation: organisation, source: nil)
  }

  /// `source` forces a table, so that tests can compare them.
  func run(
    _ query: CostQuery, scope: AccessScope, organisation: Organisation, source: CostSource?
  ) async throws -> CostReport {
    try Self.check(query, scope, organisation)
    return try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      guard let plan = try CostPlan.make(query, scope: scope, organisation: organisation, source: source, c) else {
        return CostReport(query: query, rows: [], total: Measures(), source: CostSource.spendHour.rawValue)
      }
      let rows = try c.query(plan.sql.statement) { try plan.row($0) }
      guard rows.count <= Self.rowsMax else {
        throw CostQueryRefusal(
          message:
            "The answer has more than \(Self.rowsMax) rows. Accepted: a shorter range, longer time steps or a narrower filter."
        )
      }
      let total = rows.reduce(Measures()) { $0 + $1.measures }
      return CostReport(
        query: query, rows: rows.sorted(by: CostRow.precedes), total: total, source: plan.sql.source.rawValue)
    }
  }

  private static func check(_ query: CostQuery, _ scope: AccessScope, _ organisation: Organisation) throws {
    guard scope.organisation == organisation.id else {
      throw CostQueryRefusal(message: "The organisation is out of reach.")
    }
    guard query.groupBy.count <= 2, Set(query.groupBy).count == query.groupBy.count else {
      throw CostQueryRefusal(message: "Accepted: none, one or two different dimensions.")
    }
    guard TimeZones.isWellFormed(query.timeZone) else {
      throw CostQueryRefusal(message: "Accepted as time zone: an IANA name such as Europe/Berlin or UTC.")
    }
  }
}

/// A query with everything that is needed to run it.
struct CostPlan {
  var sql: CostSQL
  var directory: CostDirectory

  /// nil when no project is in reach and filter: there is nothing to sum.
  static func make(
    _ query: CostQuery, scope: AccessScope, organisation: Organisation, source: CostSource?, _ c: Connection
  ) throws -> CostPlan? {
    var query = query
    query.filter = query.filter.active
    let frame = try CostFrame.read(query, organisation, c)
    let chosen = try source ?? CostSource.choose(for: query, organisation: organisation, frame: frame)
    let dimensions = Set(query.groupBy).union(query.filter.keys)
    let directory = try CostDirectory.read(dimensions, organisation.id, c)
    let projects = directory.projects(within: scope, filter: query.filter[.project])
    guard !projects.isEmpty else { return nil }
    let filter = query.filter
    let sql = CostSQL(
      query: query, organisation: organisation, source: chosen, frame: frame,
      conditions: { directory.condition(filter, projects: projects, scope: scope, table: $0) },
      rowsMax: CostReports.rowsMax + 1)
    return CostPlan(sql: sql, directory: directory)
  }

  func row(_ row: Row) throws -> CostRow {
    let groupBy = sql.query.groupBy
    let values = try groupBy.enumerated().map { try directory.value($1, row, 1 + $0) }
    return CostRow(
      values: values, start: try row.timestampOrNil(0), measures: try Measures(row: row, from: 1 + groupBy.count))
  }
}

extension Measures {
  /// calls, errors, unpriced, costed, cost_pico and the buckets, from a column on.
  init(row: Row, from first: Int) throws {
    self.init()
    calls = try row.int64(first)
    errors = try row.int64(first + 1)
    unpricedCalls = try row.int64(first + 2)
    if try row.int64(first + 3) > 0 { cost = USD(pico: try row.numericIntegerOrNil(first + 4) ?? 0) }
    for bucket in UsageBucket.allCases {
      usage[bucket] = try row.int64OrNil(first + 5 + bucket.position) ?? 0
    }
  }
}

extension CostRow {
  static func precedes(_ a: CostRow, _ b: CostRow) -> Bool {
    if a.start != b.start { return (a.start?.microseconds ?? .min) < (b.start?.microseconds ?? .min) }
    if a.measures.cost != b.measures.cost {
      guard let left = a.measures.cost else { return false }
      return b.measures.cost.map { left > $0 } ?? true
    }
    for (left, right) in zip(a.values, b.values) where left.value != right.value {
      guard let text = left.value else { return false }
      return right.value.map { text < $0 } ?? true
    }
    return false
  }
}
