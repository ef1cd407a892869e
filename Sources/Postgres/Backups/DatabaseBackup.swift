import CLibpq
import Glibc

/// Writes a database into a file while it is in use: all of it as of one moment.
public struct DatabaseBackup: Sendable {
  private let pool: ConnectionPool
  private let toolsFolder: String?

  /// - Parameter toolsFolder: where pg_dump is; nil looks in /usr/lib/postgresql.
  public init(pool: ConnectionPool, toolsFolder: String?) {
    self.pool = pool
    self.toolsFolder = toolsFolder
  }

  /// Writes the custom format of pg_dump to `path`.part, syncs it and renames it, so that `path` is always a whole
  /// backup. Returns what `look` saw in the very moment of the backup. The file's mode is 0600: it holds all content.
  /// *Errors:* `BackupError`, `SystemError`, `DatabaseError`, `CancellationError`; then no file is left.
  public func write<T: Sendable>(to path: String, look: @escaping @Sendable (Connection) throws -> T) async throws -> T {
    let address = try ServerAddress(url: pool.url)
    let file = try PartFile(path)
    let tool = BackupTool()
    do {
      let seen = try await withTaskCancellationHandler {
        try await pool.run { [toolsFolder] connection in
          let tools = try BackupTools.choose(serverMajor: connection.serverVersion / 10_000, setting: toolsFolder)
          return try connection.inSnapshot { snapshot in
            let seen = try look(connection)
            try tool.run(
              tools.path("pg_dump"),
              [
                "--format=custom", "--compress=1", "--no-password", "--no-publications", "--no-subscriptions",
                "--lock-wait-timeout=60000", "--snapshot=\(snapshot)", "--file=\(file.part)",
                "--dbname=\(address.argument)",
              ], environment: address.environment)
            return seen
          }
        }
      } onCancel: {
        tool.terminate()
      }
      try file.finish()
      return seen
    } catch {
      file.abandon()
      throw error
    }
  }
}

extension Connection {
  /// A read-only transaction with an exported snapshot, which other sessions can see the database by while it lasts.
  fileprivate func inSnapshot<T>(_ body: (String) throws -> T) throws -> T {
    let options = TransactionOptions(isolation: .repeatableRead, readOnly: true, statementTimeoutMilliseconds: 0)
    return try transaction(options) { connection in
      try connection.executeScript("SET LOCAL idle_in_transaction_session_timeout = 0")
      let snapshot = try connection.first("select pg_export_snapshot()") { try $0.string(0) }
      return try body(snapshot ?? "")
    }
  }
}

/// A file that is written under another name and gets its own when it is whole.
final class PartFile: Sendable {
  let path: String
  let part: String
  private let descriptor: Int32

  init(_ path: String) throws {
    self.path = path
    part = path + ".part"
    let descriptor = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError("write \(part)") }
    guard quipu_flock(descriptor, 2 | 4) == 0 else {
      close(descriptor)
      throw BackupError.beingWritten(part)
    }
    fchmod(descriptor, 0o600)
    ftruncate(descriptor, 0)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func finish() throws {
    guard fsync(descriptor) == 0 else { throw SystemError("sync \(part)") }
    guard rename(part, path) == 0 else { throw SystemError("name the file \(path)") }
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let directory = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  func abandon() { unlink(part) }
}
