/// How connections are made.
public struct ConnectionOptions: Sendable {
  /// Shown in pg_stat_activity.
  public var applicationName: String
  /// The server ends longer statements (57014); 0 for no limit.
  public var statementTimeoutMilliseconds: Int
  /// Gives up connecting after this time.
  public var connectTimeoutSeconds: Int
  /// Prepared statements kept per connection, least recently used go first.
  public var statementCacheMax: Int

  /// The defaults fit a web service.
  public init(
    applicationName: String = "quipu", statementTimeoutMilliseconds: Int = 30_000, connectTimeoutSeconds: Int = 5,
    statementCacheMax: Int = 256
  ) {
    self.applicationName = applicationName
    self.statementTimeoutMilliseconds = statementTimeoutMilliseconds
    self.connectTimeoutSeconds = connectTimeoutSeconds
    self.statementCacheMax = statementCacheMax
  }
}

/// How a transaction runs.
public struct TransactionOptions: Sendable {
  /// The isolation levels that PostgreSQL distinguishes.
  public enum Isolation: String, Sendable {
    case readCommitted = "read committed"
    case repeatableRead = "repeatable read"
    case serializable = "serializable"
  }

  /// Read committed unless stated.
  public var isolation: Isolation
  /// The server refuses writes.
  public var isReadOnly: Bool
  /// For this transaction only; nil keeps the connection's, 0 is no limit.
  public var statementTimeoutMilliseconds: Int?

  /// Read committed, read and write, the connection's time limit.
  public init(
    isolation: Isolation = .readCommitted, readOnly: Bool = false, statementTimeoutMilliseconds: Int? = nil
  ) {
    self.isolation = isolation
    isReadOnly = readOnly
    self.statementTimeoutMilliseconds = statementTimeoutMilliseconds
  }

  var beginText: String {
    var text = "BEGIN ISOLATION LEVEL \(isolation.rawValue)\(isReadOnly ? " READ ONLY" : "")"
    if let limit = statementTimeoutMilliseconds { text += "; SET LOCAL statement_timeout = \(max(0, limit))" }
    return text
  }
}
