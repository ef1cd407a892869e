import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// Traces that are too large to be settled by every request: what counts meanwhile, and that the end is the same.
@Suite struct LargeTraceTests {
  /// A door to which traces of more than two rows are large.
  private func door(_ fixture: WriteFixture, _ clock: Clock? = { WriteFixture.noon }) -> ObservationDoor {
    ObservationDoor(pool: fixture.pool, partitions: fixture.partitions, clock: clock, settledAtOnceMax: 2)
  }

  private func send(_ facts: [ObservationFacts], to fixture: WriteFixture) async throws {
    _ = try await GroupWriter(door: door(fixture)).write([fixture.submission(facts)])[0].get()
  }

  private func settle(_ fixture: WriteFixture, at now: Timestamp = WriteFixture.noon.adding(seconds: 3600)) async throws
    -> Int
  {
    try await SettleQueue(pool: fixture.pool, door: door(fixture)).settleDue(at: now, decide: FixedPrices.decide)
  }

  private func isDue(_ fixture: WriteFixture) async throws -> Bool {
    try await fixture.number("select count(*) from traces where settle_due_at is not null") > 0
  }

  private func calls(_ fixture: WriteFixture) async throws -> [UInt64] {
    try await fixture.observations(of: TraceID(high: 7, low: 1)).filter(\.decision.isCall).map(\.facts.id.rawValue)
  }

  /// Three steps and a call below the third: one row more than is settled at once.
  private func base(_ fixture: WriteFixture) -> [ObservationFacts] {
    [
      .call(1, of: 1, in: fixture.project) { ($0.kind, $0.usage, $0.user) = (.span, nil, "ann2") },
      .call(2, of: 1, in: fixture.project) { ($0.kind, $0.usage, $0.parent) = (.chain, nil, ObservationID(1)) },
      .call(3, of: 1, in: fixture.project) { ($0.kind, $0.usage, $0.parent) = (.chain, nil, ObservationID(2)) },
    ]
  }

  private func wrapper(_ id: UInt64, _ fixture: WriteFixture) -> ObservationFacts {
    .call(id, of: 1, in: fixture.project) { ($0.kind, $0.parent) = (.agent, ObservationID(3)) }
  }

  private func call(_ id: UInt64, under parent: UInt64, _ fixture: WriteFixture) -> ObservationFacts {
    .call(id, of: 1, in: fixture.project) { $0.parent = ObservationID(parent) }
  }

  @Test(arguments: [11, 12, 13] as [UInt64])
  func settlingLaterEndsAsSettlingAtOnce(seed: UInt64) async throws {
    let reference = try await WriteFixture.make()
    let traffic = RandomTraffic(seed: seed, traces: 20, project: reference.project)
    _ = try await reference.writer.write([reference.submission(traffic.messages)])[0].get()
    let expected = try await reference.state()

    let fixture = try await WriteFixture.make()
    let writer = GroupWriter(door: door(fixture))
    var random = SeededNumbers(seed: seed)
    let messages = (traffic.messages + traffic.messages).shuffled(using: &random)
    for (i, message) in messages.enumerated() {
      _ = try await writer.write([fixture.submission([message])])[0].get()
      // Somewhere in between, too.
      if i == messages.count / 2 { _ = try await settle(fixture) }
    }
    #expect(try await isDue(fixture))
    let provisional = try await fixture.state()
    try await RollupRebuild(pool: fixture.pool).run()
    #expect(WriteFixture.difference(try await fixture.state(), provisional) == [])
    #expect(WriteFixture.difference(try await summaries(fixture), [:]) == [])

    #expect(try await settle(fixture) > 0)
    #expect(try await !isDue(fixture))
    let difference = WriteFixture.difference(try await fixture.state(), expected)
    #expect(difference == [])
  }

  /// Traces whose line in lists is not what their rows say.
  private func summaries(_ fixture: WriteFixture) async throws -> [String: [String]] {
    let rows = try await fixture.pool.run { connection in
      try connection.query(
        """
        select t.trace_id::text from traces t left join lateral (
          select count(*) filter (where is_arrived) as rows, count(*) filter (where is_call) as calls,
            count(cost_pico) filter (where is_call) as costed,
            coalesce(sum(cost_pico) filter (where is_call), 0) as cost,
            coalesce(sum(usage_input) filter (where is_call), 0) as input
          from observations o where o.project_id = t.project_id and o.trace_id = t.trace_id
        ) o on true
        where (t.observations, t.calls, t.costed, t.cost_pico, coalesce(t.usage_input, 0))
          is distinct from (o.rows, o.calls, o.costed, o.cost, o.input)
        """
      ) { try $0.string(0) }
    }
    return rows.isEmpty ? [:] : ["traces": rows]
  }

