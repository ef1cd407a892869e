import Testing
import TestSupport

@testable import Postgres

@Suite struct DatabaseChecksTests {
  @Test func anUnsafeServerIsRefusedUnlessTheCodeAllowsIt() async throws {
    let db = try await TestDatabase.makeEmpty()
    await #expect(throws: DatabaseCheckFailure.fsyncOff) { try await DatabaseChecks.verify(db.pool) }
    try await DatabaseChecks.verify(db.pool, allowUnsafeDurability: true)
  }

  @Test func anotherEncodingIsRefused() async throws {
    let name = "latin_" + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    try await TestDatabase.admin().run { c in
      try c.executeScript("CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'LATIN1'")
    }
    let url = try await TestDatabase.admin().url.replacing("dbname=postgres", with: "dbname=\(name)")
    let pool = ConnectionPool(url: url, logger: TestDatabase.quietLogger)
    await #expect(throws: DatabaseCheckFailure.encoding("LATIN1")) {
      try await DatabaseChecks.verify(pool, allowUnsafeDurability: true)
    }
  }

  @Test func noServerIsATransientError() async throws {
    let pool = ConnectionPool(url: "host=/tmp/nothing-here dbname=x", logger: TestDatabase.quietLogger)
    let error = await #expect(throws: DatabaseError.self) { try await DatabaseChecks.verify(pool) }
    #expect(error?.isTransient == true && error?.isConnectionLost == true)
  }
}
