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
    return ServerProcesses.worksIn(directory, processID)
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
    for (signal, seconds) in [(SIGINT, 60.0), (SIGQUIT, 15)] {
      kill(file.processID, signal)
      if waitForEnd(seconds: seconds, { !file.isLive(directory: directory) }) {
        removeSocketFolder(file.socketFolder)
        return true
      }
    }
    throw ClusterError.orphanStays(file.processID)
  }

  /// Removes a process file whose id is another program's by now: PostgreSQL would not start. Only under the lock of the
  /// data folder, when no process works there any more.
  static func removeStaleFile(directory: String) {
    guard let file = PostmasterFile(directory: directory), !file.isLive(directory: directory) else { return }
    if kill(file.processID, 0) == 0 || errno == EPERM { unlink(directory + "/postmaster.pid") }
  }

  /// Stops our own child by one signal after the other, each with its time: its exit status.
  @discardableResult
  static func stopChild(_ process: pid_t, _ signals: [(Int32, Double)]) -> Int32 {
    for (signal, seconds) in signals {
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

  static func waitForEnd(seconds: Double, _ hasEnded: () -> Bool) -> Bool {
    for _ in 0..<Int(seconds * 50) {
      if hasEnded() { return true }
      usleep(20_000)
    }
    return hasEnded()
  }
}
