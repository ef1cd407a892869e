import Logging

/// What the pool's lock guards.
struct PoolState {
  struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<ConnectionActor, any Error>
    var timer: Task<Void, Never>?
  }

  /// Last in, first out: the rest may stay idle.
  var idle: [ConnectionActor] = []
  /// Open connections, idle or in use.
  var open = 0
  var inUse = 0
  var waiters: [Waiter] = []
  var nextWaiter: UInt64 = 0
  var isClosed = false
  var closing: [CheckedContinuation<Void, Never>] = []
}

/// The pool at one moment, for metrics.
public struct PoolStatus: Sendable {
  /// Open connections, idle or in use.
  public let open: Int
  /// Connections in use.
  public let inUse: Int
  /// Callers in line.
  public let waiting: Int
}

extension ConnectionPool {
  /// The pool at this moment.
  public var status: PoolStatus {
    state.withLock { PoolStatus(open: $0.open, inUse: $0.inUse, waiting: $0.waiters.count) }
  }

  /// The server's major version, 15 or more.
  public func serverMajor() async throws -> Int { try await run { $0.serverVersion / 10_000 } }

  /// Refuses new work, waits for the running work, closes the connections.
  public func close() async {
    let waiters = state.withLock { state -> [PoolState.Waiter] in
      state.isClosed = true
      state.idle.removeAll()
      state.open = state.inUse
      defer { state.waiters.removeAll() }
      return state.waiters
    }
    for waiter in waiters { waiter.fail(DatabaseBusy(reason: .closed)) }
    await withCheckedContinuation { continuation in
      let isIdle = state.withLock { state -> Bool in
        if state.inUse > 0 { state.closing.append(continuation) }
        return state.inUse == 0
      }
      if isIdle { continuation.resume() }
    }
  }

  func acquire() async throws -> ConnectionActor {
    try Task.checkCancellation()
    if let connection = try takeNow() { return connection }
    let id = state.withLock { state -> UInt64 in
      state.nextWaiter &+= 1
      return state.nextWaiter
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { wait(id, $0) }
    } onCancel: {
      fail(id, CancellationError())
    }
  }

  private func takeNow() throws -> ConnectionActor? {
    try state.withLock { try take(&$0) }
  }

  /// An idle connection, or a new one while there may be more; nobody overtakes those in line.
  private func take(_ state: inout PoolState) throws -> ConnectionActor? {
    if state.isClosed { throw DatabaseBusy(reason: .closed) }
    guard state.waiters.isEmpty else { return nil }
    if let connection = state.idle.popLast() {
      state.inUse += 1
      return connection
    }
    guard state.open < limits.connectionsMax else { return nil }
    let connection = try ConnectionActor(url: url, options: options)
    state.open += 1
    state.inUse += 1
    return connection
  }

  private enum Entry {
    case granted(ConnectionActor), waiting, refused(any Error)
  }

  private func wait(_ id: UInt64, _ continuation: CheckedContinuation<ConnectionActor, any Error>) {
    let entry = state.withLock { state -> Entry in
      do {
        if let connection = try take(&state) { return .granted(connection) }
      } catch {
        return .refused(error)
      }
      guard state.waiters.count < limits.waitersMax else { return .refused(DatabaseBusy(reason: .tooManyWaiters)) }
      state.waiters.append(PoolState.Waiter(id: id, continuation: continuation))
      return .waiting
    }
    switch entry {
    case .granted(let connection): continuation.resume(returning: connection)
    case .refused(let error): continuation.resume(throwing: error)
    case .waiting:
      startTimer(id)
      // The handler may have run before the waiter was in line.
      if Task.isCancelled { fail(id, CancellationError()) }
    }
  }

  private func startTimer(_ id: UInt64) {
    let timer = Task.detached { [weak self, timeout = limits.acquireTimeout] in
      do { try await Task.sleep(for: timeout) } catch { return }
      self?.fail(id, DatabaseBusy(reason: .acquireTimeout))
    }
    let isWaiting = state.withLock { state -> Bool in
      guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return false }
      state.waiters[index].timer = timer
      return true
    }
    if !isWaiting { timer.cancel() }
  }

  private func fail(_ id: UInt64, _ error: any Error) {
    let waiter = state.withLock { state -> PoolState.Waiter? in
      guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
      return state.waiters.remove(at: index)
    }
    waiter?.fail(error)
  }

  /// Hands the connection to the first in line.
  func release(_ connection: ConnectionActor) {
    let (waiter, closed) = state.withLock { state -> (PoolState.Waiter?, [CheckedContinuation<Void, Never>]) in
      if !state.waiters.isEmpty { return (state.waiters.removeFirst(), []) }
      state.inUse -= 1
      if state.isClosed {
        state.open -= 1
        guard state.inUse == 0 else { return (nil, []) }
        defer { state.closing.removeAll() }
        return (nil, state.closing)
      }
      state.idle.append(connection)
      return (nil, [])
    }
    waiter?.timer?.cancel()
    waiter?.continuation.resume(returning: connection)
    for continuation in closed { continuation.resume() }
  }
}

extension PoolState.Waiter {
  func fail(_ error: any Error) {
    timer?.cancel()
    continuation.resume(throwing: error)
  }
}
