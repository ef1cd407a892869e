import Glibc
import Testing
import TestSupport

@testable import Postgres

@Suite struct MigratorTests {
  /// A folder with these files; removed by the caller.
  private func folder(_ files: [String: String]) throws -> String {
    var template = Array("/tmp/quipu-migrations-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
    for (name, text) in files { try write(text, to: path + "/" + name) }
    return path
  }

  private func write(_ text: String, to path: String) throws {
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
  }

  private func migrator(_ path: String) -> Migrator { Migrator(directory: path, logger: TestDatabase.quietLogger) }

  private let two = [
    "0001_create_things.sql": "create table things (id int8 primary key); insert into things values (1);",
    "0002_add_name.sql": "alter table things add name text;", "README.md": "not SQL",
  ]

  @Test func migrationsRunOnceInOrder() async throws {
    let (db, path) = (try await TestDatabase.makeEmpty(), try folder(two))
    defer { FileSystem.remove(path) }
    #expect(try await migrator(path).dryRun(db.pool).map(\.number) == [1, 2])
    #expect(try await migrator(path).status(db.pool).pending.count == 2)
    let ran = try await migrator(path).migrate(db.pool)
    #expect(ran.map(\.fileName) == ["0001_create_things.sql", "0002_add_name.sql"])
    #expect(try await migrator(path).migrate(db.pool).isEmpty)
    let status = try await migrator(path).status(db.pool)
    #expect(status.applied.map(\.name) == ["create_things", "add_name"] && status.pending.isEmpty)
    #expect(status.applied.allSatisfy { $0.sha256.count == 64 })
    #expect(try await db.pool.run { c in try c.first("show statement_timeout") { try $0.string(0) } } == "30s")
  }

  @Test func twoProcessesDoNotMeet() async throws {
    let (db, path) = (try await TestDatabase.makeEmpty(), try folder(two))
    defer { FileSystem.remove(path) }
    async let first = migrator(path).migrate(db.pool)
    async let second = migrator(path).migrate(db.pool)
    #expect(try await first.count + second.count == 2)
  }

  @Test func aFailedMigrationLeavesNothing() async throws {
    var files = two
    files["0003_break.sql"] = "create table more (id int8); select 1/0;"
    let (db, path) = (try await TestDatabase.makeEmpty(), try folder(files))
    defer { FileSystem.remove(path) }
    let error = await #expect(throws: MigrationError.self) { try await migrator(path).migrate(db.pool) }
    #expect(error?.description.contains("0003_break.sql") == true)
    let left = try await db.pool.run { c in try c.first("select to_regclass('more') is null") { try $0.bool(0) } }
    #expect(left == true)
    #expect(try await migrator(path).status(db.pool).applied.count == 2)
  }

  @Test func aChangedFileIsNamed() async throws {
    let (db, path) = (try await TestDatabase.makeEmpty(), try folder(two))
    defer { FileSystem.remove(path) }
    try await migrator(path).migrate(db.pool)
    try write("create table things (id int4)", to: path + "/0001_create_things.sql")
    let error = await #expect(throws: MigrationError.self) { try await migrator(path).migrate(db.pool) }
    guard case .changed("0001_create_things.sql") = error else { return #expect(Bool(false), "\(error as Any)") }
  }

  @Test func aRenamedFileIsMissing() async throws {
    let (db, path) = (try await TestDatabase.makeEmpty(), try folder(two))
    defer { FileSystem.remove(path) }
    try await migrator(path).migrate(db.pool)
    rename(path + "/0002_add_name.sql", path + "/0002_add_title.sql")
    let error = await #expect(throws: MigrationError.self) { try await migrator(path).status(db.pool) }
    guard case .missing("0002_add_name.sql") = error else { return #expect(Bool(false), "\(error as Any)") }
  }

  @Test func anOlderVersionRefusesANewerDatabase() async throws {
    let (db, path) = (try await TestDatabase.makeEmpty(), try folder(two))
    defer { FileSystem.remove(path) }
    try await migrator(path).migrate(db.pool)
    unlink(path + "/0002_add_name.sql")
    let error = await #expect(throws: MigrationError.self) { try await migrator(path).migrate(db.pool) }
    guard case .databaseIsAhead(2, 1) = error else { return #expect(Bool(false), "\(error as Any)") }
  }

  @Test func gapsAndOddNamesAreRefused() async throws {
    let db = try await TestDatabase.makeEmpty()
    for files in [
      ["0001_a.sql": "", "0003_c.sql": ""], ["0002_b.sql": ""], ["0001_a.sql": "", "0001_b.sql": ""],
      ["first.sql": ""], ["0001_Upper.sql": ""], ["0001-a.sql": ""],
    ] {
      let path = try folder(files)
      defer { FileSystem.remove(path) }
      await #expect(throws: MigrationError.self) { try await migrator(path).migrate(db.pool) }
    }
  }

  @Test func aFileMustNotEndItsTransaction() async throws {
    let (db, path) = (try await TestDatabase.makeEmpty(), try folder(["0001_commit.sql": "select 1; commit;"]))
    defer { FileSystem.remove(path) }
    let error = await #expect(throws: MigrationError.self) { try await migrator(path).migrate(db.pool) }
    guard case .endedTransaction = error else { return #expect(Bool(false), "\(error as Any)") }
  }

  @Test func theRepositorysOwnMigrationsApply() async throws {
    let db = try await TestDatabase.make()
    #expect(try await migrator(TestDatabase.migrationsFolder).status(db.pool).pending.isEmpty)
  }
}
