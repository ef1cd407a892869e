import Foundation

/// Writes to standard output at once, also when it is a file or a pipe.
enum Terminal {
  static func say(_ text: String, terminator: String = "\n") {
    try? FileHandle.standardOutput.write(contentsOf: Data((text + terminator).utf8))
  }
}
