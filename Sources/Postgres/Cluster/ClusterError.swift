/// Why the private PostgreSQL cannot run.
public enum ClusterError: Error, Sendable, CustomStringConvertible {
  case alreadyRunning(dataFolder: String, processID: Int32?)
  case noBinaries(String)
  case binariesTooOld(String, Int)
  case otherMajorVersion(data: Int, binaries: PostgresBinaries, dataFolder: String)
  case orphanStays(Int32)
  case runsAsRoot
  case initdbFailed(String)
  case didNotStart(String)
  case noSocketFolder
  case stopped
  case givenUp(failures: Int, reason: String)
  case folderNotOurs(String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .alreadyRunning(let folder, let process):
      "another Quipu runs with the data folder \(folder)\(process.map { " (process \($0))" } ?? ""): stop it first"
    case .noBinaries(let folder):
      "no PostgreSQL 15 or newer in \(folder): install postgresql-15, name its bin folder, or set DATABASE_URL"
    case .binariesTooOld(let folder, let major):
      "the PostgreSQL in \(folder) is version \(major): 15 or newer is needed"
    case .otherMajorVersion(let data, let binaries, let folder):
      """
      the data in \(folder)/postgres belongs to PostgreSQL \(data), but only PostgreSQL \(binaries.majorVersion) is \
      installed: install postgresql-\(data), or bring the data to version \(binaries.majorVersion) with \
      \(binaries.directory)/pg_upgrade
      """
    case .orphanStays(let process):
      "PostgreSQL of an earlier Quipu (process \(process)) does not end: stop it and start again"
    case .runsAsRoot: "PostgreSQL refuses to run as root: drop privileges first"
    case .initdbFailed(let output): "initdb failed: \(output)"
    case .didNotStart(let log): "PostgreSQL did not start; the end of its log: \(log)"
    case .noSocketFolder: "no folder with a short enough path for the socket: neither $XDG_RUNTIME_DIR nor /tmp works"
    case .stopped: "PostgreSQL is being stopped"
    case .givenUp(let failures, let reason):
      """
      the private PostgreSQL ended and \(failures) starts in a row failed (its log is postgres.log in the data folder); \
      nothing that was acknowledged is lost: mend the cause and start Quipu again. The last reason: \(reason)
      """
    case .folderNotOurs(let folder): "\(folder) holds other things and no data of Quipu: choose an empty or new folder"
    }
  }
}
