import Glibc
import Testing
import TestSupport

@testable import Postgres

@Suite struct DatabaseBackupTests {
  private func database(things: Int) async throws -> TestDatabase {
    let made = try await TestDatabase.makeEmpty()
    try await made.pool.run { c in
      try c.executeScript(
        """
        create table schema_migrations (number int4 primary key, name text, sha256 text);
        insert into schema_migrations values (1, 'create_things', 'x'), (2, 'add_more', 'y');
        create table things as select generate_series(1, \(things)) as id
        """)
    }
    return made
  }

  /// In a folder that both this process and a server of another user may use.
  private func folder() throws -> String {
    var template = Array("/tmp/quipu-backups-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    return template.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
  }

  private func count(_ pool: ConnectionPool) async throws -> Int? {
    try await pool.run { c in try c.first("select count(*) from things") { try $0.int(0) } }
  }

  private func archive(_ path: String, _ pool: ConnectionPool) async throws -> DatabaseArchive {
    try DatabaseArchive(path: path, tools: .choose(serverMajor: try await pool.serverMajor(), setting: nil))
  }

  @Test func theFileHoldsTheMomentThatWasLookedAt() async throws {
    let (source, folder) = (try await database(things: 5), try folder())
    defer { FileSystem.remove(folder) }
    let seen = try await DatabaseBackup(pool: source.pool, toolsFolder: nil).write(to: folder + "/a") { connection in
      let seen = try connection.first("select count(*) from things") { try $0.int(0) }
      // A commit of another session after the snapshot was taken.
      let other = Connection(url: source.url, options: ConnectionOptions())
      try other.ensureConnected()
      try other.executeScript("insert into things values (6)")
      return seen
    }
    #expect(try await count(source.pool) == 6 && seen == 5)
    #expect(try FileSystem.names(in: folder) == ["a"])
    let archive = try await archive(folder + "/a", source.pool)
    #expect(archive.migrations.map(\.number) == [1, 2] && archive.migrations.map(\.name) == ["create_things", "add_more"])
    let target = try await TestDatabase.makeEmpty()
    let restore = DatabaseRestore(pool: target.pool, logger: TestDatabase.quietLogger)
    #expect(try await restore.isEmpty())
    #expect(try await restore.fill(archive) { try await count($0) } == 5)
    #expect(try await !restore.isEmpty())
  }

  @Test func aFailureAfterRestoringLeavesTheOldDatabase() async throws {
    struct Refused: Error {}
    let (source, old, folder) = (try await database(things: 5), try await database(things: 2), try folder())
    defer { FileSystem.remove(folder) }
    try await DatabaseBackup(pool: source.pool, toolsFolder: nil).write(to: folder + "/a") { _ in }
    let archive = try await archive(folder + "/a", source.pool)
    let restore = DatabaseRestore(pool: old.pool, logger: TestDatabase.quietLogger)
    await #expect(throws: Refused.self) {
      try await restore.replace(archive) { pool in
        #expect(try await count(pool) == 5)
        throw Refused()
      }
    }
    await old.pool.close()
    let again = ConnectionPool(url: old.url, logger: TestDatabase.quietLogger)
    #expect(try await count(again) == 2)
    await again.close()
    try await restoreOverClosedPool(archive, old.url)
    let third = ConnectionPool(url: old.url, logger: TestDatabase.quietLogger)
    #expect(try await count(third) == 5)
    await third.close()
    let left = try await TestDatabase.admin().run { c in
      try c.first("select count(*) from pg_database where datname like '%\\_quipu\\_%'") { try $0.int(0) }
    }
    #expect(left == 0)
  }

  private func restoreOverClosedPool(_ archive: DatabaseArchive, _ url: String) async throws {
    let pool = ConnectionPool(url: url, logger: TestDatabase.quietLogger)
    let restored = try await DatabaseRestore(pool: pool, logger: TestDatabase.quietLogger).replace(archive) {
      try await count($0)
    }
    #expect(restored == 5)
  }

  @Test func anArchiveWithoutOurTablesIsNotOurs() async throws {
    let (other, folder) = (try await TestDatabase.makeEmpty(), try folder())
    defer { FileSystem.remove(folder) }
    try await DatabaseBackup(pool: other.pool, toolsFolder: nil).write(to: folder + "/a") { _ in }
    let pool = other.pool
    let error = await #expect(throws: BackupError.self) { try await archive(folder + "/a", pool) }
    #expect(error?.description.contains("without Quipu's tables") == true)
  }

  @Test func aSecondBackupToTheSameFileIsRefusedWhileTheFirstRuns() async throws {
    let (source, folder) = (try await database(things: 1), try folder())
    defer { FileSystem.remove(folder) }
    let backup = DatabaseBackup(pool: source.pool, toolsFolder: nil)
    try await backup.write(to: folder + "/a") { _ in
      let error = #expect(throws: BackupError.self) { try PartFile(folder + "/a") }
      #expect(error?.description.contains("another backup is writing") == true)
    }
    #expect(FileSystem.exists(folder + "/a"))
  }
}
