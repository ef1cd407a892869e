import Postgres
import ServiceLifecycle

/// Ends the service when its private PostgreSQL has ended: nothing could be stored any more, and a new start recovers both.
struct ClusterWatch: ServiceLifecycle.Service {
  let cluster: EmbeddedCluster

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        guard cluster.isRunning else { throw ClusterEnded() }
        try? await Task.sleep(for: .seconds(2))
      }
    }
  }
}

struct ClusterEnded: Error, CustomStringConvertible {
  var description: String {
    "the private PostgreSQL ended (its log is postgres.log in the data folder); nothing that was acknowledged is lost: start Quipu again"
  }
}
