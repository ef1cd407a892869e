import Testing
import TestSupport

@testable import Postgres

private final class Log: Sendable {
  private let entries = Locked<[Int]>([])
  func add(_ entry: Int) { entries.withLock { $0.append(entry) } }
  var all: [Int] { entries.withLock { $0 } }
}

@Suite struct ConnectionPoolTests {
  private func pool(_ db: TestDatabase, _ limits: PoolLimits) -> ConnectionPool {
    ConnectionPool(url: db.url, limits: limits, logger: TestDatabase.quietLogger)
  }

  /// Waits for a condition that must come true.
  private func eventually(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<3000 {
      if try await condition() { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("the condition did not come true")
  }

  /// Occupies connections with a lock that the admin's session holds.
  private func activeSleeps(_ marker: String) async throws -> Int {
    try await TestDatabase.admin().run { c in
      try c.first(
        """
        select count(*) from pg_stat_activity
        where state = 'active' and query like \("%\(marker)%") and pid <> pg_backend_pid()
        """
      ) { try $0.int(0) } ?? 0
    }
  }

  @Test func noMoreConnectionsThanAllowed() async throws {
    let db = try await TestDatabase.makeEmpty()
    let pool = pool(db, PoolLimits(connectionsMax: 3, acquireTimeout: .seconds(60)))
    let pids = try await withThrowingTaskGroup(of: Int32.self) { group in
      for _ in 0..<40 {
        group.addTask {
          try await pool.run { c in try c.first("select pg_backend_pid() from pg_sleep(0.002)") { try $0.int32(0) } ?? 0
          }
        }
      }
      return try await group.reduce(into: Set<Int32>()) { $0.insert($1) }
    }
    #expect((1...3).contains(pids.count))
    #expect(pool.status.inUse == 0 && pool.status.waiting == 0)
  }

  @Test func waitersAreServedInOrder() async throws {
    let db = try await TestDatabase.makeEmpty()
    let pool = pool(db, PoolLimits(connectionsMax: 1, acquireTimeout: .seconds(60)))
    let log = Log()
    let first = Task { try await pool.run { c in _ = try c.query("select pg_sleep(0.5)") } }
    try await eventually { pool.status.inUse == 1 }
    var tasks: [Task<Void, any Error>] = []
    for index in 0..<10 {
      tasks.append(Task { try await pool.run { _ in log.add(index) } })
      try await eventually { pool.status.waiting == index + 1 || !log.all.isEmpty }
    }
    try await first.value
    for task in tasks { try await task.value }
    #expect(log.all == Array(0..<10))
  }

  @Test func waitingHasALimitInNumberAndTime() async throws {
    let db = try await TestDatabase.makeEmpty()
    let pool = pool(db, PoolLimits(connectionsMax: 1, waitersMax: 1, acquireTimeout: .milliseconds(200)))
    let holder = Task { try await pool.run { c in _ = try c.query("select pg_sleep(60)") } }
    try await eventually { pool.status.inUse == 1 }
    let waiter = Task { try await pool.run { _ in } }
    try await eventually { pool.status.waiting == 1 || waiter.isCancelled }
    let refused = await #expect(throws: DatabaseBusy.self) { try await pool.run { _ in } }
    #expect(refused?.reason == .tooManyWaiters)
    let late = await #expect(throws: DatabaseBusy.self) { try await waiter.value }
    #expect(late?.reason == .acquireTimeout)
    holder.cancel()
    await #expect(throws: CancellationError.self) { try await holder.value }
    try await pool.run { _ in }
  }

  @Test func aCancelledWaiterLeavesTheLine() async throws {
    let db = try await TestDatabase.makeEmpty()
    let pool = pool(db, PoolLimits(connectionsMax: 1, acquireTimeout: .seconds(60)))
    let holder = Task { try await pool.run { c in _ = try c.query("select pg_sleep(60)") } }
    try await eventually { pool.status.inUse == 1 }
    let waiter = Task { try await pool.run { _ in } }
    try await eventually { pool.status.waiting == 1 }
    waiter.cancel()
    await #expect(throws: CancellationError.self) { try await waiter.value }
    #expect(pool.status.waiting == 0)
    holder.cancel()
    _ = await holder.result
  }

  @Test func cancellingEndsTheStatementOnTheServer() async throws {
    let db = try await TestDatabase.makeEmpty()
    let task = Task { try await db.pool.run { c in _ = try c.query("select pg_sleep(600) /* cancel-me-1 */") } }
    try await eventually { try await self.activeSleeps("cancel-me-1") == 1 }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await activeSleeps("cancel-me-1") == 0)
  }

  @Test func cancellingRollsATransactionBack() async throws {
    let db = try await TestDatabase.makeEmpty()
    try await db.pool.run { c in try c.executeScript("create table t (a int8)") }
    let task = Task {
      try await db.pool.transaction { c in
        try c.execute("insert into t values (1)")
        _ = try? c.query("select pg_sleep(600) /* cancel-me-2 */")
        try c.execute("insert into t values (2)")
      }
    }
    try await eventually { try await self.activeSleeps("cancel-me-2") == 1 }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(try await db.pool.run { c in try c.first("select count(*) from t") { try $0.int64(0) } } == 0)
  }

  /// Many tasks are cancelled at random moments on one connection; the statements of the others must all succeed.
  @Test func aCancelNeverHitsTheNextStatement() async throws {
    let db = try await TestDatabase.makeEmpty()
    let pool = pool(db, PoolLimits(connectionsMax: 1, acquireTimeout: .seconds(60)))
    var innocent = 0
    for round in 0..<150 {
      let victim = Task { try await pool.run { c in _ = try c.query("select pg_sleep(0.003)") } }
      let next = Task {
        try await pool.run { c in
          try (0..<3).map { _ in try c.first("select 1::int8 from pg_sleep(0.0005)") { try $0.int64(0) } ?? 0 }
        }
      }
      try await Task.sleep(for: .microseconds(round * 37 % 4000))
      victim.cancel()
      innocent += try await next.value.count
      _ = await victim.result
    }
    #expect(innocent == 450)
  }

  @Test func anUnsentCancelIsForgottenWithItsLease() async throws {
    let gate = CancelGate()
    let first = gate.open()
    gate.close()
    gate.cancel(first)
    #expect(!gate.isCancelled)
    _ = gate.open()
    gate.cancel(first)
    #expect(!gate.isCancelled)
    try gate.check()
  }

  @Test func aTerminatedConnectionIsReplaced() async throws {
    let db = try await TestDatabase.makeEmpty()
    let pool = pool(db, PoolLimits(connectionsMax: 1))
    let pid = try await pool.run { c in try c.first("select pg_backend_pid()") { try $0.int32(0) } ?? 0 }
    try await TestDatabase.admin().run { c in _ = try c.query("select pg_terminate_backend(\(pid), 5000)") }
    let other = try await pool.run { c in try c.first("select pg_backend_pid()") { try $0.int32(0) } ?? 0 }
    #expect(other != 0 && other != pid)
    try await TestDatabase.admin().run { c in _ = try c.query("select pg_terminate_backend(\(other), 5000)") }
    let third = try await pool.transaction { c in try c.first("select pg_backend_pid()") { try $0.int32(0) } ?? 0 }
    #expect(third != 0 && third != other)
  }

  @Test func aConnectionLostInATransactionIsAnErrorNotARepeat() async throws {
    let db = try await TestDatabase.makeEmpty()
    let runs = Log()
    let error = await #expect(throws: DatabaseError.self) {
      try await db.pool.transaction(attempts: 3) { c in
        runs.add(1)
        _ = try c.query("select pg_terminate_backend(pg_backend_pid())")
        try c.execute("select 1")
      }
    }
    #expect(error?.isConnectionLost == true && error?.isTransient == true)
    #expect(runs.all.count == 1)
    #expect(try await db.pool.run { c in try c.first("select 1::int8") { try $0.int64(0) } } == 1)
  }

