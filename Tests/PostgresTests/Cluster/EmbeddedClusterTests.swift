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

  private func count(_ pool: ConnectionPool) async throws -> Int64? {
    try await pool.run { c in try c.first("select count(*) from kept") { Int64(try $0.int(0)) } }
  }

  @Test func aKilledServerIsStartedAgainAtTheSameAddressAndKeepsWhatWasCommitted() async throws {
    defer { FileSystem.remove(folder) }
    let cluster = try start()
    let pool = ConnectionPool(url: cluster.url, logger: TestDatabase.quietLogger)
    try await pool.run { c in try c.executeScript("create table kept (a int8); insert into kept values (1)") }
    let keeper = Task { try await ClusterKeeper(cluster, logger: TestDatabase.quietLogger).run() }
    for round in 1...2 {
      let killed = try #require(cluster.processID)
      kill(killed, SIGKILL)
      while cluster.restarts < round || cluster.condition != .running { try await Task.sleep(for: .milliseconds(20)) }
      #expect(cluster.processID != killed)
      // The first statement may meet the dead connection; it is told so, and the next one has a new one.
      var seen: Int64?
      for _ in 0..<5 where seen == nil { seen = try? await count(pool) }
      #expect(seen == 1)
    }
    await pool.close()
    keeper.cancel()
    try await keeper.value
    cluster.stop()
    #expect(cluster.condition == .stopped && !FileSystem.exists(cluster.socketFolder))
    #expect(ServerProcesses.living(in: folder + "/data/postgres").isEmpty)
  }

  @Test func aBackendThatOutlivesItsServerIsEndedBeforeTheNextStart() async throws {
    defer { FileSystem.remove(folder) }
    let cluster = try start()
    let pool = ConnectionPool(url: cluster.url, logger: TestDatabase.quietLogger)
    let backend = try await pool.run { c in try c.first("select pg_backend_pid()") { try $0.int32(0) } }
    let process = try #require(backend)
    // Stopped, it cannot notice that its postmaster has gone.
    kill(process, SIGSTOP)
    kill(try #require(cluster.processID), SIGKILL)
    while cluster.isRunning { usleep(10_000) }
    #expect(cluster.condition == .restarting("it was killed by signal 9"))
    #expect(ServerProcesses.living(in: cluster.directory).contains(process))
    try cluster.restart()
    #expect(cluster.isRunning && cluster.restarts == 1 && cluster.condition == .running)
    #expect(!ServerProcesses.living(in: cluster.directory).contains(process))
    await pool.close()
    cluster.stop()
  }

  @Test func aProcessFileWithSomebodyElsesIdDoesNotStopTheNextStart() throws {
    defer { FileSystem.remove(folder) }
    let cluster = try start()
    kill(try #require(cluster.processID), SIGKILL)
    while cluster.isRunning || !ServerProcesses.living(in: cluster.directory).isEmpty { usleep(10_000) }
    let other = try ChildProcess.spawn("/bin/sleep", ["60"], input: nil, output: nil)
    defer {
      kill(other, SIGKILL)
      ChildProcess.wait(other)
    }
    for path in [cluster.directory + "/postmaster.pid", cluster.socketFolder + "/.s.PGSQL.5432.lock"] {
      let lines = try FileSystem.text(path).split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
      let file = try #require(fopen(path, "w"))
      fputs("\(other)\n" + lines.joined(separator: "\n"), file)
      fclose(file)
    }
    try cluster.restart()
    #expect(cluster.isRunning)
    #expect(ChildProcess.poll(other) == nil, "a stranger was ended")
    cluster.stop()
  }

  @Test func aClusterThatCannotStartIsGivenUpWithTheReason() async throws {
    defer { FileSystem.remove(folder) }
    let cluster = try start()
    // What a new start needs.
    rename(cluster.directory + "/global/pg_control", cluster.directory + "/global/gone")
    kill(try #require(cluster.processID), SIGKILL)
    var policy = RestartPolicy()
    (policy.failuresMax, policy.pauseMin) = (3, .milliseconds(1))
    let error = await #expect(throws: ClusterError.self) {
      try await ClusterKeeper(cluster, policy: policy, logger: TestDatabase.quietLogger).run()
    }
    #expect(error?.description.contains("3 starts in a row failed") == true)
    #expect(error?.description.contains("pg_control") == true, "\(error as Any)")
    #expect(cluster.restarts == 0 && !cluster.isRunning)
    cluster.stop()
  }

  @Test func stoppingEndsAStartUnderWay() async throws {
    defer { FileSystem.remove(folder) }
    let cluster = try start()
    kill(try #require(cluster.processID), SIGKILL)
    while cluster.isRunning { usleep(10_000) }
    cluster.beginStop()
    #expect(throws: ClusterError.self) { try cluster.restart() }
    cluster.stop()
    #expect(ServerProcesses.living(in: cluster.directory).isEmpty)
  }

  @Test func aHangingServerIsStoppedInTheTimeGiven() throws {
    defer { FileSystem.remove(folder) }
    let cluster = try start()
    for process in ServerProcesses.living(in: cluster.directory) { kill(process, SIGSTOP) }
    cluster.stop(fastSeconds: 0.3, immediateSeconds: 0.3)
    #expect(!cluster.isRunning && ServerProcesses.living(in: cluster.directory).isEmpty)
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
        "QUIPU_TEST_MAY_DROP_ROOT=1", try #require(FileSystem.link("/proc/self/exe")), "--testing-library",
        "swift-testing", "--filter", "EmbeddedClusterTests",
      ])
    #expect(answer.status == 0, "\(answer.output.suffix(3000))")
    #expect(answer.output.contains("Suite EmbeddedClusterTests passed"))
  }
}
