import Domain
import Postgres

/// Where money went, by up to two dimensions and steps of time. Pages, API and exports all ask here.
public struct CostReports: Sendable {
  let pool: ConnectionPool
  /// More rows are refused: nobody reads them, and they would not fit in memory.
  public static let rowsMax = 100_000
  /// Values that can be kept beside "Other".
  public static let topMax = 1000

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Sums over the calls that `scope` may see the money of.
  ///
  /// *Shape:* rows by time step, then cost descending (unknown last), then value, "Other" last; only rows with calls (with
  /// a comparison also of values that had calls before, at zero). The total is the sum of the rows to the last
  /// pico-dollar, also with `top`; distinct users are counted for the total by themselves and don't add up. Steps of the
  /// period before stand beside those at the same place of this one.
  /// *Money in scope:* of its teams; when it has all teams, of its projects.
  /// *Errors:* `CostQueryRefusal` when no table answers exactly, `DatabaseError`.
  /// *Source:* the smallest table that covers the query: rollups by hour with their sums by day and month, users by day,
  /// charges for any other combination; parts of hours or days at the
  /// range's ends from observations; else observations, up to 31 days. Calls of the last two seconds may be missing.
  public func run(
    _ query: CostQuery, comparing comparison: CostComparison? = nil, scope: AccessScope, organisation: Organisation
  ) async throws -> CostReport {
    try await run(query, comparing: comparison, scope: scope, organisation: organisation, source: nil)
  }

  /// `source` forces a table, so that tests can compare them.
  func run(
    _ query: CostQuery, comparing comparison: CostComparison? = nil, scope: AccessScope, organisation: Organisation,
    source: CostSource?
  ) async throws -> CostReport {
    try Self.check(query, scope, organisation)
    return try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      guard try TimeZones.isKnown(query.timeZone, of: organisation, c) else { throw Self.unknownZone }
      let run = try CostRun(query, scope: scope, organisation: organisation, source: source, c)
      return try run.report(comparing: comparison)
    }
  }

  private static let unknownZone = CostQueryRefusal(
    message: "Accepted as time zone: an IANA name such as Europe/Berlin, UTC or Etc/GMT-3.")

  static func check(_ query: CostQuery, _ scope: AccessScope, _ organisation: Organisation) throws {
    guard scope.organisation == organisation.id else {
      throw CostQueryRefusal(message: "The organisation is out of reach.")
    }
    guard query.groupBy.count <= 2, Set(query.groupBy).count == query.groupBy.count else {
      throw CostQueryRefusal(message: "Accepted: none, one or two different dimensions.")
    }
    guard TimeZones.isWellFormed(query.timeZone) else { throw unknownZone }
    if let top = query.top, !(1...topMax).contains(top) || query.groupBy.isEmpty || !query.topBy.isSummed
      || query.topBy == .latency
    {
      throw CostQueryRefusal(
        message: "Accepted as top: 1 to \(topMax) values of the first of one or two dimensions, by a measure that adds up.")
    }
    try CostUsers.check(query)
  }
}
