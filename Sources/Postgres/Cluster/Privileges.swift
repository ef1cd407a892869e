import Glibc

/// Gives up root for good: PostgreSQL refuses to run as root, and the service needs none of its rights.
public enum Privileges {
  /// What `dropIfRoot` did.
  public enum Outcome: Sendable, Equatable {
    /// The process was not root's; nothing changed.
    case notRoot
    /// The whole process now runs as this user.
    case dropped(user: String)
  }

  /// Why root could not be given up.
  public enum Failure: Error, Sendable, CustomStringConvertible {
    case noSuchUser(String)
    case isRoot(String)
    case folderNotReachable(folder: String, user: String)
    case stillRoot

    /// What is wrong and what to do.
    public var description: String {
      switch self {
      case .noSuchUser(let name): "no such user: \(name) (QUIPU_RUN_AS names the user that Quipu runs as)"
      case .isRoot(let name): "the user \(name) is root: QUIPU_RUN_AS must name another"
      case .folderNotReachable(let folder, let user):
        """
        the user \(user), as whom Quipu runs when root starts it, cannot reach the data folder \(folder): choose one \
        elsewhere (for example /var/lib/quipu), or let others pass through the folders above it
        """
      case .stillRoot: "the system did not let go of root"
      }
    }
  }

  /// If root started this process: gives the data folder to the user, then turns the whole process into that user's.
  /// Call it before anything else. Threads that run already change too.
  /// - Parameters:
  ///   - user: nil takes `postgres` if there is such a user, else `nobody`.
  ///   - dataFolder: made if absent, mode 0700. Its owner changes; one that holds other things is refused.
  @discardableResult
  public static func dropIfRoot(to user: String?, dataFolder: String) throws -> Outcome {
    guard geteuid() == 0 else { return .notRoot }
    let name = user ?? (getpwnam("postgres") != nil ? "postgres" : "nobody")
    guard let entry = getpwnam(name) else { throw Failure.noSuchUser(name) }
    let (uid, gid, home) = (
      entry.pointee.pw_uid, entry.pointee.pw_gid, entry.pointee.pw_dir.map { String(cString: $0) }
    )
    guard uid != 0 else { throw Failure.isRoot(name) }
    try DataFolder.prepare(dataFolder)
    try DataFolder.changeOwner(dataFolder, user: uid, group: gid)
    guard initgroups(name, gid) == 0 else { throw SystemError("take the groups of \(name)") }
    guard setgid(gid) == 0 else { throw SystemError("take the group of \(name)") }
    guard setuid(uid) == 0 else { throw SystemError("become \(name)") }
    guard setuid(0) != 0, geteuid() == uid, getuid() == uid else { throw Failure.stillRoot }
    umask(0o077)
    // What belongs to root's session is of no use to this user.
    setenv("HOME", home ?? "/", 1)
    setenv("USER", name, 1)
    unsetenv("XDG_RUNTIME_DIR")
    guard access(dataFolder, R_OK | W_OK | X_OK) == 0 else {
      throw Failure.folderNotReachable(folder: dataFolder, user: name)
    }
    // The working directory may be closed to this user; children such as initdb need one.
    if access(".", X_OK) != 0 { chdir("/") }
    return .dropped(user: name)
  }
}
