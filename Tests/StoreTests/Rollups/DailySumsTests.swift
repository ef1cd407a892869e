import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct DailySumsTests {
  /// Calls of ten past days, an hour apart; every day is summed.
  private func summed() async throws -> ReportFixture {
    let fixture = try await ReportFixture.make()
    let first = instant("2026-10-01T00:30:00Z")
    try await fixture.insert(
      (0..<240).map { fixture.call(at: first.adding(seconds: Int64($0) * 3600), id: UInt64($0 + 1)) })
    while try await DailySums(pool: fixture.pool).sumNext(restSeconds: 0) {}
    return fixture
  }

  private func total(_ fixture: ReportFixture) async throws -> Measures {
    let query = CostQuery(
      range: range("2026-10-01T00:00:00Z", "2026-10-11T00:00:00Z"), timeZone: "UTC", groupBy: [.model])
    return try await CostReports(pool: fixture.pool).run(query, scope: fixture.scope, organisation: fixture.organisation).total
  }

  @Test func aMarkedDayIsReadFromItsHoursAndASummedOneIsNot() async throws {
    let fixture = try await summed()
    #expect(try await total(fixture).calls == 240)
    // Hours that are not asked any more show who answers.
    try await fixture.pool.run { _ = try $0.execute("update spend_hour set calls = calls + 100") }
    #expect(try await total(fixture).calls == 240)
    try await fixture.pool.run { c in
      _ = try c.execute(
        "insert into days_to_sum (project_id, day) select distinct project_id, date '2026-10-03' from spend_hour")
    }
    #expect(try await total(fixture).calls == 240 + 24 * 100)
    #expect(try await DailySums(pool: fixture.pool).sumNext(restSeconds: 0))
    #expect(try await total(fixture).calls == 240 + 24 * 100)
  }

  @Test func theFoldMarksTheDaysItTouchesAndTheyRestBeforeTheyAreSummed() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([
      .call(1, of: 1, in: fixture.project), .call(2, of: 1, in: fixture.project, atSeconds: -4 * 86_400),
    ])
    try await fixture.foldAll()
    #expect(try await fixture.number("select count(*) from days_to_sum") == 2)
    let sums = DailySums(pool: fixture.pool)
    #expect(try await !sums.sumNext(restSeconds: 3600))
    while try await sums.sumNext(restSeconds: 0) {}
    #expect(try await fixture.number("select sum(calls) from spend_day") == fixture.number("select sum(calls) from spend_hour"))
    try await fixture.send([.call(3, of: 1, in: fixture.project, atSeconds: -4 * 86_400)])
    try await fixture.foldAll()
    #expect(try await fixture.number("select count(*) from days_to_sum") == 1)
    while try await sums.sumNext(restSeconds: 0) {}
    #expect(try await fixture.number("select sum(calls) from spend_endpoint_day") == 3)
  }

  /// In spend_hour they cancel out.
  @Test func callsThatExchangeTheirUsageAreSummedAgain() async throws {
    let fixture = try await WriteFixture.make()
    func calls(_ swapped: Bool, rank: UInt8) -> [ObservationFacts] {
      ([1, 2] as [UInt64]).map { id in
        var facts = ObservationFacts.call(id, of: 1, in: fixture.project) {
          $0.endpointHint = "/of\(id)"
          $0.user = id == 1 ? "anna" : "bert"
          $0.usage = UsageReport(usage: Usage([.input: (id == 1) == swapped ? 500 : 100]), rule: "test", raw: "{}")
        }
        facts.stamps = Stamps()
        facts.stampAll(Stamp(time: WriteFixture.noon.microseconds + 5_000_000, rank: rank, hash: id))
        return facts
      }
    }
    try await fixture.send(calls(false, rank: 0))
    let before = try await fixture.state()
    try await fixture.send(calls(true, rank: 1))
    let after = try await fixture.state()
    #expect(after["spend_hour"] == before["spend_hour"])
    for table in ["spend_endpoint_day", "spend_endpoint_month", "spend_user_month", "charges_day"] {
      #expect(after[table] != before[table], "\(table)")
    }
    try await RollupRebuild(pool: fixture.pool).run()
    #expect(WriteFixture.difference(try await fixture.state(), after).isEmpty)
  }

  @Test func todayIsNeverSummed() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.pool.run { c in
      _ = try c.execute(
        """
        insert into days_to_sum (project_id, day)
        select p.id, (now() at time zone g.time_zone)::date from projects p join organisations g on g.id = p.organisation_id limit 1
        """)
    }
    #expect(try await !DailySums(pool: fixture.pool).sumNext(restSeconds: 0))
  }

  @Test func aReportOverMonthsReadsDaysAndOnlyTheHoursOfMarkedOnes() async throws {
    let fixture = try await summed()
    let (scope, organisation) = (fixture.scope, fixture.organisation)
    try await fixture.pool.run { c in
      for (table, column, type) in [("spend_hour", "hour", "timestamptz"), ("spend_day", "day", "date")] {
        try c.execute(
          """
          insert into \(unescaped: table) (project_id, \(unescaped: column), team_id, kind, environment, service, provider, model, calls)
          select \(fixture.projects[0].id), t::\(unescaped: type), 0, 1, 'default', '', '', 'model ' || model, 1
          from generate_series(timestamp '2025-08-01', timestamp '2026-09-01',
            interval '\(unescaped: column == "hour" ? "1 hour" : "1 day")') t, generate_series(1, 5) model
          """)
      }
      _ = try c.execute("insert into days_to_sum (project_id, day) values (\(fixture.projects[0].id), '2026-10-03')")
      try c.executeScript("analyze")
    }
    let query = CostQuery(
      range: range("2025-10-01T00:00:00Z", "2026-10-11T05:00:00Z"), timeZone: "UTC", interval: .day, groupBy: [.model])
    let plan = try await fixture.pool.transaction { c in
      guard let plan = try CostPlan.make(query, scope: scope, organisation: organisation, source: nil, c) else { return "" }
      return try c.query("explain (analyze, costs off, timing off) \(plan.sql.statement)") { try $0.string(0) }
        .joined(separator: "\n")
    }
    #expect(plan.contains("spend_day"))
    #expect(!plan.contains("Seq Scan on spend_hour"))
    // The hours of one marked day and of the last morning, not of a year.
    let rows = plan.split(separator: "\n").filter { $0.contains("spend_hour") }.compactMap { line in
      line.split(separator: "rows=").last.flatMap { Int($0.prefix { $0.isNumber }) }
    }
    #expect(!rows.isEmpty && rows.allSatisfy { $0 < 100 }, "\(plan)")
  }
}