  @Test func aWrapperOfALargeTraceCountsUntilTheTraceIsSettled() async throws {
    let fixture = try await WriteFixture.make()
    try await send(base(fixture), to: fixture)
    #expect(try await !isDue(fixture))
    try await send([call(5, under: 4, fixture)], to: fixture)
    try await send([wrapper(4, fixture)], to: fixture)
    #expect(try await calls(fixture) == [4, 5])
    #expect(try await isDue(fixture))
    #expect(try await fixture.number("select calls from traces") == 2)

    #expect(try await settle(fixture, at: WriteFixture.noon.adding(seconds: 19)) == 0)
    #expect(try await settle(fixture, at: WriteFixture.noon.adding(seconds: 20)) == 1)
    #expect(try await calls(fixture) == [5])
    #expect(try await !isDue(fixture))
    #expect(try await settle(fixture) == 0)
    try await fixture.foldAll()
    #expect(try await fixture.number("select sum(calls) from spend_hour") == 1)
    #expect(try await fixture.number("select calls from traces") == 1)
  }

  @Test func whatStandsInOneMessageIsSettledAtOnceInALargeTraceToo() async throws {
    let fixture = try await WriteFixture.make()
    try await send(base(fixture), to: fixture)
    try await send([wrapper(4, fixture), call(5, under: 4, fixture)], to: fixture)
    #expect(try await calls(fixture) == [5])
  }

  @Test func aRowOfALargeTraceInheritsFromRowsSentBefore() async throws {
    let fixture = try await WriteFixture.make()
    try await send(base(fixture), to: fixture)
    try await send([call(5, under: 3, fixture)], to: fixture)
    let row = try #require(try await fixture.observations(of: TraceID(high: 7, low: 1)).last)
    #expect(row.decision.user == "ann2")
    #expect(row.decision.team == TeamID(2))
  }

  @Test func aRepeatedMessageToALargeTraceChangesNothing() async throws {
    let fixture = try await WriteFixture.make()
    let all = base(fixture) + [wrapper(4, fixture), call(5, under: 4, fixture)]
    try await send(all, to: fixture)
    let before = try await fixture.state()
    for facts in all { try await send([facts], to: fixture) }
    #expect(WriteFixture.difference(try await fixture.state(), before) == [])
    #expect(try await !isDue(fixture))
  }

  @Test func aLaterVersionOfARowReplacesItOnceInALargeTrace() async throws {
    let fixture = try await WriteFixture.make()
    try await send(base(fixture) + [call(5, under: 3, fixture)], to: fixture)
    let late = ObservationFacts.call(5, of: 1, in: fixture.project) {
      $0.parent = ObservationID(3)
      $0.endedAt = WriteFixture.noon.adding(seconds: 9)
      $0.usage?.usage[.input] = 1000
    }
    try await send([late], to: fixture)
    try await fixture.foldAll()
    #expect(try await fixture.number("select sum(usage_input) from spend_hour") == 1000)
    #expect(try await fixture.number("select usage_input from traces") == 1000)
    #expect(try await fixture.number("select observations from traces") == 4)
  }

  @Test func manySendersAndSettlersEndAsOneWould() async throws {
    let fixture = try await WriteFixture.make()
    var rows = base(fixture)
    for i in 0..<20 as Range<UInt64> {
      rows += [wrapper(100 + i, fixture), call(200 + i, under: 100 + i, fixture)]
    }
    let reference = try await WriteFixture.make()
    try await reference.send(rows)
    let expected = try await reference.state()
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for facts in rows.reversed() { tasks.addTask { try await send([facts], to: fixture) } }
      for _ in 0..<3 { tasks.addTask { _ = try await settle(fixture) } }
      try await tasks.waitForAll()
    }
    _ = try await settle(fixture)
    #expect(WriteFixture.difference(try await fixture.state(), expected) == [])
  }

  @Test func erasingFromALargeTraceSettlesTheRest() async throws {
    let fixture = try await WriteFixture.make()
    try await send(base(fixture), to: fixture)
    try await send([call(5, under: 4, fixture)], to: fixture)
    try await send([wrapper(4, fixture)], to: fixture)
    try await door(fixture).remove(
      [TraceID(high: 7, low: 1): [ObservationID(5)]], in: fixture.project, decide: FixedPrices.decide)
    #expect(try await calls(fixture) == [4])
    #expect(try await !isDue(fixture))
  }

  @Test func rowsOfALargeTraceAreLookedUpByTheirIds() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send(base(fixture))
    let key = TraceKey(project: fixture.project, trace: TraceID(high: 7, low: 1))
    let statement = LargeTrace.rows(key, [ObservationID(1), ObservationID(2)], UTCDay(WriteFixture.noon))
    let plan = try await fixture.pool.transaction { connection in
      try DoorTransaction.prefersLookups(connection)
      return try connection.query("explain \(statement)") { try $0.string(0) }.joined(separator: "\n")
    }
    #expect(plan.contains("_pkey") && plan.contains("Index Cond"), "\(plan)")
    #expect(plan.contains("(id >= k.id)"), "\(plan)")
    #expect(!plan.contains("Seq Scan"), "\(plan)")
  }
}
