import CLibpq
import Glibc

/// Why this database cannot keep what Quipu promises.
public enum DatabaseCheckFailure: Error, Sendable, Equatable, CustomStringConvertible {
  case versionTooOld(Int)
  case fsyncOff
  case synchronousCommitOff
  case encoding(String)
  case transactionPooler

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .versionTooOld(let version):
      "PostgreSQL \(version / 10_000).\(version % 10_000) is too old: 15 or newer is needed"
    case .fsyncOff:
      "the server runs with fsync=off and would lose acknowledged data in a crash: set fsync=on and restart it"
    case .synchronousCommitOff:
      "synchronous_commit=off would lose acknowledged data in a crash: set it to on (or local) for this database"
    case .encoding(let name):
      "the database has the encoding \(name): create it with ENCODING 'UTF8'"
    case .transactionPooler:
      """
      the address leads to a transaction pooler, which loses session state (prepared statements, advisory locks): use \
      session pooling or connect to PostgreSQL itself
      """
    }
  }
}

/// Looks at a database before it is used.
public enum DatabaseChecks {
  /// Throws `DatabaseCheckFailure` for a server older than 15, `fsync=off`, `synchronous_commit=off`, an encoding other
  /// than UTF8, or a transaction pooler in between; `DatabaseError` when there is no connection.
  /// - Parameter allowUnsafeDurability: accepts fsync=off and synchronous_commit=off; for tests, never by a setting.
  public static func verify(_ pool: ConnectionPool, allowUnsafeDurability: Bool = false) async throws {
    try await verify(url: pool.url, options: pool.options, allowUnsafeDurability: allowUnsafeDurability)
  }

  /// Whether a server accepts connections at this address. Blocks, at most for the connection's time limit.
  public static func answers(url: String) -> Bool { PQping(url) == PQPING_OK }

  /// Whether the server answers, and whether it refuses to write (a standby, or a setting). A session that does is replaced by a new one,
  /// because it may outlive its reason. *Errors:* `DatabaseBusy`, `DatabaseError`.
  public static func isReadOnly(_ pool: ConnectionPool) async throws -> Bool {
    try await pool.run { connection in
      let isReadOnly = try connection.first("select current_setting('transaction_read_only')::bool") { try $0.bool(0) } ?? false
      if isReadOnly { connection.isToBeReplaced = true }
      return isReadOnly
    }
  }

  static func verify(url: String, options: ConnectionOptions, allowUnsafeDurability: Bool) async throws {
    let actor = try ConnectionActor(url: url, options: options)
    try await actor.lease { connection in
      let version = connection.serverVersion
      guard version >= 150_000 else { throw DatabaseCheckFailure.versionTooOld(version) }
      try checkSettings(connection, allowUnsafeDurability: allowUnsafeDurability)
      try checkPooler(connection)
    }
  }

  private static func checkSettings(_ connection: Connection, allowUnsafeDurability: Bool) throws {
    let sql: SQL = """
      select current_setting('fsync'), current_setting('synchronous_commit'), current_setting('server_encoding')
      """
    guard
      let (fsync, commit, encoding) = try connection.first(
        sql.uncached(), { (try $0.string(0), try $0.string(1), try $0.string(2)) })
    else { return }
    guard encoding == "UTF8" else { throw DatabaseCheckFailure.encoding(encoding) }
    if allowUnsafeDurability { return }
    guard fsync != "off" else { throw DatabaseCheckFailure.fsyncOff }
    guard commit != "off" else { throw DatabaseCheckFailure.synchronousCommitOff }
  }

  /// A pooler shows by announcing another process id than the backend's. It pools transactions if a second client that
  /// holds a transaction open can take the backend away from the first: then the session setting is gone, or the
  /// statement waits for a backend.
  private static func checkPooler(_ connection: Connection) throws {
    let probe: SQL = "select pg_backend_pid(), coalesce(current_setting('quipu.pooler_probe', true), '')"
    let token = String(UInt64.random(in: 1...UInt64.max), radix: 16)
    try connection.execute(("select set_config('quipu.pooler_probe', \(token), false)" as SQL).uncached())
    guard let first = try connection.first(probe.uncached(), { (try $0.int32(0), try $0.string(1)) }) else { return }
    guard first.1 == token else { throw DatabaseCheckFailure.transactionPooler }
    if first.0 == connection.announcedProcessID { return }
    let other = Connection(url: connection.url, options: connection.options)
    try other.ensureConnected()
    try other.executeSimple("BEGIN; SELECT pg_backend_pid()", label: "pooler probe")
    defer { other.disconnect() }
    guard
      let state = try connection.textWithin(
        milliseconds: 3000,
        "select pg_backend_pid() || ' ' || coalesce(current_setting('quipu.pooler_probe', true), '')"),
      state == "\(first.0) \(token)"
    else { throw DatabaseCheckFailure.transactionPooler }
  }
}

extension Connection {
  /// The first cell of a statement as text; nil when the answer does not come in time, and the connection is given up.
  fileprivate func textWithin(milliseconds: Int32, _ text: String) throws -> String? {
    guard PQsendQuery(handle, text) == 1 else { return nil }
    var remaining = milliseconds
    while PQisBusy(handle) == 1 {
      var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
      guard remaining > 0, poll(&descriptor, 1, 100) >= 0 else {
        disconnect()
        return nil
      }
      if descriptor.revents == 0 { remaining -= 100 } else if PQconsumeInput(handle) == 0 { return nil }
    }
    var answer: String?
    while let result = PQgetResult(handle) {
      defer { PQclear(result) }
      if PQntuples(result) > 0, PQnfields(result) > 0 { answer = PQgetvalue(result, 0, 0).map { String(cString: $0) } }
    }
    return answer
  }
}
