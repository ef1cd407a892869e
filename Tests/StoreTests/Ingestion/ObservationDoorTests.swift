import Domain
import Postgres
import Testing

@testable import Store

@Suite struct ObservationDoorTests {
  @Test func whatIsWrittenIsReadBackInFull() async throws {
    let fixture = try await WriteFixture.make()
    var facts = ObservationFacts(project: fixture.project, trace: TraceID(high: 7, low: 1), id: ObservationID(.max - 3))
    facts.externalID = "my id"
    facts.parent = ObservationID(9)
    facts.kind = .agent
    facts.name = "naïve \u{1F9F6}"
    facts.level = .warning
    facts.statusMessage = "slow"
    facts.startedAt = WriteFixture.noon.adding(microseconds: 123_457)
    facts.endedAt = WriteFixture.noon.adding(microseconds: 999_999)
    facts.firstTokenAt = WriteFixture.noon.adding(microseconds: 500_001)
    facts.requestModel = "large"
    facts.responseModel = "large-2026"
    facts.provider = "acme"
    facts.serviceTier = "flex"
    facts.region = "eu-west-1"
    facts.responseID = "resp_1"
    var usage = Usage()
    for (i, bucket) in UsageBucket.allCases.enumerated() { usage[bucket] = Int64(i + 1) }
    facts.usage = UsageReport(
      usage: usage, rule: "openai-inclusive", flags: [.unexplained, .estimatedBySender], raw: #"{"a":1}"#)
    facts.reportedCost = ReportedCost(amount: USD(pico: 123_456_789_012), source: .provider)
    facts.prompt = "greet@3"
    facts.environment = "prod"
    facts.service = "web"
    facts.release = "r1"
    facts.version = "v2"
    facts.user = "ann2"
    facts.session = "s1"
    facts.endpointHint = "/summarise"
    facts.serverRoute = "/v1"
    facts.scope = "scope"
    facts.key = KeyID(4)
    facts.stampAll(Stamp(time: -5, rank: 1, hash: .max))
    let decision: Decide = { snapshot in
      for i in snapshot.observations.indices {
        var decision = Decision()
        decision.endpoint = "/summarise"
        decision.userGroup = UserGroupID(5)
        decision.isCall = true
        decision.shadowedBy = ObservationID(.max)
        decision.shadowReason = .sibling
        decision.provider = "acme-cloud"
        decision.model = "large-canonical"
        decision.team = TeamID(2)
        decision.ownerStep = .rule
        decision.cost = CostOutcome(
          status: .partial, cost: USD(pico: -7), computed: USD(pico: 8), reason: "why", price: "acme/large@2026",
          revision: 12)
        decision.cost.list = USD(pico: 9)
        decision.cost.priceRevision = 3
        decision.firstCharge = FirstCharge(status: .unpriced, cost: nil)
        snapshot.observations[i].decision = decision
      }
    }
    try await fixture.send([facts], decide: decision)
    let read = try #require(try await fixture.observations(of: facts.trace).first)
    #expect(read.facts == facts)
    var expected = Decision()
    expected.user = "ann2"
    expected.session = "s1"
    expected.environment = "prod"
    expected.endpoint = "/summarise"
    expected.userGroup = UserGroupID(5)
    expected.isCall = true
    expected.shadowedBy = ObservationID(.max)
    expected.shadowReason = .sibling
    expected.provider = "acme-cloud"
    expected.model = "large-canonical"
    expected.team = TeamID(2)
    expected.ownerStep = .rule
    expected.cost = CostOutcome(
      status: .partial, cost: USD(pico: -7), computed: USD(pico: 8), reason: "why", price: "acme/large@2026",
      revision: 12)
    expected.cost.list = USD(pico: 9)
    expected.cost.priceRevision = 3
    expected.firstCharge = FirstCharge(status: .unpriced, cost: nil)
    #expect(read.decision == expected)
    #expect(read.startedAt == facts.startedAt)
    #expect(!read.isStartAssumed)
    #expect(read.receivedAt == WriteFixture.noon)
  }

  @Test func aPureDuplicateWritesNothingAndKeepsItsPrice() async throws {
    let fixture = try await WriteFixture.make()
    let calls = (1...5).map { ObservationFacts.call($0, of: $0 % 2, in: fixture.project) }
    try await fixture.send(calls)
    let before = try await fixture.state()
    let versions = try await rowVersions(fixture)
    let again = try await fixture.send(
      calls.reversed(), receivedAt: WriteFixture.noon.adding(seconds: -60), decide: FixedPrices.decide(picoPerToken: 9))
    #expect(again.accepted == 5)
    #expect(try await fixture.number("select count(*) from deltas") == 0)
    #expect(try await rowVersions(fixture) == versions)
    #expect(try await fixture.state() == before)
  }

  private func rowVersions(_ fixture: WriteFixture) async throws -> [String] {
    try await fixture.pool.run { connection in
      try connection.query(
        """
        select 'o' || xmin || ' ' || ctid || ' ' || id from observations
        union all select 't' || xmin || ' ' || ctid || ' ' || trace_id from traces
        union all select 'p' || xmin || ' ' || ctid from payloads order by 1
        """
      ) { try $0.string(0) }
    }
  }

  @Test func aLateRootGivesItsUserAndSessionToCallsAndMovesTheirCost() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([.call(1, of: 1, in: fixture.project), .call(2, of: 1, in: fixture.project)])
    try await fixture.foldAll()
    #expect(try await fixture.number("select cost_pico from spend_hour where team_id = 0") == 240_000)
    var root = TraceFacts(project: fixture.project, id: TraceID(high: 7, low: 1))
    root.name = "root"
    root.user = "bob3"
    root.session = "evening"
    root.stampAll(Stamp(time: 5, rank: 0, hash: 1))
    try await fixture.send(traces: [root])
    try await fixture.foldAll()
    #expect(try await fixture.number("select coalesce(sum(calls), 0) from spend_hour where team_id = 0") == 0)
    #expect(try await fixture.number("select count(*) from spend_hour") == 1)
    #expect(try await fixture.number("select cost_pico from spend_hour where team_id = 3") == 240_000)
    #expect(try await fixture.number("select calls from spend_user_day where user_id = 'bob3'") == 2)
    let rows = try await fixture.observations(of: root.id)
    #expect(rows.map(\.decision.session) == ["evening", "evening"])
    #expect(rows.map(\.facts.session) == [nil, nil])
  }

