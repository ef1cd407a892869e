import CLibpq
import Glibc

/// Lets a cancelled task end the statement that runs for it, and never one that runs later on the same connection.
///
/// A cancel request travels on a socket of its own; PQcancel returns when the server has signalled the backend, and a
/// backend that gets the signal between two statements ignores it. So it is enough that `close` waits for a request on
/// its way and lets none start afterwards.
final class CancelGate: @unchecked Sendable {
  private struct State {
    var lease: UInt64 = 0
    var isOpen = false
    var isCancelled = false
    var key: OpaquePointer?
  }

  private let state = Locked(State())
  /// Held while a request is on its way.
  private let sending = Lock()

  deinit { setKey(nil) }

  /// The key of a new connection (`PGcancel`), or nil; frees the last one.
  func setKey(_ key: OpaquePointer?) {
    sending.withLock {
      let old = state.withLock { state -> OpaquePointer? in
        defer { state.key = key }
        return state.key
      }
      if let old { PQfreeCancel(old) }
    }
  }

  /// Starts a lease; requests for an earlier one find nothing.
  func open() -> UInt64 {
    state.withLock {
      $0.lease &+= 1
      $0.isOpen = true
      $0.isCancelled = false
      return $0.lease
    }
  }

  /// Ends cancellation for this lease: returns when no request is on its way.
  func close() {
    state.withLock { $0.isOpen = false }
    sending.withLock {}
  }

  /// Whether the task that holds the lease was cancelled.
  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Throws if the task was cancelled while the gate is open. Called before each statement.
  func check() throws {
    if state.withLock({ $0.isOpen && $0.isCancelled }) { throw CancellationError() }
  }

  /// Notes the cancellation and hands the request to the thread that sends them. Does not block.
  func cancel(_ lease: UInt64) {
    let matches = state.withLock { state -> Bool in
      guard state.isOpen, state.lease == lease else { return false }
      state.isCancelled = true
      return true
    }
    if matches { CancelThread.shared.add(self, lease) }
  }

  /// Sends one request; false when the lease is over. Blocks.
  fileprivate func send(_ lease: UInt64) -> Bool {
    sending.withLock {
      let (isActive, key) = state.withLock { ($0.isOpen && $0.lease == lease, $0.key) }
      guard isActive else { return false }
      if let key { sendCancel(key) }
      return true
    }
  }
}

/// Asks the server to end the backend's current statement. Blocks until the server has taken the request.
func sendCancel(_ key: OpaquePointer) {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
    _ = PQcancel(key, buffer.baseAddress, 256)
  }
}

/// Sends cancel requests, each again every 50 ms until its lease ends: the first may arrive just before the statement.
private final class CancelThread: @unchecked Sendable {
  static let shared = CancelThread()
  private let queue = Locked<(pending: [(CancelGate, UInt64)], isRunning: Bool)>(([], false))

  func add(_ gate: CancelGate, _ lease: UInt64) {
    let mustStart = queue.withLock { queue -> Bool in
      queue.pending.append((gate, lease))
      defer { queue.isRunning = true }
      return !queue.isRunning
    }
    if mustStart { start() }
  }

  private func start() {
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { _ in
        CancelThread.shared.loop()
        return nil
      }, nil)
    if result == 0 { pthread_detach(thread) } else { queue.withLock { $0.isRunning = false } }
  }

  /// Ends when nothing is left to cancel.
  private func loop() {
    while true {
      let pending = queue.withLock { queue -> [(CancelGate, UInt64)] in
        defer { queue.pending = [] }
        if queue.pending.isEmpty { queue.isRunning = false }
        return queue.pending
      }
      if pending.isEmpty { return }
      let unfinished = pending.filter { $0.0.send($0.1) }
      if unfinished.isEmpty { continue }
      queue.withLock { $0.pending += unfinished }
      usleep(50_000)
    }
  }
}
