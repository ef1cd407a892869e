import CLibpq
import Glibc

/// What `postmaster.pid` says about a server on a data directory (miscinit.c: process, directory, start, port, socket
/// folder …, one per line).
struct PostmasterFile {
  let processID: pid_t
  let socketFolder: String?

  init?(directory: String) {
    guard let text = try? FileSystem.text(directory + "/postmaster.pid") else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, let process = pid_t(first.trimmed), process > 1 else { return nil }
    processID = process
    socketFolder = lines.count > 4 && !lines[4].isEmpty ? String(lines[4]) : nil
  }

  /// Whether that process lives and works in this directory: process ids are given out again.
  func isLive(directory: String) -> Bool {
    guard kill(processID, 0) == 0 || errno == EPERM else { return false }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard readlink("/proc/\(processID)/cwd", &buffer, buffer.count - 1) > 0 else { return false }
    return Self.isSame(buffer, directory)
  }

  private static func isSame(_ path: [CChar], _ directory: String) -> Bool {
    var left = stat()
    var right = stat()
    return stat(path, &left) == 0 && stat(directory, &right) == 0 && left.st_ino == right.st_ino
      && left.st_dev == right.st_dev
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let start = drop { $0 == " " }
    return start.prefix { $0 != " " && $0 != "\r" }
  }
}

/// Stopping servers.
enum Postmaster {
  /// Stops a server that a killed service left behind; returns whether there was one. Fast shutdown (open transactions
  /// are rolled back, a checkpoint is written), immediate shutdown if that takes too long.
  static func stopOrphan(directory: String) throws -> Bool {
    guard let file = PostmasterFile(directory: directory), file.isLive(directory: directory) else { return false }
    for (signal, seconds) in [(SIGINT, 60), (SIGQUIT, 15)] {
      kill(file.processID, signal)
      if waitForEnd(seconds: seconds, { !file.isLive(directory: directory) }) {
        removeSocketFolder(file.socketFolder)
        return true
      }
    }
    throw ClusterError.orphanStays(file.processID)
  }

  /// Stops our own child: its exit status.
  @discardableResult
  static func stopChild(_ process: pid_t) -> Int32 {
    for (signal, seconds) in [(SIGINT, 60), (SIGQUIT, 15), (SIGKILL, 5)] {
      kill(process, signal)
      var status: Int32?
      if waitForEnd(
        seconds: seconds,
        {
          status = ChildProcess.poll(process)
          return status != nil
        })
      {
        return status ?? -1
      }
    }
    return -1
  }

  /// Only folders that we have made.
  static func removeSocketFolder(_ path: String?) {
    guard let path, path.split(separator: "/").last?.hasPrefix("quipu-") == true else { return }
    FileSystem.remove(path)
  }

  private static func waitForEnd(seconds: Int, _ hasEnded: () -> Bool) -> Bool {
    for _ in 0..<(seconds * 50) {
      if hasEnded() { return true }
      usleep(20_000)
    }
    return hasEnded()
  }
}
