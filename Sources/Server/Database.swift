import Logging
import Postgres

/// The database of this process: the given one, or a private cluster in the data folder.
public struct Database: Sendable {
  let pool: ConnectionPool
  /// The private cluster, when this process runs it.
  let cluster: EmbeddedCluster?

  /// Gives up root, starts the private cluster if there is no address, connects, and refuses a database that could lose or garble data.
  static func open(_ settings: Settings, _ stopping: Stopping, logger: Logger) async throws -> Database {
    try Privileges.dropIfRoot(to: settings.runAs, dataFolder: settings.dataFolder)
    if let url = settings.databaseURL { return try await connected(url, nil, settings, logger) }
    let cluster = try EmbeddedCluster.start(
      .init(dataFolder: settings.dataFolder, binaries: settings.postgresBinaries), logger: logger,
      beforeLaunch: { stopping.ends($0) })
    return try await connected(cluster.url, cluster, settings, logger)
  }

  /// For commands beside the service: joins the cluster of a running service, else as `open`.
  static func join(_ settings: Settings, _ stopping: Stopping, logger: Logger) async throws -> Database {
    if settings.databaseURL == nil, let url = EmbeddedCluster.runningURL(dataFolder: settings.dataFolder) {
      return try await connected(url, nil, settings, logger)
    }
    return try await open(settings, stopping, logger: logger)
  }

  private static func connected(_ url: String, _ cluster: EmbeddedCluster?, _ settings: Settings, _ logger: Logger) async throws -> Database {
    let limits = PoolLimits(connectionsMax: settings.databaseConnections, acquireTimeout: .seconds(2))
    let pool = ConnectionPool(url: url, options: ConnectionOptions(), limits: limits, logger: logger)
    do {
      try await DatabaseChecks.verify(pool)
      return Database(pool: pool, cluster: cluster)
    } catch {
      await pool.close()
      cluster?.stop()
      throw error
    }
  }

  func close() async {
    await pool.close()
    cluster?.stop()
  }

  /// As `close`, in bounded time: a database that hangs is left to itself, a private one is stopped without its checkpoint.
  func close(fastSeconds: Double) async {
    _ = try? await Deadline.within(.seconds(1)) { [pool] in await pool.close() }
    cluster?.stop(fastSeconds: fastSeconds, immediateSeconds: 0.5)
  }

  func migrator(_ settings: Settings, _ logger: Logger) -> Migrator {
    Migrator(directory: settings.migrationsFolder, logger: logger)
  }
}
