import Domain
import Testing

@testable import Pricing

/// What was booked stays until somebody asks for a re-pricing.
@Suite struct BookedCostTests {
  private let usage: Usage = [.input: 1000, .output: 1000]
  private func cheaper() throws -> PriceBook {
    try book().with(PriceAgreements(terms: [PriceTerm(id: PriceEntryID(1), factor: "0.5", source: "")], revision: 1))
  }

  private func booked(_ change: (inout Observation) -> Void = { _ in }) throws -> Observation {
    var row = try call("openai", "gpt-4o", usage, change)
    try book().price(&row)
    return row
  }

  @Test func resentSpanKeepsWhatWasBooked() throws {
    let stored = try booked()
    var resent = stored
    resent.decision.cost = .none
    resent.facts.bodies = [BodyPart(kind: .output, text: "late", stamp: Stamp(time: 1, rank: 0, hash: 2))]
    resent.facts.name = "renamed"
    try cheaper().price(&resent, stored: stored)
    #expect(resent.decision == stored.decision)
  }

  @Test func changedEvidenceIsDecidedAnew() throws {
    let stored = try booked()
    let changes: [(inout Observation) -> Void] = [
      { $0.facts.usage?.usage[.input] = 2000 }, { $0.facts.usage?.flags.insert(.unreadable) }, { $0.facts.responseModel = "gpt-4o-mini" },
      { $0.facts.requestModel = "gpt-4o-mini" }, { $0.facts.provider = "azure" }, { $0.facts.serviceTier = "priority" },
      { $0.facts.region = "eu" }, { $0.facts.reportedCost = ReportedCost(amount: .zero, source: .sender) },
      { $0.startedAt = $0.startedAt.adding(seconds: -1) },
    ]
    for change in changes {
      var row = stored
      change(&row)
      try cheaper().price(&row, stored: stored)
      #expect(row.decision.cost.priceRevision == 1)
    }
  }

  @Test func failureMattersOnlyWithoutUsage() throws {
    let stored = try booked()
    var failed = stored
    failed.facts.level = .error
    #expect(failed.hasSamePricingEvidence(as: stored))
    let empty = try booked { $0.facts.usage = nil }
    var failedEmpty = empty
    failedEmpty.facts.level = .error
    #expect(!failedEmpty.hasSamePricingEvidence(as: empty))
    var answered = failedEmpty
    answered.facts.responseID = "r"
    #expect(!answered.hasSamePricingEvidence(as: failedEmpty))
  }

  private func shadow(_ row: inout Observation) {
    row.decision.isCall = false
    row.decision.shadowedBy = ObservationID(9)
  }

  @Test func shadowedRowThatCountsAgainHasThePriceItWasFirstDecidedBy() throws {
    let first = try booked()
    for shadowed in [try booked(shadow), try shadowedLater(first)] {
      #expect(!shadowed.decision.isBooked)
      var row = shadowed
      row.decision.isCall = true
      row.decision.shadowedBy = nil
      try cheaper().price(&row, stored: shadowed)
      #expect(row.decision.cost.cost == first.decision.cost.cost)
      #expect(row.decision.cost.status == .priced)
      #expect(row.decision.cost.priceRevision == first.decision.cost.priceRevision)
      #expect(row.decision.cost.price == first.decision.cost.price)
    }
  }

  /// Booked, then shadowed when other prices held.
  private func shadowedLater(_ first: Observation) throws -> Observation {
    var row = first
    shadow(&row)
    try cheaper().price(&row, stored: first)
    #expect(row.decision.cost.status == .shadowed && row.decision.cost.cost == nil)
    return row
  }

  @Test func shadowedRowWithoutAPriceIsDecidedWhenItCountsAgain() throws {
    var shadowed = try booked { $0.facts.requestModel = "in-house-1" }
    shadow(&shadowed)
    try book().price(&shadowed, stored: nil)
    var row = shadowed
    row.decision.isCall = true
    row.decision.shadowedBy = nil
    try book().price(&row, stored: shadowed)
    #expect(row.decision.cost.status == .unpriced)
  }

  @Test func rowThatIsNoLongerACallLosesItsCost() throws {
    let stored = try booked()
    var row = stored
    row.decision.isCall = false
    try book().price(&row, stored: stored)
    #expect(row.decision.cost == .none)
  }

  @Test func repricingThereAndBackRestoresEveryDigitAndKeepsTheFirstCharge() throws {
    let first = try booked()
    var row = first
    try cheaper().reprice(&row)
    #expect(row.decision.cost.cost?.decimal == "0.00625")
    #expect(row.decision.firstCharge == FirstCharge(status: .priced, cost: first.decision.cost.cost))
    try book().reprice(&row)
    #expect(row.decision.cost == first.decision.cost)
    #expect(row.decision.firstCharge == FirstCharge(status: .priced, cost: first.decision.cost.cost))
    try cheaper().reprice(&row)
    #expect(row.decision.firstCharge?.cost == first.decision.cost.cost)
  }

  @Test func repricingThatChangesNothingLeavesNoFirstCharge() throws {
    var row = try booked()
    try book().reprice(&row)
    #expect(row.decision.firstCharge == nil)
  }

  @Test func unpricedIsAFirstChargeToo() throws {
    var row = try call("acme", "house-model", usage)
    try book().price(&row)
    let listing = PriceListing(
      id: PriceEntryID(1), pattern: NamePattern(.exact, "house-model"), prices: ["input_mtok": "1", "output_mtok": "1"], source: "")
    try book().with(PriceAgreements(listings: [listing])).reprice(&row)
    #expect(row.decision.cost.cost?.decimal == "0.002")
    #expect(row.decision.firstCharge == FirstCharge(status: .unpriced, cost: nil))
  }
}
