import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct CostMeasuresTests {
  private let month = range("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z")

  private func call(
    _ fixture: ReportFixture, _ time: String, id: UInt64, user: String? = nil, team: Int? = nil, group: Int? = nil
  ) -> Observation {
    var call = fixture.call(at: instant(time), trace: id, id: id)
    call.decision.user = user
    call.decision.team = team.map { fixture.teams[$0].id }
    call.decision.userGroup = group.map { fixture.groups[$0].id }
    return call
  }

  @Test func usersAreCountedOnceAndActiveOnesInTheRange() async throws {
    let fixture = try await ReportFixture.make(timeZone: "Europe/Madrid")
    try await fixture.insert([
      call(fixture, "2026-09-10T10:00:00Z", id: 1, user: "ann", team: 0, group: 0),
      call(fixture, "2026-10-10T10:00:00Z", id: 2, user: "bob", team: 0, group: 0),
      call(fixture, "2026-10-11T10:00:00Z", id: 3, user: "bob", team: 1, group: 0),
      call(fixture, "2026-10-12T10:00:00Z", id: 4, user: "cleo", team: 1, group: 1),
      call(fixture, "2026-10-12T11:00:00Z", id: 5, user: "cleo"),
      call(fixture, "2026-10-12T12:00:00Z", id: 6),
      // In the ragged end, and after it.
      call(fixture, "2026-10-31T23:20:00Z", id: 7, user: "dan", team: 0, group: 1),
      call(fixture, "2026-11-02T10:00:00Z", id: 8, user: "eve", team: 0),
    ])
    let reports = CostReports(pool: fixture.pool)
    var query = CostQuery(range: range("2026-10-01T08:00:00Z", "2026-10-31T23:30:00Z"), timeZone: "Europe/Madrid")
    query.measures = CostMeasure.basic.union([.users, .activeUsers])
    let all = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(all.total.activeUsers == 3)
    #expect(all.total.users == 4)
    #expect(all.total.calls == 6)
    #expect(all.total.costPerActiveUser == USD(pico: 2000))
    #expect(all.total.costPerUser == USD(pico: 1500))

    query.groupBy = [.team]
    let teams = try await reports.run(query, comparing: .previous, scope: fixture.scope, organisation: fixture.organisation)
    let byTeam = Dictionary(uniqueKeysWithValues: teams.rows.map { ($0.values[0].label, $0) })
    let search = try #require(byTeam["Search"])
    #expect(search.measures.activeUsers == 2)
    #expect(search.measures.users == 3)
    #expect(byTeam["Support"]?.measures.activeUsers == 2)
    #expect(byTeam["Unallocated"]?.measures.activeUsers == 1)
    #expect(search.previous?.activeUsers == 1)
    #expect(teams.previousTotal?.activeUsers == 1)
    // Bob and Cleo are in two teams: distinct users don't add up.
    #expect(teams.total.activeUsers == 3)

    query.top = 1
    let cut = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
    let labels = cut.rows.map { $0.values[0].label }
    #expect(labels.count == 3 && labels.last == "Other" && labels.contains("Unallocated"))
    // Either team has two users.
    let other = cut.rows.last?.measures.activeUsers
    #expect(other == 2)

    query.top = nil
    query.groupBy = [.userGroup]
    let groups = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
    let users = Dictionary(uniqueKeysWithValues: groups.rows.map { ($0.values[0].label, $0.measures.activeUsers) })
    #expect(users["Schools"] == 1)
    #expect(users["Hospitals"] == 2)

    query.groupBy = []
    query.interval = .day
    query.measures = [.activeUsers]
    let daily = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(daily.rows.compactMap(\.measures.activeUsers) == [1, 1, 1, 1])
  }

  @Test(arguments: [[.model], [.endpoint], [.team, .project]] as [[CostDimension]])
  func usersAreToldOnlyWhereEachIsBehindOneRow(groupBy: [CostDimension]) async throws {
    let fixture = try await ReportFixture.make()
    let query = CostQuery(range: month, timeZone: "UTC", groupBy: groupBy, measures: [.activeUsers])
    let refusal = await #expect(throws: CostQueryRefusal.self) {
      try await CostReports(pool: fixture.pool).run(query, scope: fixture.scope, organisation: fixture.organisation)
    }
    #expect(refusal?.message.contains("no dimension, project, team or userGroup") == true)
  }

  @Test func percentilesComeFromTheHistogramWhereItIsKept() async throws {
    let fixture = try await ReportFixture.make()
    let calls = (0..<200).map { i in
      var call = fixture.call(at: month.from.adding(seconds: Int64(i) * 9000 + 60), trace: UInt64(i), id: UInt64(i + 1))
      call.facts.endedAt = call.startedAt.adding(microseconds: i < 100 ? 40_000 : i < 190 ? 250_000 : 800_000_000)
      return call
    }
    try await fixture.insert(calls)
    let reports = CostReports(pool: fixture.pool)
    for (groupBy, source) in [([CostDimension.model], "spend_hour"), ([.endpoint], "observations")] {
      let query = CostQuery(range: month, timeZone: "UTC", groupBy: groupBy, measures: [.calls, .latency])
      let report = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
      #expect(report.source == source)
      let latency = try #require(report.rows.first?.measures.latency)
      #expect(latency.total == 200)
      #expect(latency.percentileMilliseconds(0.5) == 50)
      // 90 calls from 200 to 300 ms; the 190th of 200 ends that bin.
      #expect(latency.percentileMilliseconds(0.95) == 300)
      #expect(latency.percentileMilliseconds(0.99) == 300_000)
    }
    let long = CostQuery(
      range: range("2026-08-01T00:00:00Z", "2026-11-01T00:00:00Z"), timeZone: "UTC", groupBy: [.endpoint], measures: [.latency])
    let refusal = await #expect(throws: CostQueryRefusal.self) {
      try await reports.run(long, scope: fixture.scope, organisation: fixture.organisation)
    }
    #expect(refusal?.message.contains("No latencies are kept by endpoint") == true)
  }

  @Test func fewerMeasuresAreTheSameNumbers() async throws {
    let fixture = try await ReportFixture.make()
    try await fixture.insert((0..<50).map { call(fixture, "2026-10-10T10:00:00Z", id: $0 + 1, team: Int($0) % 3) })
    let reports = CostReports(pool: fixture.pool)
    let measures: [CostMeasure] = [.calls, .errors, .unpriced, .cost, .listCost, .contractedCost, .usage(.output)]
    let whole = CostQuery(
      range: month, timeZone: "UTC", groupBy: [.team], measures: CostMeasure.standard.union(CostMeasure.money))
    let all = try await reports.run(whole, scope: fixture.scope, organisation: fixture.organisation)
    for measure in measures {
      var query = whole
      query.measures = [measure]
      let one = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
      #expect(one.total.calls == 50)
      switch measure {
      case .cost: #expect(one.total.cost == all.total.cost && one.total.listCost == nil)
      case .listCost: #expect(one.total.listCost == all.total.listCost && one.total.cost == nil)
      case .contractedCost: #expect(one.total.contractedCost == USD(pico: 50_000))
      case .usage: #expect(one.total.usage == Usage([.output: 250]))
      default: #expect(one.total.usage.isEmpty && one.total.cost == nil)
      }
    }
  }

  @Test func dimensionsThatNoRollupHasComeFromChargesAtAnyLength() async throws {
    let fixture = try await ReportFixture.make()
    var calls = (0..<40).map { call(fixture, "2026-07-10T10:00:00Z", id: $0 + 1) }
    for i in calls.indices {
      calls[i].decision.extras = [["acme", "globex"][i % 2], "", "", ""]
      calls[i].decision.endpoint = "/\(i % 3)"
      calls[i].decision.userGroup = fixture.groups[i % 2].id
    }
    try await fixture.insert(calls)
    let query = CostQuery(
      range: range("2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z"), timeZone: "UTC", groupBy: [.endpoint, .userGroup],
      filter: [.extra1: ["acme"]])
    let report = try await CostReports(pool: fixture.pool).run(query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(report.source == "charges_day")
    #expect(report.total.calls == 20 && report.rows.count == 3)
    #expect(Set(report.rows.map { $0.values[1].label }) == ["Schools"])
    #expect(report.declared.map(\.key) == fixture.declared.map(\.key))
  }

  /// Calls that counted no request are charged for one (`rates.charges_requests`); what is counted stays what the calls said.
  @Test func requestsAreCountedTheSameInRollupsAndCharges() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([
      .call(1, of: 1, in: fixture.project) { $0.kind = .embedding },
      .call(2, of: 2, in: fixture.project) { $0.usage = UsageReport(usage: Usage([.input: 3, .requests: 2]), rule: "test", raw: "{}") },
    ])
    try await fixture.foldAll()
    #expect(try await fixture.number("select sum(usage_requests)::bigint from spend_hour") == 2)
    #expect(try await fixture.number("select sum(usage_requests)::bigint from \(fixture.charges) c") == 2)
    #expect(try await fixture.number("select sum(requests_charged)::bigint from \(fixture.charges) c") == 3)
  }

  @Test func sumsThatAreStillMadeAgainAreNotTakenForTheWhole() async throws {
    let fixture = try await ReportFixture.make()
    try await fixture.insert([call(fixture, "2026-07-10T10:00:00Z", id: 1, group: 0)])
    try await fixture.pool.run { c in
      _ = try c.execute("insert into days_to_rebuild (project_id, day) values (\(fixture.projects[0].id), '2026-07-10')")
    }
    let reports = CostReports(pool: fixture.pool)
    var query = CostQuery(range: range("2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z"), timeZone: "UTC", groupBy: [.userGroup])
    // Charges are read from calls there.
    #expect(try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation).source == "charges_day")
    query.groupBy = [.team]
    #expect(try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation).source == "spend_hour")
    query.groupBy = [.user, .userGroup]
    await #expect(throws: CostQueryRefusal.self) {
      try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
    }
  }
}
