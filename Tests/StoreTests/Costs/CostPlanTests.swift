import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct CostPlanTests {
  private func plan(_ query: CostQuery, _ fixture: ReportFixture) async throws -> String {
    let (scope, organisation) = (fixture.scope, fixture.organisation)
    return try await fixture.pool.transaction { c in
      guard let plan = try CostPlan.make(query, scope: scope, organisation: organisation, source: nil, c) else {
        return ""
      }
      return try c.query("explain \(plan.sql.statement)") { try $0.string(0) }.joined(separator: "\n")
    }
  }

  private func seeded() async throws -> ReportFixture {
    let fixture = try await ReportFixture.make()
    let first = instant("2026-10-01T00:00:00Z")
    try await fixture.insert(
      (0..<3000).map { fixture.call(at: first.adding(seconds: Int64($0) * 900), id: UInt64($0 + 1)) })
    try await fixture.pool.run { c in
      // A year of hours, so that reading one day of them by the index pays.
      try c.execute(
        """
        insert into spend_hour (project_id, hour, team_id, kind, environment, service, provider, model, calls)
        select \(fixture.projects[0].id), timestamptz '2025-10-01' + hour * interval '1 hour', 0, 1, 'default', '', '', 'model ' || model, 1
        from generate_series(1, 8000) hour, generate_series(1, 5) model
        """)
      try c.executeScript("analyze")
    }
    return fixture
  }

  @Test func aDayIsReadByTheRollupsKey() async throws {
    let query = CostQuery(
      range: range("2026-10-10T00:00:00Z", "2026-10-11T00:00:00Z"), timeZone: "UTC", groupBy: [.model])
    let plan = try await plan(query, seeded())
    #expect(plan.contains("spend_hour_pkey"))
    #expect(!plan.contains("Seq Scan on spend_hour"))
    #expect(!plan.contains("observations"))
  }

  @Test func raggedEndsTouchOnlyTheirPartitions() async throws {
    let query = CostQuery(
      range: range("2026-10-10T10:30:00Z", "2026-10-20T20:10:00Z"), timeZone: "UTC", groupBy: [.team])
    let plan = try await plan(query, seeded())
    let partitions = Set(
      plan.split { !$0.isNumber && !$0.isLetter && $0 != "_" }.filter { $0.hasPrefix("observations_2") }.map {
        $0.prefix(21)
      })
    #expect(partitions == ["observations_20261010", "observations_20261020"])
  }

  @Test func callsAreReadFromTheDaysOfTheRange() async throws {
    let query = CostQuery(
      range: range("2026-10-10T10:30:00Z", "2026-10-12T20:10:00Z"), timeZone: "UTC", groupBy: [.user, .endpoint])
    let plan = try await plan(query, seeded())
    #expect(plan.contains("observations_20261011"))
    #expect(!plan.contains("observations_20261009"))
    #expect(!plan.contains("observations_20261013"))
  }

  /// Sums of 40 endpoints on every day of October and November, all summed.
  private func summed() async throws -> ReportFixture {
    let fixture = try await ReportFixture.make()
    let columns = "project_id, team_id, environment, endpoint, model, calls, cost_pico"
    let values: SQL = "\(fixture.projects[0].id), \(fixture.teams[0].id), 'production', 'endpoint ' || e, 'm'"
    try await fixture.pool.run { c in
      try c.execute(
        """
        insert into spend_endpoint_day (day, \(unescaped: columns))
        select d::date, \(values), 1, 5 from generate_series(timestamp '2026-10-01', '2026-11-30', '1 day') d, generate_series(1, 40) e
        """)
      try c.execute(
        """
        insert into spend_endpoint_to_date (day, \(unescaped: columns))
        select d::date, \(values), extract(day from d), 5 * extract(day from d)
        from generate_series(timestamp '2026-10-01', '2026-11-30', '1 day') d, generate_series(1, 40) e
        """)
      try c.execute(
        """
        insert into spend_endpoint_month (month, \(unescaped: columns))
        select date '2026-10-01', \(values), 31, 5 * 31 from generate_series(1, 40) e
        """)
      try c.execute("insert into sums_to_date select distinct project_id, day, true from spend_endpoint_day")
      try c.execute("vacuum analyze spend_endpoint_day")
      try c.execute("vacuum analyze spend_endpoint_to_date")
    }
    return fixture
  }

  @Test func partsOfMonthsAreReadFromSumsToDateAndNotFromTheirDays() async throws {
    let fixture = try await summed()
    let query = CostQuery(
      range: range("2026-10-11T00:00:00Z", "2026-11-10T00:00:00Z"), timeZone: "UTC", groupBy: [.endpoint, .model],
      filter: [.project: [fixture.projects[0].slug]])
    let plan = try await plan(query, fixture)
    #expect(plan.contains("spend_endpoint_to_date_pkey"))
    #expect(!plan.contains("Seq Scan on spend_endpoint"))
    #expect(!plan.contains("spend_endpoint_day"), "no day is left over")
    let report = try await CostReports(pool: fixture.pool).run(query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(report.rows.count == 40)
    #expect(report.total.calls == 40 * 30)
  }

  @Test func theLargestEndpointsByDayAreFoundByTheirNames() async throws {
    let fixture = try await summed()
    var query = CostQuery(
      range: range("2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z"), timeZone: "UTC", interval: .day, groupBy: [.endpoint],
      filter: [.endpoint: ["endpoint 7"]])
    query.measures = CostMeasure.basic
    let plan = try await plan(query, fixture)
    #expect(plan.contains("Scan on spend_endpoint_day_endpoint") || plan.contains("Scan using spend_endpoint_day_endpoint"))
    #expect(!plan.contains("Seq Scan on spend_endpoint_day"))
  }
}
