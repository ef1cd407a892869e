import Domain
import Postgres

/// Sums of each month from its first day to each of its past days, so that reports over any range of days read few rows:
/// sums to the end less sums to the beginning. Triggers on `days_to_sum` say which days hold (`sums_to_date`); where none
/// does, days are read.
public struct SumsToDate: Sendable {
  /// A rollup by hour, its sums by day, and those to date.
  struct Triple: Sendable {
    var rollup: Rollup
    var days: String
    var toDate: String
  }

  static let triples = DailySums.pairs.map {
    Triple(rollup: $0.hours, days: $0.days, toDate: $0.days.dropLast("day".count) + "to_date")
  }

  private let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Sums one day, earlier ones of its month first; false when none waits whose month is summed that far, or a fold is
  /// running.
  public func sumNext(waits: Bool = false) async throws -> Bool {
    try await pool.transaction(attempts: 3) { connection in
      guard try AdvisoryLock.take(AdvisoryLock.fold, waits: waits, connection) else { return false }
      guard let next = try Self.next(connection) else { return false }
      for triple in Self.triples { try Self.sum(triple, next, connection) }
      try connection.execute(
        "update sums_to_date set holds = true where project_id = \(next.project) and day = \(PostgresValue.date(next.day))")
      return true
    }
  }

  private struct Next: Sendable {
    var project: ProjectID
    var day: Int32
    /// The latest day before it in its month that holds, else the last of the month before.
    var after: Int32
  }

  private static func next(_ connection: Connection) throws -> Next? {
    let sql: SQL = """
      select t.project_id, t.day, coalesce((
        select max(h.day) from sums_to_date h
        where h.project_id = t.project_id and h.holds and h.day >= m.first and h.day < t.day), m.first - 1)
      from sums_to_date t cross join lateral (select date_trunc('month', t.day::timestamp)::date as first) m
      where not t.holds and not exists (
        select from days_to_sum d where d.project_id = t.project_id and d.day >= m.first and d.day <= t.day)
      order by m.first desc, t.day, t.project_id limit 1
      """
    return try connection.first(sql.named("NextDayToDate")) { row in
      Next(project: try row.id(0), day: try row.dateDays(1), after: try row.dateDays(2))
    }
  }

  private static func sum(_ triple: Triple, _ next: Next, _ connection: Connection) throws {
    let (day, after) = (PostgresValue.date(next.day), PostgresValue.date(next.after))
    try connection.execute(
      "delete from \(unescaped: triple.toDate) where project_id = \(next.project) and day = \(day)")
    let keys = triple.rollup.keys.map(\.column).filter { $0 != triple.rollup.timeColumn }
    let sums = triple.rollup.measures
    let columns = (keys + ["day"] + sums).joined(separator: ", ")
    let (values, added) = ((keys + sums).joined(separator: ", "), sums.map { "sum(s.\($0))" }.joined(separator: ", "))
    let sql: SQL = """
      insert into \(unescaped: triple.toDate) (\(unescaped: columns))
      select \(unescaped: keys.map { "s." + $0 }.joined(separator: ", ")), \(day)::date, \(unescaped: added)
      from (
        select \(unescaped: values) from \(unescaped: triple.toDate) where project_id = \(next.project) and day = \(after)
          and \(after)::date >= date_trunc('month', \(day)::timestamp)::date
        union all select \(unescaped: values) from \(unescaped: triple.days)
        where project_id = \(next.project) and day > \(after) and day <= \(day)
      ) s
      group by \(unescaped: (1...keys.count).map(String.init).joined(separator: ", "))
      """
    try connection.execute(sql.named("Sum \(triple.toDate)"))
  }
}
