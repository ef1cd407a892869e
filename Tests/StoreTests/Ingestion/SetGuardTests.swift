import Dispatch
import Domain
import Postgres
import Testing

@testable import Store

/// A project's day has at most 1,000 new combinations of values of declared keys.
@Suite struct SetGuardTests {
  /// The values are what the service says, "tenant|feature|plan".
  private static let decide: Decide = { snapshot in
    FixedPrices.decide(&snapshot)
    for i in snapshot.observations.indices {
      guard let service = snapshot.observations[i].facts.service else { continue }
      let values = service.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      snapshot.observations[i].decision.extras = values + Array(repeating: "", count: 4 - values.count)
    }
  }

  /// Calls of traces 1, 2 … from `first`.
  private func calls(_ services: [String], _ fixture: WriteFixture, first: Int = 1, day: Int64 = 0) -> [ObservationFacts] {
    services.enumerated().map { i, service in
      ObservationFacts.call(1, of: UInt64(first + i), in: fixture.project, atSeconds: day * 86_400) { $0.service = service }
    }
  }

  private func send(_ services: [String], _ fixture: WriteFixture, first: Int = 1, day: Int64 = 0) async throws {
    try await fixture.send(calls(services, fixture, first: first, day: day), decide: Self.decide)
  }

  private func limited(_ max: Int) async throws -> WriteFixture { try await WriteFixture.make().admitting(newSets: max) }

  private func rows(_ fixture: WriteFixture) async throws -> [String] {
    try await fixture.lines("select trace_id, id, started_at, ctid, xmin, extra_1, extra_2, extra_3 from observations")
  }

  /// What was stored, "first|second" by trace.
  private func stored(_ fixture: WriteFixture) async throws -> [String] {
    try await fixture.pool.run { c in
      try c.query("select extra_1 || '|' || extra_2 from observations order by trace_id") { try $0.string(0) }
    }
  }

  @Test func firstThousandCombinationsKeepAllValuesAndOthersTheFirst() async throws {
    let fixture = try await WriteFixture.make()
    let services = (0..<1280).map { "tenant \($0 % 32)|feature \($0 / 32)|\($0 < 640 ? "" : "plan")" }
    try await send(Array(services[..<700]), fixture)
    try await send(Array(services[650...]), fixture, first: 651)
    #expect(try await fixture.number("select count(*) from admitted_sets") == 1000)
    #expect(try await fixture.number("select sum(sets) from admitted_set_days") == 1000)
    #expect(try await fixture.number("select count(distinct (extra_1, extra_2, extra_3)) from observations where extra_2 <> '(other)'") == 1000)
    #expect(try await fixture.number("select count(*) from observations where extra_2 = '(other)' and extra_3 = '(other)'") == 280)
    #expect(try await fixture.number("select count(*) from observations where extra_1 || extra_4 like '%(other)%'") == 0)
    try await fixture.foldAll()
    try await fixture.sumAll()
    let sets = try await fixture.number("select count(distinct (extra_1, extra_2, extra_3)) from dimension_sets")
    #expect(sets > 1000 && sets <= 1032)
    try await fixture.expectChargesOfEveryDimension()
  }

  @Test func valuesOfOneKeyAloneAreNotCounted() async throws {
    let fixture = try await limited(2)
    try await send(["a", "b", "c", "|d", "||e", "(other)|(other)", "f|(other)", "(other)|g|(other)"], fixture)
    #expect(try await fixture.number("select count(*) from admitted_sets") == 0)
    #expect(try await fixture.number("select count(*) from observations where extra_1 in ('a', 'b', 'c', 'f') or extra_2 in ('d', 'g') or extra_3 = 'e'") == 7)
  }

