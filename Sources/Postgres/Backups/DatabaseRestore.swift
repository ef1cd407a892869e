import Logging

/// Brings a backup into a database, all of it or nothing.
public struct DatabaseRestore: Sendable {
  private let pool: ConnectionPool
  private let logger: Logger
  private let tool = BackupTool()

  /// - Parameter pool: leads to the database that is to hold the backup.
  public init(pool: ConnectionPool, logger: Logger) {
    self.pool = pool
    self.logger = logger
  }

  /// Whether the database has no table, view or sequence of anybody.
  public func isEmpty() async throws -> Bool {
    try await pool.run { connection in
      try connection.first(
        """
        select not exists (
          select from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
            and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e'))
        """
      ) { try $0.bool(0) } ?? false
    }
  }

  /// Restores into the empty database in one transaction: what ends it in the middle leaves it empty. Then `complete`
  /// runs with the pool. *Errors:* `BackupError`, `DatabaseError`, `CancellationError`, what `complete` throws.
  public func fill<T: Sendable>(
    _ archive: DatabaseArchive, complete: (ConnectionPool) async throws -> T
  ) async throws -> T {
    try await refuseOthers()
    try await load(archive, ServerAddress(url: pool.url))
    return try await complete(pool)
  }

  /// Restores into a new database beside this one, runs `complete` with it, gives it this one's name and drops the old
  /// one. Whatever ends it before the names change leaves the old database as it was. Closes the pool.
  /// *Errors:* as `fill`; `BackupError.mayNotCreateDatabases`.
  public func replace<T: Sendable>(
    _ archive: DatabaseArchive, complete: (ConnectionPool) async throws -> T
  ) async throws -> T {
    try await refuseOthers()
    let here = try await pool.run { try Place($0) }
    guard here.mayCreate else { throw BackupError.mayNotCreateDatabases(here.user) }
    let address = try ServerAddress(url: pool.url)
    let maintenance = ConnectionPool(
      url: address.database("postgres").url, options: ConnectionOptions(statementTimeoutMilliseconds: 0),
      limits: PoolLimits(connectionsMax: 1), logger: logger)
    do {
      let result = try await replace(archive, here, address, maintenance, complete)
      await maintenance.close()
      return result
    } catch {
      await maintenance.close()
      throw error
    }
  }

  private func replace<T: Sendable>(
    _ archive: DatabaseArchive, _ here: Place, _ address: ServerAddress, _ maintenance: ConnectionPool,
    _ complete: (ConnectionPool) async throws -> T
  ) async throws -> T {
    try await maintenance.run { connection in
      for name in [here.restoring, here.replaced] { try Self.dropLeftover(name, connection) }
      try here.create(connection)
    }
    let fresh = ConnectionPool(url: address.database(here.restoring).url, limits: PoolLimits(connectionsMax: 2), logger: logger)
    let result: T
    do {
      try await load(archive, address.database(here.restoring))
      result = try await complete(fresh)
      await fresh.close()
      await pool.close()
      try Task.checkCancellation()
      try await maintenance.run { try here.swap($0) }
    } catch {
      await fresh.close()
      // Not in this task: it may be cancelled.
      await Task { try? await maintenance.run { try Self.dropLeftover(here.restoring, $0) } }.value
      throw error
    }
    do {
      try await maintenance.run { try Self.dropLeftover(here.replaced, $0) }
    } catch {
      logger.warning(
        "the replaced database stays under another name", metadata: ["db.name": "\(here.replaced)", "error": "\(error)"])
    }
    return result
  }

  private func load(_ archive: DatabaseArchive, _ target: ServerAddress) async throws {
    try await withTaskCancellationHandler {
      let thread = try BlockingThread()
      try await thread.run { [tool] in
        try tool.run(
          archive.tools.path("pg_restore"),
          [
            "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", "--no-password",
            "--dbname=\(target.argument)", archive.path,
          ], environment: target.environment)
      }
    } onCancel: { [tool] in
      tool.terminate()
    }
  }

  private func refuseOthers() async throws {
    var found = (name: "", sessions: 0)
    // The backend of a connection that was just closed lives a moment longer. Of other users' sessions only a
    // superuser sees the type.
    for _ in 0..<15 {
      found = try await pool.run { connection in
        try connection.first(
          """
          select current_database(), count(*) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()
            and coalesce(backend_type, 'client backend') = 'client backend'
          """
        ) { (try $0.string(0), try $0.int(1)) } ?? ("", 0)
      }
      if found.sessions == 0 { return }
      try await Task.sleep(for: .milliseconds(200))
    }
    throw BackupError.inUse(database: found.name, sessions: found.sessions)
  }

  /// Only one that a restore has made: its comment says so, or it has none because that restore was killed just then.
  private static func dropLeftover(_ name: String, _ connection: Connection) throws {
    let comment = try connection.first(
      "select coalesce(shobj_description(oid, 'pg_database'), '') from pg_database where datname = \(name)"
    ) { try $0.string(0) }
    guard let comment else { return }
    guard comment.isEmpty || comment == Place.mark else { throw BackupError.nameTaken(name) }
    try connection.executeScript("DROP DATABASE \(SQL.quoted(identifier: name))")
  }
}

/// The database that is replaced, and its neighbours.
private struct Place: Sendable {
  static let mark = "made by quipu restore"
  let name: String
  let user: String
  let mayCreate: Bool
  let collation: String
  let characters: String
  var restoring: String { name + "_quipu_restoring" }
  var replaced: String { name + "_quipu_replaced" }

  init(_ connection: Connection) throws {
    let found = try connection.first(
      """
      select datname, current_user, (select rolcreatedb or rolsuper from pg_roles where rolname = current_user),
        datcollate, datctype
      from pg_database where datname = current_database()
      """
    ) { row in
      (try row.string(0), try row.string(1), try row.bool(2), try row.string(3), try row.string(4))
    }
    (name, user, mayCreate, collation, characters) = found ?? ("", "", false, "C", "C")
    // 63 bytes is PostgreSQL's limit; longer names would be cut to the same.
    guard name.utf8.count <= 46 else { throw BackupError.nameTaken(restoring) }
  }

  func create(_ connection: Connection) throws {
    try connection.executeScript(
      """
      CREATE DATABASE \(SQL.quoted(identifier: restoring)) TEMPLATE template0 ENCODING 'UTF8' \
      LC_COLLATE \(literal(collation)) LC_CTYPE \(literal(characters))
      """)
    try connection.executeScript("COMMENT ON DATABASE \(SQL.quoted(identifier: restoring)) IS \(literal(Self.mark))")
  }

  /// In one transaction: at every moment one of the two has the name.
  func swap(_ connection: Connection) throws {
    let (own, new, old) = (SQL.quoted(identifier: name), SQL.quoted(identifier: restoring), SQL.quoted(identifier: replaced))
    try connection.executeScript(
      """
      BEGIN; ALTER DATABASE \(own) RENAME TO \(old); ALTER DATABASE \(new) RENAME TO \(own); \
      COMMENT ON DATABASE \(old) IS \(literal(Self.mark)); COMMENT ON DATABASE \(own) IS NULL; COMMIT
      """)
  }

  private func literal(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }
}
