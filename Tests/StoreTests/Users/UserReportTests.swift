import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct UserReportTests {
  private let days = range("2026-11-01T00:00:00Z", "2026-11-04T00:00:00Z")

  private struct Day {
    var day: String
    var user: String
    var group = 0
    var dollars: Int64
    var calls: Int64 = 1
    var unpriced: Int64 = 0
  }

  private func fixture(_ rows: [Day]) async throws -> ReportFixture {
    let fixture = try await ReportFixture.make()
    try await fixture.pool.transaction { c in
      for row in rows {
        let (group, pico) = (row.group == 0 ? 0 : fixture.groups[row.group - 1].id.rawValue, row.dollars * 1_000_000_000_000)
        try c.execute(
          """
          insert into spend_user_day (project_id, day, day_start, team_id, user_group_id, user_id, model, calls, unpriced, costed, cost_pico)
          values (\(fixture.projects[0].id), \(row.day)::date, \(row.day)::date, \(fixture.teams[0].id), \(group), \(row.user), 'm',
            \(row.calls), \(row.unpriced), \(row.calls - row.unpriced), \(pico))
          """)
      }
    }
    return fixture
  }

  private func run(_ fixture: ReportFixture, filter: CostFilter = [:], text: String? = nil) async throws -> UserAnswer {
    try await UserReport(pool: fixture.pool).run(days, filter: filter, text: text, scope: fixture.scope, organisation: fixture.organisation)
  }

  @Test func usersAreSummedOverTheDaysOfTheRangeAlone() async throws {
    let fixture = try await fixture([
      Day(day: "2026-10-31", user: "ann", dollars: 100), Day(day: "2026-11-01", user: "ann", group: 1, dollars: 2),
      Day(day: "2026-11-03", user: "ann", group: 2, dollars: 3, calls: 4, unpriced: 1), Day(day: "2026-11-04", user: "ann", dollars: 100),
      Day(day: "2026-11-02", user: "ben", dollars: 9), Day(day: "2026-11-02", user: "", dollars: 50),
    ])
    let answer = try await run(fixture)
    #expect(
      answer.users == [
        UserSpend(user: "ben", group: nil, calls: 1, unpricedCalls: 0, cost: USD(9.0), lastDay: "2026-11-02"),
        UserSpend(user: "ann", group: "Hospitals", calls: 5, unpricedCalls: 1, cost: USD(5.0), lastDay: "2026-11-03"),
      ])
    #expect(answer.found == 2 && answer.total?.activeUsers == 2 && answer.total?.cost == USD(14.0))
    #expect(answer.groups.map(\.group) == [nil, "Hospitals", "Schools"])
    #expect(answer.groups.map(\.cost) == [USD(9.0), USD(3.0), USD(2.0)])
  }

  @Test func theTopTenthIsRoundedUpToWholeUsers() async throws {
    // Eleven users, 1 … 11 dollars: the two dearest are the top tenth.
    let fixture = try await fixture((1...11).map { Day(day: "2026-11-02", user: "u\($0)", group: 1, dollars: Int64($0)) })
    let answer = try await run(fixture)
    #expect(answer.groups.first?.topTenthCost == USD(21.0) && answer.groups.first?.activeUsers == 11)
    #expect(answer.total?.topTenthCost == USD(21.0))
  }

  @Test func aSearchNarrowsTheListAndNotTheGroups() async throws {
    let fixture = try await fixture([
      Day(day: "2026-11-01", user: "Ann@example.com", dollars: 1), Day(day: "2026-11-01", user: "ben_%", dollars: 2),
    ])
    #expect(try await run(fixture, text: "ANN@").users.map(\.user) == ["Ann@example.com"])
    #expect(try await run(fixture, text: "_%").users.map(\.user) == ["ben_%"])
    let none = try await run(fixture, text: "nobody")
    #expect(none.users.isEmpty && none.found == 0 && none.total?.activeUsers == 2)
  }

  @Test func filtersNarrowBothAndOthersAreRefused() async throws {
    let fixture = try await fixture([
      Day(day: "2026-11-01", user: "ann", group: 1, dollars: 1), Day(day: "2026-11-01", user: "ben", group: 2, dollars: 2),
    ])
    let answer = try await run(fixture, filter: [.userGroup: ["Schools"]])
    #expect(answer.users.map(\.user) == ["ann"] && answer.total?.activeUsers == 1)
    await #expect(throws: CostQueryRefusal.self) { _ = try await run(fixture, filter: [.environment: ["production"]]) }
  }

  @Test func moneyOutOfReachIsNotCounted() async throws {
    let fixture = try await fixture([Day(day: "2026-11-01", user: "ann", dollars: 1)])
    var scope = fixture.scope
    scope.teams = .only([fixture.teams[1].id])
    let answer = try await UserReport(pool: fixture.pool).run(
      days, filter: [:], text: nil, scope: scope, organisation: fixture.organisation)
    #expect(answer.users.isEmpty && answer.total == nil)
  }
}
