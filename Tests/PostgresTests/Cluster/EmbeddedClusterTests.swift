import Glibc
import Testing
import TestSupport

@testable import Postgres

/// PostgreSQL refuses root, and giving up root is for the whole process: started by root, these tests run in a child.
private let isChild = getenv("QUIPU_TEST_MAY_DROP_ROOT") != nil

@Suite(.serialized, .enabled(if: geteuid() != 0 || isChild))
struct EmbeddedClusterTests {
  private let folder: String

  init() throws {
    var template = Array("/tmp/quipu-cluster-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
    if geteuid() == 0 {
      #expect(throws: ClusterError.self) { try start() }
      let outcome = try Privileges.dropIfRoot(to: nil, dataFolder: folder)
      #expect(outcome != .notRoot)
    }
    #expect(geteuid() != 0)
    #expect(try Privileges.dropIfRoot(to: nil, dataFolder: folder) == .notRoot)
  }

  private func start(binaries: String? = nil) throws -> EmbeddedCluster {
    try EmbeddedCluster.start(
      EmbeddedCluster.Settings(dataFolder: folder + "/data", binaries: binaries), logger: TestDatabase.quietLogger)
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test func dataSurvivesStopAndStart() async throws {
    defer { FileSystem.remove(folder) }
    for round in 0..<2 {
      let cluster = try start()
      #expect(mode(folder + "/data") == 0o700 && mode(cluster.socketFolder) == 0o700)
      #expect(cluster.socketFolder.utf8.count + "/.s.PGSQL.5432".utf8.count < 100)
      let pool = ConnectionPool(url: cluster.url, logger: TestDatabase.quietLogger)
      try await DatabaseChecks.verify(pool)
      let seen = try await pool.run { c in
        try c.executeScript("create table if not exists kept (a int8); insert into kept values (1)")
        return try c.first(
          """
          select count(*), current_setting('listen_addresses'), current_setting('lc_collate'), current_setting('jit')
          from kept
          """
        ) { (try $0.int(0), try $0.string(1), try $0.string(2), try $0.string(3)) }
      }
      #expect(seen?.0 == round + 1 && seen?.1 == "" && seen?.2 == "C" && seen?.3 == "off")
      await pool.close()
      cluster.stop()
      #expect(!cluster.isRunning && !FileSystem.exists(cluster.socketFolder))
      #expect(!FileSystem.exists(folder + "/data/postgres/postmaster.pid"))
    }
  }

  @Test func aSecondServiceIsRefused() throws {
    defer { FileSystem.remove(folder) }
    let cluster = try start()
    let error = #expect(throws: ClusterError.self) { try start() }
    #expect(error?.description.contains("process \(getpid())") == true)
    #expect(cluster.isRunning)
    cluster.stop()
  }

  @Test func anOrphanIsStoppedAndANewServerStarted() throws {
    defer { FileSystem.remove(folder) }
    let first = try start()
    first.stop()
    _ = consume first
    let directory = folder + "/data/postgres"
    let orphan = try ChildProcess.spawn(
      try #require(PostgresBinaries.installed().first).path("postgres"),
      ["-D", directory, "-k", folder, "-c", "listen_addresses="], input: nil, output: nil)
    while PostmasterFile(directory: directory)?.processID != orphan { usleep(10_000) }
    #expect(PostmasterFile(directory: directory)?.isLive(directory: directory) == true)
    let second = try start()
    #expect(second.isRunning && second.processID != orphan)
    #expect(ChildProcess.poll(orphan) != nil, "the orphan still runs")
    second.stop()
  }

  @Test func aStaleProcessFileIsNoOrphan() throws {
    defer { FileSystem.remove(folder) }
    let file = try #require(fopen(folder + "/postmaster.pid", "w"))
    fputs("\(getpid())\n\(folder)\n", file)  // lives, but works elsewhere
    fclose(file)
    #expect(try !Postmaster.stopOrphan(directory: folder))
  }

  @Test func anotherMajorVersionStopsTheStart() throws {
    defer { FileSystem.remove(folder) }
    try FileSystem.makeDirectory(folder + "/data/postgres")
    let file = try #require(fopen(folder + "/data/postgres/PG_VERSION", "w"))
    fputs("13\n", file)
    fclose(file)
    let error = #expect(throws: ClusterError.self) { try start() }
    let text = try #require(error?.description)
    #expect(text.contains("PostgreSQL 13") && text.contains("pg_upgrade") && text.contains("postgresql-13"))
  }

  @Test func aFolderWithOtherThingsIsLeftAlone() throws {
    defer { FileSystem.remove(folder) }
    try FileSystem.makeDirectory(folder + "/data/pictures", mode: 0o755)
    chmod(folder + "/data", 0o755)
    let error = #expect(throws: ClusterError.self) { try start() }
    guard case .folderNotOurs = error else { return #expect(Bool(false), "\(error as Any)") }
    #expect(mode(folder + "/data") == 0o755)
  }

  @Test func missingBinariesAreExplained() {
    defer { FileSystem.remove(folder) }
    #expect(throws: (any Error).self) { try start(binaries: "/nowhere") }
    #expect(PostgresBinaries.installed(root: "/nowhere").isEmpty)
  }
}

@Suite(.enabled(if: geteuid() == 0 && !isChild))
struct EmbeddedClusterAsRootTests {
  @Test func theClusterTestsPassAfterRootIsDropped() throws {
    let answer = try ChildProcess.capture(
      "/usr/bin/env",
      [
        "QUIPU_TEST_MAY_DROP_ROOT=1", try #require(try FileSystem.link("/proc/self/exe")), "--testing-library",
        "swift-testing", "--filter", "EmbeddedClusterTests",
      ])
    #expect(answer.status == 0, "\(answer.output.suffix(3000))")
    #expect(answer.output.contains("Suite EmbeddedClusterTests passed"))
  }
}

extension FileSystem {
  fileprivate static func link(_ path: String) throws -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard readlink(path, &buffer, buffer.count - 1) > 0 else { return nil }
    return buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
  }
}
