import CLibpq

extension Connection {
  /// Row by row in memory of one row (single-row mode). A throw from the body ends the statement on the server; the
  /// connection stays usable. The statement's time limit covers the whole run.
  public func stream(_ sql: SQL, _ body: (Row) throws -> Void) throws {
    try gate.check()
    statementsInLease += 1
    parameters.fill(sql.binds)
    let text = sql.text
    let sent = parameters.withArguments { PQsendQueryParams(handle, text, $0, $1, $2, $3, $4, 1) }
    guard sent == 1, PQsetSingleRowMode(handle) == 1 else {
      throw DatabaseError(
        sqlState: nil, message: DatabaseError.connectionMessage(handle), statementName: sql.label,
        isConnectionLost: PQstatus(handle) != CONNECTION_OK)
    }
    do {
      while let result = PQgetResult(handle) {
        let rows = ResultHandle(result)  // frees it
        try check(result, label: sql.label)
        for index in 0..<rows.rows { try body(Row(handle: rows, index: index)) }
      }
    } catch {
      abandonStatement()
      throw error
    }
  }

  /// Ends what runs on this connection and drops what is left of its result.
  private func abandonStatement() {
    if PQtransactionStatus(handle) == PQTRANS_ACTIVE, let key = PQgetCancel(handle) {
      sendCancel(key)
      PQfreeCancel(key)
    }
    while let result = PQgetResult(handle) { PQclear(result) }
  }
}
