import Domain
import Hummingbird
import Logging
import NIOCore
import Postgres
import ServiceLifecycle
import Store
import UnixSignals

/// Starts everything in order, runs until a signal, stops everything in reverse.
struct ServeCommand {
  let settings: Settings
  let logger: Logger
  let loadsDemo: Bool

  func run() async throws {
    let database = try await Database.open(settings, logger: logger)
    do {
      let backend = try Backend(settings: settings, database: database, baseURL: settings.shownURL, logger: logger)
      try await prepare(backend, database)
      try await serve(backend, database)
    } catch {
      await database.close()
      throw error
    }
    await database.close()
  }

  private func prepare(_ backend: Backend, _ database: Database) async throws {
    _ = try await database.migrator(settings, logger).migrate(database.pool)
    if let report = try await FirstStart.run(backend.accounts, settings) { Terminal.say(report.text(baseURL: backend.baseURL)) }
    try await backend.directory.refresh()
    try await backend.keepRetention()
    if loadsDemo { try await DemoLoader(backend: backend).load() }
  }

  private func serve(_ backend: Backend, _ database: Database) async throws {
    let url = backend.baseURL
    let application = Application(
      router: Routes.build(backend),
      server: .http1(configuration: .init(idleTimeout: .seconds(75))),
      configuration: .init(address: .hostname(settings.host, port: settings.port), serverName: "quipu"),
      onServerRunning: { _ in Terminal.say("Quipu listens on \(url)") },
      logger: logger)
    var services: [any ServiceLifecycle.Service] = [application] + BackgroundServices.all(backend)
    if let cluster = database.cluster { services.append(ClusterWatch(cluster: cluster, logger: logger)) }
    var configuration = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(20)
    try await ServiceGroup(configuration: configuration).run()
  }
}
