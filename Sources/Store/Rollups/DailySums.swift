import Domain
import Postgres

/// Sums by day of rollups by hour, so that reports over months read few rows. The fold marks the days it touches
/// (`days_to_sum`); marked days are read from their hours, so a report is exact at every moment and calls that arrive
/// pay nothing for it.
public struct DailySums: Sendable {
  /// A rollup by hour and the table with the same sums by day.
  struct Pair: Sendable {
    var hours: Rollup
    var days: String
  }

  static let pairs = [
    Pair(hours: .spendHour, days: "spend_day"), Pair(hours: .spendEndpointHour, days: "spend_endpoint_day"),
    Pair(hours: .spendGroupHour, days: "spend_group_day"),
  ]

  private let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Sums one past day that was marked at least `restSeconds` ago; false when there is none, or a fold is running.
  public func sumNext(restSeconds: Int = 30, waits: Bool = false) async throws -> Bool {
    try await pool.transaction(attempts: 3) { connection in
      guard try AdvisoryLock.take(AdvisoryLock.fold, waits: waits, connection) else { return false }
      let sql: SQL = """
        select t.project_id, t.day, coalesce(g.time_zone, 'UTC')
        from days_to_sum t left join projects p on p.id = t.project_id left join organisations g on g.id = p.organisation_id
        where t.day < (now() at time zone coalesce(g.time_zone, 'UTC'))::date
          and t.marked_at <= now() - make_interval(secs => \(Double(restSeconds)))
        order by t.day desc, t.project_id limit 1
        """
      let found = try connection.first(sql.named("NextDayToSum")) {
        (ProjectID(try $0.int32(0)), try $0.dateDays(1), try $0.string(2))
      }
      guard let (project, day, zone) = found else { return false }
      for pair in Self.pairs { try Self.sum(pair, project, day, zone, connection) }
      try connection.execute(
        "delete from days_to_sum where project_id = \(project) and day = \(PostgresValue.date(day))")
      return true
    }
  }

  private static func sum(
    _ pair: Pair, _ project: ProjectID, _ day: Int32, _ zone: String, _ connection: Connection
  ) throws {
    let date = PostgresValue.date(day)
    try connection.execute(
      "delete from \(unescaped: pair.days) where project_id = \(project) and day = \(date)")
    let keys = pair.hours.keys.map(\.column).filter { $0 != pair.hours.timeColumn }
    let sums = pair.hours.measures
    let columns = (keys + ["day"] + sums).joined(separator: ", ")
    let values = keys.map { "h." + $0 } + ["\(dayOfHour)"] + sums.map { "sum(h.\($0))" }
    let sql: SQL = """
      insert into \(unescaped: pair.days) (\(unescaped: columns))
      select \(unescaped: values.joined(separator: ", "))
      from \(unescaped: pair.hours.name) h cross join (select \(date) as day, \(zone) as zone) t
      where h.project_id = \(project) and \(unescaped: hoursOfDay)
      group by \(unescaped: (1...keys.count + 1).map(String.init).joined(separator: ", "))
      """
    try connection.execute(sql.named("Sum \(pair.days)"))
  }

  private static let dayOfHour = "(h.hour at time zone t.zone)::date"
  /// Hours `h` of the day `t.day` in `t.zone`. The bounds are for the index; days that clocks change in begin and end
  /// up to two hours off.
  static let hoursOfDay = """
    h.hour >= (t.day::timestamp at time zone t.zone) - interval '2 hours'
    and h.hour < ((t.day + 1)::timestamp at time zone t.zone) + interval '2 hours' and \(dayOfHour) = t.day
    """
}
