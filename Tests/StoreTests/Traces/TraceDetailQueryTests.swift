import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct TraceDetailQueryTests {
  private let start = instant("2026-11-01T23:59:59Z")

  /// A trace over midnight with a trace id of the sender's own, one row that has not arrived, bodies, scores.
  private func fixture() async throws -> ReportFixture {
    let fixture = try await ReportFixture.make()
    let trace = TraceID.named("order-4711").id
    func row(_ id: UInt64, _ seconds: Int64) -> Observation {
      var row = fixture.call(at: start.adding(seconds: seconds), id: id, cost: 100)
      var facts = ObservationFacts(project: row.facts.project, trace: trace, id: ObservationID(id))
      (facts.kind, facts.startedAt, facts.usage, facts.key) = (
        row.facts.kind, row.facts.startedAt, row.facts.usage, row.facts.key
      )
      row.facts = facts
      return row
    }
    var late = row(3, 5)
    late.decision.team = fixture.teams[2].id
    late.facts.statusMessage = "refused: my card number is 1234"
    var early = row(.max, 0)
    early.facts.parent = ObservationID(3)
    var ghost = row(5, 1)
    ghost.facts.isArrived = false
    ghost.decision = Decision()
    // Bodies as the writer stores them.
    let block = BlockID(writtenAt: start, retention: .days90)
    let stamp = Stamp(time: 1, rank: 0, hash: 2)
    late.facts.parts = [
      StoredPart(kind: .input, block: block.rawValue, offset: 0, length: 5, stamp: stamp),
      StoredPart(kind: .metadata, block: block.rawValue, offset: 5, length: 7, stamp: stamp),
    ]
    var facts = TraceFacts(project: fixture.projects[0].id, id: trace)
    facts.externalID = "order-4711"
    facts.parts = [StoredPart(kind: .output, block: block.rawValue, offset: 12, length: 3, stamp: stamp)]
    try await fixture.insert([late, early, ghost], traces: [facts])
    try await Partitions(pool: fixture.pool).ensure([.payloads(.days90, UTCDay(start))])
    let data = Zstd().compress(Array("hello{\"a\":1}bye".utf8))
    try await fixture.pool.run { c in
      try c.execute(
        """
        insert into payloads (project_id, trace_id, block_id, written_on, retention_days, data)
        values (\(fixture.projects[0].id), \(trace), \(block.rawValue), \(PostgresValue.date(block.writtenOn)), 90::smallint, \(data))
        """)
      var score = Score(
        project: fixture.projects[0].id, id: "s1", stamp: stamp, name: "correctness", dataType: .text,
        source: .annotation,
        environment: "default", createdAt: start)
      (score.trace, score.observation, score.text, score.comment) = (trace, ObservationID(.max), "it said hello", "why")
      try ScoreWriter.write([score], on: c)
    }
    return fixture
  }

  @Test func aTraceIsReadWithAllThatArrivedByStart() async throws {
    let fixture = try await fixture()
    let query = TraceDetailQuery(pool: fixture.pool)
    for name in ["order-4711", TraceID.named("order-4711").id.hex] {
      let detail = try #require(
        try await query.run(project: fixture.projects[0].slug, trace: name, scope: fixture.scope))
      #expect(detail.observations.map(\.facts.id.rawValue) == [.max, 3])
      #expect(detail.observations.first?.facts.parent == ObservationID(3))
      #expect(detail.item.displayID == "order-4711")
      #expect(detail.item.observations == 2)
      #expect(detail.item.measures.cost == USD(pico: 200))
      #expect(detail.teams.values.map(\.name) == ["Billing"])
      #expect(detail.scores.map(\.name) == ["correctness"])
      #expect(detail.scores.first?.observation == ObservationID(.max))
      #expect(detail.scores.first?.stamp == Stamp(time: 1, rank: 0, hash: 2))
      #expect(!detail.hasInput && detail.hasOutput)
    }
    #expect(try await query.run(project: fixture.projects[0].id, trace: "order-4711", scope: fixture.scope) != nil)
  }

  @Test func whatIsOutOfReachIsNotThere() async throws {
    let fixture = try await fixture()
    let query = TraceDetailQuery(pool: fixture.pool)
    #expect(try await query.run(project: fixture.projects[0].slug, trace: "other", scope: fixture.scope) == nil)
    #expect(try await query.run(project: fixture.projects[1].slug, trace: "order-4711", scope: fixture.scope) == nil)
    #expect(try await query.find(trace: "order-4711", scope: fixture.scope).map(\.id) == [fixture.projects[0].id])
    var scope = fixture.scope
    scope.traces = .only([fixture.projects[1].id])
    #expect(try await query.run(project: fixture.projects[0].slug, trace: "order-4711", scope: scope) == nil)
    #expect(try await query.find(trace: "order-4711", scope: scope).isEmpty)
    let observations = ObservationQuery(pool: fixture.pool)
    let hidden = try await observations.run(
      project: fixture.projects[0].id, trace: "order-4711", id: ObservationID(3).hex, scope: scope)
    #expect(hidden == nil)
  }

  @Test func bodiesAreReadWithTheGrantOnly() async throws {
    let fixture = try await fixture()
    let query = ObservationQuery(pool: fixture.pool)
    let (project, id) = (fixture.projects[0].id, ObservationID(3).hex)
    let seen = try #require(try await query.run(project: project, trace: "order-4711", id: id, scope: fixture.scope))
    #expect(seen.bodies == Bodies(input: "hello", metadata: ["{\"a\":1}"]))
    #expect(seen.observation.facts.statusMessage != nil)
    #expect(
      try await query.traceBodies(project: project, trace: "order-4711", scope: fixture.scope) == Bodies(output: "bye"))
    let several = try await query.bodies(of: [seen.observation], scope: fixture.scope)
    #expect(several[ObservationID(3)]?.input == "hello")

    var scope = fixture.scope
    scope.content = .none
    let hidden = try #require(try await query.run(project: project, trace: "order-4711", id: id, scope: scope))
    #expect(hidden.bodies == nil)
    #expect(hidden.observation.facts.statusMessage == nil)
    #expect(hidden.observation.facts.parts.isEmpty)
    #expect(try await query.traceBodies(project: project, trace: "order-4711", scope: scope) == nil)
    #expect(try await query.bodies(of: [seen.observation], scope: scope).isEmpty)
    let detail = try #require(
      try await TraceDetailQuery(pool: fixture.pool).run(project: project, trace: "order-4711", scope: scope))
    #expect(detail.observations.allSatisfy { $0.facts.statusMessage == nil })
    #expect(detail.scores.first?.text == nil && detail.scores.first?.comment == nil)
  }

  @Test func whatHasNotArrivedIsNotShown() async throws {
    let fixture = try await fixture()
    let ghost = try await ObservationQuery(pool: fixture.pool).run(
      project: fixture.projects[0].id, trace: "order-4711", id: ObservationID(5).hex, scope: fixture.scope)
    #expect(ghost == nil)
  }

  /// One row of a larger trace comes with the same names as in the whole trace.
  @Test func anObservationNamesWhatIsAroundIt() async throws {
    let fixture = try await ReportFixture.make()
    var agent = fixture.call(at: start, id: 1)
    (agent.facts.name, agent.facts.externalID, agent.decision) = ("agent", "run-1", Decision())
    var call = fixture.call(at: start.adding(seconds: 2), id: 2)
    (call.facts.parent, call.decision.team) = (ObservationID(1), fixture.teams[1].id)
    var twin = fixture.call(at: start.adding(seconds: 1), id: 3, cost: nil)
    (twin.facts.kind, twin.facts.externalID, twin.decision) = (.span, "twin", Decision())
    (twin.decision.shadowedBy, twin.decision.shadowReason) = (ObservationID(2), .sibling)
    var ghost = twin
    ghost.facts = ObservationFacts(project: twin.facts.project, trace: twin.facts.trace, id: ObservationID(4))
    ghost.facts.isArrived = false
    let trace = call.facts.trace
    try await fixture.insert([agent, call, twin, ghost, fixture.call(at: start, trace: 2, id: 5)])
    try await fixture.pool.run { c in
      let scores = ["about it": 2, "about another": 3].map { name, id in
        var score = Score(
          project: fixture.projects[0].id, id: name, stamp: Stamp(time: 1, rank: 0, hash: 2), name: name,
          dataType: .numeric, source: .api, environment: "default", createdAt: start)
        (score.trace, score.observation, score.number) = (trace, ObservationID(UInt64(id)), 1)
        return score
      }
      try ScoreWriter.write(scores, on: c)
    }
    let query = ObservationQuery(pool: fixture.pool)
    func read(_ id: String) async throws -> ObservationDetail {
      try #require(
        try await query.run(
          project: fixture.projects[0].slug, trace: trace.hex, id: id, scope: fixture.scope))
    }
    let found = try await read(call.facts.id.hex)
    #expect(found.team?.name == "Support")
    let parent = ObservationName(id: ObservationID(1), externalID: "run-1", kind: .generation, name: "agent")
    #expect(found.parent == parent)
    #expect(found.shadower == nil)
    let shadow = ObservationName(id: ObservationID(3), externalID: "twin", kind: .span, name: nil)
    #expect(found.shadows == [shadow])
    #expect(found.scores.map(\.name) == ["about it"])
    let shadowed = try await read(twin.facts.id.hex)
    #expect(shadowed.shadower?.id == ObservationID(2))
    #expect(shadowed.parent == nil && shadowed.team == nil && shadowed.shadows.isEmpty)
    let top = try await read(agent.facts.id.hex)
    #expect(top.parent == nil && top.shadower == nil && top.shadows.isEmpty && top.scores.isEmpty)
    let elsewhere = try await query.run(
      project: fixture.projects[1].slug, trace: trace.hex, id: call.facts.id.hex, scope: fixture.scope)
    #expect(elsewhere == nil)
  }
}
