import Foundation
import Logging
import Postgres
import Store

extension Commands {
  /// Where the program was started: giving up root may change the working directory.
  static let startFolder = FileManager.default.currentDirectoryPath

  /// Writes the whole database to a file while the service runs, and says what it holds.
  public static func backup(to path: String) async throws {
    let path = absolute(path)
    try await withDatabase(migrates: false) { database, settings, logger in
      let started = ContinuousClock.now
      let status = try await database.migrator(settings, logger).status(database.pool)
      guard let newest = status.applied.last else { throw Stop("this database holds nothing of Quipu: there is nothing to back up") }
      let totals: StoredTotals
      do {
        totals = try await DatabaseBackup(pool: database.pool, toolsFolder: settings.postgresBinaries).write(to: path) {
          try StoredTotals($0)
        }
      } catch let error as SystemError {
        throw Stop("\(error) (Quipu works as the user \(NSUserName()))")
      }
      let size = ByteCountText.text(DatabaseArchive.sizeBytes(path))
      Terminal.say("backup        \(path) (\(size), \(secondsText(since: started)))")
      say(totals, migration: newest.number)
    }
  }

  /// Brings a backup into the database, migrates it to this version, and says what it holds.
  public static func restore(from path: String, replace: Bool) async throws {
    let path = absolute(path)
    try await withDatabase(migrates: false, isAlone: true) { database, settings, logger in
      let started = ContinuousClock.now
      let archive = try DatabaseArchive(
        path: path, tools: try .choose(serverMajor: try await database.pool.serverMajor(), setting: settings.postgresBinaries))
      let migrator = database.migrator(settings, logger)
      try migrator.accepts(archive.migrations)
      let restore = DatabaseRestore(pool: database.pool, logger: logger)
      let complete: @Sendable (ConnectionPool) async throws -> (StoredTotals, Int) = { pool in
        _ = try await migrator.migrate(pool)
        let newest = try await migrator.status(pool).applied.last?.number ?? 0
        return (try await pool.run { try StoredTotals($0) }, newest)
      }
      let isEmpty = try await restore.isEmpty()
      guard isEmpty || replace else {
        throw Stop("the database is not empty: --replace puts the backup in its place, and what it holds now is gone")
      }
      let (totals, newest) =
        isEmpty ? try await restore.fill(archive, complete: complete) : try await restore.replace(archive, complete: complete)
      let found = archive.migrations.last?.number ?? 0
      Terminal.say("restored      \(path) (\(secondsText(since: started)))\(found < newest ? ", migrated from \(found)" : "")")
      say(totals, migration: newest)
    }
  }

  private static func say(_ totals: StoredTotals, migration: Int) {
    Terminal.say(
      """
      migration     \(migration)
      observations  \(totals.observations)
      traces        \(totals.traces)
      calls         \(totals.calls), \(totals.unpriced) of them unpriced
      cost          \(totals.cost.map { "\($0) USD" } ?? "unknown")
      """)
  }

  static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: startFolder, isDirectory: true)).standardizedFileURL.path
  }

  private static func secondsText(since started: ContinuousClock.Instant) -> String {
    String(format: "%.1f s", (ContinuousClock.now - started).inSeconds)
  }
}

private enum ByteCountText {
  static func text(_ bytes: Int) -> String {
    bytes < 10_000_000 ? String(format: "%.1f kB", Double(bytes) / 1e3) : String(format: "%.1f MB", Double(bytes) / 1e6)
  }
}
