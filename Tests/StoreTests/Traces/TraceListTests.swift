import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct TraceListTests {
  private let day = range("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")

  /// Two projects, few distinct values, many ties; some traces without cost, end or calls.
  private func manyTraces(_ fixture: ReportFixture, count: Int) -> [Observation] {
    var random = SeededNumbers(seed: 21)
    return (0..<count).map { i in
      let time = day.from.adding(seconds: Int64.random(in: 0..<40, using: &random) * 60)
      var call = fixture.call(
        at: time, trace: UInt64(1 + i), id: 1, project: i % 2, cost: random.pick([100, 200, 300_000_000_000_000]),
        durationSeconds: random.pick([1, 2, 3]))
      call.facts.usage?.usage = Usage(counts: [.input: random.pick([0, 10, 20]) ?? 30])
      return call
    }
  }

  private func value(_ item: TraceItem, _ sort: TraceSort) -> Int128? {
    switch sort {
    case .time: Int128(item.startedAt.microseconds)
    case .cost: item.measures.cost?.pico
    case .duration: item.durationMicroseconds.map { Int128($0) }
    case .tokens: Int128(item.measures.usage.totalTokens)
    }
  }

  @Test(arguments: TraceSort.allCases, [true, false])
  func pagesHoldEveryTraceOnceInOrder(sort: TraceSort, ascending: Bool) async throws {
    let fixture = try await ReportFixture.make()
    let calls = manyTraces(fixture, count: 137)
    try await fixture.insert(calls)
    var query = TraceQuery(range: day)
    (query.sort, query.ascending, query.limit) = (sort, ascending, 10)
    var items: [TraceItem] = []
    repeat {
      let page = try await TraceList(pool: fixture.pool).run(query, scope: fixture.scope)
      #expect(page.traces.count == min(10, calls.count - items.count))
      items += page.traces
      query.cursor = page.next
    } while query.cursor != nil && items.count < 1000
    #expect(Set(items.map { [$0.project.description, $0.id.hex] }).count == calls.count)
    #expect(items.count == calls.count)
    let values = items.map { value($0, sort) }
    let known = values.compactMap(\.self)
    #expect(known == (ascending ? known.sorted() : known.sorted(by: >)))
    #expect(Array(values.prefix(known.count)) == known)
    #expect(sort == .time || sort == .tokens || known.count < values.count)
  }

  @Test func aTraceThatArrivesBetweenPagesMovesNothing() async throws {
    let fixture = try await ReportFixture.make()
    let times = (0..<4).map { day.from.adding(seconds: $0 * 60) }
    try await fixture.insert(times.enumerated().map { fixture.call(at: $1, trace: UInt64($0 + 1), id: 1) })
    var query = TraceQuery(range: day)
    query.limit = 2
    let first = try await TraceList(pool: fixture.pool).run(query, scope: fixture.scope)
    try await fixture.insert([fixture.call(at: times[3].adding(seconds: 1), trace: 99, id: 1)])
    query.cursor = first.next
    let second = try await TraceList(pool: fixture.pool).run(query, scope: fixture.scope)
    #expect((first.traces + second.traces).map(\.startedAt) == times.reversed())
    #expect(second.next == nil)
  }

  @Test(arguments: [
    "", "zzzz", "!!!", "MXx0aW1lfGR8MXw1", Base64URL.encode("1|time|d||1|00000000000000070000000000000001".utf8),
    Base64URL.encode("1|time|d|99999999999999999999|1|00000000000000070000000000000001".utf8),
    Base64URL.encode("1|cost|d|1|1|00000000000000070000000000000001".utf8),
    Base64URL.encode("1|time|a|1|1|00000000000000070000000000000001".utf8),
    Base64URL.encode("1|time|d|1|1|x".utf8), String(repeating: "A", count: 5000),
  ])
  func aCursorNotOfThisListIsRefused(cursor: String) async throws {
    let fixture = try await ReportFixture.make()
    var query = TraceQuery(range: day)
    query.cursor = cursor
    await #expect(throws: InvalidCursor.self) {
      try await TraceList(pool: fixture.pool).run(query, scope: fixture.scope)
    }
  }

  @Test func cursorsSurviveTheirText() throws {
    var query = TraceQuery(range: day)
    for sort in TraceSort.allCases {
      for value in [nil, 0, 1_790_000_000_000_000] as [Int128?] where sort != .time || value != nil {
        query.sort = sort
        let cursor = PageCursor(
          sort: sort, isAscending: false, value: value, project: ProjectID(3), trace: TraceID(high: .max, low: 1))
        #expect(try PageCursor(text: cursor.text, query: query) == cursor)
      }
    }
  }

  private func ids(_ fixture: ReportFixture, _ change: (inout TraceQuery) -> Void) async throws -> Set<UInt64> {
    var query = TraceQuery(range: day)
    change(&query)
    return Set(try await TraceList(pool: fixture.pool).run(query, scope: fixture.scope).traces.map(\.id.low))
  }

  /// Trace 1: a priced call of gpt-5 and a failed tool; 2: an unpriced call of claude; 3: only a span.
  private func threeTraces() async throws -> ReportFixture {
    let fixture = try await ReportFixture.make()
    var first = fixture.call(at: day.from, trace: 1, id: 1, cost: 500)
    first.decision.team = fixture.teams[1].id
    first.decision.user = "ann"
    first.decision.environment = "production"
    var tool = fixture.call(at: day.from.adding(seconds: 1), trace: 1, id: 2, cost: nil)
    tool.facts.kind = .tool
    tool.facts.level = .error
    tool.facts.usage = nil
    tool.decision = Decision()
    tool.decision.model = "claude-sonnet-5"
    var second = fixture.call(at: day.from.adding(seconds: 2), trace: 2, id: 1, project: 1, cost: nil)
    second.decision.model = "claude-sonnet-5"
    second.decision.userGroup = fixture.groups[0].id
    second.decision.endpoint = "/chat"
    var span = tool
    span.facts = ObservationFacts(
      project: fixture.projects[0].id, trace: TraceID(high: 7, low: 3), id: ObservationID(1))
    span.startedAt = day.from.adding(seconds: 3)
    span.decision = Decision()
    var facts = TraceFacts(project: fixture.projects[0].id, id: TraceID(high: 7, low: 3))
    (facts.name, facts.user, facts.session, facts.environment) = ("Nightly 100% Import_", "cleo", "s1", "staging")
    var named = TraceFacts(project: fixture.projects[0].id, id: TraceID(high: 7, low: 1))
    named.environment = "production"
    try await fixture.insert([first, tool, second, span], traces: [facts, named])
    return fixture
  }

  @Test func filtersFindTheirTraces() async throws {
    let fixture = try await threeTraces()
    #expect(try await ids(fixture) { _ in } == [1, 2, 3])
    #expect(try await ids(fixture) { $0.filter = [.project: [fixture.projects[1].slug]] } == [2])
    #expect(try await ids(fixture) { $0.filter = [.model: ["gpt-5"]] } == [1])
    #expect(try await ids(fixture) { $0.filter = [.provider: ["openai"]] } == [1, 2])
    #expect(try await ids(fixture) { $0.filter = [.team: ["Support"]] } == [1])
    #expect(try await ids(fixture) { $0.filter = [.team: [""]] } == [2])
    #expect(try await ids(fixture) { $0.filter = [.team: ["Support", ""]] } == [1, 2])
    #expect(try await ids(fixture) { $0.filter = [.userGroup: ["Schools"]] } == [2])
    #expect(try await ids(fixture) { $0.filter = [.endpoint: ["/chat"]] } == [2])
    #expect(try await ids(fixture) { $0.filter = [.key: [fixture.keys[0].publicKey]] } == [1])
    #expect(try await ids(fixture) { $0.filter = [.kind: ["generation"]] } == [1, 2])
    #expect(try await ids(fixture) { $0.filter = [.user: ["ann"]] } == [1])
    #expect(try await ids(fixture) { $0.filter = [.user: ["cleo"]] } == [3])
    #expect(try await ids(fixture) { $0.filter = [.environment: ["production"]] } == [1])
    #expect(try await ids(fixture) { $0.filter = [.environment: ["staging"]] } == [3])
    #expect(try await ids(fixture) { $0.filter = [.environment: ["default"]] } == [2, 3])
    #expect(try await ids(fixture) { $0.session = "s1" } == [3])
    #expect(try await ids(fixture) { $0.name = "100% import_" } == [3])
    #expect(try await ids(fixture) { $0.name = "import%" } == [])
    #expect(try await ids(fixture) { $0.errorsOnly = true } == [1])
    #expect(try await ids(fixture) { $0.unpricedOnly = true } == [2])
    #expect(try await ids(fixture) { $0.costAbove = USD(pico: 499) } == [1])
    #expect(try await ids(fixture) { $0.costAbove = USD(pico: 500) } == [])
  }

  @Test func aNULInAQuestionMatchesNothing() async throws {
    let fixture = try await threeTraces()
    for dimension in CostDimension.allCases {
      #expect(try await ids(fixture) { $0.filter = [dimension: ["\0"]] } == [])
    }
    #expect(try await ids(fixture) { $0.session = "\0" } == [])
    #expect(try await ids(fixture) { $0.name = "\0" } == [])
    let detail = try await TraceDetailQuery(pool: fixture.pool).run(project: "\0", trace: "\0", scope: fixture.scope)
    #expect(detail == nil)
  }

  @Test func oneCallMustMatchAllDimensions() async throws {
    let fixture = try await threeTraces()
    // Trace 1 has a call of Support and, on a row that is no call, the other model.
    #expect(try await ids(fixture) { $0.filter = [.team: ["Support"], .model: ["gpt-5"]] } == [1])
    #expect(try await ids(fixture) { $0.filter = [.team: ["Support"], .model: ["claude-sonnet-5"]] } == [])
    #expect(try await ids(fixture) { $0.filter = [.user: ["ann"], .model: ["gpt-5"]] } == [1])
    #expect(try await ids(fixture) { $0.filter = [.user: ["cleo"], .model: ["gpt-5"]] } == [])
  }

  @Test func itemsSayWhatTheirRowsSay() async throws {
    let fixture = try await threeTraces()
    let items = try await TraceList(pool: fixture.pool).run(TraceQuery(range: day), scope: fixture.scope).traces
    #expect(items.map(\.id.low) == [3, 2, 1])
    #expect(items.map(\.environment) == ["staging", "default", "production"])
    #expect(items[2].observations == 2)
    #expect(items[2].measures.calls == 1)
    #expect(items[2].measures.errors == 1)
    #expect(items[2].measures.cost == USD(pico: 500))
    #expect(items[2].measures.usage.totalTokens == 15)
    #expect(items[2].durationMicroseconds == 2_000_000)
    #expect(items[1].measures.cost == nil)
    #expect(items[1].measures.unpricedCalls == 1)
    #expect(items[1].projectSlug == fixture.projects[1].slug)
    #expect(items[0].name == "Nightly 100% Import_")
    #expect(items[0].durationMicroseconds == nil)
  }

  @Test func otherProjectsAndOrganisationsAreOutOfReach() async throws {
    let fixture = try await threeTraces()
    var scope = fixture.scope
    scope.traces = .only([fixture.projects[1].id])
    let own = try await TraceList(pool: fixture.pool).run(TraceQuery(range: day), scope: scope).traces
    #expect(own.map(\.id.low) == [2])
    let other = try await fixture.accounts.createOrganisation(name: "Other", timeZone: "UTC")
    scope = AccessScope(
      organisation: other.id, teams: .all, projects: .only(Set(fixture.projects.map(\.id))), readsContent: true)
    #expect(try await TraceList(pool: fixture.pool).run(TraceQuery(range: day), scope: scope).traces.isEmpty)
  }
}
