import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct CostTopTests {
  private let around = range("2026-10-19T00:00:00Z", "2026-11-16T00:00:00Z")
  private let ragged = range("2026-10-20T07:41:13Z", "2026-11-14T16:20:59Z")

  private func calls(_ fixture: ReportFixture, seed: UInt64, count: Int = 500) -> [Observation] {
    var random = SeededNumbers(seed: seed)
    return (0..<count).map { i in
      let time = around.from.adding(microseconds: Int64.random(in: 0..<around.durationMicroseconds, using: &random))
      let cost = i % 7 == 0 ? nil : Int128.random(in: 1...9_999_999, using: &random)
      var call = fixture.call(at: time, trace: UInt64(i / 2), id: UInt64(i + 1), project: i / 2 % 2, cost: cost)
      call.decision.model = random.pick(["a", "b", "c", "d", "e", "f"])
      call.decision.endpoint = random.pick(["/1", "/2", "/3", "/4", "/5", "/6", "/7"])
      call.decision.user = random.pick(["ann", "bob", "cleo"])
      call.decision.userGroup = random.pick(fixture.groups.map(\.id))
      call.decision.team = random.pick(fixture.teams.map(\.id))
      call.decision.extras = [random.pick(["x", "y", "z"]) ?? "", "", "", ""]
      return call
    }
  }

  @Test(arguments: [[.endpoint], [.endpoint, .model], [.team, .endpoint], [.user], [.extra1, .model], [.userGroup]] as [[CostDimension]])
  func whatIsBeyondTheTopAddsUpExactly(groupBy: [CostDimension]) async throws {
    let fixture = try await ReportFixture.make(timeZone: "Europe/Madrid")
    try await fixture.insert(calls(fixture, seed: 21))
    let reports = CostReports(pool: fixture.pool)
    for interval in [nil, CostInterval.day, .month] {
      var query = CostQuery(range: ragged, timeZone: "Europe/Madrid", interval: interval, groupBy: groupBy)
      query.measures.formUnion(CostMeasure.money)
      let all = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
      query.top = 1
      let cut = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
      #expect(cut.total == all.total)
      // Worked out from all rows: the largest value, none, and the rest.
      let totals = Dictionary(grouping: all.rows) { $0.values[0] }.mapValues { $0.reduce(Measures()) { $0 + $1.measures } }
      let largest = totals.filter { $0.key.value != nil }.max { ($0.value.cost ?? .zero) < ($1.value.cost ?? .zero) }?.key
      var expected: [CostKey: Measures] = [:]
      for row in all.rows {
        let value = row.values[0] == largest || row.values[0].value == nil ? row.values[0] : .other
        expected[CostKey(start: row.start, values: [value] + row.values.dropFirst()), default: Measures()] =
          expected[CostKey(start: row.start, values: [value] + row.values.dropFirst()), default: Measures()] + row.measures
      }
      let found = Dictionary(uniqueKeysWithValues: cut.rows.map { (CostKey(start: $0.start, values: $0.values), $0.measures) })
      #expect(found == expected, "\(groupBy) \(String(describing: interval))")
      #expect(cut.rows.contains { $0.values[0].isOther })
    }
  }

  @Test func aTopThatKeepsAllHasNoOther() async throws {
    let fixture = try await ReportFixture.make()
    try await fixture.insert(calls(fixture, seed: 22))
    let reports = CostReports(pool: fixture.pool)
    var query = CostQuery(range: around, timeZone: "UTC", groupBy: [.team])
    let all = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
    query.top = 3
    let cut = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(cut.rows == all.rows)
    query.topBy = .users
    await #expect(throws: CostQueryRefusal.self) {
      try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
    }
  }

  @Test func rowsCarryThePeriodBeforeAndWhatWasOnlyThen() async throws {
    let fixture = try await ReportFixture.make(timeZone: "Europe/Madrid")
    var calls: [Observation] = []
    for (i, (time, model)) in [
      ("2026-10-01T10:00:00Z", "old"), ("2026-10-25T10:00:00Z", "kept"), ("2026-10-31T12:00:00Z", "kept"),
      ("2026-11-25T11:00:00Z", "kept"), ("2026-11-25T11:00:00Z", "new"),
    ].enumerated() {
      var call = fixture.call(at: instant(time), trace: UInt64(i), id: UInt64(i + 1), cost: 1 << Int128(i))
      call.decision.model = model
      calls.append(call)
    }
    try await fixture.insert(calls)
    let reports = CostReports(pool: fixture.pool)
    // November in Madrid; October has 31 days and an hour more.
    var query = CostQuery(
      range: range("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"), timeZone: "Europe/Madrid", groupBy: [.model])
    let report = try await reports.run(query, comparing: .previous, scope: fixture.scope, organisation: fixture.organisation)
    #expect(report.previousRange == range("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"))
    #expect(report.previousTotal?.cost == USD(pico: 7))
    let rows = Dictionary(uniqueKeysWithValues: report.rows.map { ($0.values[0].label, $0) })
    let (kept, new, old) = (try #require(rows["kept"]), try #require(rows["new"]), try #require(rows["old"]))
    #expect(kept.measures.cost == USD(pico: 8))
    #expect(kept.previous?.cost == USD(pico: 6))
    #expect(new.measures.cost == USD(pico: 16))
    #expect(new.previous == nil)
    #expect(old.measures.cost == USD.zero)
    #expect(old.measures.calls == 0)
    #expect(old.previous?.cost == USD(pico: 1))

    query.interval = .day
    let daily = try await reports.run(query, comparing: .previous, scope: fixture.scope, organisation: fixture.organisation)
    let day = try #require(daily.rows.first { $0.values[0].label == "kept" && $0.measures.calls == 1 })
    #expect(day.start == instant("2026-11-24T23:00:00Z"))
    #expect(day.previous?.cost == USD(pico: 2))
    // The 31st has no counterpart but is in the total.
    #expect(daily.previousTotal?.cost == USD(pico: 7))
    #expect(daily.rows.count == 3)

    query.interval = nil
    query.top = 1
    let cut = try await reports.run(query, comparing: .previous, scope: fixture.scope, organisation: fixture.organisation)
    let labels = cut.rows.map { $0.values[0].label }
    #expect(labels == ["new", "Other"])
    #expect(cut.rows[0].previous == nil)
    #expect(cut.rows[1].previous?.cost == USD(pico: 7))
  }

  @Test(arguments: [
    // As many days, over the change of clocks in Europe.
    ("2026-10-23T22:00:00Z", "2026-10-27T23:00:00Z", "2026-10-19T22:00:00Z"),
    ("2026-10-25T23:00:00Z", "2026-10-26T23:00:00Z", "2026-10-24T22:00:00Z"),
    // Two months, a year.
    ("2026-10-31T23:00:00Z", "2026-12-31T23:00:00Z", "2026-08-31T22:00:00Z"),
    ("2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z", "2024-12-31T23:00:00Z"),
    // Neither.
    ("2026-10-25T10:00:00Z", "2026-10-25T13:30:00Z", "2026-10-25T06:30:00Z"),
  ])
  func thePeriodBeforeIsAsLongInTheCalendar(from: String, to: String, before: String) async throws {
    let fixture = try await ReportFixture.make(timeZone: "Europe/Madrid")
    let query = CostQuery(range: range(from, to), timeZone: "Europe/Madrid", interval: .day)
    let report = try await CostReports(pool: fixture.pool).run(
      query, comparing: .previous, scope: fixture.scope, organisation: fixture.organisation)
    #expect(report.previousRange == range(before, from))
  }
}
