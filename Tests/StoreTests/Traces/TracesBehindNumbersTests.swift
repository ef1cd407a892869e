import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// Every number of a cost report leads to the traces of its calls: no other, and all of them.
@Suite struct TracesBehindNumbersTests {
  private let hour = range("2026-11-01T10:00:00Z", "2026-11-01T11:00:00Z")

  private func ids(
    _ fixture: ReportFixture, _ range: TimeRange, _ change: (inout TraceQuery) -> Void = { _ in }
  ) async throws -> Set<UInt64> {
    var query = TraceQuery(range: range)
    query.limit = TraceList.limitMax
    change(&query)
    return Set(try await TraceList(pool: fixture.pool).run(query, scope: fixture.scope).traces.map(\.id.low))
  }

  private func calls(_ fixture: ReportFixture, _ range: TimeRange, _ filter: CostFilter = [:]) async throws -> Int64 {
    let query = CostQuery(range: range, timeZone: "UTC", filter: filter)
    let reports = CostReports(pool: fixture.pool)
    return try await reports.run(query, scope: fixture.scope, organisation: fixture.organisation).total.calls
  }

  private func step(_ fixture: ReportFixture, at time: Timestamp, trace: UInt64, id: UInt64) -> Observation {
    var step = fixture.call(at: time, trace: trace, id: id, cost: nil)
    (step.facts.kind, step.facts.usage) = (.tool, nil)
    step.decision = Decision()
    return step
  }

  @Test func theUnpricedCallIsTheOneThatMatches() async throws {
    let fixture = try await ReportFixture.make()
    func call(_ trace: UInt64, _ id: UInt64, _ model: String, _ cost: Int128?) -> Observation {
      var call = fixture.call(at: hour.from, trace: trace, id: id, cost: cost)
      call.decision.model = model
      return call
    }
    var partial = call(3, 1, "gpt-4o", 7)
    partial.decision.cost.status = .partial
    try await fixture.insert([
      call(1, 1, "gpt-4o", 5), call(1, 2, "llama", nil), call(2, 1, "gpt-4o", nil), partial, call(4, 1, "gpt-4o", 5),
    ])
    for filter in [[.model: ["gpt-4o"]], [.model: ["gpt-4o"], .environment: ["default"]]] as [CostFilter] {
      #expect(try await ids(fixture, hour) { ($0.filter, $0.unpricedOnly) = (filter, true) } == [2, 3])
    }
    #expect(try await ids(fixture, hour) { $0.unpricedOnly = true } == [1, 2, 3])
  }

  @Test func theFailedCallIsTheOneThatMatches() async throws {
    let fixture = try await ReportFixture.make()
    func call(_ trace: UInt64, _ id: UInt64, _ model: String, _ level: ObservationLevel) -> Observation {
      var call = fixture.call(at: hour.from, trace: trace, id: id)
      (call.decision.model, call.facts.level) = (model, level)
      call.decision.environment = model == "gpt-4o" ? "production" : "staging"
      return call
    }
    var tool = step(fixture, at: hour.from, trace: 3, id: 2)
    (tool.facts.level, tool.decision.environment) = (.error, "production")
    try await fixture.insert([
      call(1, 1, "gpt-4o", .default), call(1, 2, "llama", .error), call(2, 1, "gpt-4o", .error),
      call(3, 1, "gpt-4o", .default), tool,
    ])
    #expect(try await ids(fixture, hour) { ($0.filter, $0.errorsOnly) = ([.model: ["gpt-4o"]], true) } == [2])
    // What every step has, a failed step of any kind can match.
    let production: CostFilter = [.environment: ["production"]]
    #expect(try await ids(fixture, hour) { ($0.filter, $0.errorsOnly) = (production, true) } == [2, 3])
    #expect(try await ids(fixture, hour) { $0.errorsOnly = true } == [1, 2, 3])
  }

  @Test func aCallLeadsToATraceThatBeganBeforeTheRange() async throws {
    let fixture = try await ReportFixture.make()
    let root = step(fixture, at: hour.from.adding(seconds: -30), trace: 1, id: 1)
    var call = fixture.call(at: hour.from.adding(seconds: 5), trace: 1, id: 2, cost: nil)
    (call.decision.user, call.decision.model) = ("ann", "gpt-4o")
    try await fixture.insert([root, call])
    let before = range("2026-11-01T09:00:00Z", "2026-11-01T10:00:00Z")
    let filters: [CostFilter] = [[:], [.model: ["gpt-4o"]], [.user: ["ann"]], [.environment: ["default"]]]
    for filter in filters {
      #expect(try await calls(fixture, hour, filter) == 1)
      #expect(try await ids(fixture, hour) { $0.filter = filter } == [1], "\(filter)")
      #expect(try await ids(fixture, hour) { ($0.filter, $0.unpricedOnly) = (filter, true) } == [1], "\(filter)")
      #expect(try await calls(fixture, before, filter) == 0)
      let began = filter.isEmpty
      #expect(try await ids(fixture, before) { $0.filter = filter } == (began ? [1] : []), "\(filter)")
      #expect(try await ids(fixture, before) { ($0.filter, $0.unpricedOnly) = (filter, true) } == [], "\(filter)")
    }
  }

