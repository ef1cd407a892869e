/// Why a backup could not be written or restored.
public enum BackupError: Error, Sendable, CustomStringConvertible {
  case badAddress(String)
  case noTools(serverMajor: Int)
  case beingWritten(String)
  case notABackup(String)
  case notOurs(String)
  case unreadable(String, String)
  case toolFailed(String, String)
  case inUse(database: String, sessions: Int)
  case mayNotCreateDatabases(String)
  case nameTaken(String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .badAddress(let reason): "the database's address cannot be read: \(reason)"
    case .noTools(let major):
      """
      pg_dump and pg_restore of PostgreSQL \(major) or newer are needed: install postgresql-client-\(major), or let \
      QUIPU_POSTGRES_BIN name their folder
      """
    case .beingWritten(let file): "another backup is writing \(file)"
    case .notABackup(let file): "\(file) is no backup of Quipu (a custom-format archive of pg_dump)"
    case .notOurs(let file): "\(file) is an archive of a database without Quipu's tables"
    case .unreadable(let file, let reason): "\(file) is damaged or of a newer PostgreSQL: \(reason)"
    case .toolFailed(let tool, let reason): "\(tool) failed: \(reason)"
    case .inUse(let database, let sessions):
      "the database \(database) is in use (sessions: \(sessions)): stop every `quipu serve` and whatever else is connected"
    case .mayNotCreateDatabases(let user):
      """
      replacing needs the right to create databases (ALTER ROLE \(user) CREATEDB); or restore into an empty database
      """
    case .nameTaken(let name): "a database with the name \(name) exists and was not made by a restore: rename or drop it"
    }
  }
}
