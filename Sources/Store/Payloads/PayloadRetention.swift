import Domain
import Postgres

/// Removes payloads whose time is over, and their signatures, by dropping their partitions.
public struct PayloadRetention: Sendable {
  private let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Drops every partition whose last day is older than its class; the names of those dropped.
  /// A partition locked by a long read is left for the next run instead of making writers wait behind the lock.
  public func dropExpired(now: Timestamp) async throws -> [String] {
    var dropped: [String] = []
    for retention in RetentionClass.allCases {
      let oldest = UTCDay(now).adding(-Int32(retention.rawValue)).compact
      for parent in ["payloads_\(retention.rawValue)", "payload_signatures_\(retention.rawValue)"] {
        for name in try await expired(before: "\(parent)_\(oldest)", parent: parent) where try await drop(name) {
          dropped.append(name)
        }
      }
    }
    return dropped
  }

  /// Names end in YYYYMMDD, so that their order is that of time.
  private func expired(before oldest: String, parent: String) async throws -> [String] {
    try await pool.run { connection in
      try connection.query(
        """
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = to_regclass(\(parent)) and c.relname < \(oldest) order by 1
        """
      ) { try $0.string(0) }
    }
  }

  private func drop(_ name: String) async throws -> Bool {
    do {
      try await pool.transaction { connection in
        try connection.executeScript(
          "set local lock_timeout = '2s'; drop table if exists \(SQL.quoted(identifier: name))")
      }
      return true
    } catch let error as DatabaseError where error.sqlState == "55P03" {
      return false
    }
  }
}
