import Domain
import Postgres

/// What a key did, for whoever must know what a leak cost.
public struct KeyActivity: Sendable, Hashable {
  /// One route on one day of the organisation ("2026-11-01").
  public struct Day: Sendable, Hashable {
    public var day: String
    public var route: String
    public var requests: Int64
    public var refused: Int64
    /// Spans, events and scores that were accepted.
    public var items: Int64
    public var bytes: Int64
    public var lastAt: Timestamp
  }

  public struct Address: Sendable, Hashable {
    public var address: String
    public var firstAt: Timestamp
    public var lastAt: Timestamp
    public var requests: Int64
  }

  /// Newest first, then by route.
  public var days: [Day]
  /// Last used first.
  public var addresses: [Address]
  /// From the first request that was counted; nil before there was one.
  public var countedSince: Timestamp?

  public init(days: [Day], addresses: [Address], countedSince: Timestamp?) {
    self.days = days
    self.addresses = addresses
    self.countedSince = countedSince
  }
}

extension KeyUseStore {
  /// Days on or after `since` ("2026-11-01"), and all addresses; nil when there is no such key within reach. Uses of the last minute may
  /// be missing.
  public func activity(of key: KeyID, since day: String, scope: AccessScope) async throws -> KeyActivity? {
    try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      guard try c.first("\(ListedKey.select(scope)) and k.id = \(key)", { _ in true }) != nil else { return nil }
      let days: SQL = """
        select day::text, route, requests, refused, items, bytes, last_at from key_days
        where key_id = \(key) and day >= \(day)::date order by day desc, route
        """
      let addresses: SQL = """
        select address, first_at, last_at, requests from key_addresses where key_id = \(key) order by last_at desc, address
        """
      let places = try c.query(addresses) { row in
        KeyActivity.Address(
          address: try row.string(0), firstAt: try row.timestamp(1), lastAt: try row.timestamp(2), requests: try row.int64(3))
      }
      return KeyActivity(
        days: try c.query(days) { row in
          KeyActivity.Day(
            day: try row.string(0), route: try row.string(1), requests: try row.int64(2), refused: try row.int64(3),
            items: try row.int64(4), bytes: try row.int64(5), lastAt: try row.timestamp(6))
        }, addresses: places, countedSince: places.map(\.firstAt).min())
    }
  }
}
