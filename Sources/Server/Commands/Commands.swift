import Domain
import Foundation
import Logging
import Pages
import Postgres
import Store

/// This program's version.
public enum Version {
  public static let text = "0.1.0"
}

/// What the subcommands do. Errors are printed as one sentence; wrong settings name the variable, its value and the accepted form.
public enum Commands {
  /// Turns a process of root into the service's user, for subcommands that touch data. Wrong settings are left to the subcommand, which
  /// reports them.
  public static func giveUpRoot(for subcommand: String?) {
    _ = startFolder
    guard let subcommand, ["serve", "migrate", "demo", "rollup", "keys", "members", "prices", "reprice", "teams", "rules", "groups", "report", "audit", "backup", "restore"].contains(subcommand), let settings = try? Settings() else { return }
    do {
      try Privileges.dropIfRoot(to: settings.runAs, dataFolder: settings.dataFolder)
    } catch {
      FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
      exit(1)
    }
  }

  /// Runs the service until it is told to stop.
  public static func serve(demo: Bool) async throws {
    try await reported { settings, logger in try await ServeCommand(settings: settings, logger: logger, loadsDemo: demo).run() }
  }

  public static func migrate(status: Bool, dryRun: Bool) async throws {
    try await withDatabase(migrates: false) { database, settings, logger in
      let migrator = database.migrator(settings, logger)
      if status {
        let found = try await migrator.status(database.pool)
        for migration in found.applied { Terminal.say("applied  \(migration.number) \(migration.name)") }
        for migration in found.pending { Terminal.say("pending  \(migration.fileName)") }
      } else if dryRun {
        let pending = try await migrator.dryRun(database.pool)
        Terminal.say(pending.isEmpty ? "nothing to apply" : pending.map { "would apply  \($0.fileName)" }.joined(separator: "\n"))
      } else {
        let applied = try await migrator.migrate(database.pool)
        Terminal.say(applied.isEmpty ? "nothing to apply" : applied.map { "applied  \($0.fileName)" }.joined(separator: "\n"))
      }
    }
  }

  public static func demo() async throws {
    try await withDatabase(migrates: true) { database, settings, logger in
      let backend = try Backend(settings: settings, database: database, baseURL: settings.baseURL ?? "", logger: logger)
      if let report = try await FirstStart.run(backend.accounts, settings) { Terminal.say(report.text(baseURL: settings.shownURL)) }
      try await DemoLoader(backend: backend).load()
    }
  }

  public static func rebuildRollups() async throws {
    try await withDatabase(migrates: true) { database, _, _ in
      let started = Date()
      try await RollupRebuild(pool: database.pool).run()
      Terminal.say("rollups rebuilt in \(String(format: "%.1f", Date().timeIntervalSince(started))) s")
    }
  }

  public static func showConfig() throws {
    do {
      for (name, value) in try Settings.shown() { Terminal.say("\(name)=\(value)") }
    } catch {
      throw Stop(error)
    }
  }

  /// Runs `work` with the database of a running service, or one opened for the purpose; `isAlone` refuses the former.
  static func withDatabase(
    migrates: Bool, isAlone: Bool = false, _ work: @escaping @Sendable (Database, Settings, Logger) async throws -> Void
  ) async throws {
    try await reported { settings, logger in
      let stopping = Stopping(lateStatus: 1, logger: logger)
      do {
        let database = try await stopping.cancelling {
          try await isAlone
            ? Database.open(settings, stopping, logger: logger) : Database.join(settings, stopping, logger: logger)
        }
        do {
          try await stopping.cancelling {
            if migrates { _ = try await database.migrator(settings, logger).migrate(database.pool) }
            try await work(database, settings, logger)
          }
        } catch {
          await database.close()
          throw error
        }
        await database.close()
      } catch where stopping.isRequested {
        throw Stop("stopped by a signal")
      }
    }
  }

  private static func reported(_ work: (Settings, Logger) async throws -> Void) async throws {
    do {
      let settings = try Settings()
      LoggingSystem.bootstrap { label in StreamLogHandler.standardError(label: label) }
      var logger = Logger(label: "quipu")
      logger.logLevel = settings.logLevel
      for name in Settings.unknown() { logger.warning("\(name) is no setting and has no effect; deploy/config.example.env lists them all") }
      for name in Settings.ignoredProxies() { logger.warning("\(name) has no effect here: QUIPU_OUTBOUND_PROXY names a proxy for calls to identity providers") }
      try await work(settings, logger)
    } catch let stop as Stop {
      throw stop
    } catch {
      throw Stop(error)
    }
  }
}

/// Ends the program with one sentence on standard error.
public struct Stop: Error, CustomStringConvertible {
  public let description: String
  init(_ error: any Error) { description = String(describing: error) }
  init(_ message: String) { description = message }
}

extension Settings {
  /// The address to print, with the base path: as set, else where the service listens.
  var shownURL: String {
    let origin = baseURL ?? "http://\(host == "0.0.0.0" || host == "::" ? "localhost" : host):\(port)"
    return origin.hasSuffix(basePath.text) ? origin : origin + basePath.text
  }
}
