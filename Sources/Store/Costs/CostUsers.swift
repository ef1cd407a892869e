import Domain
import Postgres

/// Distinct end users of a report's rows and total. They don't add up, so each is counted by itself.
struct CostUsers {
  let run: CostRun
  let cut: CostCut?

  /// Errors: `CostQueryRefusal` for a question that the table of users can't answer.
  static func check(_ query: CostQuery) throws {
    guard !query.measures.isDisjoint(with: [.users, .activeUsers]) else { return }
    guard query.groupBy.count <= 1, Set(query.groupBy).isSubset(of: [.project, .team, .userGroup]) else {
      throw CostQueryRefusal(
        message: "One user can be behind several of these rows. Accepted with users and active users: no dimension, project, "
          + "team or userGroup.")
    }
    if query.interval == .hour || (query.measures.contains(.users) && query.interval != nil) {
      throw CostQueryRefusal(
        message: "Users are known by day, and all users up to a time only for the end of the range. Accepted: active users by "
          + "day or month; users without an interval.")
    }
  }

  func add(to report: inout CostReport, _ now: CostPeriod, _ before: CostPeriod?) throws {
    for (measure, path) in [(CostMeasure.users, \Measures.users), (.activeUsers, \.activeUsers)]
    where run.query.measures.contains(measure) {
      let current = try count(measure, now)
      let previous = try before.map { try count(measure, $0) }
      for i in report.rows.indices {
        let key = CostKey(start: report.rows[i].start, values: report.rows[i].values)
        report.rows[i].measures[keyPath: path] = current[key] ?? 0
        report.rows[i].previous?[keyPath: path] = previous?[key] ?? 0
      }
      report.total[keyPath: path] = try total(measure, now)
      report.previousTotal?[keyPath: path] = try before.map { try total(measure, $0) }
    }
  }

  private func total(_ measure: CostMeasure, _ period: CostPeriod) throws -> Int64 {
    var query = run.query
    (query.groupBy, query.interval) = ([], nil)
    return try count(query, nil, try self.period(measure, period)).values.first ?? 0
  }

  private func count(_ measure: CostMeasure, _ period: CostPeriod) throws -> [CostKey: Int64] {
    try count(run.query, cut, try self.period(measure, period))
  }

  /// All users are those seen from the beginning on.
  private func period(_ measure: CostMeasure, _ period: CostPeriod) throws -> CostPeriod {
    if measure == .activeUsers { return period }
    return try CostPeriod(TimeRange(spanning: Timestamp(microseconds: 0), period.range.to), run)
  }

  private func count(_ query: CostQuery, _ cut: CostCut?, _ period: CostPeriod) throws -> [CostKey: Int64] {
    var asked = query
    asked.range = period.range
    // The table has to tell users apart.
    asked.groupBy.append(.user)
    asked.measures = []
    let source = try run.source(of: asked, period, allowed: [.spendUserDay])
    var sql = run.sql(query, source, period) { $0 == .observations ? "user_id <> ''" : "user_id <> '' and calls <> 0" }
    let isOther: (CostSource) -> SQL = { table in
      guard let cut, let dimension = query.groupBy.first else { return "false" }
      return "not \(cut.condition(dimension, table))"
    }
    sql.selected = { "user_id, coalesce(\(isOther($0)), false) as is_other" }
    let value: SQL = query.groupBy.isEmpty ? "null::integer" : "case when is_other then null else d0 end"
    let statement: SQL = """
      with part as (
        \(sql.parts.joined(by: "\n  union all\n  "))
      ), summed as (
        select step, d0, is_other, count(*) as users
        from (select distinct step, \(value) as d0, is_other, user_id from part) distinct_users group by 1, 2, 3
      )
      select \(sql.start) as start, d0, is_other, users from summed
      """
    let rows = try run.connection.query(statement.named("CostUsers").uncached()) { row in
      let isOther = try row.bool(2)
      let values = try query.groupBy.map { isOther ? DimensionValue.other : try run.directory.value($0, row, 1) }
      return (CostKey(start: try row.timestampOrNil(0), values: values), try row.int64(3))
    }
    return Dictionary(rows) { $0 + $1 }
  }
}
