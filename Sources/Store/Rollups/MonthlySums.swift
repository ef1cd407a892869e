import Domain
import Postgres

/// Sums by month of rollups by day, so that reports over a year read few rows. The fold marks a month with its day
/// (`months_to_sum`); marked months are read from their days.
public struct MonthlySums: Sendable {
  /// A table by day and the one with the same sums by month.
  struct Pair: Sendable {
    var rollup: Rollup
    var days: String
    var months: String

    /// Without what time is kept by.
    var keys: [String] {
      rollup.keys.map(\.column).filter { $0 != rollup.timeColumn && $0 != "day" }
    }
  }

  static let pairs =
    DailySums.pairs.map { Pair(rollup: $0.hours, days: $0.days, months: $0.days.dropLast("day".count) + "month") }
    + [Pair(rollup: .spendUserDay, days: "spend_user_day", months: "spend_user_month")]

  private let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Sums one past month that was marked at least `restSeconds` ago and whose days are all summed; false when there is
  /// none, or a fold is running.
  public func sumNext(restSeconds: Int = 600, waits: Bool = false) async throws -> Bool {
    try await pool.transaction(attempts: 3) { connection in
      guard try AdvisoryLock.take(AdvisoryLock.fold, waits: waits, connection) else { return false }
      let sql: SQL = """
        select t.project_id, t.month
        from months_to_sum t left join projects p on p.id = t.project_id left join organisations g on g.id = p.organisation_id
        where t.month < date_trunc('month', now() at time zone coalesce(g.time_zone, 'UTC'))::date
          and t.marked_at <= now() - make_interval(secs => \(Double(restSeconds)))
          and not exists (select from days_to_sum d where d.project_id = t.project_id
            and d.day >= t.month and d.day < t.month + interval '1 month')
          and not exists (select from days_to_rebuild d where d.project_id = t.project_id
            and d.day >= t.month and d.day < t.month + interval '1 month')
        order by t.month desc, t.project_id limit 1
        """
      let found = try connection.first(sql.named("NextMonthToSum")) {
        (ProjectID(try $0.int32(0)), PostgresValue.date(try $0.dateDays(1)))
      }
      guard let (project, month) = found else { return false }
      for pair in Self.pairs { try Self.sum(pair, project, month, connection) }
      try connection.execute("delete from months_to_sum where project_id = \(project) and month = \(month)")
      return true
    }
  }

  private static func sum(
    _ pair: Pair, _ project: ProjectID, _ month: PostgresValue, _ connection: Connection
  ) throws {
    try connection.execute(
      "delete from \(unescaped: pair.months) where project_id = \(project) and month = \(month)")
    let keys = pair.keys
    let columns = (keys + ["month"] + pair.rollup.measures).joined(separator: ", ")
    let values = keys + ["date_trunc('month', day)::date"] + pair.rollup.measures.map { "sum(\($0))" }
    let sql: SQL = """
      insert into \(unescaped: pair.months) (\(unescaped: columns))
      select \(unescaped: values.joined(separator: ", ")) from \(unescaped: pair.days)
      where project_id = \(project) and day >= \(month)::date and day < \(month)::date + interval '1 month'
      group by \(unescaped: (1...keys.count + 1).map(String.init).joined(separator: ", "))
      """
    try connection.execute(sql.named("Sum \(pair.months)"))
  }
}
