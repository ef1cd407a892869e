import Domain
import Postgres

/// Moves deltas into the rollups. Any number of processes may run it: one folds at a time, the others find nothing to
/// do.
public struct Fold: Sendable {
  /// Deltas taken at once.
  public static let deltasMax = 1000
  private let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Folds up to `deltasMax` deltas in one transaction; how many. 0: none were there, or another process is folding.
  public func run(waits: Bool = false) async throws -> Int {
    try await pool.transaction(attempts: 3) { connection in
      guard try AdvisoryLock.take(AdvisoryLock.fold, waits: waits, connection) else { return 0 }
      // Arrays are taken for ten rows each; looked up one by one, their projects cost a fifth of the fold.
      try connection.execute("select set_config('enable_nestloop', 'off', true)")
      return try Self.fold(connection)
    }
  }

  /// Seconds since the oldest delta that waits was written; 0 without one.
  public func backlogAge() async throws -> Double {
    try await pool.run { connection in
      try connection.first(
        "select coalesce(extract(epoch from clock_timestamp() - min(committed_at)), 0)::float8 from deltas"
      ) { max(0, try $0.double(0)) } ?? 0
    }
  }

  /// The caller holds the fold's lock. One statement: what is deleted is what is added.
  static func fold(_ connection: Connection) throws -> Int {
    let taken = try connection.first(statement) { row -> Taken in
      Taken(count: try row.int(0), first: try row.timestampOrNil(1), last: try row.timestampOrNil(2))
    }
    guard let taken, taken.count > 0, let first = taken.first, let last = taken.last else { return taken?.count ?? 0 }
    for rollup in Rollup.all { try removeEmpty(rollup, first, last, connection) }
    return taken.count
  }

  private struct Taken {
    var count: Int
    /// Times of what was taken away from totals.
    var first: Timestamp?
    var last: Timestamp?
  }

  private static let statement = SQL(statementText).named("Fold")

  private static var statementText: String {
    let additions = Rollup.all.enumerated().map { "added_\($0) as (\($1.addition))" }.joined(separator: ",\n")
    return """
      with taken as (
        delete from deltas where id in (select id from deltas order by id limit \(deltasMax)) returning *
      ), taken_away as (
        select min(s.slot) as first, max(s.slot) as last
        from taken t cross join lateral unnest(t.slots, t.calls) as s(slot, calls) where s.calls < 0
      ), \(DayMarks.marking), \(additions)
      select (select count(*) from taken), (select first from taken_away), (select last from taken_away)
      """
  }

  /// A key whose last call has gone: a rebuild would not make its row.
  private static func removeEmpty(_ rollup: Rollup, _ first: Timestamp, _ last: Timestamp, _ connection: Connection)
    throws
  {
    // A day is at most 25 hours long.
    try connection.execute(
      """
      delete from \(unescaped: rollup.name) where calls = 0 and \(unescaped: rollup.timeColumn)
        between \(first.adding(seconds: -90_000)) and \(last)
      """)
  }
}
