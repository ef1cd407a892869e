import Logging

/// Brings a database to the schema of a folder of numbered SQL files. Forward only; one transaction per file; an
/// advisory lock lets one process do it at a time.
public struct Migrator: Sendable {
  private let directory: String
  private let logger: Logger
  /// "quipumig" in ASCII.
  private static let lockKey: Int64 = 0x7175_6970_756d_6967

  /// Reads the folder at each call, not here.
  public init(directory: String, logger: Logger) {
    self.directory = directory
    self.logger = logger
  }

  /// Runs what is pending, in order; what ran. Waits while another process migrates. Creates `schema_migrations`.
  @discardableResult
  public func migrate(_ pool: ConnectionPool) async throws -> [Migration] {
    let migrations = try Migration.read(directory: directory)
    return try await pool.run { [self] connection in
      // A migration may take long; the connection gets its own limit back afterwards.
      try connection.executeScript("SET statement_timeout = 0")
      try connection.execute("select pg_advisory_lock(\(Self.lockKey))")
      defer {
        try? connection.executeSimple(
          """
          SELECT pg_advisory_unlock(\(Self.lockKey)); \
          SET statement_timeout = \(max(0, connection.options.statementTimeoutMilliseconds))
          """, label: "unlock migrations")
      }
      try connection.executeScript(Self.tableText)
      let status = try self.compare(migrations, connection)
      for migration in status.pending { try self.apply(migration, connection) }
      return status.pending
    }
  }

  /// What ran and what is pending. Changes nothing.
  public func status(_ pool: ConnectionPool) async throws -> MigrationStatus {
    let migrations = try Migration.read(directory: directory)
    return try await pool.run { [self] connection in try self.compare(migrations, connection) }
  }

  /// Whether a database with these migrations can be brought to this version. *Errors:* `MigrationError.databaseIsAhead`,
  /// `.missing`.
  public func accepts(_ applied: [(number: Int, name: String)]) throws {
    let migrations = try Migration.read(directory: directory)
    for (number, name) in applied {
      if number > migrations.count, let last = applied.last?.number {
        throw MigrationError.databaseIsAhead(database: last, files: migrations.count)
      }
      guard migrations.contains(where: { $0.number == number && $0.name == name }) else {
        throw MigrationError.missing(Migration(number: number, name: name, text: "").fileName)
      }
    }
  }

  /// What `migrate` would run, after running it in one transaction that is rolled back.
  public func dryRun(_ pool: ConnectionPool) async throws -> [Migration] {
    let migrations = try Migration.read(directory: directory)
    return try await pool.run { [self] connection in
      let status = try self.compare(migrations, connection)
      try connection.executeScript("BEGIN; SET LOCAL statement_timeout = 0; " + Self.tableText)
      for migration in status.pending { try self.runText(migration, connection) }
      try connection.executeScript("ROLLBACK")
      return status.pending
    }
  }

  private static let tableText = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
      number int4 PRIMARY KEY,
      name text NOT NULL,
      sha256 text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """

  private func compare(_ migrations: [Migration], _ connection: Connection) throws -> MigrationStatus {
    let applied = try Self.applied(connection)
    if let last = applied.last, last.number > migrations.count, applied.count > migrations.count {
      throw MigrationError.databaseIsAhead(database: last.number, files: migrations.count)
    }
    for row in applied {
      guard let migration = migrations.first(where: { $0.number == row.number }), migration.name == row.name else {
        throw MigrationError.missing(Migration(number: row.number, name: row.name, text: "").fileName)
      }
      guard try Self.sha256(migration, connection) == row.sha256 else {
        throw MigrationError.changed(migration.fileName)
      }
    }
    let numbers = Set(applied.map(\.number))
    return MigrationStatus(applied: applied, pending: migrations.filter { !numbers.contains($0.number) })
  }

  private static func applied(_ connection: Connection) throws -> [MigrationStatus.Applied] {
    let exists = try connection.first("select to_regclass('schema_migrations') is not null") { try $0.bool(0) } ?? false
    guard exists else { return [] }
    return try connection.query("select number, name, sha256, applied_at from schema_migrations order by number") {
      MigrationStatus.Applied(
        number: try $0.int(0), name: try $0.string(1), sha256: try $0.string(2),
        appliedAtMicroseconds: try $0.timestampMicroseconds(3))
    }
  }

  /// By the server: this target has no hash function of its own.
  private static func sha256(_ migration: Migration, _ connection: Connection) throws -> String {
    try connection.first("select encode(sha256(\(Array(migration.text.utf8))), 'hex')") { try $0.string(0) } ?? ""
  }

  private func runText(_ migration: Migration, _ connection: Connection) throws {
    do {
      try connection.executeScript(migration.text)
    } catch {
      throw MigrationError.failed(migration.fileName, error)
    }
    guard connection.isInTransaction else { throw MigrationError.endedTransaction(migration.fileName) }
  }

  private func apply(_ migration: Migration, _ connection: Connection) throws {
    let sha256 = try Self.sha256(migration, connection)
    try connection.executeScript("BEGIN")
    do {
      try runText(migration, connection)
      try connection.execute(
        """
        insert into schema_migrations (number, name, sha256)
        values (\(Int32(migration.number)), \(migration.name), \(sha256))
        """)
      try connection.executeScript("COMMIT")
    } catch {
      if connection.isInTransaction { try? connection.executeSimple("ROLLBACK", label: "rollback") }
      throw error
    }
    logger.info("migration applied", metadata: ["migration.file": "\(migration.fileName)"])
  }
}
