import Domain
import Testing

@testable import Pricing

/// A count that could not be read leaves the cost of its call unknown, in whole or in part.
@Suite struct UnreadableUsageTests {
  private func outcome(
    _ usage: Usage, _ model: String = "gpt-4o", _ change: (inout Observation) -> Void = { _ in }
  ) throws -> CostOutcome {
    try book().outcome(
      for: call("openai", model, usage) {
        $0.facts.usage?.flags.insert(.unreadable)
        change(&$0)
      })
  }

  @Test func readableRestIsPartial() throws {
    let outcome = try outcome([.output: 1000])
    #expect(outcome.status == .partial)
    #expect(outcome.cost?.decimal == "0.01")
    #expect(outcome.reason == "priced by openai/gpt-4o@always; a count that was sent could not be read")
  }

  @Test func bothDoubtsAreNamed() throws {
    let outcome = try outcome([.output: 1000, .cacheWrite1h: 10])
    #expect(outcome.status == .partial)
    #expect(outcome.reason.hasSuffix("; no price for cacheWrite1h; a count that was sent could not be read"))
  }

  @Test func nothingReadableIsUnpriced() throws {
    let outcome = try outcome(Usage())
    #expect(outcome.status == .unpriced)
    #expect(outcome.cost == nil)
    #expect(outcome.reason == "usage missing: no count that was sent could be read")
  }

  @Test func nothingPriceableIsUnpriced() throws {
    let outcome = try outcome([.requests: 1])
    #expect(outcome.status == .unpriced && outcome.cost == nil)
    #expect(outcome.reason.hasSuffix("; a count that was sent could not be read"))
  }

  @Test func failedCallWithUnreadableUsageIsNotFree() throws {
    let outcome = try outcome(Usage()) { $0.facts.level = .error }
    #expect(outcome.status == .unpriced && outcome.cost == nil)
    #expect(outcome.reason == "usage missing: no count that was sent could be read")
  }

  @Test func reportedCostStillCounts() throws {
    let outcome = try outcome([.output: 1000]) {
      $0.facts.reportedCost = ReportedCost(amount: USD(pico: 7), source: .sender)
    }
    #expect(outcome.status == .reported && outcome.cost == USD(pico: 7))
  }

  @Test func freeModelNeedsNoCount() throws {
    #expect(try outcome([.output: 1000], "omni-moderation-latest").status == .free)
  }
}
