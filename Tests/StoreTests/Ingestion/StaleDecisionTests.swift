import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// A process with yesterday's prices can't insert behind those of today.
@Suite struct StaleDecisionTests {
  private let old = RevisedPrices(picoPerToken: 1000, revisions: DecisionRevisions(catalogue: 7, agreements: 0))

  private func submission(_ prices: RevisedPrices, _ fixture: WriteFixture, trace: UInt64 = 1) -> IngestSubmission {
    var submission = fixture.submission([.call(1, of: trace, in: fixture.project)], decide: prices.decide)
    submission.decidedBy = prices.revisions
    return submission
  }

  @Test func aWriterWithOldAgreementsIsMadeToDecideAgain() async throws {
    let fixture = try await WriteFixture.make()
    let commit = GroupCommit(door: fixture.door)
    #expect(try await commit.submit(submission(old, fixture)).accepted == 1)
    let dearer = try await fixture.changed(old, picoPerToken: 3000)
    await #expect(throws: StaleDecision.self) { try await commit.submit(submission(old, fixture, trace: 2)) }
    #expect(try await fixture.number("select count(*) from traces") == 1)
    let asked = Counter()
    let result = try await commit.submit(submission(old, fixture, trace: 2)) { stale in
      _ = asked.next()
      #expect(stale.needed.agreements == 1 && !stale.isCatalogueOld)
      return submission(dearer, fixture, trace: 2)
    }
    #expect(result.accepted == 1)
    #expect(asked.next() == 2)
    let row = try #require(try await fixture.observations(of: TraceID(high: 7, low: 2)).first)
    #expect(row.decision.cost.cost == USD(pico: 360_000))
    #expect(row.decision.cost.priceRevision == 1)
  }

  @Test func anOlderCatalogueWritesUntilANewerOneHasRepriced() async throws {
    let fixture = try await WriteFixture.make()
    let commit = GroupCommit(door: fixture.door)
    _ = try await fixture.prices.raiseCatalogueRevision(to: 8)
    #expect(try await commit.submit(submission(old, fixture)).accepted == 1)
    var newer = old
    newer.revisions.catalogue = 8
    let request = RepricingRequest(range: WriteFixture.days, reason: "new catalogue")
    _ = try await fixture.repricings.begin(request, pricer: newer.pricer, scope: WriteFixture.all, by: "ann")
    await #expect(throws: StaleDecision.self) { try await commit.submit(submission(old, fixture, trace: 2)) }
    #expect(try await commit.submit(submission(newer, fixture, trace: 2)).accepted == 1)
  }

  /// The writer waits for the change, and must see what it waited for.
  @Test func aWriterThatWaitedForAChangeOfPricesSeesIt() async throws {
    let fixture = try await WriteFixture.make()
    let (isLocked, mayCommit) = (Counter(), Counter())
    let change = Task {
      try await fixture.pool.transaction { c in
        try PriceLock.takeAlone(OrganisationID(1), c)
        _ = isLocked.next()
        try c.execute("update organisations set price_revision = price_revision + 1")
        while mayCommit.value == 0 { _ = try c.query("select pg_sleep(0.01)") }
      }
    }
    while isLocked.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
    let commit = GroupCommit(door: fixture.door)
    let write = Task { try await commit.submit(submission(old, fixture)) }
    let waiting: SQL = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    while try await fixture.number(waiting) == 0 { try await Task.sleep(for: .milliseconds(5)) }
    _ = mayCommit.next()
    try await change.value
    await #expect(throws: StaleDecision.self) { try await write.value }
    #expect(try await fixture.number("select count(*) from observations") == 0)
  }

  @Test func whoIsGroupedWithAStaleWriterIsToldToo() async throws {
    let fixture = try await WriteFixture.make()
    let dearer = try await fixture.changed(old, picoPerToken: 3000)
    let results = await fixture.writer.write([
      submission(dearer, fixture, trace: 1), submission(old, fixture, trace: 2),
    ])
    for result in results { #expect(throws: StaleDecision.self) { try result.get() } }
    #expect(try await fixture.number("select count(*) from observations") == 0)
  }

  @Test(arguments: [61, 62] as [UInt64])
  func keepingWhatIsBookedMakesNoOrderOfArrivalMatter(seed: UInt64) async throws {
    let (first, second) = (try await WriteFixture.make(), try await WriteFixture.make())
    let traffic = RandomTraffic(seed: seed, traces: 20, project: first.project)
    var random = SeededNumbers(seed: seed)
    for message in traffic.messages {
      var submission = first.submission([message])
      submission.decide = old.decide
      _ = try await first.writer.write([submission])[0].get()
    }
    for message in (traffic.messages + traffic.messages).shuffled(using: &random) {
      var submission = second.submission([message])
      submission.decide = old.decide
      _ = try await second.writer.write([submission])[0].get()
    }
    #expect(WriteFixture.difference(try await first.state(), try await second.state()) == [])
  }

  @Test func whatIsBookedStaysWhenSomethingElseArrives() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([.call(1, of: 1, in: fixture.project)], decide: old.decide)
    let dearer = try await fixture.changed(old, picoPerToken: 3000)
    // A sibling, a new name: the price of the first call stays.
    try await fixture.send(
      [
        .call(2, of: 1, in: fixture.project, atSeconds: 60),
        .call(1, of: 1, in: fixture.project) {
          $0.name = "renamed"
          $0.endedAt = WriteFixture.noon.adding(seconds: 3)
        },
      ], decide: dearer.decide)
    let rows = try await fixture.observations(of: TraceID(high: 7, low: 1))
    #expect(rows.map(\.facts.name) == ["renamed", "chat"])
    #expect(rows.map(\.decision.cost.cost) == [USD(pico: 120_000), USD(pico: 360_000)])
    // Other usage is another cost.
    try await fixture.send(
      [
        .call(1, of: 1, in: fixture.project) {
          $0.usage?.usage[.input] = 200
          $0.endedAt = WriteFixture.noon.adding(seconds: 4)
        }
      ], decide: dearer.decide)
    let after = try await fixture.observations(of: TraceID(high: 7, low: 1))
    #expect(after.map(\.decision.cost.cost) == [USD(pico: 660_000), USD(pico: 360_000)])
    #expect(try await fixture.rollupErrors() == [])
  }
}
