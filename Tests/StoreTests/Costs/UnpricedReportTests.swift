import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct UnpricedReportTests {
  private let day = instant("2026-10-10T09:10:00Z")

  private func unpriced(
    _ fixture: ReportFixture, at time: Timestamp, id: UInt64, model: String?, project: Int = 0,
    status: CostStatus = .unpriced, reason: String = "no such model"
  ) -> Observation {
    var call = fixture.call(at: time, trace: id, id: id, project: project, cost: nil)
    call.facts.requestModel = model
    call.facts.provider = "Acme"
    call.decision.model = model
    call.decision.provider = "acme"
    call.decision.team = fixture.teams[project].id
    call.decision.cost = CostOutcome(
      status: status, cost: status == .partial ? USD(pico: 5) : nil, reason: reason)
    return call
  }

  private func seeded() async throws -> ReportFixture {
    let fixture = try await ReportFixture.make()
    try await fixture.insert([
      unpriced(fixture, at: day, id: 1, model: "odd"),
      unpriced(fixture, at: day.adding(seconds: 7200), id: 2, model: "odd", project: 1),
      unpriced(fixture, at: day.adding(seconds: 60), id: 3, model: "odd"),
      unpriced(fixture, at: day, id: 4, model: "even", status: .partial, reason: "no price for searches"),
      unpriced(fixture, at: day, id: 5, model: nil, reason: "no model was sent"),
      fixture.call(at: day, trace: 6, id: 6),
    ])
    return fixture
  }

  @Test func modelsWithoutAPriceAreToldWithWhatTheyUsedAndAnExample() async throws {
    let fixture = try await seeded()
    let answer = try await UnpricedReport(pool: fixture.pool).run(
      range("2026-10-10T00:00:00Z", "2026-10-11T00:00:00Z"), scope: fixture.scope, organisation: fixture.organisation)
    #expect(answer.source == "observations" && !answer.isCut)
    #expect(answer.groups.map(\.model) == ["odd", "even", nil])
    let odd = answer.groups[0]
    #expect(odd.calls == 3 && odd.provider == "Acme" && odd.reason == "no such model")
    #expect(odd.usage == Usage([.input: 30, .output: 15]))
    #expect(odd.firstSeen == day && odd.lastSeen == day.adding(seconds: 7200))
    #expect(odd.example?.observation == ObservationID(2) && odd.example?.projectSlug == "docs")
    #expect(answer.groups[1].status == .partial)
  }

  @Test func aLongRangeIsAnsweredFromHours() async throws {
    let fixture = try await seeded()
    let answer = try await UnpricedReport(pool: fixture.pool).run(
      range("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"), scope: fixture.scope, organisation: fixture.organisation)
    #expect(answer.source == "spend_hour")
    let odd = try #require(answer.groups.first { $0.model == "odd" })
    #expect(odd.calls == 3 && odd.reason == "no such model" && odd.status == .unpriced)
    #expect(odd.usage == Usage([.input: 30, .output: 15]))
    #expect(odd.firstSeen == instant("2026-10-10T09:00:00Z") && odd.lastSeen == instant("2026-10-10T11:00:00Z"))
    #expect(odd.example?.observation == ObservationID(2))
    #expect(answer.groups.first { $0.model == "even" }?.status == .partial)
    await #expect(throws: CostQueryRefusal.self) {
      try await UnpricedReport(pool: fixture.pool).run(
        range("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"), filter: [.user: ["ann"]], scope: fixture.scope,
        organisation: fixture.organisation)
    }
  }

  @Test(arguments: [true, false])
  func moneyAndTracesOutOfReachAreNotTold(isLong: Bool) async throws {
    let fixture = try await seeded()
    let time =
      isLong
      ? range("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z") : range("2026-10-10T00:00:00Z", "2026-10-11T00:00:00Z")
    // Money of the first team, traces of the second project alone.
    let scope = AccessScope(
      organisation: fixture.organisation.id, teams: .only([fixture.teams[0].id]),
      projects: .only([fixture.projects[1].id]), readsContent: false)
    let answer = try await UnpricedReport(pool: fixture.pool).run(
      time, scope: scope, organisation: fixture.organisation)
    #expect(answer.groups.first { $0.model == "odd" }?.calls == 2)
    #expect(answer.groups.allSatisfy { $0.example == nil })
    // All teams' money, of one project.
    let project = AccessScope(
      organisation: fixture.organisation.id, teams: .all, projects: .only([fixture.projects[1].id]), readsContent: false)
    let one = try await UnpricedReport(pool: fixture.pool).run(time, scope: project, organisation: fixture.organisation)
    #expect(one.groups.map(\.calls) == [1])
    #expect(one.groups.first?.example?.observation == ObservationID(2))
  }

  @Test func unpricedCallsAreFoundByTheirOwnIndex() async throws {
    let fixture = try await ReportFixture.make()
    var calls = (0..<3000).map { fixture.call(at: day.adding(seconds: Int64($0)), trace: UInt64($0), id: UInt64($0 + 1)) }
    calls.append(unpriced(fixture, at: day, id: 9000, model: "odd"))
    try await fixture.insert(calls)
    let plan = try await fixture.pool.run { c in
      try c.executeScript("analyze")
      let sql: SQL = """
        explain select count(*) from observations where is_call and cost_status in (2, 3)
          and project_id = any(\([fixture.projects[0].id])) and started_at >= \(day) and started_at < \(day.adding(seconds: 3600))
        """
      return try c.query(sql.uncached()) { try $0.string(0) }.joined(separator: "\n")
    }
    #expect(plan.contains("observations_20261010_project_id_started_at_idx1"), "\(plan)")
  }
}
