import Domain
import Postgres

/// Keeps the database under a size by dropping the oldest payloads, whatever their class: prompts go before anything else, money never.
public struct DiskBudget: Sendable {
  let pool: ConnectionPool
  /// Partitions that hold less are left: dropping them gives nothing back.
  let worthDroppingBytes: Int64

  public init(pool: ConnectionPool, worthDroppingBytes: Int64 = 128 << 10) {
    self.pool = pool
    self.worthDroppingBytes = worthDroppingBytes
  }

  /// What was done about it.
  public struct Outcome: Sendable, Hashable {
    public var databaseBytes: Int64
    /// Days whose payloads were dropped, oldest first.
    public var droppedDays: [String]
    /// Nothing more can be dropped, and it is still over.
    public var isOver: Bool
  }

  /// Drops day after day until the database is under the budget; never the last two days. One process at a time does it.
  public func enforce(maxBytes: Int64, now: Timestamp) async throws -> Outcome {
    var dropped: [String] = []
    while true {
      let size = try await pool.run { c in try c.first("select pg_database_size(current_database())") { try $0.int64(0) } ?? 0 }
      if size <= maxBytes { return Outcome(databaseBytes: size, droppedDays: dropped, isOver: false) }
      guard let day = try await oldestDay(before: UTCDay(now).adding(-1)), try await drop(day) else {
        return Outcome(databaseBytes: size, droppedDays: dropped, isOver: true)
      }
      dropped.append(day)
    }
  }

  private func oldestDay(before limit: UTCDay) async throws -> String? {
    let sql: SQL = """
      select min(right(relname, 8)) from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace and relname ~ '^payloads_(7|30|90|400)_[0-9]{8}$'
        and right(relname, 8) < \(limit.compact) and pg_total_relation_size(oid) > \(worthDroppingBytes)
      """
    return try await pool.run { c in try c.first(sql) { try $0.stringOrNil(0) } ?? nil }
  }

  /// False when a long read holds one of them, or another process makes or drops partitions.
  private func drop(_ day: String) async throws -> Bool {
    let sql: SQL = """
      select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
        and relname ~ '^(payloads|payload_signatures)_(7|30|90|400)_[0-9]{8}$' and right(relname, 8) = \(day)
      """
    do {
      return try await pool.transaction { c in
        guard try AdvisoryLock.tryTake(AdvisoryLock.partitions, c) else { return false }
        let names = try c.query(sql) { SQL.quoted(identifier: try $0.string(0)) }
        if names.isEmpty { return false }
        try c.executeScript("set local lock_timeout = '2s'; drop table if exists \(names.joined(separator: ", "))")
        for organisation in try c.query("select id from organisations", { try $0.id(0) as OrganisationID }) {
          try AuditEntry.append(organisation, "service", "payloads dropped for the disk budget", "payloads of \(day)", c)
        }
        return true
      }
    } catch let error as DatabaseError where error.sqlState == "55P03" {
      return false
    }
  }
}
