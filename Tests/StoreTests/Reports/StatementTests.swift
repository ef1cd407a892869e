import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct StatementTests {
  private static let tenth = instant("2026-02-10T12:00:00Z")

  private func closedFebruary(_ zone: String = "UTC") async throws -> BooksFixture {
    let fixture = try await BooksFixture.make(zone: zone)
    try await fixture.send([
      fixture.call(1, at: instant("2026-02-10T12:00:00Z"), team: 1), fixture.call(2, at: instant("2026-02-11T12:00:00Z"), team: 0),
      fixture.call(3, at: instant("2026-03-11T12:00:00Z"), team: 2),
    ])
    try await fixture.close("2026-02", comment: "ties to the invoice")
    return fixture
  }

  private func refusal(_ body: () async throws -> Void) async -> String {
    do { try await body() } catch let error as StatementRefusal { return error.message } catch { return "\(error)" }
    return "nothing was refused"
  }

  @Test func aCorrectionWaitsAndIsThenALineOfItsOwnInTheNextMonth() async throws {
    let fixture = try await closedFebruary()
    let booked = try await fixture.report("2026-02")
    try await fixture.send([fixture.call(9, at: instant("2026-02-20T12:00:00Z"), team: 3, model: "large")])
    let waiting = try await fixture.waiting()
    #expect(waiting.map(\.month) == ["2026-02"])
    #expect(waiting.map(\.amounts.effective) == [USD(pico: 360_000)])
    #expect(try await fixture.bridge("2026-02").waiting == USD(pico: 360_000))
    #expect(try await fixture.report("2026-02").lines == booked.lines)
    #expect(try await fixture.report("2026-02", .usageMonth).total.calls == 3)
    // The open month shows it already.
    let open = try await fixture.report("2026-03").lines.filter { $0.kind == .adjustment }
    #expect(open.map(\.exact.effective) == [USD(pico: 360_000)])
    try await fixture.close("2026-03")
    let line = try await fixture.report("2026-03").lines.filter { $0.kind == .adjustment }
    #expect(line.map(\.name) == ["Blue"])
    #expect(line.map(\.correctionOf) == ["2026-02"])
    #expect(line.map(\.calls) == [1])
    #expect(try await fixture.waiting().allSatisfy { $0.amounts == Amounts() })
    #expect(try await fixture.bridge("2026-02").postedLater == USD(pico: 360_000))
    let charges = try await fixture.charges("2026-03").filter { $0.correctionOf != nil && $0.meter != .rounding }
    #expect(charges.map(\.day) == ["2026-03-01", "2026-03-01"])
    #expect(charges.map(\.quantity) == [100, 20])
  }

  @Test func anotherOwnerTakesFromOneTeamAndGivesToAnother() async throws {
    let fixture = try await closedFebruary()
    try await fixture.write.door.decideAgain([TraceID(high: 7, low: 1)], in: fixture.write.project) { snapshot in
      FixedPrices.decide(&snapshot)
      for i in snapshot.observations.indices { snapshot.observations[i].decision.team = TeamID(2) }
    }
    try await fixture.write.foldAll()
    try await fixture.close("2026-03")
    let lines = try await fixture.report("2026-03").lines.filter { $0.kind == .adjustment }
    #expect(lines.map(\.team) == [TeamID(1), TeamID(2)])
    #expect(lines.map(\.exact.effective.pico) == [-120_000, 120_000])
    #expect(lines.map(\.calls) == [-1, 1])
  }

  @Test func aClosedStatementIsNotChangedByAnyStatement() async throws {
    let fixture = try await closedFebruary()
    for sql: SQL in [
      "update statements set comment = 'other'", "update statements set closed_at = null, closed_by = null, sha256 = null, effective_pico = null",
      "delete from statements", "truncate statements cascade",
      "update statement_lines set effective_pico = 0", "delete from statement_lines", "truncate statement_lines",
      "insert into statement_lines select statement_id, position + 100, kind, team_id, name, cost_centre, gl_account, owner, calls, errors, unpriced, usage, active_users, list_pico, contracted_pico, effective_pico, avoided_pico, list_rounded_pico, contracted_rounded_pico, effective_rounded_pico, avoided_rounded_pico from statement_lines",
      "update statement_charges set cost_pico = 0", "delete from statement_charges", "truncate statement_charges",
      "update statement_charges set statement_id = 77",
      "insert into statement_names values (1, 'team', 99, 'x', 'x')", "update statement_names set label = 'x'",
      "delete from statement_names", "truncate statement_names",
      "update dimension_sets set environment = 'x'", "delete from dimension_sets", "truncate dimension_sets",
      "update rates set contracted_pico = '{1}'", "delete from rates", "truncate rates",
    ] {
      await #expect(throws: DatabaseError.self, "\(sql.text)") { _ = try await fixture.pool.run { try $0.execute(sql) } }
    }
    let copied: SQL = """
      insert into statement_charges select statement_id, month, project_id, day + 1, set_id, rate_id,
        \(unescaped: ChargeColumns.measures.joined(separator: ", ")) from statement_charges
      """
    await #expect(throws: DatabaseError.self) { _ = try await fixture.pool.run { try $0.execute(copied) } }
    #expect(try await fixture.statements.verify("2026-02", scope: fixture.scope, organisation: fixture.organisation) == true)
  }

  @Test func theHashShowsAChangeThatWentAroundTheTriggers() async throws {
    let fixture = try await closedFebruary()
    try await fixture.pool.transaction { c in
      try c.execute("set local session_replication_role = replica")
      try c.execute("update statement_charges set cost_pico = cost_pico + 1")
    }
    #expect(try await fixture.statements.verify("2026-02", scope: fixture.scope, organisation: fixture.organisation) == false)
  }

  @Test func theHashIsOfTheCanonicalText() async throws {
    let fixture = try await closedFebruary()
    var text: [UInt8] = []
    try await fixture.statements.canonicalText("2026-02", scope: fixture.scope, organisation: fixture.organisation) { text += $0 }
    let digits = SHA256Digest.of(text).map { byte in
      let hex = String(byte, radix: 16)
      return byte < 16 ? "0" + hex : hex
    }
    let statement = try await fixture.statements.find("2026-02", scope: fixture.scope, organisation: fixture.organisation)
    #expect(statement.sha256 == digits.joined())
    #expect(statement.closedBy == "finance@acme.test")
    #expect(statement.comment == "ties to the invoice")
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\r\n")
    #expect(lines.first == "statement,1,1,2026-02,UTC,\"catalogue 0, own prices 0\",2")
    #expect(lines.filter { $0.hasPrefix("charge,2026-02,2026-02-1") }.count == 2)
    #expect(lines.contains { $0.hasPrefix("line,1,team,1,Red,,,,1,0,0,") && $0.contains(",0.00000015,0.00000012,0.00000012,0,0,0,0,0,") })
  }

  @Test func aClosedMonthKeepsTheNamesOfItsDimensions() async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    let keys = DeclaredKeyStore(pool: fixture.pool)
    func declare(_ key: String, _ label: String) async throws {
      _ = try await keys.declare(key, label: label, isDimension: true, scope: fixture.scope, by: "ann")
    }
    try await declare("tenant", "Customer")
    try await fixture.send([fixture.call(1, at: Self.tenth), fixture.call(3, at: instant("2026-03-11T12:00:00Z"), team: 2)])
    try await fixture.close("2026-02")
    let booked = try await fixture.report("2026-02", breakdown: [.extra1])
    #expect(booked.declared.map(\.label) == ["Customer"])
    try await declare("tenant", "Client")
    try await declare("tier", "Tier")
    let later = try await fixture.report("2026-02", breakdown: [.extra1])
    #expect(later.declared == booked.declared && later.lines == booked.lines)
    #expect(try await fixture.report("2026-02", breakdown: [.extra2]).declared.map(\.label) == ["Customer", "Tier"])
    #expect(try await fixture.report("2026-03").declared.map(\.label) == ["Client", "Tier"])
    #expect(try await fixture.report("2026-02", .usageMonth).declared.map(\.label) == ["Client", "Tier"])
    #expect(try await fixture.statements.verify("2026-02", scope: fixture.scope, organisation: fixture.organisation) == true)
    var text: [UInt8] = []
    try await fixture.statements.canonicalText("2026-02", scope: fixture.scope, organisation: fixture.organisation) { text += $0 }
    #expect(String(decoding: text, as: UTF8.self).contains("\r\nname,extra1,1,tenant,Customer,,,\r\n"))
  }

  @Test(arguments: ["x", "2026-13", ""]) func textOfNoMonthIsRefusedAsSuch(month: String) async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    await #expect(throws: CostQueryRefusal.self) {
      try await fixture.statements.canonicalText(month, scope: fixture.scope, organisation: fixture.organisation) { _ in }
    }
    await #expect(throws: StatementRefusal.self) {
      try await fixture.statements.canonicalText("2026-02", scope: fixture.scope, organisation: fixture.organisation) { _ in }
    }
  }

  @Test func monthsCloseOnceInOrderAndNotTooEarly() async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    try await fixture.send([fixture.call(1, at: instant("2026-02-10T12:00:00Z")), fixture.call(2, at: instant("2026-04-10T12:00:00Z"))])
    let (scope, organisation) = (fixture.scope, fixture.organisation)
    func state(_ time: String) async throws -> Statement.State {
      try await Statements(pool: fixture.pool, now: { instant(time) }).find("2026-02", scope: scope, organisation: organisation).state
    }
    #expect(try await state("2026-02-28T23:59:59Z") == .open)
    #expect(try await state("2026-03-03T23:59:59Z") == .closing)
    #expect(try await state("2026-03-04T00:00:00Z") == .ready)
    let early = Statements(pool: fixture.pool, now: { instant("2026-03-03T23:59:59Z") })
    #expect(
      await refusal { try await early.close("2026-02", comment: "", by: "a", scope: scope, organisation: organisation) }
        .contains("72 hours after its end"))
    #expect(await refusal { try await fixture.close("2026-04") }.contains("2026-02 first"))
    try await fixture.close("2026-02")
    #expect(await refusal { try await fixture.close("2026-02") }.contains("2026-02 is closed"))
    #expect(await refusal { try await fixture.close("2026-04") }.contains("2026-03 first"))
    // A month without calls is closed too.
    try await fixture.close("2026-03")
    try await fixture.close("2026-04")
    let list = try await fixture.statements.list(scope: scope, organisation: organisation)
    #expect(list.last?.period.month == "2026-02")
    #expect(list.filter { $0.state == .closed }.map(\.period.month) == ["2026-04", "2026-03", "2026-02"])
    let audits = try await AuditLog(pool: fixture.pool).entries(scope: scope).filter { $0.action == "month closed" }
    #expect(audits.map(\.subject) == ["statement 2026-04", "statement 2026-03", "statement 2026-02"])
  }

  @Test(arguments: ["repricings", "reattributions"]) func aMonthIsNotClosedUnderARun(table: String) async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    try await fixture.send([fixture.call(1, at: Self.tenth)])
    let price = table == "repricings" ? ", price_revision" : ""
    try await fixture.pool.run { c in
      try c.execute(
        """
        insert into \(unescaped: table) (organisation_id, from_time, to_time, reason, revision\(unescaped: price), created_by, done_before)
        values (1, '2026-02-28Z', '2026-03-05Z', 'test', 1\(unescaped: price.isEmpty ? "" : ", 1"), 'test', '2026-02-28Z')
        """)
    }
    #expect(await refusal { try await fixture.close("2026-02") }.contains("at work"))
    try await fixture.pool.run { c in try c.execute("update \(unescaped: table) set finished_at = now()") }
    try await fixture.close("2026-02")
  }

  @Test func ofTwoClosesAtOnceOneIsTaken() async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    try await fixture.send([fixture.call(1, at: Self.tenth)])
    let other = ConnectionPool(url: fixture.write.database.url, logger: TestDatabase.quietLogger)
    let now: Clock = { instant("2030-01-01T00:00:00Z") }
    let results = await withTaskGroup(of: Bool.self) { group in
      for pool in [fixture.pool, other] {
        group.addTask {
          let statements = Statements(pool: pool, now: now)
          do {
            try await statements.close("2026-02", comment: "", by: "x", scope: fixture.scope, organisation: fixture.organisation)
            return true
          } catch { return false }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.filter { $0 }.count == 1)
    #expect(try await fixture.write.number("select count(*) from statements") == 1)
    await other.close()
  }

  @Test func aCloseThatIsKilledLeavesNothing() async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    try await fixture.send([fixture.call(1, at: Self.tenth)])
    let close = try await fixture.pool.transaction { c -> Task<Void, any Error> in
      // Its last part waits here.
      try c.execute("lock table months_to_correct in access exclusive mode")
      let close = Task { _ = try await fixture.close("2026-02") }
      let waiting: SQL = "select pid from pg_locks where not granted and relation = 'months_to_correct'::regclass"
      for _ in 0..<2000 {
        if let pid = try c.first(waiting, { try $0.int32(0) }) {
          try c.execute("select pg_terminate_backend(\(pid))")
          break
        }
        try c.execute("select pg_sleep(0.005)")
      }
      return close
    }
    await #expect(throws: (any Error).self) { try await close.value }
    for table in ["statements", "statement_lines", "statement_charges", "statement_names"] {
      #expect(try await fixture.write.number("select count(*) from \(unescaped: table)") == 0)
    }
    try await fixture.close("2026-02")
  }

  @Test func aLaterRenameChangesNothingInAClosedMonth() async throws {
    let fixture = try await closedFebruary()
    let before = try await fixture.report("2026-02", breakdown: [.project])
    try await fixture.pool.run { c in
      try c.execute("update teams set name = 'New ' || name, cost_centre = '4711'")
      try c.execute("update projects set name = 'New ' || name")
    }
    #expect(try await fixture.report("2026-02", breakdown: [.project]).lines == before.lines)
    #expect(try await fixture.report("2026-02").lines.map(\.name) == ["Unallocated", "Red"])
    #expect(try await fixture.report("2026-03").lines.filter { $0.kind == .team && !$0.isGone }.map(\.name) == ["New Green"])
  }

  @Test func aRebuildPostsNoCorrection() async throws {
    let fixture = try await closedFebruary()
    try await RollupRebuild(pool: fixture.pool).run()
    #expect(try await fixture.waiting().map(\.charges) == [0])
    try await fixture.close("2026-03")
    #expect(try await !fixture.report("2026-03").lines.contains { $0.kind == .adjustment })
  }

  @Test func whatArrivesBeforeTheFirstClosedMonthIsPostedToo() async throws {
    let fixture = try await closedFebruary()
    try await fixture.send([fixture.call(9, at: instant("2026-01-20T12:00:00Z"), team: 1)])
    #expect(try await fixture.waiting().filter { $0.charges > 0 }.map(\.month) == ["2026-01"])
    try await fixture.close("2026-03")
    #expect(try await fixture.report("2026-03").lines.compactMap(\.correctionOf) == ["2026-01"])
    // There, and nowhere else.
    let january = try await fixture.report("2026-01")
    #expect(january.total.exact == Amounts() && january.total.calls == 0 && january.statement?.state == .before)
    #expect(try await fixture.report("2026-01", .usageMonth).total.calls == 1)
    #expect(try await fixture.charges("2026-01").isEmpty)
    #expect(await refusal { try await fixture.close("2026-01") }.contains("lies before the first month that was closed"))
  }
}
