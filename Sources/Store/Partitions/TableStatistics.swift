import Postgres

/// What the planner knows of the tables that calls are read from. PostgreSQL looks by itself a minute after many rows came; a list of
/// traces by team that was asked before it, on 60 days just loaded, did not end in 15 s.
public struct TableStatistics: Sendable {
  private let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Looks now; after loading much at once.
  public func refresh() async throws {
    try await pool.run { c in try c.execute("analyze traces, observations, charges_day") }
  }
}
