import Glibc

/// A backup file: what can be told of it without restoring it.
public struct DatabaseArchive: Sendable {
  /// The file.
  public let path: String
  /// Number and name of the migrations that its database had, in order.
  public let migrations: [(number: Int, name: String)]
  let tools: BackupTools

  /// *Errors:* `BackupError.notABackup`, `.notOurs`, `.unreadable`; `SystemError` when it cannot be read.
  public init(path: String, tools: BackupTools) throws {
    try Self.checkFormat(path)
    let output: String
    do {
      output = try BackupTool().run(
        tools.path("pg_restore"), ["--data-only", "--table=schema_migrations", "--file=-", path])
    } catch BackupError.toolFailed(_, let reason) {
      throw BackupError.unreadable(path, reason)
    }
    migrations = Self.rows(output)
    guard !migrations.isEmpty else { throw BackupError.notOurs(path) }
    self.path = path
    self.tools = tools
  }

  /// Bytes of the file.
  public static func sizeBytes(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  private static func checkFormat(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open \(path)") }
    defer { close(descriptor) }
    var magic = [UInt8](repeating: 0, count: 5)
    guard read(descriptor, &magic, 5) == 5, magic == Array("PGDMP".utf8) else { throw BackupError.notABackup(path) }
  }

  /// The lines between `COPY … FROM stdin;` and `\.`: number, name, … separated by tabs.
  private static func rows(_ script: String) -> [(number: Int, name: String)] {
    let lines = script.split(separator: "\n", omittingEmptySubsequences: false)
    let data = lines.drop { !$0.hasPrefix("COPY ") }.dropFirst().prefix { $0 != "\\." }
    return data.compactMap { line -> (number: Int, name: String)? in
      let fields = line.split(separator: "\t")
      guard fields.count > 1, let number = Int(fields[0]) else { return nil }
      return (number, String(fields[1]))
    }.sorted { $0.number < $1.number }
  }
}