  @Test func serializationFailuresAreRunAgain() async throws {
    let db = try await TestDatabase.makeEmpty()
    try await db.pool.run { c in try c.executeScript("create table t (a int8); insert into t values (0)") }
    let runs = Log()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          try await db.pool.transaction(TransactionOptions(isolation: .serializable), attempts: 100) { c in
            runs.add(1)
            let value = try c.first("select a from t") { try $0.int64(0) } ?? 0
            _ = try c.query("select pg_sleep(0.01)")
            try c.execute("update t set a = \(value + 1)")
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await db.pool.run { c in try c.first("select a from t") { try $0.int64(0) } } == 4)
    #expect(runs.all.count > 4)
  }

  @Test func transactionOptionsHold() async throws {
    let db = try await TestDatabase.makeEmpty()
    let error = await #expect(throws: DatabaseError.self) {
      try await db.pool.transaction(TransactionOptions(readOnly: true)) { c in try c.executeScript("create table t ()")
      }
    }
    #expect(error?.sqlState == "25006")
    let slow = await #expect(throws: DatabaseError.self) {
      try await db.pool.transaction(TransactionOptions(statementTimeoutMilliseconds: 20)) { c in
        _ = try c.query("select pg_sleep(60)")
      }
    }
    #expect(slow?.isTimeout == true)
  }

  @Test func aCursorReadsInChunksAndLeavesNoTransaction() async throws {
    let db = try await TestDatabase.makeEmpty()
    let pool = pool(db, PoolLimits(connectionsMax: 1))
    var sizes: [Int] = []
    var sum: Int64 = 0
    try await pool.cursor("select g from generate_series(1, \(Int64(25))) g", chunkRows: 10) {
      try $0.int64(0)
    } _: { chunk in
      sizes.append(chunk.count)
      sum += chunk.reduce(0, +)
      await Task.yield()
    }
    #expect(sizes == [10, 10, 5] && sum == 325)
    struct Stop: Error {}
    await #expect(throws: Stop.self) {
      try await pool.cursor("select g from generate_series(1, 100) g", chunkRows: 10) {
        try $0.int32(0)
      } _: { _ in
        throw Stop()
      }
    }
    #expect(try await pool.run { c in c.isInTransaction } == false)
  }

  @Test func aClosedPoolRefuses() async throws {
    let db = try await TestDatabase.makeEmpty()
    try await db.pool.run { _ in }
    await db.pool.close()
    let error = await #expect(throws: DatabaseBusy.self) { try await db.pool.run { _ in } }
    #expect(error?.reason == .closed)
  }
}
