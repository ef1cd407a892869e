import Domain
import TestSupport
import Testing

@testable import Store

@Suite struct CallTrafficTests {
  private let day = instant("2026-10-10T09:00:00Z")
  private let today = range("2026-10-10T00:00:00Z", "2026-10-11T00:00:00Z")

  private func read(_ fixture: ReportFixture) async throws -> [Observation] {
    var read: [Observation] = []
    try await CallTraffic(pool: fixture.pool).each(today, scope: fixture.scope, organisation: fixture.organisation) { read += $0 }
    return read.sorted { $0.facts.id < $1.facts.id }
  }

  /// A call that is read again must cost what it did: whatever a price or a cost of zero rests on comes with it.
  @Test func callsComeWithAllThatTheirPriceRestsOn() async throws {
    let fixture = try await ReportFixture.make()
    var cached = fixture.call(at: day, id: 1)
    cached.facts.usage?.flags = [.servedFromCache, .estimatedBySender]
    var reported = fixture.call(at: day, id: 2, project: 1)
    reported.facts.reportedCost = ReportedCost(amount: USD(pico: 5_000_000_000_000), source: .instrumentation)
    reported.facts.requestModel = "asked"
    reported.facts.responseModel = "served"
    reported.facts.provider = "azure"
    reported.facts.serviceTier = "batch"
    reported.facts.region = "eu"
    // A failed call without usage is free only if nothing shows that it was answered.
    var failed = fixture.call(at: day, id: 3)
    failed.facts.level = .error
    failed.facts.usage = nil
    failed.facts.responseID = "r"
    failed.facts.firstTokenAt = day
    failed.facts.stamps[.output] = Stamp(time: 1, rank: 0, hash: 1)
    try await fixture.insert([cached, reported, failed])

    let calls = try await read(fixture)
    #expect(calls.count == 3)
    for (call, sent) in zip(calls, [cached, reported, failed]) {
      #expect(call.hasSamePricingEvidence(as: sent), "\(sent.facts.id)")
      #expect(call.facts.key == sent.facts.key)
      #expect(call.facts.usage?.flags == sent.facts.usage?.flags)
      #expect(call.decision.cost.cost == sent.decision.cost.cost && call.decision.cost.status == sent.decision.cost.status)
      #expect(call.facts.isAnswered == sent.facts.isAnswered)
    }
    #expect(calls[1].facts.reportedCost == reported.facts.reportedCost)
  }

  @Test func onlyWhatTheScopeMaySeeIsRead() async throws {
    let fixture = try await ReportFixture.make()
    try await fixture.insert([fixture.call(at: day, id: 1), fixture.call(at: day, id: 2, project: 1)])
    var scope = fixture.scope
    scope.projects = .only([fixture.projects[1].id])
    var seen: [ObservationID] = []
    try await CallTraffic(pool: fixture.pool).each(today, scope: scope, organisation: fixture.organisation) { seen += $0.map(\.facts.id) }
    #expect(seen == [ObservationID(2)])
    let long = range("2026-01-01T00:00:00Z", "2026-10-11T00:00:00Z")
    await #expect(throws: CostQueryRefusal.self) {
      try await CallTraffic(pool: fixture.pool).each(long, scope: fixture.scope, organisation: fixture.organisation) { _ in }
    }
  }
}
