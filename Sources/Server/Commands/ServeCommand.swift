import Domain
import Hummingbird
import Logging
import NIOCore
import Postgres
import Pricing
import ServiceLifecycle
import Store

/// Starts everything in order, runs until a signal, stops everything in reverse.
struct ServeCommand {
  let settings: Settings
  let logger: Logger
  let loadsDemo: Bool

  func run() async throws {
    let stopping = Stopping(lateStatus: 0, logger: logger)
    do {
      let database = try await stopping.cancelling { try await Database.open(settings, stopping, logger: logger) }
      do {
        let backend = try Backend(settings: settings, database: database, baseURL: settings.shownURL, logger: logger)
        try await stopping.cancelling { try await prepare(backend, database) }
        try await serve(backend, database, stopping)
        await finish(backend)
      } catch {
        await close(database, stopping)
        throw error
      }
      await close(database, stopping)
    } catch where stopping.isRequested {
      // Whoever asked for the end gets it, however far the start had come.
      logger.debug("stopped", metadata: ["error": "\(error)"])
    }
  }

  private func prepare(_ backend: Backend, _ database: Database) async throws {
    _ = try await database.migrator(settings, logger).migrate(database.pool)
    if let report = try await FirstStart.run(backend.accounts, settings) { Terminal.say(report.text(baseURL: backend.baseURL)) }
    try await backend.directory.refresh()
    try await preparePrices(backend)
    try await backend.keepRetention()
    if loadsDemo { try await DemoLoader(backend: backend).load() }
  }

  /// Calls are priced by this process's catalogue from now on, unless one with a later catalogue was here before.
  private func preparePrices(_ backend: Backend) async throws {
    try await backend.prices.refresh()
    let own = backend.prices.current.revision
    let latest = try await backend.priceStore.raiseCatalogueRevision(to: own)
    if latest > own {
      logger.warning(
        "calls were priced by a later price list than this version has; after a re-pricing by it, traces are refused here",
        metadata: ["own": "\(own)", "latest": "\(latest)"])
    }
  }

  /// At a signal the services stop from the last to the first: no new connections and answers to what is under way, then the background
  /// work, and the watch over the database at the very end.
  private func serve(_ backend: Backend, _ database: Database, _ stopping: Stopping) async throws {
    let url = backend.baseURL
    let counters = backend.counters, bodyMaxBytes = settings.requestMaxBytes
    let application = Application(
      responder: Routes.build(backend),
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [ConnectionRules(bodyMaxBytes: bodyMaxBytes) { counters.countMalformed() }],
          idleTimeout: .seconds(75))),
      configuration: .init(address: .hostname(settings.host, port: settings.port), serverName: "quipu"),
      onServerRunning: { _ in Terminal.say("Quipu listens on \(url)") },
      logger: logger)
    let watch = database.cluster.map { [ClusterWatch(cluster: $0, logger: logger)] } ?? []
    var configuration = ServiceGroupConfiguration(
      services: watch + BackgroundServices.all(backend) + [application], gracefulShutdownSignals: [], logger: logger)
    // Longer than an ingest request may wait for the database; then connections are closed on slow clients.
    configuration.maximumGracefulShutdownDuration = .milliseconds(5500)
    let group = ServiceGroup(configuration: configuration)
    stopping.whenRequested {
      backend.readiness.stop()
      Task { await group.triggerGracefulShutdown() }
    }
    try await group.run()
  }

  /// Rollups are derived and the next start folds too, so this may fail or be cut short.
  private func finish(_ backend: Backend) async {
    _ = try? await Deadline.within(.seconds(1)) {
      await backend.requests.flush()
      try? await backend.keyUses.flush()
      while try await backend.fold.run() > 0 {}
    }
  }

  /// After a signal within ten seconds of it.
  private func close(_ database: Database, _ stopping: Stopping) async {
    await database.close(fastSeconds: stopping.isRequested ? max(0.5, 9 - stopping.elapsed.inSeconds) : 30)
  }
}
