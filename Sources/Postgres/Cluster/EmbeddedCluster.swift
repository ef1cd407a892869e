import CLibpq
import Glibc
import Logging

/// A PostgreSQL server of our own in the data folder, reached only through a Unix socket in a folder of mode 0700.
///
/// `<data>/postgres` holds the cluster, `<data>/postgres.log` its log, `<data>/lock` the mark of the running service.
/// *Concurrency:* `start` and `stop` block, for seconds after a crash; call them off Swift's own threads or at the ends
/// of the process.
public final class EmbeddedCluster: Sendable {
  /// Where the cluster lives and which PostgreSQL runs it.
  public struct Settings: Sendable {
    /// Made if absent, mode 0700.
    public var dataFolder: String
    /// Folder with `postgres` and `initdb`; nil looks in /usr/lib/postgresql.
    public var binaries: String?

    /// Finds the binaries unless stated.
    public init(dataFolder: String, binaries: String? = nil) {
      self.dataFolder = dataFolder
      self.binaries = binaries
    }
  }

  /// The address of the database `quipu`, for `ConnectionPool`.
  public let url: String
  /// Which PostgreSQL runs.
  public let binaries: PostgresBinaries
  let socketFolder: String
  private let lock: DataFolderLock
  private let process: Locked<pid_t?>

  var processID: pid_t? { process.withLock { $0 } }

  private init(url: String, binaries: PostgresBinaries, socketFolder: String, lock: DataFolderLock, process: pid_t) {
    self.url = url
    self.binaries = binaries
    self.socketFolder = socketFolder
    self.lock = lock
    self.process = Locked(process)
  }

  deinit { stop() }

  /// Takes the data folder, stops a server that a killed service left behind, makes the cluster if there is none,
  /// starts it and waits until it answers. *Errors:* `ClusterError`, `SystemError`.
  public static func start(_ settings: Settings, logger: Logger) throws -> EmbeddedCluster {
    guard geteuid() != 0 else { throw ClusterError.runsAsRoot }
    let folder = try preparedFolder(settings.dataFolder)
    let lock = try DataFolderLock(dataFolder: folder)
    let directory = folder + "/postgres"
    let binaries = try PostgresBinaries.choose(
      setting: settings.binaries, dataVersion: dataVersion(directory), dataFolder: folder)
    if try Postmaster.stopOrphan(directory: directory) {
      logger.warning("stopped the PostgreSQL of a service that was killed")
    }
    try initialise(directory, binaries: binaries, logger: logger)
    let sockets = try makeSocketFolder()
    do {
      let process = try launch(directory, binaries: binaries, sockets: sockets, log: folder + "/postgres.log")
      let cluster = EmbeddedCluster(
        url: address(sockets, database: "quipu"), binaries: binaries, socketFolder: sockets, lock: lock,
        process: process)
      try cluster.waitUntilReady(log: folder + "/postgres.log")
      try createDatabase(sockets)
      logger.info("private PostgreSQL runs", metadata: ["postgres.version": "\(binaries.majorVersion)"])
      return cluster
    } catch {
      FileSystem.remove(sockets)
      throw error
    }
  }

  /// Stops the server by a fast shutdown and waits for its end. Close the pools first. Again is harmless.
  public func stop() {
    let running = process.withLock { process -> pid_t? in
      defer { process = nil }
      return process
    }
    guard let running else { return }
    Postmaster.stopChild(running)
    FileSystem.remove(socketFolder)
  }

  /// Whether the server still runs; it ends by itself only when it is killed from outside.
  public var isRunning: Bool {
    process.withLock { process in
      guard let running = process else { return false }
      if ChildProcess.poll(running) != nil { process = nil }
      return process != nil
    }
  }

  private static func preparedFolder(_ path: String) throws -> String {
    try DataFolder.prepare(path)
    guard chmod(path, 0o700) == 0 else { throw SystemError("make \(path) private") }
    guard let real = realpath(path, nil) else { throw SystemError("find \(path)") }
    defer { free(real) }
    return String(cString: real)
  }

  private static func dataVersion(_ directory: String) -> Int? {
    (try? FileSystem.text(directory + "/PG_VERSION")).flatMap { Int($0.prefix { $0.isNumber }) }
  }

  /// In a folder beside, then renamed: a service killed meanwhile leaves no half cluster.
  private static func initialise(_ directory: String, binaries: PostgresBinaries, logger: Logger) throws {
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

  /// A new folder of mode 0700 with a name that cannot be guessed, where the socket's path stays below 100 bytes.
  private static func makeSocketFolder() throws -> String {
    let runtime = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) }
    for parent in [runtime, "/tmp"].compactMap({ $0 }) where parent.hasPrefix("/") && parent.utf8.count < 70 {
      var template = Array((parent + "/quipu-XXXXXX").utf8CString)
      if mkdtemp(&template) != nil {
        return template.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
      }
    }
    throw ClusterError.noSocketFolder
  }

  private static func address(_ sockets: String, database: String) -> String {
    "host='\(sockets)' port=5432 user=quipu dbname=\(database)"
  }

  private static func launch(
    _ directory: String, binaries: PostgresBinaries, sockets: String, log: String
  ) throws -> pid_t {
    rotate(log)
    let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw SystemError("open \(log)") }
    defer { close(output) }
    let program = binaries.path("postgres")
    // lz4 is an option when PostgreSQL is built; the server says whether it knows the value.
    let knowsLZ4 =
      try ChildProcess.capture(program, ["-C", "wal_compression", "-c", "wal_compression=lz4", "-D", directory]).status
      == 0
    let settings = ClusterSettings.arguments(
      socketFolder: sockets, memoryBytes: ClusterSettings.memoryBytes(), compression: knowsLZ4 ? "lz4" : "pglz")
    return try ChildProcess.spawn(program, ["-D", directory] + settings, input: nil, output: output)
  }

  /// Keeps one earlier log.
  private static func rotate(_ log: String) {
    var status = stat()
    if stat(log, &status) == 0, status.st_size > 10 * ClusterSettings.megabyte { rename(log, log + ".1") }
  }

  /// Recovery after a crash can take minutes; as long as the process lives and says so, it is waited for.
  private func waitUntilReady(log: String) throws {
    let url = url.replacingSuffix("dbname=quipu", by: "dbname=postgres")
    var silentPolls = 0
    while silentPolls < 1200 {
      switch PQping(url) {
      case PQPING_OK: return
      case PQPING_REJECT: silentPolls = 0
      default: silentPolls += 1
      }
      guard isRunning else { throw ClusterError.didNotStart(Self.end(of: log)) }
      usleep(50_000)
    }
    stop()
    throw ClusterError.didNotStart(Self.end(of: log))
  }

  private static func end(of log: String) -> String {
    String(((try? FileSystem.text(log)) ?? "").suffix(600)).split(separator: "\n").suffix(5).joined(separator: " | ")
  }

  private static func createDatabase(_ sockets: String) throws {
    let connection = Connection(url: address(sockets, database: "postgres"), options: ConnectionOptions())
    try connection.ensureConnected()
    defer { connection.disconnect() }
    if try connection.first("select 1 from pg_database where datname = 'quipu'", { try $0.int32(0) }) == nil {
      try connection.executeScript("CREATE DATABASE quipu")
    }
  }
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String, by other: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) + other : self
  }
}
