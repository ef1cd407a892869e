import CLibpq
import Glibc
import Logging

/// Making the cluster, and the steps of a start.
extension EmbeddedCluster {
  static func dataVersion(_ directory: String) -> Int? {
    (try? FileSystem.text(directory + "/PG_VERSION")).flatMap { Int($0.prefix { $0.isNumber }) }
  }

  /// In a folder beside, then renamed: a service killed meanwhile leaves no half cluster.
  static func initialise(_ directory: String, binaries: PostgresBinaries, logger: Logger) throws {
    if FileSystem.exists(directory + "/PG_VERSION") { return }
    logger.info("making a private PostgreSQL cluster", metadata: ["postgres.version": "\(binaries.majorVersion)"])
    let unfinished = directory + ".new"
    FileSystem.remove(unfinished)
    let answer = try ChildProcess.capture(
      binaries.path("initdb"),
      [
        "--pgdata=\(unfinished)", "--username=quipu", "--auth=trust", "--locale=C", "--encoding=UTF8",
        "--data-checksums",
      ])
    guard answer.status == 0 else {
      throw ClusterError.initdbFailed(String(answer.output.suffix(500)))
    }
    guard rename(unfinished, directory) == 0 else { throw SystemError("name the folder \(directory)") }
  }

  /// The optional settings as this server takes them; it says itself whether it knows a value.
  static func builtIn(_ binaries: PostgresBinaries, _ directory: String) throws -> [(String, String)] {
    try ClusterSettings.optional.compactMap { name, value, otherwise in
      let question = ["-C", name, "-c", "\(name)=\(value)", "-D", directory]
      let isKnown = try ChildProcess.capture(binaries.path("postgres"), question).status == 0
      return (isKnown ? value : otherwise).map { (name, $0) }
    }
  }

  /// For appending; one earlier log is kept.
  static func openLog(_ path: String) throws -> Int32 {
    var status = stat()
    if stat(path, &status) == 0, status.st_size > 10 * ClusterSettings.megabyte { rename(path, path + ".1") }
    let output = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw SystemError("open \(path)") }
    return output
  }

  /// Recovery after a crash can take minutes; as long as the process lives and says so, it is waited for.
  func waitUntilReady() throws {
    let address = sockets.address(database: "postgres") + " connect_timeout=5"
    let began = ContinuousClock.now
    var lastWord = began
    while ContinuousClock.now - lastWord < .seconds(60) {
      switch PQping(address) {
      case PQPING_OK: return
      case PQPING_REJECT: lastWord = .now
      default: break
      }
      guard isRunning else { throw ClusterError.didNotStart(endOfLog()) }
      guard !life.withLock({ $0.isStopping }) else { throw ClusterError.stopped }
      // The server writes a line of its log for each question.
      usleep(ContinuousClock.now - began < .seconds(2) ? 50_000 : 250_000)
    }
    let process = life.withLock { life -> pid_t? in
      defer { life.process = nil }
      return life.process
    }
    if let process { Postmaster.stopChild(process, [(SIGQUIT, 10), (SIGKILL, 5)]) }
    throw ClusterError.didNotStart(endOfLog())
  }

  private func endOfLog() -> String {
    String(((try? FileSystem.text(logFile)) ?? "").suffix(600)).split(separator: "\n").suffix(5).joined(separator: " | ")
  }

  func createDatabase() throws {
    let connection = Connection(url: sockets.address(database: "postgres"), options: ConnectionOptions())
    try connection.ensureConnected()
    defer { connection.disconnect() }
    if try connection.first("select 1 from pg_database where datname = 'quipu'", { try $0.int32(0) }) == nil {
      try connection.executeScript("CREATE DATABASE quipu")
    }
  }
}
