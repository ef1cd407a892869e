import CLibpq

/// What PostgreSQL, or the lack of a connection to it, answered to a statement.
///
/// The description holds no values: not the detail, and not the message of data errors, which quotes what was sent.
public struct DatabaseError: Error, Sendable, CustomStringConvertible {
  /// The five-character code; nil when the connection was lost before an answer.
  public let sqlState: String?
  /// The server's primary message. May quote a value: for people who may see the data, never for logs.
  public let message: String
  /// The constraint that was violated, if one was.
  public let constraint: String?
  /// The table the error is about, if the server names one.
  public let table: String?
  /// The column the error is about, if the server names one.
  public let column: String?
  /// The name of the statement, or the beginning of its text.
  public let statementName: String?
  /// Whether the connection is gone.
  public let isConnectionLost: Bool

  init(
    sqlState: String?, message: String, constraint: String? = nil, table: String? = nil, column: String? = nil,
    statementName: String?, isConnectionLost: Bool
  ) {
    self.sqlState = sqlState
    self.message = message
    self.constraint = constraint
    self.table = table
    self.column = column
    self.statementName = statementName
    self.isConnectionLost = isConnectionLost
  }

  init(result: OpaquePointer?, handle: OpaquePointer?, statement: String?) {
    // PG_DIAG_… are character macros, which Swift does not import (postgres_ext.h).
    func field(_ code: Unicode.Scalar) -> String? {
      PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
    }
    let state = field("C")
    self.init(
      sqlState: state, message: field("M") ?? Self.connectionMessage(handle),
      constraint: field("n"), table: field("t"), column: field("c"),
      statementName: statement, isConnectionLost: state == nil || PQstatus(handle) != CONNECTION_OK)
  }

  static func connectionMessage(_ handle: OpaquePointer?) -> String {
    guard let handle, let text = PQerrorMessage(handle) else { return "no connection" }
    return String(cString: text).split(separator: "\n").joined(separator: " ")
  }

  private func hasClass(_ prefix: String) -> Bool { sqlState?.hasPrefix(prefix) ?? false }

  /// Another try may succeed: lost connection, serialization failure, deadlock, no resources, shutdown, lock timeout.
  public var isTransient: Bool {
    isConnectionLost || isSerializationFailure || hasClass("08") || hasClass("53") || hasClass("57P0")
      || sqlState == "55P03"
  }

  /// The server refuses to write: a standby, or a setting.
  public var isReadOnly: Bool { sqlState == "25006" }

  /// The server cannot write for lack of space, memory, a working disk or a privilege. Waiting alone does not help.
  public var isUnableToWrite: Bool {
    isReadOnly || (hasClass("53") && sqlState != "53300") || hasClass("58") || sqlState == "42501"
  }

  /// No space is left where the server writes.
  public var isDiskFull: Bool { sqlState == "53100" }

  /// The data is at fault (classes 22 and 23): sending the same again fails again.
  public var isDataError: Bool { hasClass("22") || hasClass("23") }

  /// Serialization failure or deadlock: run the transaction again.
  public var isSerializationFailure: Bool { sqlState == "40001" || sqlState == "40P01" }

  /// Ended by `statement_timeout` (a cancelled task throws `CancellationError` instead).
  public var isTimeout: Bool { sqlState == "57014" }

  /// A unique constraint or index was violated; `constraint` says which.
  public var isUniqueViolation: Bool { sqlState == "23505" }

  /// A foreign key was violated; `constraint` says which.
  public var isForeignKeyViolation: Bool { sqlState == "23503" }

  /// The server ended the connection and says that the statement did not run (or was rolled back).
  var isAdminShutdown: Bool { sqlState == "57P01" || sqlState == "57P02" || sqlState == "57P03" }

  /// Code, names and, unless it could quote data, the message.
  public var description: String {
    var parts = ["database error \(sqlState ?? "(connection lost)")"]
    if !(hasClass("22") || hasClass("P0")) { parts.append(message) }
    if let constraint { parts.append("constraint \(constraint)") }
    if let table { parts.append("table \(table)") }
    if let column { parts.append("column \(column)") }
    if let statementName { parts.append("statement \(statementName)") }
    return parts.joined(separator: "; ")
  }
}

/// No connection could be had in time.
public struct DatabaseBusy: Error, Sendable, CustomStringConvertible {
  /// Why.
  public enum Reason: String, Sendable {
    case tooManyWaiters, acquireTimeout, closed
  }

  /// Why there was none.
  public let reason: Reason

  /// For logs.
  public var description: String {
    switch reason {
    case .tooManyWaiters: "database busy: too many requests wait for a connection"
    case .acquireTimeout: "database busy: no connection became free in time"
    case .closed: "database busy: the connection pool is closed"
    }
  }
}