  @Test func combinationsOfEarlierDaysAreNotNew() async throws {
    let fixture = try await limited(2)
    try await send(["a|1", "b|1"], fixture, day: -3)
    try await send(["c|1"], fixture, first: 3, day: -3)
    try await send(["a|1", "b|1", "c|1", "d|1"], fixture, first: 4, day: -2)
    try await send(["e|1"], fixture, first: 8, day: -2)
    try await send(["e|1", "a|1", "d|1"], fixture, first: 9, day: -1)
    #expect(
      try await stored(fixture)
        == ["a|1", "b|1", "c|(other)", "a|1", "b|1", "c|1", "d|1", "e|(other)", "e|1", "a|1", "d|1"])
  }

  @Test func aLateCallOfAnEarlierDayChangesNothingOfAFullOne() async throws {
    let fixture = try await limited(2)
    try await send(["a|1", "b|1"], fixture)
    try await send(["c|1"], fixture, first: 3)
    try await send(["c|1"], fixture, first: 4, day: -1)
    #expect(try await fixture.number("select count(*) from admitted_sets where until = day + 1") == 1)
    let before = try await rows(fixture)
    let traces = (1...4).map { TraceID(high: 7, low: $0) }
    for door in [fixture.door, fixture.admitting(newSets: 2).door] {
      try await door.decideAgain(traces, in: fixture.project, decide: Self.decide)
      #expect(try await rows(fixture) == before)
    }
    // Also for who knows nothing of it yet; a day later it is new again.
    try await send(["c|1"], fixture.admitting(newSets: 2), first: 5)
    try await send(["c|1"], fixture.admitting(newSets: 2), first: 6, day: 1)
    #expect(try await stored(fixture) == ["a|1", "b|1", "c|(other)", "c|1", "c|(other)", "c|1"])
  }

  @Test func duplicatesUpdatesAndDecidingAgainKeepWhatWasDecided() async throws {
    let fixture = try await limited(5)
    let sent = calls((0..<12).map { "t\($0 % 3)|f\($0)" }, fixture)
    try await fixture.send(sent, decide: Self.decide)
    let before = try await rows(fixture)
    try await fixture.send(Array(sent.reversed()), decide: Self.decide)
    for door in [fixture.door, fixture.admitting(newSets: 5).door] {
      try await door.decideAgain(sent.map(\.trace), in: fixture.project, decide: Self.decide)
      #expect(try await rows(fixture) == before)
    }
    let values = try await stored(fixture)
    // Something else about them is learnt.
    try await fixture.admitting(newSets: 5).send(
      sent.map { call in
        var call = call
        call.region = "eu"
        call.stampAll(Stamp(time: .max, rank: 1, hash: 9))
        return call
      }, decide: Self.decide)
    #expect(try await stored(fixture) == values)
    #expect(try await fixture.number("select count(*) from observations where region = 'eu'") == 12)
    #expect(try await fixture.number("select count(*) from admitted_sets") == 5)
  }

  @Test func twoProcessesAtOnceAdmitNoMoreThanTheLimitAndAgree() async throws {
    let fixture = try await WriteFixture.make()
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for process in 0..<2 {
        let door = fixture.admitting(newSets: 60).door
        for part in 0..<4 {
          // Half of the combinations are sent by both; days in opposite order.
          let services = (0..<20).map { n in n % 2 == 0 ? "both|\(part * 20 + n)" : "of \(process)|\(part * 20 + n)" }
          let sent = services.enumerated().map { i, service in
            ObservationFacts.call(
              1, of: UInt64(1 + process * 1000 + part * 20 + i), in: fixture.project,
              atSeconds: 86_400 * Int64(process == 0 ? -part % 2 : (part % 2) - 1)) { $0.service = service }
          }
          let submission = fixture.submission(sent, decide: Self.decide)
          tasks.addTask { _ = try await GroupWriter(door: door).write([submission])[0].get() }
        }
      }
      try await tasks.waitForAll()
    }
    #expect(try await fixture.number("select max(sets) from admitted_set_days") == 60)
    let miscounted: SQL = """
      select count(*) from admitted_set_days d
      where sets <> (select count(*) from admitted_sets s where s.project_id = d.project_id and s.day = d.day)
      """
    #expect(try await fixture.number(miscounted) == 0)
    // On one day a combination is kept whole by all or by none.
    let torn: SQL = """
      select count(*) from (select from observations group by service, (started_at at time zone 'UTC')::date having count(distinct extra_2) > 1) t
      """
    #expect(try await fixture.number(torn) == 0)
    #expect(try await fixture.number("select count(*) from observations where extra_2 = '(other)'") > 0)
  }

  @Test func whatWasRolledBackIsNotTakenForAdmitted() async throws {
    let fixture = try await limited(1)
    let tooMuch: Decide = { snapshot in
      Self.decide(&snapshot)
      for i in snapshot.observations.indices { snapshot.observations[i].decision.cost.cost = USD(pico: Int128(Int64.max) + 1) }
    }
    let refused = try await fixture.send(calls(["a|1"], fixture), decide: tooMuch)
    #expect(refused.rejections.count == 1)
    try await send(["b|1", "a|1"], fixture)
    #expect(try await fixture.number("select count(*) from admitted_sets") == 1)
    #expect(try await fixture.number("select count(*) from observations where extra_2 = '(other)'") == 1)
  }

  @Test func knownCombinationsAreNotAskedFor() async throws {
    let fixture = try await limited(3)
    try await send(["a|1", "b|1", "c|1"], fixture)
    try await send(["d|1"], fixture, first: 4)
    let isDone = DispatchSemaphore(value: 0)
    let (locked, isLocked) = AsyncStream.makeStream(of: Void.self)
    let holder = Task {
      try await fixture.pool.transaction { c in
        try c.execute("lock table admitted_sets, admitted_set_days in access exclusive mode")
        isLocked.yield()
        isDone.wait()
      }
    }
    _ = await locked.first { true }
    let result = try await fixture.send(calls(["a|1", "d|1", "c|1"], fixture, first: 5), decide: Self.decide)
    isDone.signal()
    try await holder.value
    #expect(result.accepted == 3)
    #expect(try await stored(fixture).suffix(3) == ["a|1", "d|(other)", "c|1"])
  }

  @Test func combinationsThatOnlyLookAlikeAreTwo() async throws {
    let fixture = try await limited(10)
    try await send(["a|bc", "ab|c", "|ab|c", "caf\u{E9}|1", "cafe\u{301}|1"], fixture)
    #expect(try await fixture.number("select count(*) from admitted_sets") == 5)
  }

  /// No money is lost, and nothing but the values of further keys moves.
  @Test(arguments: [1, 2] as [UInt64])
  func moneyAndEveryOtherDimensionStayAndSumsAreRebuiltTheSame(seed: UInt64) async throws {
    var sums: [[String]] = []
    for max in [3, 1000] {
      let fixture = try await limited(max)
      var random = SeededNumbers(seed: seed)
      for n in 0..<40 {
        let facts = (0..<4).map { i in
          ObservationFacts.call(
            1, of: UInt64(n * 4 + i), in: fixture.project, atSeconds: -86_400 * Int64.random(in: 0..<4, using: &random),
            model: ["small", "large"].randomElement(using: &random) ?? ""
          ) {
            $0.service = "t\(Int.random(in: 0..<4, using: &random))|f\(Int.random(in: 0..<9, using: &random))"
            $0.user = "user\(Int.random(in: 0..<4, using: &random))"
            $0.environment = ["prod", nil].randomElement(using: &random) ?? nil
          }
        }
        try await fixture.send(facts, decide: Self.decide)
        if n % 7 == 0 { _ = try await Fold(pool: fixture.pool).run() }
        if n % 10 == 9 {
          try await fixture.door.remove([facts[0].trace: [facts[0].id]], in: fixture.project, decide: Self.decide)
          try await fixture.door.decideAgain(facts.map(\.trace), in: fixture.project, decide: Self.decide)
        }
      }
      let folded = try await fixture.state()
      try await fixture.expectChargesOfEveryDimension()
      let others = try await fixture.number("select count(*) from observations where extra_2 = '(other)'")
      #expect(max == 3 ? others > 20 : others == 0)
      try await fixture.pool.run { c in
        try c.execute("update spend_hour set calls = calls + 1")
        try c.execute("update charges_day set cost_pico = 0")
      }
      try await RollupRebuild(pool: fixture.pool).run()
      #expect(WriteFixture.difference(folded, try await fixture.state()) == [])
      sums.append(
        try await fixture.lines(
          """
          select day, team_id, kind, user_group_id, key_id, environment, service, provider, model, endpoint, service_tier, region, extra_1,
            sum(calls), sum(cost_pico), sum(list_cost_pico), sum(usage_input)
          from charges_day c join dimension_sets s on s.id = c.set_id group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
          """))
    }
    #expect(sums[0] == sums[1] && sums[0].count > 50)
  }
}

extension WriteFixture {
  /// The same, seen by another process that knows nothing yet and admits fewer new combinations of values a day.
  func admitting(newSets max: Int) -> WriteFixture {
    WriteFixture(
      database: database, project: project, partitions: partitions,
      door: ObservationDoor(pool: pool, partitions: Partitions(pool: pool), newSetsMax: max))
  }
}
