import Glibc

/// The folder of the server's socket: mode 0700, a name that cannot be guessed, the same for the life of the process, and
/// short enough that the socket's path stays below 100 bytes.
final class SocketFolder: Sendable {
  let path: String

  init() throws {
    let runtime = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) }
    for parent in [runtime, "/tmp"].compactMap({ $0 }) where parent.hasPrefix("/") && parent.utf8.count < 70 {
      var template = Array((parent + "/quipu-XXXXXX").utf8CString)
      if mkdtemp(&template) != nil {
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
        return
      }
    }
    throw ClusterError.noSocketFolder
  }

  func address(database: String) -> String { "host='\(path)' port=5432 user=quipu dbname=\(database)" }

  /// Empties the folder for the next server: the lock file of a dead one names a process id that may be another's by
  /// now. Makes it again if somebody has cleaned it away, and refuses one that somebody else has put there.
  func renew() throws {
    if mkdir(path, 0o700) == 0 { return }
    var status = stat()
    guard lstat(path, &status) == 0 else { throw SystemError("make the folder \(path)") }
    guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      throw ClusterError.folderNotOurs(path)
    }
    for name in try FileSystem.names(in: path) { FileSystem.remove(path + "/" + name) }
  }

  func remove() { FileSystem.remove(path) }
}
