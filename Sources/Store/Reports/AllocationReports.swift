import Domain
import Postgres

/// The cost allocation report by team, and the charges it is made of.
public struct AllocationReports: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// What teams are charged.
  ///
  /// *Shape:* lines in the order they are printed, each column of money rounded once to cents by largest remainder over all lines of the
  /// organisation, the exact amount beside; `previous` is the same line of the period before. *Usage month:* calls as they stand now and
  /// shared costs of the whole months in the period. *Booked month:* the closed statement; before the close what would be booked now,
  /// with the corrections that wait when the month is the next to be closed. Lines of a closed month have the names of its close.
  /// *Scope:* of some teams only their lines, with the cents that finance sees, no Unallocated; the total is of what is seen.
  /// *Filter:* shared costs have a team and nothing else; under any other filter they are left out.
  /// *Errors:* `CostQueryRefusal` (no such month, an unknown combination of dimensions), `DatabaseError`. *Source:* sums by hour, day or
  /// month, charges by day where these lack a dimension; statements. One snapshot; calls of the last two seconds may be missing.
  public func run(_ request: AllocationRequest, scope: AccessScope, organisation: Organisation) async throws -> AllocationReport {
    try await run(request, scope: scope, organisation: organisation, now: WallClock.now())
  }

  /// Own lines of the same question as the calls stand now, whatever was booked of them. *Scope, errors:* as `run`.
  public func ownLinesNow(_ request: AllocationRequest, scope: AccessScope, organisation: Organisation) async throws -> [AllocationLine] {
    var request = request
    request.view = .usageMonth
    let asked = request
    return try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      let run = try AllocationRun(asked, scope: scope, organisation: organisation, c)
      return try run.direct().filter(run.isInScope)
    }
  }

  func run(_ request: AllocationRequest, scope: AccessScope, organisation: Organisation, now: Timestamp) async throws
    -> AllocationReport
  {
    try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      try AllocationRun(request, scope: scope, organisation: organisation, c).report(now: now)
    }
  }
}
