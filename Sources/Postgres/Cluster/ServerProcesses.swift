import Glibc

/// The processes of a server beside its postmaster. They outlive a postmaster that was killed, some until their current
/// statement ends, and a new one does not start while they use the shared memory.
enum ServerProcesses {
  /// Waits until no process of a dead server is left, and ends those that stay. How many had to be ended.
  @discardableResult
  static func endRemains(
    of directory: String, graceSeconds: Double = 2, signals: [Int32] = [SIGQUIT, SIGKILL]
  ) throws -> Int {
    if Postmaster.waitForEnd(seconds: graceSeconds, { living(in: directory).isEmpty }) { return 0 }
    let count = living(in: directory).count
    for signal in signals {
      for process in living(in: directory) { kill(process, signal) }
      if Postmaster.waitForEnd(seconds: 5, { living(in: directory).isEmpty }) { return count }
    }
    throw ClusterError.orphanStays(living(in: directory).first ?? 0)
  }

  /// Certainly ours: they run as this user, work in this data directory, and their program is `postgres`.
  static func living(in directory: String) -> [pid_t] {
    ((try? FileSystem.names(in: "/proc")) ?? []).compactMap { pid_t($0) }.filter { process in
      var status = stat()
      guard stat("/proc/\(process)", &status) == 0, status.st_uid == geteuid(), isPostgres(process) else { return false }
      return worksIn(directory, process)
    }
  }

  /// Whether the process's working directory is this one, by whatever name. A process that has ended has none.
  static func worksIn(_ directory: String, _ process: pid_t) -> Bool {
    var left = stat()
    var right = stat()
    return stat("/proc/\(process)/cwd", &left) == 0 && stat(directory, &right) == 0 && left.st_ino == right.st_ino
      && left.st_dev == right.st_dev
  }

  /// A program that was replaced by an update is named "… (deleted)".
  private static func isPostgres(_ process: pid_t) -> Bool {
    guard let program = FileSystem.link("/proc/\(process)/exe") else { return false }
    return program.split(separator: "/").last.map { $0 == "postgres" || $0 == "postgres (deleted)" } ?? false
  }
}