  @Test func anUpdateMovesAStartToAnotherDayAndItsCostWithIt() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([.call(1, of: 1, in: fixture.project)])
    var update = ObservationFacts(project: fixture.project, trace: TraceID(high: 7, low: 1), id: ObservationID(1))
    update.startedAt = WriteFixture.noon.adding(seconds: -3 * 86_400)
    update.stampAll(Stamp(time: .max, rank: 1, hash: 1))
    try await fixture.send([update])
    let rows = try await fixture.observations(of: update.trace)
    #expect(rows.map(\.startedAt) == [WriteFixture.noon.adding(seconds: -3 * 86_400)])
    try await fixture.foldAll()
    #expect(try await fixture.number("select count(*) from spend_user_day") == 1)
    #expect(
      try await fixture.number(
        "select calls from spend_user_day where day_start < \(WriteFixture.noon.adding(seconds: -86_400))") == 1)
    #expect(
      try await fixture.number(
        "select count(*) from traces where first_started_at = last_started_at and started_at = first_started_at") == 1)
  }

  @Test func anUpdateBeforeItsCreateGivesTheSameRow() async throws {
    let first = try await WriteFixture.make()
    let second = try await WriteFixture.make()
    func messages(_ project: ProjectID) -> [ObservationFacts] {
      var create = ObservationFacts(project: project, trace: TraceID(high: 7, low: 1), id: ObservationID(1))
      create.kind = .generation
      create.name = "asked"
      create.startedAt = WriteFixture.noon
      create.bodies = [BodyPart(kind: .input, text: "in", stamp: Stamp(time: 0, rank: 0, hash: 0))]
      create.stampAll(Stamp(time: 10, rank: 0, hash: 1))
      var update = ObservationFacts(project: project, trace: create.trace, id: create.id)
      update.name = "answered"
      update.endedAt = WriteFixture.noon.adding(seconds: 4)
      update.usage = UsageReport(usage: Usage([.input: 7]), rule: "test", raw: "{}")
      update.stampAll(Stamp(time: 11, rank: 1, hash: 2))
      return [create, update]
    }
    for message in messages(first.project) { try await first.send([message]) }
    for message in messages(second.project).reversed() { try await second.send([message]) }
    #expect(try await first.state() == second.state())
    #expect(try await first.observations(of: TraceID(high: 7, low: 1)).map(\.facts.name) == ["answered"])
    #expect(try await first.observations(of: TraceID(high: 7, low: 1)).map(\.isStartAssumed) == [false])
  }

  @Test func aMissingOrAbsurdStartIsAssumedAndAResendMeetsTheSameRow() async throws {
    let fixture = try await WriteFixture.make()
    let calls = [
      ObservationFacts.call(1, of: 1, in: fixture.project) { $0.startedAt = nil },
      ObservationFacts.call(2, of: 2, in: fixture.project) { $0.startedAt = Timestamp(microseconds: 0) },
      ObservationFacts.call(3, of: 3, in: fixture.project) { ($0.startedAt, $0.endedAt) = (nil, nil) },
    ]
    try await fixture.send(calls)
    let before = try await fixture.state()
    try await fixture.send(calls, receivedAt: WriteFixture.noon.adding(seconds: 86_400))
    #expect(try await fixture.state() == before)
    #expect(try await fixture.number("select count(*) from observations where flags & 1 = 1") == 3)
    let ended = WriteFixture.noon.adding(seconds: 2)
    #expect(try await fixture.number("select count(*) from observations where started_at = \(ended)") == 2)
    #expect(try await fixture.number("select count(*) from observations where started_at = \(WriteFixture.noon)") == 1)
  }

  @Test func startsOutsideOfTheAcceptedTimeAreRefusedOneByOne() async throws {
    let fixture = try await WriteFixture.make()
    let result = try await fixture.send([
      .call(1, of: 1, in: fixture.project, atSeconds: -41 * 86_400), .call(2, of: 2, in: fixture.project),
      .call(3, of: 3, in: fixture.project, atSeconds: 86_401),
      .call(4, of: 4, in: fixture.project) { $0.usage?.usage[.input] = -1 },
    ])
    #expect(result.accepted == 1)
    #expect(result.rejections.map(\.index) == [0, 2, 3])
    #expect(result.rejections.map(\.reason) == [.tooOld, .tooNew, .invalidField])
    #expect(try await fixture.number("select count(*) from observations") == 1)
    #expect(try await fixture.number("select count(*) from traces") == 1)
  }

  @Test func rowsOfAFrozenTimeStayAsTheyAre() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([
      .call(1, of: 1, in: fixture.project, atSeconds: -86_400), .call(2, of: 1, in: fixture.project),
    ])
    let frozen = WriteFixture.noon.adding(seconds: -43_200)
    try await fixture.pool.run { _ = try $0.execute("update projects set frozen_before = \(frozen)") }
    await fixture.door.limits.forget(fixture.project)
    var update = ObservationFacts(project: fixture.project, trace: TraceID(high: 7, low: 1), id: ObservationID(1))
    update.endedAt = WriteFixture.noon
    update.stampAll(Stamp(time: .max, rank: 1, hash: 1))
    var root = TraceFacts(project: fixture.project, id: TraceID(high: 7, low: 1))
    root.user = "bob3"
    root.stampAll(Stamp(time: 5, rank: 0, hash: 1))
    let result = try await fixture.send([update], traces: [root])
    #expect(result.rejections.map(\.reason) == [.tooOld])
    let rows = try await fixture.observations(of: root.id)
    #expect(rows.map(\.decision.user) == [nil, "bob3"])
    #expect(rows[0].facts.endedAt == WriteFixture.noon.adding(seconds: 2 - 86_400))
  }

  @Test func contentWithoutItsObservationIsKeptHiddenAndJoinsIt() async throws {
    let fixture = try await WriteFixture.make()
    var content = ObservationFacts(project: fixture.project, trace: TraceID(high: 7, low: 1), id: ObservationID(1))
    content.isArrived = false
    content.bodies = [BodyPart(kind: .input, text: "asked early", stamp: Stamp(time: 0, rank: 0, hash: 0))]
    content.stampAll(Stamp(time: 1, rank: 0, hash: 5))
    try await fixture.send([content])
    #expect(try await fixture.number("select count(*) from traces where started_at is null and observations = 0") == 1)
    #expect(try await fixture.number("select count(*) from observations where not is_arrived and not is_call") == 1)
    try await fixture.send([.call(1, of: 1, in: fixture.project)])
    let rows = try await fixture.observations(of: content.trace)
    #expect(rows.map(\.facts.isArrived) == [true])
    #expect(rows.map(\.startedAt) == [WriteFixture.noon])
    #expect(rows.first?.facts.parts.map(\.kind) == [.input])
    #expect(try await fixture.number("select calls from traces where started_at = \(WriteFixture.noon)") == 1)
  }

  @Test func aTraceWithoutObservationsIsListedAtItsOwnTime() async throws {
    let fixture = try await WriteFixture.make()
    var facts = TraceFacts(project: fixture.project, id: TraceID(high: 7, low: 1))
    facts.externalID = "trace-low-r1"
    facts.name = "only a trace"
    facts.timestamp = WriteFixture.noon.adding(seconds: -9)
    facts.tags = ["b,\"{}\\", "a", "NULL", ""]
    facts.isPublic = true
    facts.stampAll(Stamp(time: 1, rank: 0, hash: 5))
    try await fixture.send(traces: [facts])
    try await fixture.send(traces: [facts])
    #expect(
      try await fixture.number(
        "select count(*) from traces where started_at = \(WriteFixture.noon.adding(seconds: -9))") == 1)
    let tags = try await fixture.pool.run { try $0.first("select tags from traces") { try $0.strings(0) } }
    #expect(tags == ["", "NULL", "a", "b,\"{}\\"])
  }

  @Test func decidingAgainMovesTotalsToTheNewPrice() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([.call(1, of: 1, in: fixture.project), .call(2, of: 2, in: fixture.project)])
    let traces = [TraceID(high: 7, low: 1), TraceID(high: 7, low: 2), TraceID(high: 7, low: 3)]
    try await fixture.door.decideAgain(traces, in: fixture.project, decide: FixedPrices.decide(picoPerToken: 5))
    try await fixture.foldAll()
    #expect(try await fixture.number("select sum(cost_pico) from spend_hour") == 1200)
    #expect(try await fixture.number("select sum(calls) from spend_hour") == 2)
    #expect(try await fixture.number("select count(*) from traces") == 2)
  }

  @Test func removedObservationsTakeTheirCostAway() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([.call(1, of: 1, in: fixture.project), .call(2, of: 1, in: fixture.project, model: "large")])
    try await fixture.foldAll()
    try await fixture.door.remove(
      [TraceID(high: 7, low: 1): [ObservationID(2)]], in: fixture.project, decide: FixedPrices.decide)
    try await fixture.foldAll()
    #expect(try await fixture.number("select count(*) from observations") == 1)
    #expect(try await fixture.number("select count(*) from spend_hour") == 1)
    #expect(try await fixture.number("select sum(cost_pico) from spend_endpoint_hour") == 120_000)
  }
}
