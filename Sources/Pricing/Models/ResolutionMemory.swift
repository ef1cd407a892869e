#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

typealias ResolutionMemory = NameMemory<ResolverAnswer>

extension NameMemory where Value == ResolverAnswer {
  func answer(provider: String?, model: String, resolve: () -> ResolverAnswer) -> ResolverAnswer {
    value(provider: provider, model: model, make: resolve)
  }
}

/// What was found out about names, kept because the same few come with every call. It changes no answer, only how soon one
/// comes. Safe to share: every access is under the lock.
final class NameMemory<Value: Sendable>: @unchecked Sendable {
  private struct Key: Hashable {
    let provider: String?
    let model: String
  }
  /// Senders choose the names, so the number kept is bounded; when full it starts anew.
  private let most = 4096
  /// Longer names are not kept.
  private let longest = 256

  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private var values: [Key: Value] = [:]

  init() {
    lock = .allocate(capacity: 1)
    lock.initialize(to: pthread_mutex_t())
    pthread_mutex_init(lock, nil)
  }

  deinit {
    pthread_mutex_destroy(lock)
    lock.deallocate()
  }

  /// The kept value, else what `make` says, which runs outside the lock.
  func value(provider: String?, model: String, make: () -> Value) -> Value {
    guard model.utf8.count <= longest, (provider?.utf8.count ?? 0) <= longest else { return make() }
    let key = Key(provider: provider, model: model)
    if let known = locked({ values[key] }) { return known }
    let value = make()
    locked {
      if values.count >= most { values.removeAll() }
      values[key] = value
    }
    return value
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }
}
