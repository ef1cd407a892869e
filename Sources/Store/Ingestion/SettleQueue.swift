import Domain
import Postgres

/// Settles the large traces whose rows were counted provisionally. Any number of processes may run it: whoever holds a
/// trace's lock first settles it, the others find it done.
public struct SettleQueue: Sendable {
  /// Traces taken at once.
  public static let tracesMax = 100
  private let pool: ConnectionPool
  private let door: ObservationDoor

  public init(pool: ConnectionPool, door: ObservationDoor) {
    self.pool = pool
    self.door = door
  }

  /// Settles what is due at `now`, the longest due first, a transaction each; how many were due. A trace that fails is
  /// tried again by the next run, after the others.
  ///
  /// *Errors:* the first of those that traces failed with, once all were tried.
  public func settleDue(
    at now: Timestamp, decidedBy: DecisionRevisions? = nil, decide: @escaping Decide
  ) async throws -> Int {
    let due = try await due(at: now)
    var failure: (any Error)?
    for key in due {
      do { try await door.settle(key.trace, in: key.project, decidedBy: decidedBy, decide: decide) } catch {
        if error is CancellationError { throw error }
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return due.count
  }

  private func due(at now: Timestamp) async throws -> [TraceKey] {
    let sql: SQL = """
      select project_id, trace_id from traces where settle_due_at <= \(now)
      order by settle_due_at limit \(Self.tracesMax)
      """
    return try await pool.run { connection in
      try connection.query(sql.named("TracesDue")) { TraceKey(project: try $0.id(0), trace: try $0.traceID(1)) }
    }
  }
}
