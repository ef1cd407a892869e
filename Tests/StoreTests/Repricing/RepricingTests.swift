import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct RepricingTests {
  private let old = RevisedPrices(picoPerToken: 1000, revisions: DecisionRevisions(catalogue: 7, agreements: 0))

  /// Random traffic over five days, booked at the old prices.
  private func booked(seed: UInt64, traces: Int = 30) async throws -> WriteFixture {
    let fixture = try await WriteFixture.make()
    let traffic = RandomTraffic(seed: seed, traces: traces, project: fixture.project)
    for message in traffic.messages {
      var submission = fixture.submission([message])
      submission.decide = old.decide
      submission.decidedBy = old.revisions
      _ = try await fixture.writer.write([submission])[0].get()
    }
    return fixture
  }

  private func begin(_ fixture: WriteFixture, _ prices: RevisedPrices, models: [String] = []) async throws -> Repricing {
    let request = RepricingRequest(range: WriteFixture.days, models: models, reason: "new contract")
    return try await fixture.repricings.begin(request, pricer: prices.pricer, scope: WriteFixture.all, by: "ann")
  }

  private func below(_ target: DecisionRevisions, _ fixture: WriteFixture) async throws -> Int64 {
    try await fixture.number(
      "select count(*) from observations o where cost_status <> 0 and \(RepricingSelection.isBelow(target))")
  }

  @Test(arguments: [21, 22] as [UInt64])
  func thereAndBackRestoresEveryDigitAndRollupsAreExactAtEveryStep(seed: UInt64) async throws {
    let fixture = try await booked(seed: seed)
    let before = try await fixture.money()
    let total = try await fixture.number("select sum(cost_pico) from spend_hour")
    let dearer = try await fixture.changed(old, picoPerToken: 1777)
    let run = try await begin(fixture, dearer)
    var repricings = fixture.repricings
    repricings.tracesAtOnce = 4
    var steps = 0
    while case .workedOn = try await repricings.work(dearer.pricer) {
      steps += 1
      #expect(try await fixture.rollupErrors() == [])
    }
    #expect(steps > 3)
    #expect(try await below(dearer.revisions, fixture) == 0)
    #expect(try await fixture.number("select sum(cost_pico) * 1000 from spend_hour") == total * 1777)
    let done = try #require(try await repricings.find(run.id, scope: WriteFixture.all))
    #expect(done.isFinished && done.failure == nil)
    #expect(done.after.pico - done.before.pico == Int128(total) * 777 / 1000)
    let first = try await fixture.number("select sum(first_cost_pico) from observations where first_cost_status is not null")
    #expect(Int128(first) == done.before.pico)

    let back = try await fixture.changed(dearer, picoPerToken: 1000)
    _ = try await begin(fixture, back)
    try await repricings.workToEnd(back.pricer)
    #expect(WriteFixture.difference(before, try await fixture.money()) == [])
    #expect(
      try await fixture.number("select count(*) from observations where is_call and first_cost_pico <> cost_pico") == 0)
  }

  @Test func aRunThatIsCutShortGoesOnInAnotherProcess() async throws {
    let fixture = try await booked(seed: 5)
    let total = try await fixture.number("select sum(cost_pico) from observations")
    let dearer = try await fixture.changed(old, picoPerToken: 3000)
    let run = try await begin(fixture, dearer)
    var repricings = fixture.repricings
    repricings.tracesAtOnce = 2
    // The process goes within a later transaction.
    let rows = Counter()
    let dying = Pricer(revisions: dearer.revisions) { row in
      if rows.next() == 12 { withUnsafeCurrentTask { $0?.cancel() } }
      dearer.price(&row)
    }
    let cut = repricings
    await #expect(throws: CancellationError.self) {
      while case .workedOn = try await Task { try await cut.work(dying) }.value {}
    }
    let half = try #require(try await fixture.repricings.find(run.id, scope: WriteFixture.all))
    #expect(!half.isFinished && half.rows > 0)
    let restarted = Repricings(
      pool: fixture.pool, door: ObservationDoor(pool: fixture.pool, partitions: Partitions(pool: fixture.pool)))
    try await restarted.workToEnd(dearer.pricer)
    let done = try #require(try await restarted.find(run.id, scope: WriteFixture.all))
    #expect(done.isFinished && done.failure == nil)
    #expect(try await below(dearer.revisions, fixture) == 0)
    // Each row counted once, whatever was rolled back.
    #expect(done.before.pico == Int128(total))
    #expect(done.after.pico == Int128(total) * 3)
    #expect(try await fixture.rollupErrors() == [])
    let log = try await AuditLog(pool: fixture.pool).entries(scope: WriteFixture.all).map(\.action)
    #expect(log.filter { $0.hasPrefix("re-pricing") } == ["re-pricing finished", "re-pricing begun"])
  }

  @Test func onlyTheModelsAskedForArePricedAnewBookedOrSent() async throws {
    let fixture = try await WriteFixture.make()
    let calls: [ObservationFacts] = [
      .call(1, of: 1, in: fixture.project, model: "Strange"), .call(2, of: 1, in: fixture.project, model: "small"),
      .call(3, of: 2, in: fixture.project, model: "strange"),
    ]
    try await fixture.send(calls, decide: old.decide)
    var known = try await fixture.changed(old, picoPerToken: 2000)
    known.knowsStrange = true
    let dry = try await fixture.repricings.dryRun(
      RepricingRequest(range: WriteFixture.days, models: ["STRANGE"], reason: ""), pricer: known.pricer,
      scope: WriteFixture.all)
    #expect(dry.total.calls == 2 && dry.total.changed == 2)
    #expect(dry.total.unpricedBefore == 1 && dry.total.unpricedAfter == 0)
    #expect(dry.total.before == USD(pico: 120_000) && dry.total.after == USD(pico: 480_000))
    #expect(dry.changes.map(\.projectSlug) == ["shop", "shop"])
    _ = try await begin(fixture, known, models: ["strange"])
    try await fixture.repricings.workToEnd(known.pricer)
    let rows = try await fixture.observations(of: TraceID(high: 7, low: 1))
    #expect(rows.map(\.decision.cost.cost) == [USD(pico: 240_000), USD(pico: 120_000)])
    #expect(rows.map(\.decision.firstCharge) == [FirstCharge(status: .priced, cost: USD(pico: 120_000)), nil])
    let strange = try #require(try await fixture.observations(of: TraceID(high: 7, low: 2)).first)
    #expect(strange.decision.model == "known")
    #expect(strange.decision.firstCharge == FirstCharge(status: .unpriced, cost: nil))
    // By the name it was sent under, although it is booked under another now.
    let cheap = try await fixture.changed(known, picoPerToken: 1)
    _ = try await begin(fixture, cheap, models: ["strange"])
    try await fixture.repricings.workToEnd(cheap.pricer)
    let again = try #require(try await fixture.observations(of: TraceID(high: 7, low: 2)).first)
    #expect(again.decision.cost.cost == USD(pico: 120))
    #expect(again.decision.firstCharge == FirstCharge(status: .unpriced, cost: nil), "the first charge stays")
    #expect(try await fixture.rollupErrors() == [])
  }

  @Test func aDryRunTellsWhatTheRunWillDoAndWritesNothing() async throws {
    let fixture = try await booked(seed: 9)
    let before = try await fixture.state()
    let dearer = try await fixture.changed(old, picoPerToken: 1500)
    let request = RepricingRequest(range: WriteFixture.days, reason: "see")
    let dry = try await fixture.repricings.dryRun(request, pricer: dearer.pricer, scope: WriteFixture.all)
    #expect(try await fixture.state() == before)
    #expect(dry.total.changed > 0)
    #expect(dry.teams.reduce(0) { $0 + $1.sum.calls } == dry.total.calls)
    #expect(dry.models.reduce(0) { $0 + $1.sum.changed } == dry.total.changed)
    let total = try await fixture.number("select sum(cost_pico) from spend_hour")
    #expect(dry.total.before == USD(pico: Int128(total)))
    _ = try await begin(fixture, dearer)
    try await fixture.repricings.workToEnd(dearer.pricer)
    try await fixture.foldAll()
    #expect(try await fixture.number("select sum(cost_pico) from spend_hour") == Int64(dry.total.after?.pico ?? 0))
    for (team, sum) in dry.teams {
      let after = try await fixture.number("select sum(cost_pico) from spend_hour where team_id = \(team?.id.rawValue ?? 0)")
      #expect(USD(pico: Int128(after)) == sum.after ?? .zero)
    }
    #expect(try await fixture.repricings.list(scope: WriteFixture.all).first?.rowsChanged == dry.total.changed)
  }

  @Test func ownersAndCountingStayAsTheyAre() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send(
      [.call(1, of: 1, in: fixture.project) { $0.user = "user2" }], decide: old.decide)
    let before = try await fixture.observations(of: TraceID(high: 7, low: 1))
    let dearer = try await fixture.changed(old, picoPerToken: 5)
    let pricer = Pricer(revisions: dearer.revisions) { row in
      dearer.price(&row)
      row.decision.team = nil
      row.decision.user = "eve"
      row.facts.name = "changed"
    }
    let request = RepricingRequest(range: WriteFixture.days, reason: "x")
    _ = try await fixture.repricings.begin(request, pricer: pricer, scope: WriteFixture.all, by: "ann")
    try await fixture.repricings.workToEnd(pricer)
    var expected = before
    expected[0].decision.cost = try await fixture.observations(of: TraceID(high: 7, low: 1))[0].decision.cost
    expected[0].decision.firstCharge = FirstCharge(status: .priced, cost: USD(pico: 120_000))
    #expect(try await fixture.observations(of: TraceID(high: 7, low: 1)) == expected)
    #expect(expected[0].decision.cost.cost == USD(pico: 600))
  }

  @Test func whatCannotBeDoneIsRefusedWithAReason() async throws {
    let fixture = try await booked(seed: 3, traces: 3)
    let dearer = try await fixture.changed(old, picoPerToken: 5)
    var request = RepricingRequest(range: WriteFixture.days, reason: "x")
    let few = AccessScope(
      organisation: OrganisationID(1), teams: .only([TeamID(1)]), projects: .all, readsContent: false)
    await #expect(throws: RepricingRefusal.self) {
      try await fixture.repricings.begin(request, pricer: dearer.pricer, scope: few, by: "ann")
    }
    await #expect(throws: RepricingRefusal.self) {
      try await fixture.repricings.dryRun(request, pricer: dearer.pricer, scope: few)
    }
    await #expect(throws: StaleDecision.self) {
      try await fixture.repricings.begin(request, pricer: old.pricer, scope: WriteFixture.all, by: "ann")
    }
    _ = try await fixture.prices.raiseCatalogueRevision(to: 99)
    await #expect(throws: RepricingRefusal.self) { try await begin(fixture, dearer) }
    var current = dearer
    current.revisions.catalogue = 99
    request.range = TimeRange(spanning: WriteFixture.frozenBefore.adding(seconds: -1), WriteFixture.noon)
    await #expect(throws: RepricingRefusal.self) {
      try await fixture.repricings.begin(request, pricer: current.pricer, scope: WriteFixture.all, by: "ann")
    }
    let run = try await begin(fixture, current)
    await #expect(throws: RepricingRefusal.self) { try await begin(fixture, current) }
    #expect(try await fixture.repricings.work(dearer.pricer) == .catalogueTooOld(run.id))
    #expect(try await fixture.repricings.stop(run.id, scope: WriteFixture.all, by: "ben"))
    #expect(try await fixture.repricings.work(current.pricer) == .nothingToDo)
    _ = try await begin(fixture, current)
  }

  @Test func aRunFollowsPricesThatChangeWhileItWorks() async throws {
    let fixture = try await booked(seed: 14)
    let total = try await fixture.number("select sum(cost_pico) from observations")
    let dearer = try await fixture.changed(old, picoPerToken: 3000)
    let run = try await begin(fixture, dearer)
    for _ in 0..<5 { _ = try await fixture.repricings.work(dearer.pricer) }
    let dearest = try await fixture.changed(dearer, picoPerToken: 4000)
    // The one with yesterday's agreements can't go on.
    await #expect(throws: StaleDecision.self) {
      while case .workedOn = try await fixture.repricings.work(dearer.pricer) {}
    }
    try await fixture.repricings.workToEnd(dearest.pricer)
    let done = try #require(try await fixture.repricings.find(run.id, scope: WriteFixture.all))
    #expect(done.isFinished && done.failure == nil && done.target == dearest.revisions)
    #expect(try await below(dearest.revisions, fixture) == 0)
    #expect(try await fixture.number("select sum(cost_pico) from observations") == total * 4)
    #expect(done.after.pico - done.before.pico == Int128(total) * 3)
  }

  @Test func pricesThatDontReachTheTargetEndTheRunInsteadOfRunningForEver() async throws {
    let fixture = try await booked(seed: 3, traces: 3)
    let dearer = try await fixture.changed(old, picoPerToken: 5)
    let run = try await begin(fixture, dearer)
    let lying = Pricer(revisions: dearer.revisions) { old.price(&$0) }
    try await fixture.repricings.workToEnd(lying)
    let done = try #require(try await fixture.repricings.find(run.id, scope: WriteFixture.all))
    #expect(done.failure?.contains("could not be decided") == true)
  }

  @Test func twoProcessesWorkOnOneRunWithoutCountingTwice() async throws {
    let fixture = try await booked(seed: 31)
    let total = try await fixture.number("select sum(cost_pico) from observations")
    let dearer = try await fixture.changed(old, picoPerToken: 2000)
    let run = try await begin(fixture, dearer)
    var repricings = fixture.repricings
    repricings.tracesAtOnce = 1
    let both = repricings
    async let first: Void = both.workToEnd(dearer.pricer)
    async let second: Void = both.workToEnd(dearer.pricer)
    _ = try await (first, second)
    let done = try #require(try await fixture.repricings.find(run.id, scope: WriteFixture.all))
    #expect(done.isFinished && done.failure == nil)
    #expect(done.before.pico == Int128(total) && done.after.pico == Int128(total) * 2)
    #expect(try await fixture.rollupErrors() == [])
  }

  @Test func callsThatArriveDuringARunAreBookedAtTheNewPrices() async throws {
    let fixture = try await booked(seed: 40)
    let dearer = try await fixture.changed(old, picoPerToken: 2000)
    _ = try await begin(fixture, dearer)
    let traffic = RandomTraffic(seed: 41, traces: 40, project: fixture.project)
    let (stale, fresh, commit) = (old, dearer, GroupCommit(door: fixture.door))
    let writing = Task {
      for message in traffic.messages {
        var submission = fixture.submission([message])
        (submission.decide, submission.decidedBy) = (stale.decide, stale.revisions)
        let sent = submission
        _ = try await commit.submit(sent) { _ in
          var renewed = sent
          (renewed.decide, renewed.decidedBy) = (fresh.decide, fresh.revisions)
          return renewed
        }
      }
    }
    try await fixture.repricings.workToEnd(dearer.pricer)
    try await writing.value
    #expect(try await below(dearer.revisions, fixture) == 0)
    #expect(try await fixture.rollupErrors() == [])
    #expect(
      try await fixture.number(
        """
        select count(*) from observations where cost_status = 1
          and cost_pico <> 2000 * (coalesce(usage_input, 0) + coalesce(usage_output, 0))
        """) == 0)
  }
}