  /// Traces of up to three calls, minutes apart, around and in the hour.
  private func randomCalls(_ fixture: ReportFixture) -> [Observation] {
    var random = SeededNumbers(seed: 41)
    return (0..<240).map { i in
      let minutes = Int64(i / 3 % 80) * 2 - 50 + Int64.random(in: 0..<30, using: &random)
      let time = hour.from.adding(seconds: minutes * 60)
      var call = fixture.call(
        at: time, trace: UInt64(i / 3 + 1), id: UInt64(i + 1), project: i / 3 % 2, cost: random.pick([3, 5]))
      call.decision.model = random.pick(["gpt-5", "llama"])
      call.decision.user = random.pick(["ann", "bob"])
      call.decision.endpoint = random.pick(["/chat"])
      call.facts.level = random.pick([.error, .default])
      return call
    }
  }

  private func traces(_ calls: [Observation], where isWanted: (Observation) -> Bool) -> Set<UInt64> {
    let wanted = calls.filter { $0.startedAt >= hour.from && $0.startedAt < hour.to && isWanted($0) }
    return Set(wanted.map(\.facts.trace.low))
  }

  @Test func aListHasExactlyTheTracesOfTheCallsThatAreCounted() async throws {
    let fixture = try await ReportFixture.make()
    let calls = randomCalls(fixture)
    try await fixture.insert(calls)
    for model in ["gpt-5", "llama", ""] {
      for user in ["ann", "bob", ""] {
        func fits(_ call: Observation) -> Bool {
          (call.decision.model ?? "") == model && (call.decision.user ?? "") == user
        }
        let filter: CostFilter = [.model: [model], .user: [user]]
        #expect(try await ids(fixture, hour) { $0.filter = filter } == traces(calls, where: fits))
        let unpriced = traces(calls) { fits($0) && $0.decision.cost.status.isUnpriced }
        #expect(try await ids(fixture, hour) { ($0.filter, $0.unpricedOnly) = (filter, true) } == unpriced)
        let failed = traces(calls) { fits($0) && $0.isError }
        #expect(try await ids(fixture, hour) { ($0.filter, $0.errorsOnly) = (filter, true) } == failed)
      }
      let ann: CostFilter = [.user: ["ann"]]
      #expect(try await ids(fixture, hour) { $0.filter = ann } == traces(calls) { $0.decision.user == "ann" })
    }
    #expect(try await ids(fixture, hour).isSuperset(of: traces(calls) { _ in true }))
    let early = calls.filter { $0.startedAt < hour.from }.map(\.facts.trace.low)
    #expect(!traces(calls) { _ in true }.isDisjoint(with: early))
  }

  @Test(arguments: TraceSort.allCases, [true, false])
  func pagesHoldEarlyTracesOnceInOrder(sort: TraceSort, ascending: Bool) async throws {
    let fixture = try await ReportFixture.make()
    let calls = randomCalls(fixture)
    try await fixture.insert(calls)
    for filter in [[:], [.provider: ["openai"]]] as [CostFilter] {
      var query = TraceQuery(range: hour)
      (query.filter, query.sort, query.ascending, query.limit) = (filter, sort, ascending, TraceList.limitMax)
      let whole = try await TraceList(pool: fixture.pool).run(query, scope: fixture.scope).traces
      query.limit = 4
      var items: [TraceItem] = []
      repeat {
        let page = try await TraceList(pool: fixture.pool).run(query, scope: fixture.scope)
        items += page.traces
        query.cursor = page.next
      } while query.cursor != nil && items.count < 500
      #expect(items == whole)
      #expect(Set(items.map(\.id)).count == items.count)
      #expect(Set(items.map(\.id.low)).isSuperset(of: traces(calls) { _ in true }))
      if sort == .time {
        let starts = items.map(\.startedAt)
        #expect(starts == (ascending ? starts.sorted() : starts.sorted(by: >)))
      }
    }
  }
}
