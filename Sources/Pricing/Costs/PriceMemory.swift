import Domain

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Priced calls, kept because the same few names come with every call. It changes no answer, only how soon one comes.
/// Safe to share: every access is under the lock.
final class PriceMemory: @unchecked Sendable {
  /// Senders choose the names, so what is kept is bounded; when full it starts anew.
  private static let mostKeys = 4096
  private static let longestKey = 1024
  /// Stretches of time kept for one key, the last used first: hours of the day make several.
  private static let mostStretches = 8

  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private var kept: [PriceKey: [PricedCall]] = [:]

  init() {
    lock = .allocate(capacity: 1)
    lock.initialize(to: pthread_mutex_t())
    pthread_mutex_init(lock, nil)
  }

  deinit {
    pthread_mutex_destroy(lock)
    lock.deallocate()
  }

  /// What is kept, else what `make` says, which runs outside the lock.
  func call(_ key: PriceKey, at time: Timestamp, make: () -> PricedCall) -> PricedCall {
    if let known = locked({ kept[key]?.first { $0.holds(at: time) } }) { return known }
    let made = make()
    guard key.byteCount <= Self.longestKey else { return made }
    locked {
      if kept.count >= Self.mostKeys { kept.removeAll() }
      let others = kept[key, default: []].filter { !$0.holds(at: time) }
      kept[key] = [made] + others.prefix(Self.mostStretches - 1)
    }
    return made
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }
}
