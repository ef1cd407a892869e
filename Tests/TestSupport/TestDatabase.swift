import Glibc
import Logging
import Postgres

/// A database of its own for one suite or test, on the server of this test process.
public struct TestDatabase: Sendable {
  /// The address, for a pool of another size.
  public let url: String
  /// A pool of four connections with the usual time limits.
  public let pool: ConnectionPool

  /// With all migrations of the repository applied: a copy of a template that is migrated once per process.
  public static func make() async throws -> TestDatabase {
    try await create(template: try await migratedTemplate.value)
  }

  /// Without migrations.
  public static func makeEmpty() async throws -> TestDatabase {
    try await create(template: "template0")
  }

  /// The repository's `Migrations` folder.
  public static let migrationsFolder: String = {
    // <root>/Tests/TestSupport/TestDatabase.swift
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    return parts.joined(separator: "/") + "/Migrations"
  }()

  /// Logs nothing.
  public static let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Runs statements outside any suite's database (creating databases, looking at activity).
  public static func admin() async throws -> ConnectionPool { try await adminPool.value }

  /// All suites ask at once for a database, and each is copied in turn: who waits has not failed.
  private static let adminPool = Task {
    let cluster = try await TestCluster.shared.value
    return ConnectionPool(
      url: cluster.url("postgres"), limits: PoolLimits(connectionsMax: 2, acquireTimeout: .seconds(1800)),
      logger: quietLogger)
  }

  private static let migratedTemplate = Task {
    let database = try await create(template: "template0", name: "migrated_template")
    try await Migrator(directory: migrationsFolder, logger: quietLogger).migrate(database.pool)
    // A database with open connections cannot be a template.
    await database.pool.close()
    try await waitUntilUnused("migrated_template")
    return "migrated_template"
  }

  private static func create(template: String, name: String? = nil) async throws -> TestDatabase {
    let cluster = try await TestCluster.shared.value
    let name = name ?? "t_" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    try await adminPool.value.run { connection in
      try connection.executeScript("CREATE DATABASE \(name) TEMPLATE \(template) STRATEGY file_copy")
    }
    let pool = ConnectionPool(
      url: cluster.url(name), limits: PoolLimits(connectionsMax: 4, acquireTimeout: .seconds(60)), logger: quietLogger)
    return TestDatabase(url: cluster.url(name), pool: pool)
  }

  /// A closed connection's backend lives a moment longer.
  private static func waitUntilUnused(_ name: String) async throws {
    for _ in 0..<500 {
      let users = try await adminPool.value.run { connection in
        try connection.first("select count(*) from pg_stat_activity where datname = \(name)") { try $0.int(0) } ?? 0
      }
      if users == 0 { return }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  static func answers(_ url: String) -> Bool { DatabaseChecks.answers(url: url) }
}
