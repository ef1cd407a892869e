import Logging
import Postgres
import ServiceLifecycle

/// Keeps the private PostgreSQL running. Only when starting it has failed too often does it end the service.
struct ClusterWatch: ServiceLifecycle.Service {
  let cluster: EmbeddedCluster
  let logger: Logger

  func run() async throws {
    try await cancelWhenGracefulShutdown { try await ClusterKeeper(cluster, logger: logger).run() }
  }
}
