/// One file of the migrations folder, `NNNN_verb_object.sql`.
public struct Migration: Sendable, Hashable, CustomStringConvertible {
  /// From 1, without gaps.
  public let number: Int
  /// `verb_object`.
  public let name: String
  /// The SQL as it stands in the file.
  public let text: String

  /// The file's name without the folder.
  public var fileName: String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "_" + name + ".sql"
  }

  /// The file's name.
  public var description: String { fileName }

  /// Reads the folder, in order. Files that do not end in `.sql` are ignored.
  static func read(directory: String) throws -> [Migration] {
    let files = try FileSystem.names(in: directory).filter { $0.hasSuffix(".sql") && !$0.hasPrefix(".") }
    let migrations = try files.map { file in
      guard let (number, name) = parse(file) else { throw MigrationError.badFileName(file) }
      return Migration(number: number, name: name, text: try FileSystem.text(directory + "/" + file))
    }
    for (index, migration) in migrations.enumerated() where migration.number != index + 1 {
      throw MigrationError.gap(expected: index + 1, found: migration.fileName)
    }
    return migrations
  }

  private static func parse(_ file: String) -> (Int, String)? {
    let stem = file.dropLast(4)
    guard stem.count > 5, stem.utf8.prefix(4).allSatisfy({ (48...57).contains($0) }), let number = Int(stem.prefix(4)),
      stem.dropFirst(4).first == "_"
    else { return nil }
    let name = stem.dropFirst(5)
    let isPlain = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
    return isPlain ? (number, String(name)) : nil
  }
}

/// Which migrations the database has.
public struct MigrationStatus: Sendable {
  /// One that ran.
  public struct Applied: Sendable {
    public let number: Int
    public let name: String
    /// Hexadecimal SHA-256 of the file when it ran.
    public let sha256: String
    /// Microseconds since the Unix epoch.
    public let appliedAtMicroseconds: Int64
  }

  /// Ran, in order.
  public let applied: [Applied]
  /// Still to run, in order.
  public let pending: [Migration]
}

/// Why the database cannot be brought to this version of the schema.
public enum MigrationError: Error, Sendable, CustomStringConvertible {
  case badFileName(String)
  case gap(expected: Int, found: String)
  /// The file is not what ran.
  case changed(String)
  /// It ran, but the folder no longer has it.
  case missing(String)
  /// The database has migrations that this version does not know.
  case databaseIsAhead(database: Int, files: Int)
  /// The file ended its transaction by itself.
  case endedTransaction(String)
  case failed(String, any Error)

  /// Names the file and says what to do.
  public var description: String {
    switch self {
    case .badFileName(let file): "migration \(file): the name must be NNNN_verb_object.sql in lower case"
    case .gap(let expected, let found):
      "migration number \(expected) is not there (found \(found)): numbers start at 1 and have no gaps or repeats"
    case .changed(let file): "migration \(file) was changed after it ran; restore the file and add a new migration"
    case .missing(let file): "migration \(file) ran on this database but its file is missing"
    case .databaseIsAhead(let database, let files):
      "the database is at migration \(database), this version knows \(files): start the newer version"
    case .endedTransaction(let file):
      "migration \(file) ends its transaction: remove BEGIN, COMMIT and ROLLBACK from it"
    case .failed(let file, let error):
      if let error = error as? DatabaseError {
        "migration \(file) failed and was rolled back: \(error.message) (\(error.sqlState ?? "connection lost"))"
      } else {
        "migration \(file) failed and was rolled back: \(error)"
      }
    }
  }
}
