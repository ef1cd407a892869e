import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// A process with yesterday's rules can't insert behind those of today.
@Suite struct StaleRulesTests {
  private func submission(_ ruled: Ruled, _ fixture: WriteFixture, trace: UInt64) -> IngestSubmission {
    var submission = fixture.submission([.call(1, of: trace, in: fixture.project)], decide: ruled.decide)
    submission.decidedBy = ruled.revisions
    return submission
  }

  @Test func aWriterWithOldRulesIsMadeToDecideAgain() async throws {
    let fixture = try await WriteFixture.make()
    let commit = GroupCommit(door: fixture.door)
    let old = try await fixture.ruled()
    #expect(try await commit.submit(submission(old, fixture, trace: 1)).accepted == 1)
    _ = try await fixture.rule("all", team: 2)
    await #expect(throws: StaleDecision.self) { try await commit.submit(submission(old, fixture, trace: 2)) }
    let result = try await commit.submit(submission(old, fixture, trace: 2)) { stale in
      #expect(stale.needed.attribution == 1 && !stale.isCatalogueOld)
      return submission(try await fixture.ruled(), fixture, trace: 2)
    }
    #expect(result.accepted == 1)
    let row = try #require(try await fixture.observations(of: TraceID(high: 7, low: 2)).first)
    #expect(row.decision.team == TeamID(2) && row.decision.ownerStep == .rule)
  }

  /// Two processes: one writes without pause by the rules that it knows and reads them when it is refused, the other changes them.
  @Test func everyCallThatIsWrittenAfterAChangeIsDecidedByIt() async throws {
    let fixture = try await WriteFixture.make()
    let other = ConnectionPool(url: fixture.database.url, limits: PoolLimits(connectionsMax: 2), logger: TestDatabase.quietLogger)
    let changing = RuleStore(pool: other, patterns: Ruled.patterns)
    let commit = GroupCommit(door: fixture.door)
    let known = Latest(try await fixture.ruled())
    let writing = Task {
      for trace in 1...150 as ClosedRange<UInt64> {
        _ = try await commit.submit(submission(known.value, fixture, trace: trace)) { _ in
          known.value = try await fixture.ruled()
          return submission(known.value, fixture, trace: trace)
        }
      }
    }
    func written(by rule: RuleID) async throws -> Int64 {
      try await fixture.number("select count(*) from observations where rule_id = \(rule.rawValue)")
    }
    var last: RuleID?
    for i in 0..<6 {
      let draft = RuleDraft(name: "rule \(i)", conditions: [], team: TeamID(Int32(i % 3) + 1))
      let rule = try await changing.save(draft, replacing: last, scope: WriteFixture.all, by: "ann").id
      let old = try await last.asyncMap(written)
      let isWriting = { try await fixture.number("select count(*) from observations") < 150 }
      while try await written(by: rule) < 3, try await isWriting() { try await Task.sleep(for: .milliseconds(2)) }
      // What is committed when the change is was decided by the rules of before; nothing that is written later may be.
      #expect(try await last.asyncMap(written) == old)
      last = rule
    }
    try await writing.value
    #expect(try await fixture.number("select count(*) from observations") == 150)
    await other.close()
  }

  @Test func aRepricingIsNotHeldUpByRules() async throws {
    let fixture = try await WriteFixture.make()
    let prices = RevisedPrices(picoPerToken: 1000, revisions: DecisionRevisions(catalogue: 7, agreements: 0))
    try await fixture.send([.call(1, of: 1, in: fixture.project)], decide: prices.decide)
    _ = try await fixture.rule("all", team: 2)
    let dearer = try await fixture.changed(prices, picoPerToken: 3000)
    let request = RepricingRequest(range: WriteFixture.days, reason: "contract")
    _ = try await fixture.repricings.begin(request, pricer: dearer.pricer, scope: WriteFixture.all, by: "ann")
    try await fixture.repricings.workToEnd(dearer.pricer)
    let row = try #require(try await fixture.observations(of: TraceID(high: 7, low: 1)).first)
    #expect(row.decision.cost.cost == USD(pico: 360_000))
    #expect(row.decision.rule == nil, "its owner is not decided")
  }
}

/// A value that tasks share.
final class Latest<T: Sendable>: @unchecked Sendable {
  private let lock = Lock()
  private var stored: T
  init(_ value: T) { stored = value }
  var value: T {
    get { lock.withLock { stored } }
    set { lock.withLock { stored = newValue } }
  }
}

extension Optional {
  fileprivate func asyncMap<T>(_ body: (Wrapped) async throws -> T) async rethrows -> T? {
    if let self { try await body(self) } else { nil }
  }
}
