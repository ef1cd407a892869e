import Domain
import Postgres

/// Days that a release before spend_group_hour and sums of list, contracted and avoided cost had summed
/// (`days_to_rebuild`). They are made again day by day, newest first, while everything goes on.
///
/// Until a day is done its calls, usage and effective cost hold and those sums don't: who needs them reads charges or single
/// calls, or says that they are being made (`CostFrame.isRebuilding`).
public struct DaysToRebuild: Sendable {
  private let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Makes one day of one project again; false when none is left, or a fold is running. Writers go on; folding waits.
  public func rebuildNext() async throws -> Bool {
    // As RollupRebuild: observations and deltas as of one moment.
    let options = TransactionOptions(isolation: .repeatableRead, statementTimeoutMilliseconds: 0)
    return try await pool.transaction(options, attempts: 5) { connection in
      guard let next = try Self.next(connection) else { return false }
      guard try AdvisoryLock.tryTake(AdvisoryLock.fold, connection) else { return false }
      while try Fold.fold(connection) > 0 {}
      if next.isFrozen {
        try Self.fill(next.range, connection)
        try DayMarks.mark(next.range.id, from: next.range.from, to: next.range.to, connection)
        try Self.done(next.range, connection)
      } else {
        try RollupRebuild.rebuild(next.range, connection)
      }
      return true
    }
  }

  /// The days of the range are done.
  static func done(_ project: RollupRebuild.ProjectRange, _ connection: Connection) throws {
    let zone: SQL = "(select coalesce((\(zone(of: project.id))), 'UTC'))"
    try connection.execute(
      """
      delete from days_to_rebuild where project_id = \(project.id)
        and day >= (\(project.from) at time zone \(zone))::date
        and day < coalesce((\(project.to)::timestamptz at time zone \(zone))::date, 'infinity'::date)
      """)
  }

  private struct Next: Sendable {
    var range: RollupRebuild.ProjectRange
    /// Its calls may be gone.
    var isFrozen: Bool
  }

  private static func next(_ connection: Connection) throws -> Next? {
    let sql: SQL = """
      select d.project_id, d.day::timestamp at time zone z.zone, (d.day + 1)::timestamp at time zone z.zone,
        coalesce(d.day::timestamp at time zone z.zone < p.frozen_before, true)
      from days_to_rebuild d left join projects p on p.id = d.project_id
      left join organisations g on g.id = p.organisation_id
      cross join lateral (select coalesce(g.time_zone, 'UTC') as zone) z
      order by d.day desc, d.project_id limit 1
      """
    return try connection.first(sql.named("NextDayToRebuild")) { row in
      Next(
        range: RollupRebuild.ProjectRange(id: try row.id(0), from: try row.timestamp(1), to: try row.timestamp(2)),
        isFrozen: try row.bool(3))
    }
  }

  private static func zone(of project: ProjectID) -> SQL {
    "select g.time_zone from projects p join organisations g on g.id = p.organisation_id where p.id = \(project)"
  }

  /// What can be known of a frozen day: its cost is what list and contracted cost are taken for, and no group or key.
  private static func fill(_ project: RollupRebuild.ProjectRange, _ connection: Connection) throws {
    for rollup in Rollup.all where rollup.code != Rollup.spendGroupHour.code {
      try connection.execute(
        """
        update \(unescaped: rollup.name) set list_cost_pico = cost_pico, contracted_cost_pico = cost_pico
        where project_id = \(project.id) and \(unescaped: rollup.timeColumn) >= \(project.from)
          and \(unescaped: rollup.timeColumn) < \(project.to)
        """)
    }
    let group = Rollup.spendGroupHour
    try connection.execute(
      """
      delete from \(unescaped: group.name) where project_id = \(project.id) and hour >= \(project.from)
        and hour < \(project.to)
      """)
    let keys = "project_id, hour, team_id, model"
    try connection.execute(
      """
      insert into \(unescaped: group.name) (\(unescaped: keys), user_group_id, key_id, \(unescaped: group.measures.joined(separator: ", ")))
      select \(unescaped: keys), 0, 0, \(unescaped: group.measures.map { "sum(\($0))" }.joined(separator: ", "))
      from spend_hour where project_id = \(project.id) and hour >= \(project.from) and hour < \(project.to)
      group by \(unescaped: keys)
      """)
  }
}
