import Glibc

/// `pg_dump` or `pg_restore` at work. Ends when `terminate` is called from anywhere.
final class BackupTool: Sendable {
  private struct State {
    var process: pid_t?
    var isTerminated = false
  }

  private let state = Locked(State())

  /// Runs a program to its end. *Errors:* `BackupError.toolFailed` with the last lines that it printed,
  /// `CancellationError` after `terminate`.
  @discardableResult
  func run(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws -> String {
    let ends = try ChildProcess.pipe()
    defer { close(ends.reading) }
    do {
      defer { close(ends.writing) }
      try state.withLock { state in
        if state.isTerminated { throw CancellationError() }
        // Messages in English, whatever the operator's language: they are quoted in ours.
        state.process = try ChildProcess.spawn(
          path, arguments, input: nil, output: ends.writing, environment: environment.merging(["LC_MESSAGES": "C"]) { $1 })
      }
    }
    let output = String(decoding: try FileSystem.readAll(ends.reading, "the output of \(path)"), as: UTF8.self)
    let status = waitForEnd()
    if state.withLock({ $0.isTerminated }) { throw CancellationError() }
    guard status == 0 else { throw BackupError.toolFailed(Self.name(path), Self.reason(output, status)) }
    return output
  }

  func terminate() {
    state.withLock { state in
      state.isTerminated = true
      if let process = state.process { kill(process, SIGTERM) }
    }
  }

  /// The process id is given up under the lock in which the process is found to have ended.
  private func waitForEnd() -> Int32 {
    while true {
      let status = state.withLock { state -> Int32? in
        guard let process = state.process, let status = ChildProcess.poll(process) else { return nil }
        state.process = nil
        return status
      }
      if let status { return status }
      usleep(10_000)
    }
  }

  private static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  private static func reason(_ output: String, _ status: Int32) -> String {
    let lines = output.split(separator: "\n").filter { $0.contains("error:") || $0.contains("ERROR:") }
    let shown = lines.isEmpty ? Array(output.split(separator: "\n").suffix(3)) : Array(lines.prefix(3))
    return shown.isEmpty ? "it ended with status \(status)" : shown.joined(separator: " | ")
  }
}

/// The programs that come with PostgreSQL for backups.
public struct BackupTools: Sendable {
  let directory: String

  /// Those of the server's own major version, else the next newer ones: older ones cannot read a newer server.
  /// *Errors:* `BackupError.noTools`.
  public static func choose(serverMajor: Int, setting: String?) throws -> BackupTools {
    let candidates = try setting.map { [try PostgresBinaries.at($0)] } ?? PostgresBinaries.installed()
    let usable = candidates.filter { candidate in
      candidate.majorVersion >= serverMajor
        && ["pg_dump", "pg_restore"].allSatisfy { access(candidate.path($0), X_OK) == 0 }
    }
    guard let chosen = usable.min(by: { $0.majorVersion < $1.majorVersion }) else {
      throw BackupError.noTools(serverMajor: serverMajor)
    }
    return BackupTools(directory: chosen.directory)
  }

  func path(_ program: String) -> String { directory + "/" + program }
}
