import Glibc

/// A call to the operating system failed.
public struct SystemError: Error, Sendable, CustomStringConvertible {
  /// What was attempted, with the path.
  public let operation: String
  /// `errno`.
  public let code: Int32

  init(_ operation: String, code: Int32 = errno) {
    self.operation = operation
    self.code = code
  }

  /// What was attempted and the system's text.
  public var description: String { "cannot \(operation): \(String(cString: strerror(code)))" }
}

/// The few file operations that are needed here, on POSIX alone: no Foundation in this target.
enum FileSystem {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Where a symbolic link leads; nil when it is none or may not be read.
  static func link(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard readlink(path, &buffer, buffer.count - 1) > 0 else { return nil }
    return buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
  }

  /// Names without `.` and `..`, sorted.
  static func names(in directory: String) throws -> [String] {
    guard let stream = opendir(directory) else { throw SystemError("read the folder \(directory)") }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  static func read(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open \(path)") }
    defer { close(descriptor) }
    return try readAll(descriptor, path)
  }

  static func readAll(_ descriptor: Int32, _ path: String) throws -> [UInt8] {
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemError("read \(path)") }
      if count == 0 { return content }
      content += chunk[..<count]
    }
  }

  static func text(_ path: String) throws -> String { String(decoding: try read(path), as: UTF8.self) }

  /// Makes a folder and those above it; an existing one keeps its mode.
  static func makeDirectory(_ path: String, mode: mode_t = 0o700) throws {
    if exists(path) { return }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try makeDirectory(String(path[..<slash]), mode: 0o755)
    }
    if mkdir(path, mode) != 0, errno != EEXIST { throw SystemError("make the folder \(path)") }
  }

  /// Removes a file or a whole folder; what is not there is fine. Does not follow links.
  static func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in (try? names(in: path)) ?? [] { remove(path + "/" + name) }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  /// Gives a file or a whole folder to a user. Does not follow links; skips what is right already.
  static func changeOwner(_ path: String, user: uid_t, group: gid_t) throws {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw SystemError("look at \(path)") }
    if status.st_uid != user || status.st_gid != group, lchown(path, user, group) != 0 {
      throw SystemError("give \(path) to user \(user)")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return }
    for name in try names(in: path) { try changeOwner(path + "/" + name, user: user, group: group) }
  }
}
