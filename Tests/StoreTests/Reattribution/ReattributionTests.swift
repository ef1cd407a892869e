import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct ReattributionTests {
  /// Random traffic over five days with values of a declared key, booked without rules.
  private func booked(seed: UInt64, traces: Int = 25) async throws -> WriteFixture {
    let fixture = try await WriteFixture.make()
    let groups = UserGroupStore(pool: fixture.pool)
    let schools = try await groups.create(name: "Schools", team: TeamID(1), scope: WriteFixture.all, by: "ann")
    _ = try await groups.setMembers(of: schools.id, ["user1", "user2"], scope: WriteFixture.all, by: "ann")
    _ = try await DeclaredKeyStore(pool: fixture.pool).declare("tenant", isDimension: true, scope: WriteFixture.all, by: "ann")
    let ruled = try await fixture.ruled()
    for (i, message) in RandomTraffic(seed: seed, traces: traces, project: fixture.project).messages.enumerated() {
      var submission = fixture.submission([Self.declaring(message, i)])
      (submission.decide, submission.decidedBy) = (ruled.decide, ruled.revisions)
      _ = try await fixture.writer.write([submission])[0].get()
    }
    return fixture
  }

  private static func declaring(_ message: RandomTraffic.Message, _ i: Int) -> RandomTraffic.Message {
    guard i % 3 == 0, case .observation(var facts) = message else { return message }
    facts.declared.say("tenant", "tenant\(i % 5)", Stamp(time: Int64(i), rank: 0, hash: 0))
    return .observation(facts)
  }

  private func makeRules(_ fixture: WriteFixture) async throws -> [AttributionRule] {
    [
      try await fixture.rule("talk", [RuleCondition(.traceName, .equals, "/chat")], endpoint: "talk"),
      try await fixture.rule("tenants", [RuleCondition(.metadata("tenant"), .equals, "tenant0", "tenant2")], team: 3),
      try await fixture.rule("web", [RuleCondition(.service, .equals, "web"), RuleCondition(.tag, .equals, "a", not: true)], team: 2),
    ]
  }

  private func begin(_ fixture: WriteFixture, _ range: TimeRange = WriteFixture.days) async throws -> Reattribution {
    try await fixture.reattributions.begin(ReattributionRequest(range: range, reason: "new structure"), scope: WriteFixture.all, by: "ann")
  }

  private func rollupErrors(_ fixture: WriteFixture) async throws -> [String] {
    let folded = try await fixture.state()
    try await RollupRebuild(pool: fixture.pool).run()
    return WriteFixture.difference(folded, try await fixture.state())
  }

  @Test(arguments: [3, 4] as [UInt64])
  func thereAndBackRestoresEveryDigit(seed: UInt64) async throws {
    let fixture = try await booked(seed: seed)
    let before = try await fixture.state()
    let rules = try await makeRules(fixture)
    var reattributions = fixture.reattributions
    reattributions.tracesAtOnce = 4
    let run = try await begin(fixture)
    var steps = 0
    while case .workedOn = try await reattributions.work() {
      steps += 1
      let errors = try await rollupErrors(fixture)
      #expect(errors == [])
    }
    #expect(steps > 2)
    let done = try #require(try await reattributions.find(run.id, scope: WriteFixture.all))
    #expect(done.isFinished && done.failure == nil)
    #expect(done.changed > 0 && done.moved.pico > 0)
    #expect(done.calls == (try await fixture.number("select count(*) from observations where is_call")))
    #expect(try await fixture.number("select count(*) from observations where owner_step = 2 and rule_id is not null") > 0)
    #expect(try await fixture.number("select count(*) from observations where endpoint = 'talk'") > 0)
    #expect(WriteFixture.difference(before, try await fixture.state()) != [])

    for rule in rules { try await fixture.rules.end(rule.id, scope: WriteFixture.all, by: "ann") }
    _ = try await begin(fixture)
    try await reattributions.workToEnd()
    #expect(WriteFixture.difference(before, try await fixture.state()) == [])
    let log = try await fixture.actions().filter { $0.hasPrefix("re-attribution") }
    #expect(log == ["re-attribution begun", "re-attribution finished", "re-attribution begun", "re-attribution finished"])
  }

  @Test func whatWasDecidedByTheRulesFromTheStartIsWhatARunMakes() async throws {
    let fixture = try await booked(seed: 12)
    _ = try await makeRules(fixture)
    _ = try await begin(fixture)
    try await fixture.reattributions.workToEnd()
    let rows = try await fixture.dump("observations")
    // The same messages, decided by the rules when they came.
    let ruled = try await fixture.ruled()
    let traces = try await fixture.pool.run { c in try c.query("select trace_id from traces") { try $0.traceID(0) } }
    try await fixture.door.decideAgain(traces, in: fixture.project, decidedBy: ruled.revisions, decide: ruled.decide)
    #expect(try await fixture.dump("observations") == rows)
  }

  @Test func aRunThatIsCutShortGoesOnInAnotherProcessAndCountsOnce() async throws {
    let fixture = try await booked(seed: 5)
    _ = try await makeRules(fixture)
    let dry = try await fixture.reattributions.dryRun(
      ReattributionRequest(range: WriteFixture.days, reason: ""), scope: WriteFixture.all)
    let run = try await begin(fixture)
    var cut = fixture.reattributions
    cut.tracesAtOnce = 1
    let dying = cut
    // The process goes at some moment within its work.
    let work = Task { try await dying.work() }
    while try await fixture.number("select rows_changed from reattributions") == 0 { try await Task.sleep(for: .milliseconds(2)) }
    work.cancel()
    _ = try? await work.value
    let restarted = Reattributions(
      pool: fixture.pool, door: ObservationDoor(pool: fixture.pool, partitions: Partitions(pool: fixture.pool)), patterns: Ruled.patterns)
    try await restarted.workToEnd()
    let done = try #require(try await restarted.find(run.id, scope: WriteFixture.all))
    #expect(done.isFinished && done.failure == nil)
    #expect(done.changed == dry.changed && done.moved == dry.moved.cost ?? .zero)
    #expect(done.calls == dry.total.calls)
    #expect(try await rollupErrors(fixture) == [])
  }

  @Test func aDryRunTellsWhatTheRunWillDoAndWritesNothing() async throws {
    let fixture = try await booked(seed: 9)
    _ = try await makeRules(fixture)
    let before = try await fixture.state()
    let request = ReattributionRequest(range: WriteFixture.days, reason: "")
    let dry = try await fixture.reattributions.dryRun(request, scope: WriteFixture.all)
    #expect(try await fixture.state() == before)
    #expect(dry.isComplete && dry.total.calls > 0 && dry.moved.calls > 0 && dry.changed >= dry.moved.calls)
    #expect(dry.teams.reduce(0) { $0 + $1.before.calls } == dry.total.calls)
    #expect(dry.teams.reduce(0) { $0 + $1.after.calls } == dry.total.calls)
    #expect(dry.examples.count == min(Int(dry.changed), Reattributions.examplesMax) || dry.examples.count >= Reattributions.examplesMax / 2)
    #expect(dry.examples.contains { $0.after.rule == "tenants" && $0.after.team == "Blue" && $0.before.team != "Blue" })
    _ = try await begin(fixture)
    try await fixture.reattributions.workToEnd()
    for movement in dry.teams {
      let team = movement.team?.id.rawValue
      let cost = try await fixture.number("select coalesce(sum(cost_pico), 0) from observations where is_call and team_id is not distinct from \(team)")
      #expect(Int128(cost) == (movement.after.cost ?? .zero).pico)
    }
    let after = try await fixture.reattributions.dryRun(request, scope: WriteFixture.all)
    #expect(after.changed == 0 && after.examples.isEmpty)
  }

  @Test func onlyTheRangeChangesAndFrozenRowsStay() async throws {
    let fixture = try await WriteFixture.make()
    let ruled = try await fixture.ruled()
    let calls = (0..<4).map { i in ObservationFacts.call(UInt64(i + 1), of: 1, in: fixture.project, atSeconds: Int64(i) * 3600 - 7200) }
    try await fixture.send(calls, decide: ruled.decide)
    _ = try await fixture.rule("all", team: 2)
    let range = TimeRange(spanning: WriteFixture.noon.adding(seconds: -3600), WriteFixture.noon.adding(seconds: 3600))
    _ = try await begin(fixture, range)
    try await fixture.reattributions.workToEnd()
    func teams() async throws -> [TeamID?] { try await fixture.observations(of: TraceID(high: 7, low: 1)).map(\.decision.team) }
    #expect(try await teams() == [nil, TeamID(2), TeamID(2), nil])
    let frozen = WriteFixture.noon.adding(seconds: 3600)
    try await fixture.pool.run { c in try c.execute("update projects set frozen_before = \(frozen)") }
    await #expect(throws: ReattributionRefusal.self) { try await begin(fixture) }
    // Behind the cache of limits, which a run of another process may hold.
    _ = try await begin(fixture, TimeRange(spanning: frozen, frozen.adding(seconds: 3600)))
    try await Reattributions(
      pool: fixture.pool, door: ObservationDoor(pool: fixture.pool, partitions: Partitions(pool: fixture.pool)), patterns: Ruled.patterns
    ).workToEnd()
    #expect(try await teams() == [nil, TeamID(2), TeamID(2), TeamID(2)])
  }

  @Test func rulesThatChangeUnderARunAreFollowedFromItsStart() async throws {
    let fixture = try await booked(seed: 17)
    let rule = try await fixture.rule("all", team: 2)
    let run = try await begin(fixture)
    _ = try await fixture.reattributions.work()
    _ = try await fixture.rule("all but", team: 3, replacing: rule.id)
    try await fixture.reattributions.workToEnd()
    let done = try #require(try await fixture.reattributions.find(run.id, scope: WriteFixture.all))
    #expect(done.isFinished && done.revision > run.revision)
    #expect(try await fixture.number("select count(*) from observations where is_arrived and team_id is distinct from 3") == 0)
    #expect(try await fixture.actions().contains("re-attribution follows new rules"))
    #expect(try await rollupErrors(fixture) == [])
  }

  @Test func callsThatArriveDuringARunAreDecidedByTheNewRules() async throws {
    let fixture = try await booked(seed: 40)
    let stale = try await fixture.ruled()
    _ = try await fixture.rule("all", team: 2)
    _ = try await begin(fixture)
    let commit = GroupCommit(door: fixture.door)
    let writing = Task {
      for message in RandomTraffic(seed: 41, traces: 30, project: fixture.project).messages {
        var submission = fixture.submission([message])
        (submission.decide, submission.decidedBy) = (stale.decide, stale.revisions)
        let sent = submission
        _ = try await commit.submit(sent) { _ in
          var renewed = sent
          let fresh = try await fixture.ruled()
          (renewed.decide, renewed.decidedBy) = (fresh.decide, fresh.revisions)
          return renewed
        }
      }
    }
    try await fixture.reattributions.workToEnd()
    try await writing.value
    #expect(try await fixture.number("select count(*) from observations where is_arrived and team_id is distinct from 2") == 0)
    #expect(try await rollupErrors(fixture) == [])
  }

  @Test func oneRunAtATimeAndAStoppedOneKeepsWhatItDid() async throws {
    let fixture = try await booked(seed: 21)
    _ = try await fixture.rule("all", team: 2)
    let run = try await begin(fixture)
    await #expect(throws: ReattributionRefusal.self) { try await begin(fixture) }
    #expect(try await fixture.reattributions.stop(run.id, scope: WriteFixture.all, by: "ben"))
    #expect(try await fixture.reattributions.stop(run.id, scope: WriteFixture.all, by: "ben") == false)
    #expect(try await fixture.reattributions.work() == .nothingToDo)
    #expect(try await fixture.reattributions.list(scope: WriteFixture.all).map(\.failure) == ["Stopped by ben"])
    _ = try await begin(fixture)
  }

  @Test func aPreviewTellsWhatTheDraftAloneWouldMoveAndSinceWhenItsKeysCount() async throws {
    let fixture = try await WriteFixture.make()
    let key = try await DeclaredKeyStore(pool: fixture.pool).declare("tenant", isDimension: true, scope: WriteFixture.all, by: "ann")
    let ruled = try await fixture.ruled()
    let calls = (1...6).map { i in
      ObservationFacts.call(UInt64(i), of: UInt64(i), in: fixture.project, atSeconds: Int64(-i) * 3600) {
        if i.isMultiple(of: 2) { $0.declared.say("tenant", "acme", Stamp(time: 1, rank: 0, hash: 0)) }
      }
    }
    try await fixture.send(calls + [.call(9, of: 9, in: fixture.project, atSeconds: -8 * 86_400)], decide: ruled.decide)
    let rule = try await fixture.rule("not yet run", team: 1)
    let draft = RuleDraft(name: "acme", conditions: [RuleCondition(.metadata("tenant"), .equals, "acme")], team: TeamID(2))
    func preview(_ replacing: RuleID? = nil, at position: Int32? = nil) async throws -> RulePreview {
      try await fixture.reattributions.preview(
        draft, replacing: replacing, at: position, now: WriteFixture.noon, scope: WriteFixture.all)
    }
    let behind = try await preview()
    #expect(behind.outcome.total.calls == 6 && behind.outcome.moved.calls == 0 && behind.owned.calls == 0)
    let first = try await preview(at: 1)
    #expect(first.outcome.moved.calls == 3 && first.outcome.moved.cost == USD(pico: 360_000) && first.owned.calls == 3)
    #expect(first.outcome.teams.map { "\($0.team?.name ?? "-") \($0.before.calls) \($0.after.calls)" } == ["Green 0 3", "Red 6 3"])
    #expect(first.keys == [key])
    #expect(first.outcome.isComplete)
    await #expect(throws: StructureError.unknown("rule")) { try await preview(RuleID(999)) }
    let instead = try await preview(rule.id)
    #expect(instead.outcome.moved.calls == 6 && instead.owned.calls == 3)
    #expect(try await fixture.rules.list(scope: WriteFixture.all).count == 1)
  }
}
