import Testing
import TestSupport

@testable import Postgres

private struct Refused: Error, Equatable {}

@Suite struct ConnectionTests {
  @Test func aThrowRollsTheTransactionBack() async throws {
    let db = try await TestDatabase.makeEmpty()
    try await db.pool.run { c in try c.executeScript("create table t (a int8 primary key)") }
    await #expect(throws: Refused.self) {
      try await db.pool.transaction { c in
        try c.execute("insert into t values (\(1))")
        throw Refused()
      }
    }
    try await db.pool.transaction { c in try c.execute("insert into t values (\(2))") }
    #expect(try await db.pool.run { c in try c.query("select a from t") { try $0.int64(0) } } == [2])
  }

  @Test func aHiddenFailureIsNotTakenForACommit() async throws {
    let db = try await TestDatabase.makeEmpty()
    let error = await #expect(throws: DatabaseError.self) {
      try await db.pool.transaction { c in _ = try? c.execute("select 1/0") }
    }
    #expect(error?.sqlState == "25P02")
  }

  @Test func aSavepointRollsBackAlone() async throws {
    let db = try await TestDatabase.makeEmpty()
    let rows = try await db.pool.transaction { c in
      try c.executeScript("create table t (a int8 primary key)")
      try c.execute("insert into t values (1)")
      do {
        try c.savepoint { try c.execute("insert into t values (1)") }
      } catch let error as DatabaseError {
        #expect(error.isUniqueViolation && error.isDataError && !error.isTransient)
        #expect(error.constraint == "t_pkey" && error.table == "t")
      }
      try c.savepoint { try c.savepoint { try c.execute("insert into t values (2)") } }
      return try c.query("select a from t order by 1") { try $0.int64(0) }
    }
    #expect(rows == [1, 2])
  }

  @Test func errorTextsHoldNoValues() async throws {
    let error = await #expect(throws: DatabaseError.self) {
      try await TestDatabase.admin().run { c in
        try c.execute(("select (\("secret-value"))::text::int4" as SQL).named("Cast"))
      }
    }
    #expect(error?.sqlState == "22P02")
    #expect(error?.message.contains("secret-value") == true)
    #expect(error?.description.contains("secret") == false)
    #expect(error?.description.contains("Cast") == true)
  }

  @Test func preparedStatementsAreKeptUpToTheCap() async throws {
    let db = try await TestDatabase.makeEmpty()
    let pool = ConnectionPool(
      url: db.url, options: ConnectionOptions(statementCacheMax: 3), limits: PoolLimits(connectionsMax: 1),
      logger: TestDatabase.quietLogger)
    let names = try await pool.run { c in
      for index in 0..<6 {
        _ = try c.query("select \(unescaped: "\(index % 5) as a\(index % 5)")")
      }
      #expect(c.statements.count == 3)
      return try c.query(("select statement from pg_prepared_statements order by 1" as SQL).uncached()) {
        try $0.string(0)
      }
    }
    #expect(names == ["select 0 as a0", "select 3 as a3", "select 4 as a4"])
  }

  @Test func aStatementOutlivesASchemaChange() async throws {
    let db = try await TestDatabase.makeEmpty()
    let counts = try await db.pool.run { c in
      try c.executeScript("create table t (a int4); insert into t values (1)")
      let before = try #require(try c.query("select * from t").first).count
      try c.executeScript("alter table t add b text")
      return [before, try #require(try c.query("select * from t").first).count]
    }
    #expect(counts == [1, 2])
  }

  @Test func theSessionIsSetUp() async throws {
    let settings = try await TestDatabase.admin().run { c in
      try ["timezone", "client_encoding", "application_name", "statement_timeout"].map { name in
        try c.first("select current_setting(\(name))") { try $0.string(0) } ?? ""
      }
    }
    #expect(settings == ["UTC", "UTF8", "quipu", "30s"])
  }

  @Test func streamingStopsEarlyAndLeavesTheConnectionUsable() async throws {
    let answer = try await TestDatabase.admin().run { c -> [Int64] in
      var sum: Int64 = 0
      try c.stream("select g from generate_series(1, \(Int64(1000))) g") { sum += try $0.int64(0) }
      var seen: Int64 = 0
      #expect(throws: Refused.self) {
        try c.stream("select g from generate_series(1, \(Int64(5_000_000))) g") { _ in
          seen += 1
          if seen == 10 { throw Refused() }
        }
      }
      #expect(throws: DatabaseError.self) { try c.stream("select 1/(g - 5) from generate_series(1, 9) g") { _ in } }
      return [sum, seen, try c.first("select 42::int8") { try $0.int64(0) } ?? 0]
    }
    #expect(answer == [500_500, 10, 42])
  }
}

