import Domain
import Postgres

/// Uses of a key by one route from one address within a minute, summed.
public struct KeyUse: Sendable, Hashable {
  public var key: KeyID
  /// Method and address as registered: "GET /api/v1/traces/:trace".
  public var route: String
  public var address: String
  public var requests: Int64 = 0
  /// Of them, answered with an error.
  public var refused: Int64 = 0
  /// Spans, events and scores that were accepted.
  public var items: Int64 = 0
  /// Bodies as sent.
  public var bytes: Int64 = 0
  public var firstAt: Timestamp
  public var lastAt: Timestamp

  public init(key: KeyID, route: String, address: String, at time: Timestamp) {
    self.key = key
    self.route = route
    self.address = address
    (firstAt, lastAt) = (time, time)
  }

  public mutating func add(_ other: KeyUse) {
    requests += other.requests
    refused += other.refused
    items += other.items
    bytes += other.bytes
    firstAt = min(firstAt, other.firstAt)
    lastAt = max(lastAt, other.lastAt)
  }
}

/// Adds what keys did, as each process counts it, to what is known; and tells what they did.
public struct KeyUseStore: Sendable {
  let pool: ConnectionPool
  /// Addresses kept of a key; uses from others are counted as from `otherAddresses`.
  public static let addressesMax = 500
  public static let otherAddresses = "other addresses"
  /// Days that uses are kept for.
  public static let daysKept: Int32 = 400

  public init(pool: ConnectionPool) { self.pool = pool }

  /// In one transaction, so that a failure adds nothing. A key's first address is where it lives; every later new one is told to the audit
  /// log.
  public func add(_ uses: [KeyUse]) async throws {
    guard !uses.isEmpty else { return }
    try await pool.transaction { c in
      // In the order of their ids: processes that add at the same time wait for each other instead of locking each other out.
      let ids = Set(uses.map(\.key)).sorted()
      let known = Set(try c.query("select id from api_keys where id = any(\(ids)) order by id for no key update") { try $0.id(0, as: KeyID.self) })
      let uses = uses.filter { known.contains($0.key) }
      try Self.addDays(uses, c)
      try Self.addAddresses(uses, c)
    }
  }

  /// Forgets uses of long ago.
  @discardableResult
  public func removeOld() async throws -> Int {
    try await pool.run { c in
      try c.execute("delete from key_days where day < current_date - \(Self.daysKept)")
        + c.execute("delete from key_addresses where last_at < now() - make_interval(days => \(Self.daysKept))")
    }
  }

  private static func addDays(_ uses: [KeyUse], _ c: Connection) throws {
    try c.execute(
      """
      insert into key_days as d (key_id, day, route, requests, refused, items, bytes, last_at)
      select u.key_id, (u.last_at at time zone o.time_zone)::date, u.route, sum(u.requests), sum(u.refused), sum(u.items), sum(u.bytes),
        max(u.last_at)
      from unnest(\(PostgresValue.int32s(uses.map(\.key.rawValue))), \(PostgresValue.texts(uses.map { AuditEntry.plain($0.route) })),
        \(PostgresValue.int64s(uses.map(\.requests))), \(PostgresValue.int64s(uses.map(\.refused))),
        \(PostgresValue.int64s(uses.map(\.items))), \(PostgresValue.int64s(uses.map(\.bytes))),
        \(PostgresValue.timestamps(uses.map(\.lastAt.microseconds)))) u(key_id, route, requests, refused, items, bytes, last_at)
      join api_keys k on k.id = u.key_id join projects p on p.id = k.project_id join organisations o on o.id = p.organisation_id
      group by 1, 2, 3 order by 1, 2, 3
      on conflict (key_id, day, route) do update set requests = d.requests + excluded.requests, refused = d.refused + excluded.refused,
        items = d.items + excluded.items, bytes = d.bytes + excluded.bytes, last_at = greatest(d.last_at, excluded.last_at)
      """)
  }

  private struct Address: Hashable {
    var key: KeyID
    var address: String
  }

