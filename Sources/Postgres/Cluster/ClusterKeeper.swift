import Glibc
import Logging

/// How long to wait before the next start of a server that keeps ending, and when to give up.
public struct RestartPolicy: Sendable {
  /// The first start is tried after this; each failure in a row doubles it.
  public var pauseMin = Duration.milliseconds(200)
  /// The longest pause.
  public var pauseMax = Duration.seconds(15)
  /// Starts in a row that may fail; with the standard pauses about a minute.
  public var failuresMax = 10
  /// A server that ends sooner than this after its first answer counts as a failed start.
  public var steady = Duration.seconds(2)
  /// Failed starts in a row.
  public private(set) var failures = 0

  public init() {}

  /// The pause before the next start; nil when there were enough.
  func pause() -> Duration? {
    if failures >= failuresMax { return nil }
    return min(pauseMin * (1 << min(failures, 16)), pauseMax)
  }

  mutating func noteFailure() { failures += 1 }

  /// The server ran for `life` before it ended.
  mutating func noteEnd(after life: Duration) { failures = life < steady ? failures + 1 : 0 }
}

/// Keeps the private PostgreSQL running: when it has ended by itself (killed, out of memory, a crash), starts it again at
/// the same address. Pools reconnect by themselves; what was not acknowledged is sent again by its senders.
public struct ClusterKeeper: Sendable {
  private let cluster: EmbeddedCluster
  private let policy: RestartPolicy
  private let logger: Logger

  public init(_ cluster: EmbeddedCluster, policy: RestartPolicy = RestartPolicy(), logger: Logger) {
    self.cluster = cluster
    self.policy = policy
    self.logger = logger
  }

  /// Returns when its task is cancelled; after that the cluster only takes `stop`. *Errors:* `ClusterError.givenUp`.
  public func run() async throws {
    try await withTaskCancellationHandler {
      var policy = policy
      var since = ContinuousClock.now
      while !Task.isCancelled {
        if !cluster.isRunning {
          policy.noteEnd(after: ContinuousClock.now - since)
          try await startAgain(&policy)
          since = .now
        }
        try? await Task.sleep(for: .milliseconds(200))
      }
    } onCancel: {
      cluster.beginStop()
    }
  }

  private func startAgain(_ policy: inout RestartPolicy) async throws {
    let began = ContinuousClock.now
    guard case .restarting(var reason) = cluster.condition else { return }
    logger.error("the private PostgreSQL ended; it is started again", metadata: ["reason": "\(reason)"])
    while !Task.isCancelled {
      guard let pause = policy.pause() else {
        throw ClusterError.givenUp(failures: policy.failures, reason: reason)
      }
      do {
        try await Task.sleep(for: pause)
        try await BlockingThread().run { [cluster] in try cluster.restart() }
        logger.warning("the private PostgreSQL runs again", metadata: ["after": "\(ContinuousClock.now - began)"])
        return
      } catch is CancellationError {
        return
      } catch ClusterError.stopped {
        return
      } catch {
        policy.noteFailure()
        reason = "\(error)"
        logger.error("the private PostgreSQL did not start", metadata: ["reason": "\(reason)"])
      }
    }
  }
}
