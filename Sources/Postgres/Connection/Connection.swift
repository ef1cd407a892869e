import CLibpq
import Glibc

/// One connection to PostgreSQL, used synchronously inside the closure of `ConnectionPool.run` or `.transaction`.
///
/// *Concurrency:* lives on a thread of its own, is not Sendable and must not leave the closure. *Errors:* every
/// statement throws `DatabaseError`, or `CancellationError` once the task is cancelled.
public final class Connection {
  let url: String
  let options: ConnectionOptions
  let gate = CancelGate()
  private(set) var handle: OpaquePointer?
  var statements: StatementCache
  let parameters = ParameterBuffer()
  var savepointDepth = 0
  /// Only the first statement of a lease may be repeated on a new connection.
  var statementsInLease = 0
  /// Set while the pool owns the transaction: what the closure runs is never repeated by itself.
  var isManagedTransaction = false
  /// Set when this session will never write, though a new one may: after a failover, or a changed setting.
  var isToBeReplaced = false

  init(url: String, options: ConnectionOptions) {
    self.url = url
    self.options = options
    statements = StatementCache(entriesMax: options.statementCacheMax)
  }

  deinit { disconnect() }

  /// Whether a transaction is open, also one that failed.
  public var isInTransaction: Bool {
    guard let handle else { return false }
    let status = PQtransactionStatus(handle)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
  }

  /// The process id that the server announced when connecting; 0 without connection.
  var announcedProcessID: Int32 { handle.map { PQbackendPID($0) } ?? 0 }

  /// The server's version as a number, 150020 for 15.20; 0 without connection.
  var serverVersion: Int { handle.map { Int(PQserverVersion($0)) } ?? 0 }

  func disconnect() {
    gate.setKey(nil)
    isToBeReplaced = false
    statements.removeAll()
    if let handle { PQfinish(handle) }
    handle = nil
  }

  /// Connects if there is no connection or the server has closed it. Costs one `poll` otherwise.
  func ensureConnected() throws {
    if let handle, PQstatus(handle) == CONNECTION_OK, !isClosedByServer(handle) { return }
    disconnect()
    try connect()
  }

  /// An idle connection has nothing to read, except a notice or the end of the stream.
  private func isClosedByServer(_ handle: OpaquePointer) -> Bool {
    for _ in 0..<3 {
      var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
      guard poll(&descriptor, 1, 0) > 0 else { return false }
      if PQconsumeInput(handle) == 0 || PQstatus(handle) != CONNECTION_OK { return true }
      _ = PQisBusy(handle)  // takes in what was read
    }
    return PQstatus(handle) != CONNECTION_OK
  }

  private func connect() throws {
    // The address comes after the defaults and may override them, but not what stands after it.
    let settings: [(String, String)] = [
      ("application_name", options.applicationName), ("connect_timeout", String(options.connectTimeoutSeconds)),
      ("keepalives", "1"), ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"), ("tcp_user_timeout", "20000"),
      ("dbname", url), ("client_encoding", "UTF8"),
    ]
    let fresh = withCStrings(settings.map(\.0)) { names in
      withCStrings(settings.map(\.1)) { values in PQconnectdbParams(names, values, 1) }
    }
    guard let fresh else {
      throw DatabaseError(sqlState: nil, message: "out of memory", statementName: "connect", isConnectionLost: true)
    }
    guard PQstatus(fresh) == CONNECTION_OK else {
      defer { PQfinish(fresh) }
      throw DatabaseError(
        sqlState: nil, message: DatabaseError.connectionMessage(fresh), statementName: "connect", isConnectionLost: true
      )
    }
    PQsetNoticeProcessor(fresh, { _, _ in }, nil)
    handle = fresh
    gate.setKey(PQgetCancel(fresh))
    try configureSession()
  }

  /// As statements, not as start-up options, which poolers refuse.
  private func configureSession() throws {
    do {
      try executeSimple(
        """
        SET TIME ZONE 'UTC'; SET client_min_messages = warning; SET jit = off; SET standard_conforming_strings = on; \
        SET statement_timeout = \(max(0, options.statementTimeoutMilliseconds))
        """, label: "session settings")
    } catch {
      disconnect()
      throw error
    }
  }
}

/// A NULL-terminated array of C strings.
func withCStrings<T>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> T) -> T {
  let copies = strings.map { strdup($0) }
  defer { copies.forEach { free($0) } }
  let pointers = copies.map { UnsafePointer<CChar>($0) } + [nil]
  return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: pointers.count) { buffer in
    _ = buffer.initialize(from: pointers)
    return body(UnsafePointer(buffer.baseAddress.unsafelyUnwrapped))
  }
}