  private static func addAddresses(_ uses: [KeyUse], _ c: Connection) throws {
    var sums: [Address: KeyUse] = [:]
    let known = try self.known(Set(uses.map(\.key)), c)
    var counts = known.reduce(into: [KeyID: Int]()) { $0[$1.key, default: 0] += 1 }
    for use in uses.sorted(by: { $0.firstAt < $1.firstAt }) {
      var place = Address(key: use.key, address: AuditEntry.plain(use.address))
      if !known.contains(place), sums[place] == nil {
        if counts[use.key, default: 0] >= addressesMax { place.address = otherAddresses } else { counts[use.key, default: 0] += 1 }
      }
      if sums[place] == nil { sums[place] = use } else { sums[place]?.add(use) }
    }
    let rows = sums.sorted { ($0.key.key, $0.key.address) < ($1.key.key, $1.key.address) }
    try insert(rows.map { ($0.key, $0.value) }, c)
    try touch(uses, c)
    try tell(rows.filter { !known.contains($0.key) && $0.key.address != otherAddresses }.map { ($0.key, $0.value) }, known, c)
  }

  private static func known(_ keys: Set<KeyID>, _ c: Connection) throws -> Set<Address> {
    let sql: SQL = "select key_id, address from key_addresses where key_id = any(\(keys.sorted()))"
    return Set(try c.query(sql) { Address(key: try $0.id(0), address: try $0.string(1)) })
  }

  private static func insert(_ rows: [(Address, KeyUse)], _ c: Connection) throws {
    try c.execute(
      """
      insert into key_addresses as a (key_id, address, first_at, last_at, requests)
      select * from unnest(\(PostgresValue.int32s(rows.map(\.0.key.rawValue))), \(PostgresValue.texts(rows.map(\.0.address))),
        \(PostgresValue.timestamps(rows.map(\.1.firstAt.microseconds))), \(PostgresValue.timestamps(rows.map(\.1.lastAt.microseconds))),
        \(PostgresValue.int64s(rows.map(\.1.requests))))
      on conflict (key_id, address) do update set first_at = least(a.first_at, excluded.first_at),
        last_at = greatest(a.last_at, excluded.last_at), requests = a.requests + excluded.requests
      """)
  }

  /// The last use of each key.
  private static func touch(_ uses: [KeyUse], _ c: Connection) throws {
    let last = Dictionary(uses.map { ($0.key, $0) }) { $0.lastAt < $1.lastAt ? $1 : $0 }.values.sorted { $0.key < $1.key }
    try c.execute(
      """
      update api_keys k set last_used_at = u.at, last_used_address = u.address
      from unnest(\(PostgresValue.int32s(last.map(\.key.rawValue))), \(PostgresValue.timestamps(last.map(\.lastAt.microseconds))),
        \(PostgresValue.texts(last.map { AuditEntry.plain($0.address) }))) u(key_id, at, address)
      where k.id = u.key_id and (k.last_used_at is null or k.last_used_at < u.at)
      """)
  }

  private static func tell(_ new: [(Address, KeyUse)], _ known: Set<Address>, _ c: Connection) throws {
    let settled = Set(known.map(\.key))
    for (key, places) in Dictionary(grouping: new, by: \.0.key).sorted(by: { $0.key < $1.key }) {
      let inOrder = places.sorted { $0.1.firstAt < $1.1.firstAt }
      for (place, use) in settled.contains(key) ? inOrder[...] : inOrder.dropFirst() {
        try tell(place, use, c)
      }
    }
  }

  private static func tell(_ place: Address, _ use: KeyUse, _ c: Connection) throws {
    let sql: SQL = """
      select p.organisation_id, k.public_key, k.name from api_keys k join projects p on p.id = k.project_id where k.id = \(place.key)
      """
    let found = try c.first(sql) { (try $0.id(0, as: OrganisationID.self), try $0.string(1), try $0.string(2)) }
    guard let (organisation, publicKey, name) = found else { return }
    try AuditEntry.append(
      organisation, "service", "key used from a new address", "key \(publicKey)",
      detail: AuditEntry.object(["name": name, "route": use.route]), address: place.address, c)
  }
}
