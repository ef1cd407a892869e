import Logging

/// Bounds of a pool.
public struct PoolLimits: Sendable {
  /// Connections open at most.
  public var connectionsMax: Int
  /// Callers that may wait at a time; one more gets `DatabaseBusy` at once.
  public var waitersMax: Int
  /// A caller that has waited this long gets `DatabaseBusy`.
  public var acquireTimeout: Duration

  /// The defaults fit one service process on one database.
  public init(connectionsMax: Int = 8, waitersMax: Int = 1000, acquireTimeout: Duration = .seconds(5)) {
    self.connectionsMax = max(1, connectionsMax)
    self.waitersMax = max(0, waitersMax)
    self.acquireTimeout = acquireTimeout
  }
}

/// A bounded set of connections; callers that find none wait in line, first come, first served.
///
/// A connection is reached only inside a synchronous closure, which runs on the connection's own thread. Connections
/// are opened when first needed and replaced when the server has closed them.
public final class ConnectionPool: Sendable {
  /// The address, as libpq takes it. May hold a password.
  public let url: String
  let options: ConnectionOptions
  let limits: PoolLimits
  let logger: Logger
  let state = Locked(PoolState())

  /// Opens nothing yet.
  public init(
    url: String, options: ConnectionOptions = ConnectionOptions(), limits: PoolLimits = PoolLimits(), logger: Logger
  ) {
    self.url = url
    self.options = options
    self.limits = limits
    self.logger = logger
  }

  /// Runs statements outside a transaction (each commits by itself). *Errors:* `DatabaseBusy`, `DatabaseError`, what
  /// the closure throws; `CancellationError` when the task is cancelled, which also ends the running statement.
  @discardableResult
  public func run<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
    try await withConnection { connection in try await connection.lease(body) }
  }

  /// Runs the closure in a transaction: commits its result, rolls back when it throws. With `attempts` above 1 the
  /// whole closure runs again after a serialization failure or a deadlock, and only then.
  @discardableResult
  public func transaction<T: Sendable>(
    _ options: TransactionOptions = TransactionOptions(), attempts: Int = 1,
    _ body: @escaping @Sendable (Connection) throws -> T
  ) async throws -> T {
    var attempt = 1
    while true {
      do {
        return try await run { connection in try connection.transaction(options, body) }
      } catch let error as DatabaseError where error.isSerializationFailure && attempt < attempts {
        logger.debug("transaction is run again", metadata: ["db.sql_state": "\(error.sqlState ?? "")"])
        // Spreads those that met, so that they do not meet again.
        try await Task.sleep(for: .milliseconds(Int.random(in: 1...(10 * attempt))))
        attempt += 1
      }
    }
  }

  /// Reads a large result in chunks, with time for asynchronous work between them; rows of one snapshot, read only.
  /// Holds a connection until the end. The time limit covers each chunk, not the whole.
  public func cursor<T: Sendable>(
    _ sql: SQL, chunkRows: Int = 1000, statementTimeoutMilliseconds: Int? = nil,
    decode: @escaping @Sendable (Row) throws -> T, _ body: ([T]) async throws -> Void
  ) async throws {
    let options = TransactionOptions(
      isolation: .repeatableRead, readOnly: true, statementTimeoutMilliseconds: statementTimeoutMilliseconds)
    let fetch = SQL("FETCH FORWARD \(unescaped: String(max(1, chunkRows))) FROM quipu_cursor").uncached().named(
      sql.label)
    try await withConnection { connection in
      do {
        try await connection.startCursor(options, sql)
        while true {
          let chunk = try await connection.use { try $0.query(fetch, decode) }
          if chunk.isEmpty { break }
          try await body(chunk)
        }
      } catch {
        await connection.endCursor()
        throw error
      }
      await connection.endCursor()
    }
  }

  /// Takes a connection, gives it back, and passes a cancellation on to the server while it is held.
  private func withConnection<T: Sendable>(_ body: (ConnectionActor) async throws -> T) async throws -> T {
    let connection = try await acquire()
    defer { release(connection) }
    let lease = connection.gate.open()
    return try await withTaskCancellationHandler {
      try await body(connection)
    } onCancel: {
      connection.gate.cancel(lease)
    }
  }
}
