import CLibpq
import Glibc
import Logging

/// A PostgreSQL server of our own in the data folder, reached only through a Unix socket in a folder of mode 0700.
///
/// `<data>/postgres` holds the cluster, `<data>/postgres.log` its log, `<data>/lock` the mark of the running service.
/// The address stays the same when the server is started again (`restart`), so that pools find it again by themselves.
/// *Concurrency:* `start`, `restart` and `stop` block, for seconds after a crash; call them off Swift's own threads or at the ends
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

  /// What the server does, for readiness.
  public enum Condition: Sendable, Equatable {
    case running
    /// It ended by itself and is being started again; why it ended.
    case restarting(String)
    /// `stop` was called.
    case stopped
  }

  struct Life {
    var process: pid_t?
    var isStopping = false
    /// How the server ended, unless by `stop`.
    var ending: String?
    var restarts = 0
  }

  /// The address of the database `quipu`, for `ConnectionPool`.
  public let url: String
  /// Which PostgreSQL runs.
  public let binaries: PostgresBinaries
  let sockets: SocketFolder
  let directory: String
  let logFile: String
  let life = Locked(Life())
  private let lock: DataFolderLock
  private let builtIn: [(String, String)]
  /// Held while the server is stopped, so that whoever stops it too returns after its end.
  private let stopping = Lock()

  var socketFolder: String { sockets.path }
  var processID: pid_t? { life.withLock { $0.process } }

  private init(
    folder: String, binaries: PostgresBinaries, sockets: SocketFolder, lock: DataFolderLock,
    builtIn: [(String, String)]
  ) {
    directory = folder + "/postgres"
    logFile = folder + "/postgres.log"
    url = sockets.address(database: "quipu")
    self.binaries = binaries
    self.sockets = sockets
    self.lock = lock
    self.builtIn = builtIn
  }

  deinit { stop() }

  /// Takes the data folder, stops a server that a killed service left behind, makes the cluster if there is none,
  /// starts it and waits until it answers. *Errors:* `ClusterError`, `SystemError`.
  /// - Parameter beforeLaunch: gets the cluster before its server is launched: whoever stops it meanwhile ends the start.
  public static func start(
    _ settings: Settings, logger: Logger, beforeLaunch: (EmbeddedCluster) -> Void = { _ in }
  ) throws -> EmbeddedCluster {
    guard geteuid() != 0 else { throw ClusterError.runsAsRoot }
    let folder = try DataFolder.preparedPath(settings.dataFolder)
    let lock = try DataFolderLock(dataFolder: folder)
    let directory = folder + "/postgres"
    let binaries = try PostgresBinaries.choose(
      setting: settings.binaries, dataVersion: dataVersion(directory), dataFolder: folder)
    if try Postmaster.stopOrphan(directory: directory) {
      logger.warning("stopped the PostgreSQL of a service that was killed")
    }
    try initialise(directory, binaries: binaries, logger: logger)
    let cluster = EmbeddedCluster(
      folder: folder, binaries: binaries, sockets: try SocketFolder(), lock: lock,
      builtIn: try builtIn(binaries, directory))
    beforeLaunch(cluster)
    do {
      try cluster.launch()
      try cluster.createDatabase()
    } catch {
      cluster.stop()
      throw error
    }
    logger.info("private PostgreSQL runs", metadata: ["postgres.version": "\(binaries.majorVersion)"])
    return cluster
  }

  /// Starts the server anew after it has ended by itself, at the same address; waits until it answers. Processes that
  /// the dead server left behind are ended before. *Errors:* `ClusterError`, `SystemError`; another try may succeed.
  public func restart() throws {
    if isRunning { return }
    try launch()
    life.withLock { life in
      life.restarts += 1
      life.ending = nil
    }
  }

  /// Stops the server by a fast shutdown (open transactions are rolled back, a checkpoint is written) and waits for its
  /// end. Close the pools first. Again is harmless.
  /// - Parameters:
  ///   - fastSeconds: after these the server is stopped without a checkpoint; the next start recovers from the log.
  ///   - immediateSeconds: after these it is killed.
  public func stop(fastSeconds: Double = 60, immediateSeconds: Double = 15) {
    stopping.withLock {
      beginStop()
      guard let running = life.withLock({ $0.process }) else { return sockets.remove() }
      let signals = [(SIGINT, fastSeconds), (SIGQUIT, immediateSeconds), (SIGKILL, 5)]
      Postmaster.stopChild(running, signals.filter { $0.1 > 0 })
      life.withLock { $0.process = nil }
      // Only a server that had to be killed leaves any.
      _ = try? ServerProcesses.endRemains(of: directory, graceSeconds: 0.2, signals: [SIGKILL])
      sockets.remove()
    }
  }

  /// For the end of the process, whatever stop is under way: an immediate shutdown (the next start recovers from the
  /// log), and after `seconds` the server is killed.
  public func end(seconds: Double) {
    beginStop()
    if let running = processID {
      kill(running, SIGQUIT)
      if !Postmaster.waitForEnd(seconds: seconds, { !isRunning }) { kill(running, SIGKILL) }
      _ = try? ServerProcesses.endRemains(of: directory, graceSeconds: 0.2, signals: [SIGKILL])
    }
    sockets.remove()
  }

  /// No new start from now on; one under way gives up. `stop` or `end` must follow.
  public func beginStop() { life.withLock { $0.isStopping = true } }

  /// Whether the server still runs; it ends by itself only when it is killed from outside.
  public var isRunning: Bool {
    life.withLock { life in
      guard let running = life.process else { return false }
      if let status = ChildProcess.poll(running) {
        life.process = nil
        life.ending = status > 128 ? "it was killed by signal \(status - 128)" : "it ended with status \(status)"
      }
      return life.process != nil
    }
  }

  /// The server at this moment.
  public var condition: Condition {
    let isRunning = isRunning
    return life.withLock { life in
      if life.isStopping { return .stopped }
      // Between a new start and its first answer the old ending still stands.
      if let ending = life.ending { return .restarting(ending) }
      return isRunning ? .running : .restarting("it ended")
    }
  }

  /// How often the server was started again.
  public var restarts: Int { life.withLock { $0.restarts } }

  private func launch() throws {
    try ServerProcesses.endRemains(of: directory)
    Postmaster.removeStaleFile(directory: directory)
    try sockets.renew()
    let output = try Self.openLog(logFile)
    defer { close(output) }
    let settings = ClusterSettings.arguments(
      socketFolder: sockets.path, memoryBytes: ClusterSettings.memoryBytes(), builtIn: builtIn)
    try life.withLock { life in
      guard !life.isStopping else { throw ClusterError.stopped }
      life.process = try ChildProcess.spawn(
        binaries.path("postgres"), ["-D", directory] + settings, input: nil, output: output)
    }
    try waitUntilReady()
  }
}
