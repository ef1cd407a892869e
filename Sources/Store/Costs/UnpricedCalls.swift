import Domain
import Postgres

/// Calls without a full price in the current and the last hour, for /metrics. *Source:* `spend_hour`.
public struct UnpricedCalls: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  public func lastHours() async throws -> Int64 {
    try await pool.run { c in
      let sql: SQL =
        "select coalesce(sum(unpriced), 0)::bigint from spend_hour where hour >= now() - interval '2 hours'"
      return try c.first(sql) { try $0.int64(0) } ?? 0
    }
  }
}
