import Domain
import Postgres

/// Table `rates`: unit prices that calls were charged at, each set once. This process remembers what it has written and
/// read; rows never change, so that nothing remembered becomes wrong. Safe to share.
final class RateTable: @unchecked Sendable {
  /// Price rows times tiers that a process meets; when full it starts anew.
  private static let entriesMax = 8192
  private let lock = Lock()
  private var ids: [CallRates: RateID] = [:]

  func id(of rates: CallRates) -> RateID? { lock.withLock { ids[rates] } }

  /// Only what is committed may be told.
  func remember(_ found: [CallRates: RateID]) {
    if found.isEmpty { return }
    lock.withLock {
      if ids.count + found.count > Self.entriesMax { ids.removeAll() }
      ids.merge(found) { known, _ in known }
    }
  }
}

/// Gives the rows of one transaction the ids of their unit prices.
struct RateInterning {
  private let table: RateTable
  /// By identity: calls of a price share one object. Held here, so that an address stays whose it is.
  private var known: [ObjectIdentifier: (rates: CallRates, id: RateID?)] = [:]
  /// To remember once the transaction is committed.
  private(set) var learned: [CallRates: RateID] = [:]

  init(_ table: RateTable) { self.table = table }

  /// Sets `rateID` in place of `rates`. Call it when every trace is locked: others may wait for what is inserted here.
  mutating func apply(to changes: inout [TraceChange], _ connection: Connection) throws {
    var missing: Set<CallRates> = []
    for i in changes.indices {
      for j in changes[i].written.indices {
        guard let rates = changes[i].written[j].decision.cost.rates else { continue }
        if let id = id(of: rates) { changes[i].written[j].decision.cost.intern(id) } else { missing.insert(rates) }
      }
    }
    if missing.isEmpty { return }
    learned = try Self.intern(missing, connection)
    for i in changes.indices {
      for j in changes[i].written.indices {
        guard let rates = changes[i].written[j].decision.cost.rates else { continue }
        changes[i].written[j].decision.cost.intern(learned[rates])
      }
    }
  }

  private mutating func id(of rates: CallRates) -> RateID? {
    if let known = known[ObjectIdentifier(rates)] { return known.id }
    let id = table.id(of: rates)
    known[ObjectIdentifier(rates)] = (rates, id)
    return id
  }

  private static func intern(_ missing: Set<CallRates>, _ connection: Connection) throws -> [CallRates: RateID] {
    let rows = missing.map { (digest: $0.digest, rates: $0) }.sorted { $0.digest.lexicographicallyPrecedes($1.digest) }
    var ids = try find(rows.map(\.digest), connection)
    let absent = rows.filter { ids[$0.digest] == nil }
    if !absent.isEmpty {
      try connection.execute(insert(absent).named("InsertRates"))
      ids.merge(try find(absent.map(\.digest), connection)) { $1 }
    }
    return rows.reduce(into: [:]) { $0[$1.rates] = ids[$1.digest] }
  }

  private static func find(_ digests: [[UInt8]], _ connection: Connection) throws -> [[UInt8]: RateID] {
    let sql: SQL = "select id, digest from rates where digest = any(\(PostgresValue.byteas(digests)))"
    var ids: [[UInt8]: RateID] = [:]
    for (id, digest) in try connection.query(sql.named("FindRates"), { (try $0.id(0, as: RateID.self), try $0.bytes(1)) }) {
      ids[digest] = id
    }
    return ids
  }

  /// In the order of digests: two transactions that insert the same wait for each other only one way.
  private static func insert(_ rows: [(digest: [UInt8], rates: CallRates)]) -> SQL {
    let rates = rows.map(\.rates)
    return """
      insert into rates (digest, price, variant, context_over, contracted_pico, list_pico, charges_requests)
      select k.digest, k.price, k.variant, k.context_over, k.contracted::bigint[], k.list::bigint[], k.charges_requests
      from unnest(\(PostgresValue.byteas(rows.map(\.digest))), \(PostgresValue.texts(rates.map(\.price))),
        \(PostgresValue.texts(rates.map(\.variant))), \(PostgresValue.int64s(rates.map(\.contextOver))),
        \(PostgresValue.texts(rates.map { $0.contracted.literal })), \(PostgresValue.texts(rates.map { $0.list.literal })),
        \(PostgresValue.bools(rates.map(\.chargesRequests))))
        with ordinality as k(digest, price, variant, context_over, contracted, list, charges_requests, n)
      order by k.n
      on conflict (digest) do nothing
      """
  }
}

extension CostOutcome {
  fileprivate mutating func intern(_ id: RateID?) {
    rateID = id
    rates = nil
  }
}

extension CallRates {
  /// SHA-256 over all of the content; what identifies a row of `rates`.
  var digest: [UInt8] {
    var bytes: [UInt8] = [1, chargesRequests ? 1 : 0]
    append(contextOver, to: &bytes)
    for prices in [contracted, list] {
      append(Int64(prices.count), to: &bytes)
      for price in prices { append(price, to: &bytes) }
    }
    for text in [price, variant] {
      append(text.map { Int64($0.utf8.count) }, to: &bytes)
      bytes += (text ?? "").utf8
    }
    return SHA256Digest.of(bytes)
  }

  private func append(_ value: Int64?, to bytes: inout [UInt8]) {
    bytes.append(value == nil ? 0 : 1)
    withUnsafeBytes(of: (value ?? 0).bigEndian) { bytes += $0 }
  }
}

extension [Int64?] {
  /// unnest would flatten arrays of arrays, so that each is passed as its text.
  fileprivate var literal: String { "{" + map { $0.map { String($0) } ?? "NULL" }.joined(separator: ",") + "}" }
}
