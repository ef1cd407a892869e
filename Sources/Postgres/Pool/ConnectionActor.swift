/// One connection and its thread. Synchronous work for a lease runs on that thread.
actor ConnectionActor {
  private nonisolated let thread: ConnectionThread
  private let connection: Connection
  nonisolated let gate: CancelGate

  init(url: String, options: ConnectionOptions) throws {
    thread = try ConnectionThread()
    let connection = Connection(url: url, options: options)
    gate = connection.gate
    self.connection = connection
  }

  deinit { thread.stop() }

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  func lease<T: Sendable>(_ body: @Sendable (Connection) throws -> T) throws -> T {
    try connection.lease(body)
  }

  /// Without the lease's end, for work that goes on in a later call; errors leave the cleaning to `endCursor`.
  func use<T: Sendable>(_ body: @Sendable (Connection) throws -> T) throws -> T {
    try connection.gate.check()
    return try body(connection)
  }

  func startCursor(_ options: TransactionOptions, _ sql: SQL) throws {
    try connection.startCursor(options, sql)
  }

  func endCursor() { connection.endCursor() }
}

extension Connection {
  /// A cursor in a transaction of its own. The plan is made for reading to the end.
  func startCursor(_ options: TransactionOptions, _ sql: SQL) throws {
    statementsInLease = 0
    savepointDepth = 0
    try gate.check()
    try ensureConnected()
    try begin(options)
    isManagedTransaction = true
    try executeSimple("SET LOCAL cursor_tuple_fraction = 1", label: "cursor")
    try execute(("DECLARE quipu_cursor NO SCROLL CURSOR FOR " + sql).uncached().named(sql.label))
  }

  /// The cursor only read, so there is nothing to commit.
  func endCursor() {
    isManagedTransaction = false
    endLease()
  }
}
