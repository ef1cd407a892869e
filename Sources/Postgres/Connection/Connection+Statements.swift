import CLibpq

extension Connection {
  /// All rows of a statement, in memory.
  public func query(_ sql: SQL) throws -> ResultSet {
    ResultSet(handle: ResultHandle(try perform(sql)))
  }

  /// All rows of a statement, decoded.
  public func query<T>(_ sql: SQL, _ decode: (Row) throws -> T) throws -> [T] {
    try query(sql).map(decode)
  }

  /// The first row, decoded; nil when there is none.
  public func first<T>(_ sql: SQL, _ decode: (Row) throws -> T) throws -> T? {
    try query(sql).first.map(decode)
  }

  /// Runs a statement; the number of rows it changed (or returned).
  @discardableResult
  public func execute(_ sql: SQL) throws -> Int { try query(sql).affectedRows }

  /// Runs several statements at once, without parameters, for schema changes.
  public func executeScript(_ text: String) throws {
    try gate.check()
    statementsInLease += 1
    try executeSimple(text, label: "script")
  }

  /// Runs the body; on a throw everything since is rolled back to here and the transaction goes on.
  @discardableResult
  public func savepoint<T>(_ body: () throws -> T) throws -> T {
    savepointDepth += 1
    let name = "quipu_\(savepointDepth)"
    defer { savepointDepth -= 1 }
    try executeSimple("SAVEPOINT \(name)", label: "savepoint")
    do {
      let result = try body()
      try gate.check()
      try executeSimple("RELEASE SAVEPOINT \(name)", label: "release savepoint")
      return result
    } catch {
      if isInTransaction { try? executeSimple("ROLLBACK TO \(name); RELEASE SAVEPOINT \(name)", label: "savepoint") }
      throw error
    }
  }

  /// The simple protocol: text in, results dropped. Not subject to the cancellation check.
  func executeSimple(_ text: String, label: String) throws {
    let result = PQexec(handle, text)
    defer { PQclear(result) }
    try check(result, label: label)
  }

  /// Runs one statement, again on a new connection if it was the first and the server says that it did not run.
  private func perform(_ sql: SQL) throws -> OpaquePointer {
    try gate.check()
    let isFirst = statementsInLease == 0 && !isManagedTransaction
    statementsInLease += 1
    do {
      return try performOnce(sql)
    } catch let error as DatabaseError where isFirst && error.isAdminShutdown {
      try ensureConnected()
      return try performOnce(sql)
    } catch let error as DatabaseError where sql.isCached && !isInTransaction && Self.isStale(error) {
      return try performOnce(sql)
    }
  }

  /// A prepared statement that a schema change or DISCARD made useless; `performOnce` has forgotten it.
  private static func isStale(_ error: DatabaseError) -> Bool {
    error.sqlState == "26000" || (error.sqlState == "0A000" && error.message.contains("cached plan"))
  }

  private func performOnce(_ sql: SQL) throws -> OpaquePointer {
    parameters.fill(sql.binds)
    let text = sql.text
    guard sql.isCached else {
      let result = parameters.withArguments { PQexecParams(handle, text, $0, $1, $2, $3, $4, 1) }
      return try checked(result, label: sql.label)
    }
    let key = StatementCache.Key(text: text, types: parameters.types)
    let name = try prepared(key, for: sql)
    do {
      let result = parameters.withArguments { PQexecPrepared(handle, name, $0, $2, $3, $4, 1) }
      return try checked(result, labelOf: sql)
    } catch let error as DatabaseError {
      if Self.isStale(error) { statements.remove(key) }
      throw error
    }
  }

  /// The name under which the text is prepared on this connection.
  func prepared(_ key: StatementCache.Key, for sql: SQL) throws -> String {
    if let name = statements.name(of: key) { return name }
    if PQtransactionStatus(handle) != PQTRANS_INERROR, let old = statements.evict() {
      try executeSimple("DEALLOCATE \(old)", label: "deallocate")
    }
    let name = statements.newName()
    let result = parameters.withArguments { count, types, _, _, _ in PQprepare(handle, name, key.text, count, types) }
    defer { PQclear(result) }
    try check(result, labelOf: sql)
    statements.insert(key, name: name)
    return name
  }

  /// The result if it is a success; the result is freed otherwise.
  func checked(_ result: OpaquePointer?, label: @autoclosure () -> String) throws -> OpaquePointer {
    do {
      try check(result, label: label())
    } catch {
      PQclear(result)
      throw error
    }
    guard let result else { throw lost(label()) }
    return result
  }

  private func checked(_ result: OpaquePointer?, labelOf sql: SQL) throws -> OpaquePointer {
    try checked(result, label: sql.label)
  }

  private func check(_ result: OpaquePointer?, labelOf sql: SQL) throws {
    try check(result, label: sql.label)
  }

  /// Throws unless the statement succeeded.
  func check(_ result: OpaquePointer?, label: @autoclosure () -> String) throws {
    guard let result else { throw lost(label()) }
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: return
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: return
    default: throw failure(result, label())
    }
  }

  private func lost(_ label: String) -> DatabaseError {
    DatabaseError(
      sqlState: nil, message: DatabaseError.connectionMessage(handle), statementName: label,
      isConnectionLost: PQstatus(handle) != CONNECTION_OK)
  }

  /// The error of a failed result; a cancelled task gets `CancellationError` for the statement that was ended for it.
  func failure(_ result: OpaquePointer?, _ label: String) -> any Error {
    let error = DatabaseError(result: result, handle: handle, statement: label)
    if error.sqlState == "57014", gate.isCancelled { return CancellationError() }
    if error.isReadOnly { isToBeReplaced = true }
    return error
  }
}
