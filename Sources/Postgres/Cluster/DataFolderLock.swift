import CLibpq
import Glibc

/// The mark of the running service on its data folder: a `flock` that ends with the process, however it ends, and that
/// no child inherits.
final class DataFolderLock: Sendable {
  private let descriptor: Int32

  /// Throws `ClusterError.alreadyRunning` when another process holds it.
  init(dataFolder: String) throws {
    let path = dataFolder + "/lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError("open \(path)") }
    // LOCK_EX and LOCK_NB of sys/file.h, which Glibc's module does not show.
    guard quipu_flock(descriptor, 2 | 4) == 0 else {
      let code = errno
      let holder = (try? FileSystem.text(path)).flatMap { Int32($0.split(separator: "\n").first ?? "") }
      close(descriptor)
      if code == EWOULDBLOCK { throw ClusterError.alreadyRunning(dataFolder: dataFolder, processID: holder) }
      throw SystemError("lock \(path)", code: code)
    }
    ftruncate(descriptor, 0)
    let text = Array("\(getpid())\n".utf8)
    _ = pwrite(descriptor, text, text.count, 0)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
