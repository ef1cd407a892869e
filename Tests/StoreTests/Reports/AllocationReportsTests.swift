import Domain
import Postgres
import Testing

@testable import Store

@Suite struct AllocationReportsTests {
  private func calls(_ fixture: BooksFixture) -> [ObservationFacts] {
    let day = instant("2026-02-10T12:00:00Z")
    return [
      fixture.call(1, at: day, team: 1), fixture.call(2, at: day, team: 2, model: "large"), fixture.call(3, at: day, team: 0),
      fixture.call(4, at: instant("2026-01-10T12:00:00Z"), team: 1, model: "large"),
    ]
  }

  private func pool(_ method: AllocationMethod, _ amount: String, _ shares: [TeamID: String] = [:], from: String = "2026-02") -> CostPool {
    CostPool(
      id: PoolID(0), name: "Node", amount: .monthly(USD(decimal: amount) ?? .zero), purchase: nil, method: method,
      percentages: shares, monthFrom: from)
  }

  @Test func numbersAreThoseOfCostReports() async throws {
    let fixture = try await BooksFixture.make(zone: "America/New_York")
    var books = RandomBooks(seed: 5, fixture)
    try await books.traffic(80)
    for filter: CostFilter in [[:], [.model: ["large"]], [.project: ["docs"]], [.team: ["Green"]]] {
      let report = try await fixture.report("2026-03", .usageMonth, filter: filter)
      let query = CostQuery(
        range: report.period.range, timeZone: "America/New_York", groupBy: [.team], filter: filter,
        measures: CostMeasure.standard.union(CostMeasure.money))
      let costs = try await CostReports(pool: fixture.pool).run(query, scope: fixture.scope, organisation: fixture.organisation)
      #expect(report.total.exact.effective == (costs.total.cost ?? .zero))
      #expect(report.total.exact.list == (costs.total.listCost ?? .zero))
      #expect(report.total.calls == costs.total.calls)
      for row in costs.rows {
        let line = report.lines.first { $0.team == nil ? row.values[0].value == nil : $0.name == row.values[0].value }
        #expect(line?.exact.effective == (row.measures.cost ?? .zero))
        #expect(line?.usage == row.measures.usage)
      }
    }
  }

