import Glibc
import Logging
import Postgres

/// One PostgreSQL server per test process, in /tmp, fast and forgetful. A shell holds it: the shell reads from a pipe
/// whose other end is this process, so the server goes when the process goes, however that happens.
struct TestCluster: Sendable {
  let folder: String

  func url(_ database: String) -> String { "host=\(folder) port=5432 user=postgres dbname=\(database)" }

  static let shared = Task { try start() }

  enum Failure: Error {
    case noBinaries, noFolder, didNotStart(String)
  }

  private static func start() throws -> TestCluster {
    guard let binaries = PostgresBinaries.installed().first else { throw Failure.noBinaries }
    var template = Array("/tmp/quipu-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure.noFolder }
    let folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
    // Root cannot run PostgreSQL.
    let asUser = geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups --" : ""
    if geteuid() == 0, let user = getpwnam("postgres") { chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) }
    try hold(folder, script: script(folder, binaries.directory, asUser))
    let cluster = TestCluster(folder: folder)
    try cluster.waitUntilReady()
    return cluster
  }

  private static func script(_ folder: String, _ binaries: String, _ asUser: String) -> String {
    """
    cd \(folder) || exit 1
    \(asUser) \(binaries)/initdb -D \(folder)/data -U postgres -N -A trust --locale=C --encoding=UTF8 >initdb.log 2>&1 \
      || { echo failed >failed; exit 1; }
    \(asUser) \(binaries)/postgres -D \(folder)/data -k \(folder) -c listen_addresses= -c fsync=off \
      -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off \
      -c shared_buffers=64MB -c max_connections=400 -c max_locks_per_transaction=256 -c jit=off >postgres.log 2>&1 &
    server=$!
    read _
    kill -INT $server
    wait $server
    cd / && rm -rf \(folder)
    """
  }

  /// The writing end of the pipe stays open until this process ends.
  private static func hold(_ folder: String, script: String) throws {
    let ends = try ChildProcess.pipe()
    _ = try ChildProcess.spawn("/bin/sh", ["-c", script], input: ends.reading, output: nil)
    close(ends.reading)
  }

  private func waitUntilReady() throws {
    for _ in 0..<1200 {
      if access(folder + "/failed", F_OK) == 0 { throw Failure.didNotStart(folder + "/initdb.log") }
      if TestDatabase.answers(url("postgres")) { return }
      usleep(50_000)
    }
    throw Failure.didNotStart(folder + "/postgres.log")
  }
}
