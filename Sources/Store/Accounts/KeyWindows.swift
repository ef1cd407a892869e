import Domain
import Postgres

/// What a process took of a key's minute.
public struct KeyShare: Sendable, Hashable {
  /// Minutes since 1970; a later one than asked for when another process is ahead.
  public var minute: Int64
  public var requests: Int32
  public var spans: Int32
}

/// Shares of limited keys' minutes: processes take some at a time, so that together they never let more through than the limit, and few
/// requests write.
public struct KeyWindows: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Takes up to `wanted` of what is left of the minute; a key without a limit gets all it wants.
  public func take(_ key: APIKey, minute: Int64, requests wantedRequests: Int32, spans wantedSpans: Int32) async throws -> KeyShare {
    try await pool.transaction { c in
      try c.execute(
        "insert into key_windows (key_id, minute, requests, spans) values (\(key.id), \(minute), 0, 0) on conflict (key_id) do nothing")
      let sql: SQL = "select minute, requests, spans from key_windows where key_id = \(key.id) for update"
      guard let taken = try c.first(sql, { (try $0.int64(0), try $0.int32(1), try $0.int32(2)) }) else { throw MissingRow() }
      let isNew = taken.0 < minute
      let (requests, spans) = isNew ? (0, 0) : (taken.1, taken.2)
      let share = KeyShare(
        minute: max(minute, taken.0), requests: Self.part(wantedRequests, taken: requests, limit: key.limits.requestsPerMinute),
        spans: Self.part(wantedSpans, taken: spans, limit: key.limits.spansPerMinute))
      try c.execute(
        """
        update key_windows set minute = \(share.minute), requests = \(Self.sum(requests, share.requests)),
          spans = \(Self.sum(spans, share.spans)) where key_id = \(key.id)
        """)
      return share
    }
  }

  private static func part(_ wanted: Int32, taken: Int32, limit: Int32?) -> Int32 {
    guard let limit else { return wanted }
    return max(0, min(wanted, taken > limit ? 0 : limit - taken))
  }

  private static func sum(_ a: Int32, _ b: Int32) -> Int32 { a > Int32.max - b ? .max : a + b }
}