  @Test func linesTellTheMonthBeforeAndWhoWasActive() async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    try await fixture.send(calls(fixture))
    let report = try await fixture.report("2026-02", .usageMonth)
    #expect(report.lines.map(\.kind) == [.unallocated, .team, .team])
    #expect(report.lines.map(\.name) == ["Unallocated", "Green", "Red"])
    #expect(report.lines.map(\.previous) == [.zero, .zero, USD(pico: 360_000)])
    #expect(report.total.previous == USD(pico: 360_000))
    #expect(report.lines.map(\.activeUsers) == [1, 1, 1])
    #expect(report.total.activeUsers == 3)
    #expect(report.priceSet == "catalogue 0, own prices 0")
  }

  @Test func anUnallocatedOfZeroStandsAfterTheTeams() async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    try await fixture.send([fixture.call(1, at: instant("2026-02-10T12:00:00Z"), team: 1)])
    #expect(try await fixture.report("2026-02", .usageMonth).lines.map(\.name) == ["Red", "Unallocated"])
    let nothing = try await fixture.report("2026-06")
    #expect(nothing.lines.map(\.name) == ["Unallocated"])
    #expect(nothing.total.exact == Amounts())
  }

  @Test func aReaderOfOneTeamSeesItsLinesWithTheSameCents() async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    try await fixture.send(calls(fixture))
    _ = try await fixture.pools.save(pool(.proportionalCost, "100"), scope: fixture.scope, by: "test")
    let lead = AccessScope(organisation: fixture.organisation.id, teams: .only([TeamID(1)]), projects: .only([]), readsContent: false)
    for _ in 0..<2 {
      let whole = try await fixture.report("2026-02")
      let own = try await fixture.report("2026-02", scope: lead)
      #expect(own.lines.map(\.kind) == [.team, .shared])
      #expect(own.lines.map(\.rounded) == whole.lines.filter { $0.team == TeamID(1) }.map(\.rounded))
      #expect(own.total.rounded.effective == USD(pico: 25_000_000_000_000))
      #expect(own.lines.last?.shared?.driver == 250_000 && own.lines.last?.shared?.driverTotal == 1_000_000)
      #expect(own.lines.last?.shared?.isShareOnly == true && own.part == "team Red" && whole.part == nil)
      #expect(own.statement?.sha256 == nil)
      #expect(own.statement?.total == nil)
      let charges = try await fixture.charges("2026-02", scope: lead)
      #expect(charges.allSatisfy { $0.team.team == TeamID(1) })
      expectSame(charges, as: own)
      if whole.statement?.state != .closed {
        try await fixture.send([])
        for month in ["2026-01", "2026-02"] { try await fixture.close(month) }
      }
    }
    #expect(try await fixture.pools.list(scope: lead) == [])
  }

  @Test func poolsAreSplitByTheirMethodAndEndInAMonth() async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    try await fixture.send(calls(fixture))
    let saved = try await fixture.pools.save(pool(.proportionalCost, "10"), scope: fixture.scope, by: "test")
    func shared(_ month: String) async throws -> [String] {
      try await fixture.report(month, .usageMonth).lines.filter { !$0.isGone }.compactMap { line in
        line.shared.map { "\(line.name) \(line.exact.effective) by \($0.driver) of \($0.driverTotal) \($0.method.rawValue)" }
      }
    }
    #expect(try await shared("2026-02") == ["Red 2.5 by 120000 of 480000 PROPORTIONAL_COST", "Green 7.5 by 360000 of 480000 PROPORTIONAL_COST"])
    // Nobody has a driver.
    #expect(try await shared("2026-06") == ["Unallocated 10 by 0 of 0 PROPORTIONAL_COST"])
    #expect(try await shared("2026-01") == [])
    let even = try await fixture.pools.save(pool(.even, "0.10", from: "2026-03"), replacing: saved.id, scope: fixture.scope, by: "test")
    try await fixture.pool.run { c in try c.execute("update teams set valid_to = '2026-04-01' where name = 'Blue'") }
    #expect(try await shared("2026-03") == ["Red 0.04 by 1 of 3 EVEN", "Green 0.03 by 1 of 3 EVEN", "Blue 0.03 by 1 of 3 EVEN"])
    #expect(try await shared("2026-04") == ["Red 0.05 by 1 of 2 EVEN", "Green 0.05 by 1 of 2 EVEN"])
    try await fixture.pools.end(even.id, month: "2026-05", scope: fixture.scope, by: "test")
    #expect(try await shared("2026-05") == [])
    let list = try await fixture.pools.list(scope: fixture.scope)
    #expect(list.map(\.monthTo) == ["2026-03", "2026-05"])
    #expect(try await AuditLog(pool: fixture.pool).entries(scope: fixture.scope).filter { $0.subject.hasPrefix("shared cost") }.count == 3)
  }

  @Test func poolsThatCannotBeSplitExactlyAreRefused() async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    var finer = pool(.even, "1")
    finer.amount = .hourly(USD(pico: 1), hours: "0.5")
    var nameless = pool(.even, "1")
    nameless.name = "  "
    for bad in [
      pool(.fixedPercent, "1", [TeamID(1): "99.9999999"]), pool(.fixedPercent, "1", [TeamID(1): "50", TeamID(2): "49.999999"]),
      pool(.fixedPercent, "1", [TeamID(1): "150", TeamID(2): "-50"]), pool(.fixedPercent, "1", [TeamID(77): "100"]),
      pool(.even, "-1"), pool(.even, "1", from: "2026-13"), finer, nameless,
    ] {
      await #expect(throws: StatementRefusal.self) { try await fixture.pools.save(bad, scope: fixture.scope, by: "test") }
    }
    let saved = try await fixture.pools.save(
      pool(.fixedPercent, "1", [TeamID(1): "0.000001", TeamID(2): "99.999999"]), scope: fixture.scope, by: "test")
    #expect(saved.percentages == [TeamID(1): "0.000001", TeamID(2): "99.999999"])
    try await fixture.send([fixture.call(1, at: instant("2026-02-10T12:00:00Z"))])
    try await fixture.close("2026-02")
    await #expect(throws: StatementRefusal.self) {
      try await fixture.pools.save(pool(.even, "1"), scope: fixture.scope, by: "test")
    }
    await #expect(throws: StatementRefusal.self) {
      try await fixture.pools.end(saved.id, month: "2026-02", scope: fixture.scope, by: "test")
    }
  }

  @Test(arguments: ["2026-1", "2026-13", "oops", "2026-02-01", ""]) func whatIsNoMonthIsRefused(month: String) async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    await #expect(throws: CostQueryRefusal.self) { try await fixture.report(month) }
  }

  @Test func daysThatAreNoneAreRefused() async throws {
    let fixture = try await BooksFixture.make(zone: "UTC")
    for (from, to) in [("2026-02-30", "2026-03-02"), ("2026-03-02", "2026-03-02"), ("2026-03-0x", "2026-04-01")] {
      let request = AllocationRequest(period: .days(from: from, to: to), view: .usageMonth)
      await #expect(throws: CostQueryRefusal.self) {
        try await fixture.reports.run(request, scope: fixture.scope, organisation: fixture.organisation)
      }
    }
  }
}
