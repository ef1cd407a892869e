import Dispatch
import Foundation
import Logging
import NIOConcurrencyHelpers
import Postgres

/// From the first SIGTERM or SIGINT to the end of the process. The first asks whoever is listening to stop; when that has not ended the
/// process in time, it is ended with what is left undone. The second ends it at once. Either way no private PostgreSQL stays behind.
final class Stopping: Sendable {
  /// After the first signal the process lives no longer than this; a private PostgreSQL needs the rest of ten seconds.
  static let limit = Duration.seconds(8)

  private struct State {
    var requested: ContinuousClock.Instant?
    var listeners: [@Sendable () -> Void] = []
    var cluster: EmbeddedCluster?
    var sources: [any DispatchSourceSignal] = []
  }

  private let state = NIOLockedValueBox(UncheckedSendable(State()))
  private let logger: Logger
  /// Exit status of a stop that took too long: 0 for the service, whose senders repeat what was not answered.
  private let lateStatus: Int32
  private let queue = DispatchQueue(label: "signals", qos: .userInitiated)

  init(lateStatus: Int32, logger: Logger) {
    self.lateStatus = lateStatus
    self.logger = logger
    let sources = [SIGTERM, SIGINT].map { number in
      // The source sees a signal only when its own action is off.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [weak self] in self?.signalled(number) }
      source.resume()
      return source
    }
    state.withLockedValue { $0.value.sources = sources }
  }

  /// Whether a signal came.
  var isRequested: Bool { state.withLockedValue { $0.value.requested != nil } }

  /// Since the first signal; zero without one.
  var elapsed: Duration { state.withLockedValue { $0.value.requested.map { ContinuousClock.now - $0 } } ?? .zero }

  /// Runs `work` at the first signal, at once if it came already.
  func whenRequested(_ work: @escaping @Sendable () -> Void) {
    let isLate = state.withLockedValue { state in
      if state.value.requested == nil { state.value.listeners.append(work) }
      return state.value.requested != nil
    }
    if isLate { work() }
  }

  /// The private PostgreSQL that must not stay behind, told before its launch.
  func ends(_ cluster: EmbeddedCluster) {
    let isLate = state.withLockedValue { state in
      state.value.cluster = cluster
      return state.value.requested != nil
    }
    if isLate { cluster.beginStop() }
  }

  /// Runs `work`, cancelled by the first signal; a start of the private PostgreSQL gives up.
  func cancelling<T: Sendable>(_ work: @escaping @Sendable () async throws -> T) async throws -> T {
    let task = Task { try await work() }
    let isOver = NIOLockedValueBox(false)
    whenRequested { [weak self] in
      if isOver.withLockedValue({ $0 }) { return }
      task.cancel()
      self?.state.withLockedValue { $0.value.cluster }?.beginStop()
    }
    defer { isOver.withLockedValue { $0 = true } }
    return try await task.value
  }

  private func signalled(_ number: Int32) {
    let listeners = state.withLockedValue { state -> [@Sendable () -> Void]? in
      if state.value.requested != nil { return nil }
      state.value.requested = .now
      defer { state.value.listeners = [] }
      return state.value.listeners
    }
    guard let listeners else { return endAtOnce(number) }
    logger.info("stopping", metadata: ["signal": "\(number)"])
    // Not on the queue of the signals: a second one must find it free.
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.limit.inSeconds) { [self] in endLate() }
    for listener in listeners { listener() }
  }

  private func endLate() {
    logger.warning("stopping took too long: the process ends; what was not acknowledged is sent again by its senders")
    state.withLockedValue { $0.value.cluster }?.stop(fastSeconds: 1, immediateSeconds: 0.5)
    _exit(lateStatus)
  }

  private func endAtOnce(_ number: Int32) {
    logger.warning("a second signal: the process ends at once")
    state.withLockedValue { $0.value.cluster }?.end(seconds: 1)
    _exit(128 + number)
  }
}

/// For values of libraries that do not say that they are Sendable and are reached only under a lock.
private struct UncheckedSendable<Value>: @unchecked Sendable {
  var value: Value
  init(_ value: Value) { self.value = value }
}
