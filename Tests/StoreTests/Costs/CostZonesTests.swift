import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct CostZonesTests {
  /// A call every 47 minutes, each with a cost of its own.
  private func calls(_ fixture: ReportFixture, _ range: TimeRange) -> [Observation] {
    let step: Int64 = 47 * 60
    return (0..<range.durationMicroseconds / 1_000_000 / step).map { i in
      var call = fixture.call(
        at: range.from.adding(seconds: i * step), trace: UInt64(i), id: UInt64(i + 1), cost: Int128(i * i + 1))
      call.decision.endpoint = "/\(i % 3)"
      return call
    }
  }

  private func money(_ rows: [CostRow]) -> USD { rows.reduce(USD.zero) { $0 + ($1.measures.cost ?? .zero) } }

  @Test(arguments: ["America/New_York", "Europe/Madrid"], [("2026-03-01", "2026-04-01"), ("2026-10-15", "2026-11-15")])
  func daysMakeUpTheMonthOverAChangeOfClocks(zone: String, dates: (String, String)) async throws {
    let fixture = try await ReportFixture.make(timeZone: zone)
    let span = range(dates.0 + "T00:00:00Z", dates.1 + "T23:00:00Z")
    let calls = calls(fixture, span)
    try await fixture.insert(calls)
    let reports = CostReports(pool: fixture.pool)
    for groupBy in [[], [.endpoint], [.user], [.extra1]] as [[CostDimension]] {
      var sums: [Timestamp: USD] = [:]
      for interval in [CostInterval.month, .day] {
        let query = CostQuery(range: span, timeZone: zone, interval: interval, groupBy: groupBy)
        let report = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
        let exact = try await reports.run(
          query, scope: fixture.scope, organisation: fixture.organisation, source: .observations)
        #expect(report.rows == exact.rows, "\(zone) \(groupBy) \(interval)")
        #expect(report.total.cost?.pico == calls.reduce(0) { $0 + ($1.decision.cost.cost?.pico ?? 0) })
        if interval == .month {
          for row in report.rows { sums[row.start ?? span.from, default: .zero] += row.measures.cost ?? .zero }
          continue
        }
        let starts = sums.keys.sorted()
        for (i, start) in starts.enumerated() {
          let end = i + 1 < starts.count ? starts[i + 1] : span.to
          let days = report.rows.filter { ($0.start.map { start <= $0 && $0 < end }) ?? false }
          #expect(money(days) == sums[start], "\(zone) \(groupBy) \(start)")
        }
        #expect(starts.count >= 2)
      }
    }
  }

  @Test(arguments: ["Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/Madrid"])
  func zonesWithTheSameMinutesAreAnsweredFromSums(zone: String) async throws {
    let fixture = try await ReportFixture.make(timeZone: zone)
    // Lord Howe's clocks move by half an hour on 4 October.
    let span = range("2026-09-28T00:00:00Z", "2026-10-12T00:00:00Z")
    try await fixture.insert(calls(fixture, span))
    let reports = CostReports(pool: fixture.pool)
    for asked in ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York"] {
      for interval in CostInterval.allCases {
        var query = CostQuery(range: span, timeZone: asked, interval: interval, groupBy: [.endpoint])
        let report = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
        let exact = try await reports.run(
          query, scope: fixture.scope, organisation: fixture.organisation, source: .observations)
        #expect(report.rows == exact.rows, "\(zone) \(asked) \(interval)")
        let isOnTheHour = ["UTC", "America/New_York", "Europe/Madrid"]
        let agrees = zone == asked || (isOnTheHour.contains(zone) && isOnTheHour.contains(asked))
        #expect(report.source == (agrees ? "spend_endpoint_hour" : "observations"))
        if agrees { continue }
        query.range = range("2026-06-01T00:00:00Z", "2026-10-12T00:00:00Z")
        let refusal = await #expect(throws: CostQueryRefusal.self) {
          try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
        }
        #expect(refusal?.message.contains(zone) == true && refusal?.message.contains(asked) == true)
        // Any dimensions would be refused in the zone asked for.
        #expect(refusal?.message.contains("with in \(zone), any of") == true)
      }
    }
  }

  @Test(arguments: ["UTC+3", "UTC3", "GMT+3", "<+03>-3", "Mars/Olympus", "x+5", "europe/berlin"])
  func onlyNamesOfZonesAreTakenBecauseOffsetsAreReadBothWays(zone: String) async throws {
    let fixture = try await ReportFixture.make(timeZone: "Europe/Madrid")
    let query = CostQuery(range: range("2026-10-05T00:00:00Z", "2026-10-06T00:00:00Z"), timeZone: zone, interval: .day)
    let refusal = await #expect(throws: CostQueryRefusal.self) {
      try await CostReports(pool: fixture.pool).run(query, scope: fixture.scope, organisation: fixture.organisation)
    }
    #expect(refusal?.message.contains("Accepted as time zone") == true)
  }

  @Test func anOffsetWithAnIANANameIsTaken() async throws {
    let fixture = try await ReportFixture.make(timeZone: "Europe/Madrid")
    let span = range("2026-10-04T21:00:00Z", "2026-10-05T21:00:00Z")
    try await fixture.insert([fixture.call(at: span.from, trace: 1, id: 1, cost: 5), fixture.call(at: span.to.adding(seconds: -1), trace: 2, id: 2, cost: 7)])
    let query = CostQuery(range: span, timeZone: "Etc/GMT-3", interval: .day)
    let report = try await CostReports(pool: fixture.pool).run(query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(report.rows.map(\.start) == [span.from] && report.rows.map(\.measures.calls) == [2])
  }

  @Test func singleCallsThatAreGoneAreNotTakenForNone() async throws {
    let fixture = try await ReportFixture.make()
    let span = range("2026-10-01T00:00:00Z", "2026-10-05T00:00:00Z")
    try await fixture.insert(calls(fixture, span))
    try await fixture.pool.run { c in
      _ = try c.execute("update projects set frozen_before = '2026-10-03 00:00+00'")
      _ = try c.execute("delete from observations where started_at < '2026-10-03 00:00+00'")
    }
    let reports = CostReports(pool: fixture.pool)
    let whole = CostQuery(range: span, timeZone: "UTC", interval: .day)
    let report = try await reports.run(whole, scope: fixture.scope, organisation: fixture.organisation)
    #expect(report.total.calls == Int64(calls(fixture, span).count))
    for query in [
      CostQuery(range: span, timeZone: "Asia/Kolkata", interval: .day),
      CostQuery(range: range("2026-10-01T10:30:00Z", "2026-10-05T00:00:00Z"), timeZone: "UTC"),
    ] {
      let refusal = await #expect(throws: CostQueryRefusal.self) {
        try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
      }
      #expect(refusal?.message.contains("before 2026-10-03T00:00:00Z") == true)
    }
    let later = CostQuery(range: range("2026-10-03T10:30:00Z", "2026-10-05T00:00:00Z"), timeZone: "Asia/Kolkata", interval: .day)
    #expect(try await reports.run(later, scope: fixture.scope, organisation: fixture.organisation).total.calls > 0)
  }
}
