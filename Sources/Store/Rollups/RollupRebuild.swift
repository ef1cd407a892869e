import Domain
import Postgres

/// A range that reaches into a project's frozen time, whose observations may be gone.
public struct RebuildRefused: Error, Sendable, Hashable {
  /// The earliest start that every project of the range allows.
  public var earliest: Timestamp
}

/// Makes the rollups again from observations: the same rows as folding, to the last digit.
public struct RollupRebuild: Sendable {
  private let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Rebuilds the whole days of each organisation that touch `range`; without one, everything that is not frozen.
  /// Writers go on meanwhile; folding waits. *Errors:* `RebuildRefused`, `DatabaseError`.
  public func run(_ range: TimeRange? = nil) async throws {
    // Observations and deltas must be seen as of one moment: what a snapshot has in the one it has in the other. A
    // fold that commits between snapshot and lock makes this a serialization failure, and it is run again.
    let options = TransactionOptions(isolation: .repeatableRead, statementTimeoutMilliseconds: 0)
    try await pool.transaction(options, attempts: 20) { connection in
      try connection.execute("select pg_advisory_xact_lock(\(AdvisoryLock.fold))")
      while try Fold.fold(connection) > 0 {}
      for project in try Self.projects(range, connection) {
        try Self.rebuild(project, connection)
      }
    }
  }

  struct ProjectRange: Sendable {
    var id: ProjectID
    var from: Timestamp
    /// nil: no end.
    var to: Timestamp?
  }

  /// Whole days by project, cut to what is not frozen: days that are partly frozen stay as they are.
  private static func projects(_ range: TimeRange?, _ connection: Connection) throws -> [ProjectRange] {
    let rows = try connection.query(
      """
      select p.id, z.first_whole,
        case when \(range?.from)::timestamptz is null then z.first_whole
          else date_trunc('day', \(range?.from)::timestamptz, g.time_zone) end,
        case when date_trunc('day', \(range?.to)::timestamptz, g.time_zone) = \(range?.to)::timestamptz
          then \(range?.to)::timestamptz
          else date_trunc('day', (\(range?.to)::timestamptz at time zone g.time_zone) + interval '1 day')
            at time zone g.time_zone end
      from projects p join organisations g on g.id = p.organisation_id
      cross join lateral (select case when date_trunc('day', p.frozen_before, g.time_zone) = p.frozen_before
        then p.frozen_before
        else date_trunc('day', (p.frozen_before at time zone g.time_zone) + interval '1 day') at time zone g.time_zone
        end as first_whole) z
      order by p.id
      """
    ) { row in
      (ProjectRange(id: try row.id(0), from: try row.timestamp(2), to: try row.timestampOrNil(3)), try row.timestamp(1))
    }
    for (project, earliest) in rows where project.from < earliest {
      throw RebuildRefused(earliest: rows.map(\.1).max() ?? earliest)
    }
    return rows.map(\.0)
  }

  /// The caller holds the fold's lock and has folded what its snapshot has. Longer sums and charges are made again in the
  /// background.
  static func rebuild(_ project: ProjectRange, _ connection: Connection) throws {
    for rollup in Rollup.all { try rebuild(rollup, project, connection) }
    try DayMarks.mark(project.id, from: project.from, to: project.to, connection)
    try DaysToRebuild.done(project, connection)
  }

  private static func rebuild(_ rollup: Rollup, _ project: ProjectRange, _ connection: Connection) throws {
    let to = project.to ?? Timestamp(microseconds: .max)
    try connection.execute(
      """
      delete from \(unescaped: rollup.name) where project_id = \(project.id)
        and \(unescaped: rollup.timeColumn) >= \(project.from) and \(unescaped: rollup.timeColumn) < \(to)
      """)
    let sql: SQL = """
      with calls as (
      \(unescaped: CallRelation.fromObservations) and o.project_id = \(project.id)
        and o.started_at >= \(project.from) and o.started_at < \(to)
      )
      \(unescaped: rollup.insertion(of: "calls", latency: .place))
      """
    try connection.execute(sql.named("Rebuild \(rollup.name)"))
  }
}
