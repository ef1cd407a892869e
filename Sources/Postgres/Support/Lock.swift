import Glibc

/// A mutex from pthread: the thread sanitizer understands it, unlike the futex of `Synchronization.Mutex`.
public final class Lock: @unchecked Sendable {
  let mutex: UnsafeMutablePointer<pthread_mutex_t>

  public init() {
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  public func withLock<T>(_ body: () throws -> T) rethrows -> T {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }
}

/// A value that is reached only under its lock.
public final class Locked<State>: @unchecked Sendable {
  private let lock = Lock()
  private var state: State

  init(_ state: State) { self.state = state }

  public func withLock<T>(_ body: (inout State) throws -> T) rethrows -> T {
    try lock.withLock { try body(&state) }
  }
}
