import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct CostReportsTests {
  /// Calls spread over `range`, every dimension drawn, with and without cost.
  private func randomCalls(_ fixture: ReportFixture, _ range: TimeRange, count: Int, seed: UInt64) -> [Observation] {
    var random = SeededNumbers(seed: seed)
    return (0..<count).map { i in
      let time = range.from.adding(microseconds: Int64.random(in: 0..<range.durationMicroseconds, using: &random))
      let cost = Int.random(in: 0..<5, using: &random) == 0 ? nil : Int128.random(in: 0...9_999_999_999, using: &random)
      var call = fixture.call(at: time, trace: UInt64(i / 3), id: UInt64(i + 1), project: i / 3 % 2, cost: cost)
      call.facts.kind = random.pick([.generation, .embedding, .tool])
      call.facts.level = random.pick([.default, .warning, .error])
      let milliseconds: Int64? = random.pick([37, 50, 900, 2600, 400_000])
      call.facts.endedAt = milliseconds.map { time.adding(microseconds: $0 * 1000) }
      call.facts.service = random.pick(["web", "batch"])
      call.facts.usage?.usage = Usage(counts: [
        .input: .random(in: 0...900, using: &random), .cacheRead: .random(in: 0...90, using: &random),
        .output: .random(in: 0...400, using: &random), .searches: .random(in: 0...1, using: &random),
      ])
      if cost != nil, Int.random(in: 0..<6, using: &random) == 0 { call.decision.cost.status = .partial }
      call.decision.model = random.pick(["gpt-5", "claude-sonnet-5", "o9", "größer"])
      call.decision.provider = random.pick(["openai", "anthropic"])
      call.decision.endpoint = random.pick(["/summarise", "/chat", "/search"])
      call.decision.environment = random.pick(["production", "staging"]) ?? "default"
      call.decision.user = random.pick(["ann", "bob", "cleo", "dan"])
      call.decision.userGroup = random.pick(fixture.groups.map(\.id))
      call.decision.team = random.pick(fixture.teams.map(\.id))
      if random.pick([0, 1]) == nil { call.facts.key = nil }
      if let cost, random.pick([0]) == nil {
        call.decision.cost.computed = USD(pico: cost / 2)
        call.decision.cost.list = random.pick([USD(pico: cost * 3)])
      }
      if cost == nil, random.pick([0, 1, 2]) == nil {
        call.decision.cost = CostOutcome(status: .free, cost: .zero)
        call.decision.cost.avoided = USD(pico: 77)
      }
      call.decision.extras = [["acme", "globex"], ["plan", "act", "größer"], ["a", "b"], ["free"]].map { random.pick($0) ?? "" }
      if call.decision.extras.allSatisfy(\.isEmpty) { call.decision.extras = [] }
      return call
    }
  }

  private func pairs(of dimensions: [CostDimension]) -> [[CostDimension]] {
    [[]] + dimensions.map { [$0] }
      + dimensions.enumerated().flatMap { i, a in dimensions.dropFirst(i + 1).map { i % 2 == 0 ? [a, $0] : [$0, a] } }
  }

  /// A range of 25 days with ragged ends over a change of clocks in Europe and America.
  private let ragged = range("2026-10-20T07:41:13Z", "2026-11-14T16:20:59Z")
  private let around = range("2026-10-19T00:00:00Z", "2026-11-16T00:00:00Z")

  @Test(arguments: ["UTC", "Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe"])
  func everyPairOfDimensionsIsTheSameFromRollupsAndFromCalls(zone: String) async throws {
    let fixture = try await ReportFixture.make(timeZone: zone)
    try await fixture.insert(randomCalls(fixture, around, count: 1500, seed: 11))
    let reports = CostReports(pool: fixture.pool)
    var sources: Set<String> = []
    for groupBy in pairs(of: CostDimension.allCases) {
      for interval in [nil, CostInterval.day] {
        var query = CostQuery(range: ragged, timeZone: zone, interval: interval, groupBy: groupBy)
        query.measures.formUnion(CostMeasure.money)
        let report = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
        let exact = try await reports.run(
          query, scope: fixture.scope, organisation: fixture.organisation, source: .observations)
        #expect(report.rows == exact.rows, "\(groupBy) \(String(describing: interval))")
        #expect(report.total == exact.total)
        if !groupBy.contains(.user) {
          let charged = try await reports.run(
            query, scope: fixture.scope, organisation: fixture.organisation, source: .chargesDay)
          #expect(charged.rows == exact.rows, "charges \(groupBy) \(String(describing: interval))")
        }
        #expect(report.total.calls > 1000)
        sources.insert(report.source)
      }
    }
    #expect(
      sources == ["spend_hour", "spend_endpoint_hour", "spend_group_hour", "spend_user_day", "charges_day", "observations"])
  }

  @Test(arguments: ["Asia/Kolkata", "Europe/Berlin"], ["Europe/Berlin", "America/New_York", "Asia/Kolkata"])
  func stepsInAnotherTimeZoneAreTheSameFromRollupsAndFromCalls(zone: String, asked: String) async throws {
    let fixture = try await ReportFixture.make(timeZone: zone)
    try await fixture.insert(randomCalls(fixture, around, count: 900, seed: 12))
    let reports = CostReports(pool: fixture.pool)
    for interval in CostInterval.allCases {
      for groupBy in [[], [.team], [.endpoint, .model], [.user]] as [[CostDimension]] {
        let query = CostQuery(range: ragged, timeZone: asked, interval: interval, groupBy: groupBy)
        let report = try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation)
        let exact = try await reports.run(
          query, scope: fixture.scope, organisation: fixture.organisation, source: .observations)
        #expect(report.rows == exact.rows, "\(groupBy) \(interval)")
        let isHalfHourOff = (zone == "Asia/Kolkata") != (asked == "Asia/Kolkata")
        if groupBy == [.team] { #expect(report.source == (isHalfHourOff ? "observations" : "spend_hour")) }
        if groupBy == [.user] {
          #expect(report.source == (zone == asked && interval != .hour ? "spend_user_day" : "observations"))
        }
      }
    }
  }

  @Test func theDayOfAClockChangeHas25Hours() async throws {
    let fixture = try await ReportFixture.make(timeZone: "Europe/Berlin")
    let times = ["2026-10-24T21:59:59Z", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z"]
    try await fixture.insert(times.enumerated().map { fixture.call(at: instant($1), id: UInt64($0 + 1)) })
    let query = CostQuery(
      range: range("2026-10-23T22:00:00Z", "2026-10-26T23:00:00Z"), timeZone: "Europe/Berlin", interval: .day)
    let report = try await CostReports(pool: fixture.pool).run(
      query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(
      report.rows.map(\.start) == ["2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"].map(instant))
    #expect(report.rows.map(\.measures.calls) == [1, 2, 1])
    #expect(report.source == "spend_hour")
  }

  @Test func hoursThatAreThereTwiceStayTwo() async throws {
    let fixture = try await ReportFixture.make(timeZone: "Europe/Berlin")
    // 02:30 summer time and 02:30 winter time.
    let calls = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"].enumerated().map {
      fixture.call(at: instant($1), id: UInt64($0 + 1))
    }
    try await fixture.insert(calls)
    let query = CostQuery(
      range: range("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"), timeZone: "Europe/Berlin", interval: .hour)
    let report = try await CostReports(pool: fixture.pool).run(
      query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(report.rows.map(\.start) == [instant("2026-10-25T00:00:00Z"), instant("2026-10-25T01:00:00Z")])
  }

  @Test func wholeHoursComeFromTheRollupAndTheEndsFromCalls() async throws {
    let fixture = try await ReportFixture.make()
    let times = [
      "2026-11-01T09:59:00Z", "2026-11-01T10:10:00Z", "2026-11-01T11:30:00Z", "2026-11-01T13:05:00Z",
      "2026-11-01T13:45:00Z",
    ]
    try await fixture.insert(
      times.enumerated().map { fixture.call(at: instant($1), id: UInt64($0 + 1), cost: 1 << Int128($0)) })
    // What only the rollup knows, as when calls have been removed by age.
    try await fixture.pool.run { c in
      _ = try c.execute("delete from observations where started_at = \(instant("2026-11-01T11:30:00Z"))")
    }
    let query = CostQuery(range: range("2026-11-01T10:05:00Z", "2026-11-01T13:40:00Z"), timeZone: "UTC")
    let report = try await CostReports(pool: fixture.pool).run(
      query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(report.total.cost == USD(pico: 2 + 4 + 8))
  }

  @Test func wholeDaysComeFromTheRollupAndTheEndsFromCalls() async throws {
    let fixture = try await ReportFixture.make(timeZone: "Asia/Kolkata")
    // Days begin at 18:30 UTC.
    let times = [
      "2026-11-01T18:29:59Z", "2026-11-01T18:30:00Z", "2026-11-02T18:29:59Z", "2026-11-02T18:30:00Z",
      "2026-11-03T01:00:00Z",
    ]
    try await fixture.insert(
      times.enumerated().map { fixture.call(at: instant($1), id: UInt64($0 + 1), cost: 1 << Int128($0)) })
    try await fixture.pool.run { c in
      _ = try c.execute("delete from observations where started_at = \(instant("2026-11-02T18:29:59Z"))")
    }
    let query = CostQuery(
      range: range("2026-11-01T12:00:00Z", "2026-11-03T01:00:00Z"), timeZone: "Asia/Kolkata", groupBy: [.user])
    let report = try await CostReports(pool: fixture.pool).run(
      query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(report.total.cost == USD(pico: 1 + 2 + 4 + 8))
    #expect(report.source == "spend_user_day")
  }

  @Test func teamsAndUnallocatedSumToTheTotal() async throws {
    let fixture = try await ReportFixture.make()
    let calls = randomCalls(fixture, around, count: 600, seed: 13)
    try await fixture.insert(calls)
    let query = CostQuery(range: around, timeZone: "UTC", groupBy: [.team])
    let report = try await CostReports(pool: fixture.pool).run(
      query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(report.total.cost?.pico == calls.reduce(0) { $0 + ($1.decision.cost.cost?.pico ?? 0) })
    #expect(report.total.calls == 600)
    #expect(report.total.unpricedCalls == Int64(calls.filter { $0.decision.cost.status.isUnpriced }.count))
    #expect(report.total.errors == Int64(calls.filter(\.isError).count))
    #expect(Set(report.rows.map { $0.values[0].label }) == ["Search", "Support", "Billing", "Unallocated"])
    #expect(report.rows.first { $0.values[0].value == "Support" }?.values[0].colour == fixture.teams[1].colour)
  }

  @Test func filtersKeepWhatTheirRowsShow() async throws {
    let fixture = try await ReportFixture.make()
    try await fixture.insert(randomCalls(fixture, around, count: 800, seed: 14))
    let reports = CostReports(pool: fixture.pool)
    for dimension in CostDimension.allCases {
      let all = try await reports.run(
        CostQuery(range: ragged, timeZone: "UTC", groupBy: [dimension]), scope: fixture.scope,
        organisation: fixture.organisation)
      #expect(all.rows.count > 1)
      for row in all.rows {
        let value = row.values[0].value ?? ""
        for source in [nil, CostSource.observations] {
          let query = CostQuery(range: ragged, timeZone: "UTC", filter: [dimension: [value]])
          let one = try await reports.run(
            query, scope: fixture.scope, organisation: fixture.organisation, source: source)
          #expect(one.total == row.measures, "\(dimension) \(value)")
        }
      }
      let nobody = CostQuery(range: ragged, timeZone: "UTC", filter: [dimension: ["no such"]])
      let none = try await reports.run(nobody, scope: fixture.scope, organisation: fixture.organisation)
      #expect(none.rows.isEmpty && none.total == Measures())
    }
  }

  @Test func rowsAreSortedByStartThenCostWithUnknownLast() async throws {
    let fixture = try await ReportFixture.make()
    let time = instant("2026-11-01T10:00:00Z")
    let costs: [Int128?] = [5, nil, 9, 5]
    let calls = costs.enumerated().map { i, cost in
      var call = fixture.call(at: time, id: UInt64(i + 1), cost: cost)
      call.decision.model = ["d", "b", "c", "a"][i]
      return call
    }
    try await fixture.insert(calls)
    let query = CostQuery(range: around, timeZone: "UTC", groupBy: [.model])
    let report = try await CostReports(pool: fixture.pool).run(
      query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(report.rows.map { $0.values[0].value } == ["c", "a", "d", "b"])
    #expect(report.rows.last?.measures.cost == nil)
    #expect(report.rows.last?.measures.unpricedCalls == 1)
  }

  @Test func longRangesBySinglePeopleAreRefusedWithWhatIsAccepted() async throws {
    let fixture = try await ReportFixture.make()
    let query = CostQuery(
      range: range("2026-08-01T00:00:00Z", "2026-11-01T00:00:00Z"), timeZone: "UTC", groupBy: [.user, .endpoint])
    let refusal = await #expect(throws: CostQueryRefusal.self) {
      try await CostReports(pool: fixture.pool).run(query, scope: fixture.scope, organisation: fixture.organisation)
    }
    #expect(refusal?.message.contains("by endpoint, user together") == true)
    #expect(refusal?.message.contains("up to 31 days") == true)
    #expect(refusal?.message.contains("92") == true)
  }

  @Test(arguments: ["Mars/Olympus", "", "x'; drop table teams", "Europe/", "<+03>-3"])
  func anUnknownTimeZoneIsRefused(zone: String) async throws {
    let fixture = try await ReportFixture.make()
    let query = CostQuery(range: around, timeZone: zone, interval: .day)
    await #expect(throws: CostQueryRefusal.self) {
      try await CostReports(pool: fixture.pool).run(query, scope: fixture.scope, organisation: fixture.organisation)
    }
  }

  @Test func absurdRangesAreAnswered() async throws {
    let fixture = try await ReportFixture.make()
    try await fixture.insert([fixture.call(at: instant("2026-11-01T10:00:00Z"), id: 1)])
    let query = CostQuery(
      range: TimeRange(from: Timestamp(microseconds: .min), to: Timestamp(microseconds: .max)).unsafelyUnwrapped,
      timeZone: "America/New_York", interval: .month, groupBy: [.model])
    let report = try await CostReports(pool: fixture.pool).run(
      query, scope: fixture.scope, organisation: fixture.organisation)
    #expect(report.total.calls == 1)
  }

  @Test func moneyIsSeenByOwnerTeamElseByProject() async throws {
    let fixture = try await ReportFixture.make()
    try await fixture.insert(randomCalls(fixture, around, count: 300, seed: 15))
    let reports = CostReports(pool: fixture.pool)
    let query = CostQuery(range: around, timeZone: "UTC", groupBy: [.project, .team])
    var scope = fixture.scope
    let all = try await reports.run(query, scope: scope, organisation: fixture.organisation)

    scope.teams = .only([fixture.teams[1].id])
    let ofTeam = try await reports.run(query, scope: scope, organisation: fixture.organisation)
    #expect(ofTeam.rows == all.rows.filter { $0.values[1].value == "Support" })
    #expect(ofTeam.rows.count == 2)

    scope.teams = .all
    scope.projects = .only([fixture.projects[1].id])
    let ofProject = try await reports.run(query, scope: scope, organisation: fixture.organisation)
    #expect(ofProject.rows == all.rows.filter { $0.values[0].value == fixture.projects[1].slug })
    #expect(ofProject.rows.count == 4)
  }

  @Test func anotherOrganisationSeesNothing() async throws {
    let fixture = try await ReportFixture.make()
    try await fixture.insert([fixture.call(at: instant("2026-11-01T10:00:00Z"), id: 1)])
    let other = try await fixture.accounts.createOrganisation(name: "Other", timeZone: "UTC")
    let scope = AccessScope(organisation: other.id, teams: .all, projects: .all, readsContent: true)
    let reports = CostReports(pool: fixture.pool)
    let report = try await reports.run(CostQuery(range: around, timeZone: "UTC"), scope: scope, organisation: other)
    #expect(report.rows.isEmpty)
    await #expect(throws: CostQueryRefusal.self) {
      try await reports.run(CostQuery(range: around, timeZone: "UTC"), scope: scope, organisation: fixture.organisation)
    }
  }
}