@Suite struct CopyTests {
  private func makeTable() async throws -> TestDatabase {
    let db = try await TestDatabase.makeEmpty()
    try await db.pool.run { c in
      try c.executeScript(
        """
        create table bulk (id int8 primary key, small int2, name text, ids int8[], cost numeric, at timestamptz,
          raw bytea, key uuid, flag bool, ratio float8, doc jsonb, day date, tags text[], n int4)
        """)
    }
    return db
  }

  @Test func rowsWithNullsAndArraysArriveAsWritten() async throws {
    let db = try await makeTable()
    let columns = [
      "id", "small", "name", "ids", "cost", "at", "raw", "key", "flag", "ratio", "doc", "day", "tags", "n",
    ]
    let count = try await db.pool.transaction { c in
      try c.copyIn(table: "bulk", columns: columns) { w in
        try w.row {
          $0.int64(1); $0.int16(2); $0.text("tab|\\N"); $0.array([Int64(1), 2]);
          $0.numeric(unscaled: -1234567, scale: 4)
          $0.timestamp(microseconds: 1_700_000_000_000_000); $0.bytea([1, 0, 2] as [UInt8]); $0.uuid(5); $0.bool(true)
          $0.double(0.25); $0.jsonb("{}"); $0.date(days: 3); $0.array(["x", nil] as [String?]); $0.int32(-7)
        }
        try w.row {
          $0.int64(2); $0.int16(nil); $0.text(nil); $0.array(Optional<[Int64]>.none); $0.numeric(nil)
          $0.timestamp(microseconds: nil); $0.bytea([UInt8]?.none); $0.uuid(nil); $0.bool(nil)
          $0.double(nil); $0.jsonb(nil); $0.date(days: nil); $0.value(.null); $0.null()
        }
      }
    }
    #expect(count == 2)
    let lines = try await db.pool.run { c in
      try c.query("select b::text from bulk b order by id") { try $0.string(0) }
    }
    #expect(
      lines == [
        #"(1,2,"tab|\\N","{1,2}",-123.4567,"2023-11-14 22:13:20+00","\\x010002",00000000-0000-0000-0000-000000000005,t,0.25,{},1970-01-04,"{x,NULL}",-7)"#,
        "(2,,,,,,,,,,,,,)",
      ])
  }

  @Test func manyRowsPassTheBufferSize() async throws {
    let db = try await makeTable()
    let text = String(repeating: "x", count: 500)
    let count = try await db.pool.run { c in
      try c.copyIn(table: "bulk", columns: ["id", "name"]) { w in
        for id in 0..<Int64(5000) {
          try w.row {
            $0.int64(id); $0.text(utf8: Array(text.utf8))
          }
        }
      }
    }
    #expect(count == 5000)
    let sums = try await db.pool.run { c in
      try c.first("select count(*), sum(length(name)) from bulk") { (try $0.int64(0), try $0.int64(1)) }
    }
    #expect(sums?.0 == 5000 && sums?.1 == 2_500_000)
  }

  @Test func errorsLeaveTheConnectionUsableAndNothingInserted() async throws {
    let db = try await makeTable()
    let after = try await db.pool.run { c -> Int64? in
      let twice = #expect(throws: DatabaseError.self) {
        try c.copyIn(table: "bulk", columns: ["id"]) { w in
          for _ in 0..<2 { try w.row { $0.int64(7) } }
        }
      }
      #expect(twice?.isUniqueViolation == true)
      let badText = #expect(throws: DatabaseError.self) {
        try c.copyIn(table: "bulk", columns: ["id", "name"]) { w in
          try w.row {
            $0.int64(8); $0.text(utf8: [0x61, 0x00] as [UInt8])
          }
        }
      }
      #expect(badText?.sqlState == "22021")
      #expect(throws: Refused.self) {
        try c.copyIn(table: "bulk", columns: ["id"]) { w in
          try w.row { $0.int64(9) }
          throw Refused()
        }
      }
      #expect(throws: CopyRowError.self) {
        try c.copyIn(table: "bulk", columns: ["id", "name"]) { w in try w.row { $0.int64(1) } }
      }
      #expect(throws: DatabaseError.self) { try c.copyIn(table: "absent", columns: ["id"]) { _ in } }
      return try c.first("select count(*) from bulk") { try $0.int64(0) }
    }
    #expect(after == 0)
  }
}
