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
  ]

  private let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Sums one past day that was marked at least `restSeconds` ago; false when there is none, or a fold is running.
  public func sumNext(restSeconds: Int = 30) async throws -> Bool {
    try await pool.transaction(attempts: 3) { connection in
      guard try Self.lock(connection) else { return false }
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

  /// The fold and this take turns: hours must not change while they are summed.
  private static func lock(_ connection: Connection) throws -> Bool {
    try connection.first("select pg_try_advisory_xact_lock(\(AdvisoryLock.fold))") { try $0.bool(0) } ?? false
  }

  private static func sum(
    _ pair: Pair, _ project: ProjectID, _ day: Int32, _ zone: String, _ connection: Connection
  ) throws {
    let date = PostgresValue.date(day)
    try connection.execute(
      "delete from \(unescaped: pair.days) where project_id = \(project) and day = \(date)")
    let keys = pair.hours.keys.map(\.column).filter { $0 != pair.hours.timeColumn }
    let sums =
      MeasureColumns.counts + MeasureColumns.usage + (pair.hours.hasLatency ? MeasureColumns.latency : []) + ["cost_pico"]
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

  /// Marks the days of the calls in a relation `taken` of rows of `deltas`, as part of the fold's statement.
  static let marking = """
    insert into days_to_sum (project_id, day)
    select distinct s.project_id, (s.slot at time zone coalesce(g.time_zone, 'UTC'))::date
    from taken t cross join lateral unnest(t.slots, t.project_ids) as s(slot, project_id)
    left join projects p on p.id = s.project_id left join organisations g on g.id = p.organisation_id
    where t.rollup = \(Rollup.spendHour.code)
    on conflict do nothing
    """

  /// Marks all days of a project from the one that `from` is in: their hours were made anew.
  static func mark(_ project: ProjectID, from: Timestamp, _ connection: Connection) throws {
    let zone: SQL = """
      (select coalesce((select g.time_zone from projects p join organisations g on g.id = p.organisation_id
        where p.id = \(project)), 'UTC'))
      """
    try connection.execute(
      """
      insert into days_to_sum (project_id, day)
      select \(project), (hour at time zone \(zone))::date from spend_hour where project_id = \(project) and hour >= \(from)
      union
      select project_id, day from spend_day where project_id = \(project) and day >= (\(from) at time zone \(zone))::date
      on conflict do nothing
      """)
  }
}
