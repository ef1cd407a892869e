import CLibpq

extension Connection {
  /// Runs a closure for one lease of the pool; afterwards the connection is idle and outside a transaction.
  func lease<T>(_ body: (Connection) throws -> T) throws -> T {
    statementsInLease = 0
    savepointDepth = 0
    isManagedTransaction = false
    defer { endLease() }
    try gate.check()
    try ensureConnected()
    return try body(self)
  }

  func endLease() {
    gate.close()
    guard let handle, PQstatus(handle) == CONNECTION_OK, !isToBeReplaced else { return disconnect() }
    switch PQtransactionStatus(handle) {
    case PQTRANS_IDLE: break
    case PQTRANS_INTRANS, PQTRANS_INERROR:
      do { try executeSimple("ROLLBACK", label: "rollback") } catch { disconnect() }
    default: disconnect()  // in the middle of something: nothing is known about its state
    }
  }

  /// A transaction around the closure: commits its result, rolls back when it throws.
  func transaction<T>(_ options: TransactionOptions, _ body: (Connection) throws -> T) throws -> T {
    try begin(options)
    isManagedTransaction = true
    defer { isManagedTransaction = false }
    do {
      let result = try body(self)
      try commit()
      return result
    } catch {
      rollback()
      throw error
    }
  }

  /// Nothing has run yet, so a connection that turns out dead is replaced.
  func begin(_ options: TransactionOptions) throws {
    statementsInLease += 1
    do {
      try executeSimple(options.beginText, label: "begin")
    } catch let error as DatabaseError where error.isConnectionLost && statementsInLease == 1 {
      disconnect()
      try ensureConnected()
      try executeSimple(options.beginText, label: "begin")
    }
  }

  /// A commit is not interrupted half way: it is either refused before or runs to its end.
  func commit() throws {
    gate.close()
    if gate.isCancelled { throw CancellationError() }
    let result = try checked(PQexec(handle, "COMMIT"), label: "commit")
    defer { PQclear(result) }
    // The server answers ROLLBACK to a COMMIT when a statement failed and the closure hid it.
    guard PQcmdStatus(result).map({ String(cString: $0) }) == "COMMIT" else {
      throw DatabaseError(
        sqlState: "25P02", message: "the transaction had failed and was rolled back", statementName: "commit",
        isConnectionLost: false)
    }
  }

  private func rollback() {
    gate.close()
    guard isInTransaction else { return }
    do { try executeSimple("ROLLBACK", label: "rollback") } catch { disconnect() }
  }
}
