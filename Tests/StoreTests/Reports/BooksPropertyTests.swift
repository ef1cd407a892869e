import Domain
import Postgres
import Testing

@testable import Store

@Suite struct BooksPropertyTests {
  private func withPools(_ zone: String) async throws -> BooksFixture {
    let fixture = try await BooksFixture.make(zone: zone)
    for (name, amount, method, shares) in [
      ("GPU node", CostPool.Amount.hourly(USD(decimal: "2.123456") ?? .zero, hours: "719.5"), AllocationMethod.proportionalCost, [:]),
      ("Platform", .monthly(USD(decimal: "100.005") ?? .zero), .even, [:]),
      ("Support", .monthly(USD(decimal: "33.33") ?? .zero), .fixedPercent, [TeamID(1): "33.333333", TeamID(3): "66.666667"]),
    ] {
      let pool = CostPool(
        id: PoolID(0), name: name, amount: amount, purchase: "spot", method: method, percentages: shares, monthFrom: "2026-03")
      _ = try await fixture.pools.save(pool, scope: fixture.scope, by: "test")
    }
    return fixture
  }

  @Test(arguments: [(UInt64(1), "Europe/Madrid"), (2, "America/New_York"), (3, "Asia/Kolkata")])
  func partsAddUpInEveryViewAndFilter(seed: UInt64, zone: String) async throws {
    let fixture = try await withPools(zone)
    var books = RandomBooks(seed: seed, fixture)
    try await books.traffic(150)
    for _ in 0..<6 { try await books.change() }
    for month in RandomBooks.months {
      for view in ReportView.allCases {
        for (breakdown, filter) in Self.questions {
          let report = try await fixture.report(month, view, breakdown: breakdown, filter: filter)
          expectSound(report)
          expectSame(try await fixture.charges(month, view, breakdown: breakdown, filter: filter), as: report)
        }
      }
      try await fixture.close(month)
      for (breakdown, filter) in Self.questions {
        let report = try await fixture.report(month, breakdown: breakdown, filter: filter)
        expectSound(report)
        expectSame(try await fixture.charges(month, breakdown: breakdown, filter: filter), as: report)
      }
      for _ in 0..<3 { try await books.change() }
    }
  }

  private static let questions: [([CostDimension], CostFilter)] = [
    ([], [:]), ([.model], [:]), ([.project, .environment, .endpoint, .model], [:]), ([], [.team: ["Red", ""]]),
    ([.kind], [.model: ["large"]]),
  ]

  @Test(arguments: [(UInt64(11), "Europe/Madrid"), (12, "America/New_York"), (13, "UTC")])
  func whatIsBookedAndWhatWaitsIsTheLedger(seed: UInt64, zone: String) async throws {
    let fixture = try await withPools(zone)
    var books = RandomBooks(seed: seed, fixture)
    try await books.traffic(120)
    var closed: [String] = []
    for month in RandomBooks.months {
      let open = try await fixture.report(month)
      let statement = try await fixture.close(month)
      closed.append(month)
      // What would be booked is what is booked.
      let booked = try await fixture.report(month)
      #expect(booked.lines.map(\.exact) == open.lines.map(\.exact))
      #expect(booked.lines.map(\.rounded) == open.lines.map(\.rounded))
      #expect(booked.lines.map(\.key) == open.lines.map(\.key))
      #expect(statement.total == booked.total.exact.effective)
      #expect(try await fixture.waiting().allSatisfy { $0.amounts == Amounts() && $0.charges == 0 })
      for _ in 0..<8 { try await books.change() }
      try await expectBooksAreTheLedger(fixture, closed)
      #expect(try await fixture.report(month).lines == booked.lines)
    }
    for month in closed {
      #expect(try await fixture.statements.verify(month, scope: fixture.scope, organisation: fixture.organisation) == true)
    }
  }

  private func expectBooksAreTheLedger(_ fixture: BooksFixture, _ closed: [String]) async throws {
    var booked = USD.zero
    for month in closed {
      booked += try await fixture.report(month).amounts([.team, .unallocated, .adjustment]).effective
      let bridge = try await fixture.bridge(month)
      #expect(bridge.ledger == (bridge.frozen ?? .zero) + bridge.postedLater + bridge.waiting)
      #expect(bridge.booked == (try await fixture.report(month).total.exact.effective))
    }
    let waiting = try await fixture.waiting().reduce(USD.zero) { $0 + $1.amounts.effective }
    #expect(booked + waiting == (try await fixture.ledger(["2026-01"] + closed)))
  }

  @Test(arguments: ["America/New_York", "Europe/Madrid"], ["2025-10", "2025-11", "2026-03"])
  func daysAddUpToTheMonthWhenClocksChange(zone: String, month: String) async throws {
    let fixture = try await BooksFixture.make(zone: zone)
    let first = instant(month + "-01T00:00:00Z").adding(seconds: -86_400)
    try await fixture.send((1...800).map { fixture.call(UInt64($0), at: first.adding(seconds: Int64($0) * 3600 - 1800)) })
    let whole = try await fixture.report(month, .usageMonth)
    let next = month == "2025-11" ? "2025-12" : month == "2025-10" ? "2025-11" : "2026-04"
    let days = (1...31).map { month + ($0 < 10 ? "-0\($0)" : "-\($0)") }.filter { $0 < (month == "2025-11" ? "2025-11-31" : "9") }
    var (sum, calls) = (Amounts(), Int64(0))
    for (day, end) in zip(days, days.dropFirst() + [next + "-01"]) {
      let request = AllocationRequest(period: .days(from: day, to: end), view: .usageMonth)
      let report = try await fixture.reports.run(request, scope: fixture.scope, organisation: fixture.organisation)
      sum = sum + report.total.exact
      calls += report.total.calls
    }
    #expect(sum == whole.total.exact)
    #expect(calls == whole.total.calls)
    let hours = zone == "Europe/Madrid" ? ["2025-10": 745, "2025-11": 720, "2026-03": 743] : ["2025-10": 744, "2025-11": 721, "2026-03": 743]
    #expect(whole.total.calls == hours[month].map { Int64($0) })
  }
}
