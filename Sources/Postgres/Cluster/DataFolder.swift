import Glibc

/// The folder that a service owns: `postgres` (the cluster), `postgres.log`, `lock`.
enum DataFolder {
  private static let marks = ["lock", "postgres", "postgres.new"]
  private static let own = marks + ["postgres.log", "postgres.log.1"]

  /// Makes the folder if it is absent. Refuses one that holds other things and nothing of ours: its mode and owner are
  /// about to be changed, and a mistyped setting must not do that to a home or system folder.
  static func prepare(_ path: String) throws {
    try FileSystem.makeDirectory(path, mode: 0o700)
    let names = try FileSystem.names(in: path)
    let isEmpty = names.allSatisfy { $0 == "lost+found" }
    guard isEmpty || names.contains(where: marks.contains) else { throw ClusterError.folderNotOurs(path) }
  }

  /// The folder, made, private, by its real path.
  static func preparedPath(_ path: String) throws -> String {
    try prepare(path)
    guard chmod(path, 0o700) == 0 else { throw SystemError("make \(path) private") }
    guard let real = realpath(path, nil) else { throw SystemError("find \(path)") }
    defer { free(real) }
    return String(cString: real)
  }

  /// Gives the folder and what is ours in it to a user.
  static func changeOwner(_ path: String, user: uid_t, group: gid_t) throws {
    guard lchown(path, user, group) == 0 else { throw SystemError("give \(path) to user \(user)") }
    for name in own where FileSystem.exists(path + "/" + name) {
      try FileSystem.changeOwner(path + "/" + name, user: user, group: group)
    }
  }
}
