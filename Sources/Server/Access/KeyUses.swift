import Domain
import HTTPTypes
import Hummingbird
import NIOConcurrencyHelpers
import Store

/// What keys do: counted in memory and added to the database once a minute, so that no request writes for it; and held to the keys'
/// limits.
final class KeyUses: Sendable {
  private struct Place: Hashable {
    var key: KeyID
    var route: String
    var address: String
  }

  let store: KeyUseStore
  private let limiter: KeyLimiter
  private let proxies: Int
  private let sums = NIOLockedValueBox<[Place: KeyUse]>([:])
  /// Of one minute; what comes from more places is counted as from one.
  private static let placesMax = 20_000

  init(_ store: KeyUseStore, _ windows: KeyWindows, proxies: Int) {
    self.store = store
    self.proxies = proxies
    limiter = KeyLimiter(windows)
  }

  /// - Throws: `Failure` 429 when the key has used up its minute.
  func admit(_ grant: KeyGrant) async throws {
    if grant.key.limits.requestsPerMinute == nil { return }
    try await limiter.take(1, .requests, grant.key)
  }

  /// For what a request brings, before it is stored.
  /// - Throws: `Failure` 429 when the key has used up its minute, 413 when one request is over a whole minute's.
  func admit(_ batch: IngestBatch, _ grant: KeyGrant) async throws {
    if grant.key.limits.spansPerMinute == nil { return }
    try await limiter.take(batch.observations.count + batch.scores.count, .spans, grant.key)
  }

  /// - Parameter route: as registered; paths with ids would be without number.
  func count(
    _ grant: KeyGrant?, _ route: String, _ request: Request, _ context: Context, isRefused: Bool, items: Int32 = 0, bytes: Int32 = 0
  ) {
    guard let grant else { return }
    let address = Self.plain(context.address(request, proxies: proxies))
    var use = KeyUse(key: grant.key.id, route: route, address: address, at: Timestamp.now)
    (use.requests, use.refused, use.items, use.bytes) = (1, isRefused ? 1 : 0, Int64(items), Int64(bytes))
    add(use)
  }

  private func add(_ use: KeyUse) {
    var place = Place(key: use.key, route: use.route, address: use.address)
    sums.withLockedValue { sums in
      if sums[place]?.add(use) != nil { return }
      if sums.count >= Self.placesMax { place.address = KeyUseStore.otherAddresses }
      if sums[place]?.add(use) == nil { sums[place] = use }
    }
  }

  /// Adds what was counted to the database; when that fails it stays for the next time.
  func flush() async throws {
    let taken = sums.withLockedValue { sums in
      defer { sums.removeAll(keepingCapacity: true) }
      return sums
    }
    do { try await store.add(Array(taken.values)) } catch {
      for use in taken.values { add(use) }
      throw error
    }
  }

  /// A sender behind a proxy of ours says its address itself.
  private static func plain(_ text: String) -> String {
    let isAddress = text.utf8.count <= 45 && text.utf8.allSatisfy { byte in
      (48...57).contains(byte) || (97...102).contains(byte | 0x20) || [46, 58, 37].contains(byte)
    }
    return isAddress && !text.isEmpty ? text : "unknown"
  }
}

/// Holds limited keys to their minutes. Each process takes small shares of a minute from the database, so that all of them together keep
/// the limit, and one request in about twenty of it writes.
actor KeyLimiter {
  enum Kind { case requests, spans }

  private struct Lease {
    var minute: Int64
    var requests: Int32 = 0
    var spans: Int32 = 0
    /// The minute has no more than what is here.
    var requestsEnd = false
    var spansEnd = false
  }

  private let windows: KeyWindows
  private var leases: [KeyID: Lease] = [:]

  init(_ windows: KeyWindows) { self.windows = windows }

  /// - Throws: `Failure` 429 with the seconds until the next minute; 413 for more than a whole minute has.
  func take(_ count: Int, _ kind: Kind, _ key: APIKey) async throws {
    guard count > 0, let limit = kind == .requests ? key.limits.requestsPerMinute : key.limits.spansPerMinute else { return }
    guard count <= Int(limit) else {
      throw Failure.tooLarge("this request holds \(count) spans, and its key may send \(limit) in a minute; send smaller batches")
    }
    let wanted = Int32(clamping: count)
    // More rounds only where others take what was fetched here.
    for _ in 0..<4 {
      let now = Timestamp.now
      if spend(wanted, kind, key.id, minute: now.minute) { return }
      if isSpent(kind, key.id) { break }
      try await fetch(max(wanted, limit / 20), kind, key, minute: now.minute)
    }
    throw Self.limited(kind, limit)
  }

  private func spend(_ count: Int32, _ kind: Kind, _ key: KeyID, minute: Int64) -> Bool {
    var lease = leases[key] ?? Lease(minute: minute)
    if lease.minute < minute { lease = Lease(minute: minute) }
    let isThere = kind == .requests ? lease.requests >= count : lease.spans >= count
    if isThere {
      if kind == .requests { lease.requests -= count } else { lease.spans -= count }
    }
    leases[key] = lease
    return isThere
  }

  private func isSpent(_ kind: Kind, _ key: KeyID) -> Bool {
    leases[key].map { kind == .requests ? $0.requestsEnd : $0.spansEnd } ?? false
  }

  private func fetch(_ wanted: Int32, _ kind: Kind, _ key: APIKey, minute: Int64) async throws {
    let share = try await windows.take(
      key, minute: minute, requests: kind == .requests ? wanted : 0, spans: kind == .spans ? wanted : 0)
    var lease = leases[key.id] ?? Lease(minute: share.minute)
    if lease.minute < share.minute { lease = Lease(minute: share.minute) }
    // What was taken of a minute that is over is lost.
    guard lease.minute == share.minute else { return }
    if kind == .requests {
      lease.requests += share.requests
      lease.requestsEnd = share.requests < wanted
    } else {
      lease.spans += share.spans
      lease.spansEnd = share.spans < wanted
    }
    leases[key.id] = lease
  }

  private static func limited(_ kind: Kind, _ limit: Int32) -> Failure {
    let seconds = 60 - Int(Timestamp.now.microseconds / 1_000_000 % 60)
    let what = kind == .requests ? "requests" : "spans"
    return Failure(
      .tooManyRequests, "rate_limited", "this key may send \(limit) \(what) a minute; nothing of this request was stored, please send it again",
      retryAfterSeconds: max(1, min(60, seconds)))
  }
}

extension Timestamp {
  /// Minutes since 1970.
  fileprivate var minute: Int64 { microseconds / 60_000_000 }
}
