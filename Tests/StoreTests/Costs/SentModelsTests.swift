import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct SentModelsTests {
  private let day = instant("2026-10-10T09:00:00Z")
  private let today = range("2026-10-10T00:00:00Z", "2026-10-11T00:00:00Z")

  private func seeded() async throws -> ReportFixture {
    let fixture = try await ReportFixture.make()
    func call(_ id: UInt64, _ model: String, booked: String, input: Int64, project: Int = 0, tier: String? = nil) -> Observation {
      var call = fixture.call(at: day.adding(seconds: Int64(id)), trace: id, id: id, project: project)
      call.facts.requestModel = model
      call.facts.provider = "azure"
      call.facts.serviceTier = tier
      call.facts.usage = UsageReport(usage: Usage([.input: input, .cacheRead: 5, .output: 1]), rule: "test", raw: "{}")
      call.decision.model = booked
      call.decision.team = fixture.teams[project].id
      call.decision.endpoint = "/chat"
      return call
    }
    try await fixture.insert([
      call(1, "prod", booked: "gpt-4o", input: 10), call(2, "prod", booked: "gpt-5", input: 20),
      call(3, "prod", booked: "gpt-5", input: 300, tier: "batch"), call(4, "test", booked: "gpt-5", input: 100, project: 1),
    ])
    return fixture
  }

  @Test func namesAsSentComeWithTheirCallsUsageAndWhatTheyWereBookedAs() async throws {
    let fixture = try await seeded()
    let rows = try await SentModels(pool: fixture.pool).run(today, scope: fixture.scope)
    #expect(rows.map(\.requestModel) == ["prod", "prod", "test"])
    #expect(rows[0].measures.calls == 2 && rows[0].measures.usage[.input] == 30)
    #expect(rows[0].bookedModel == "gpt-5", "the newest")
    #expect(rows[0].measures.cost == USD(pico: 2000))
    #expect(rows[1].serviceTier == "batch")
    #expect(rows[0].firstSeen == day.adding(seconds: 1) && rows[0].lastSeen == day.adding(seconds: 2))
    var scope = fixture.scope
    scope.teams = .only([fixture.teams[1].id])
    #expect(try await SentModels(pool: fixture.pool).run(today, scope: scope).map(\.requestModel) == ["test"])
    await #expect(throws: CostQueryRefusal.self) {
      try await SentModels(pool: fixture.pool).run(range("2026-01-01T00:00:00Z", "2026-10-11T00:00:00Z"), scope: fixture.scope)
    }
  }

  @Test func usageIsKeptApartByTheSizeOfThePrompt() async throws {
    let fixture = try await seeded()
    let pivot = UsagePivot(pool: fixture.pool)
    let apart = try await pivot.run(
      today, filter: [.model: ["gpt-5"]], promptThresholds: [105, 25], scope: fixture.scope,
      organisation: fixture.organisation)
    // Whole prompts of 25, 305 and 105 tokens: a tier begins above its threshold.
    #expect(apart.map(\.promptOver).sorted() == [0, 25, 105])
    #expect(apart.first { $0.promptOver == 0 }?.measures.usage[.input] == 20)
    #expect(apart.first { $0.promptOver == 25 }?.measures.usage[.input] == 100)
    #expect(apart.first { $0.promptOver == 105 }?.measures.usage[.input] == 300)
    for filter in [[:], [.endpoint: ["/chat"]], [.team: [fixture.teams[0].name]]] as [CostFilter] {
      let sums = try await pivot.run(today, filter: filter, scope: fixture.scope, organisation: fixture.organisation)
      let calls = try await pivot.run(
        today, filter: filter, promptThresholds: [1], scope: fixture.scope, organisation: fixture.organisation)
      #expect(!sums.isEmpty)
      for model in ["gpt-4o", "gpt-5"] {
        #expect(
          sums.filter { $0.model == model }.map(\.measures) == calls.filter { $0.model == model }.map(\.measures))
      }
    }
  }

  @Test func tracesAreFoundByTheDoubtsAboutTheirUsage() async throws {
    let fixture = try await ReportFixture.make()
    let flags: [UsageFlags] = [[], .contradiction, [.unexplained, .estimatedBySender], .negativeRemainder]
    try await fixture.insert(
      flags.enumerated().map { i, flags in
        var call = fixture.call(at: day, trace: UInt64(i + 1), id: UInt64(i + 1))
        call.facts.usage?.flags = flags
        return call
      })
    func traces(_ flags: UsageFlags, user: String? = nil) async throws -> [UInt64] {
      var query = TraceQuery(range: today)
      query.usageFlags = flags
      if let user { query.filter = [.user: [user]] }
      return try await TraceList(pool: fixture.pool).run(query, scope: fixture.scope).traces.map(\.id.low).sorted()
    }
    #expect(try await traces([]) == [1, 2, 3, 4])
    #expect(try await traces(.contradiction) == [2])
    #expect(try await traces([.unexplained, .negativeRemainder]) == [3, 4])
    #expect(try await traces(.unreadable) == [])
    #expect(try await traces(.contradiction, user: "nobody") == [])
  }
}
