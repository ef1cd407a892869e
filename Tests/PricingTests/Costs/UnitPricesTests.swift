import Domain
import Testing

@testable import Pricing

/// The unit prices of a call explain its cost to the last digit, and calls share them.
@Suite struct UnitPricesTests {
  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  /// Usage times prices; a call that counted no request counts one where requests are charged.
  private func amount(_ usage: Usage, _ prices: [Int64?], _ rates: CallRates) -> USD {
    var usage = usage
    if rates.chargesRequests, usage[.requests] == 0 { usage[.requests] = 1 }
    return UsageBucket.allCases.reduce(.zero) { sum, bucket in
      sum + USD(pico: Int128(usage[bucket]) * Int128(prices[bucket.position] ?? 0))
    }
  }

  private func check(_ row: Observation, _ outcome: CostOutcome) {
    guard let rates = outcome.rates else {
      #expect(outcome.status != .priced && outcome.status != .partial, "\(outcome)")
      return
    }
    let usage = row.facts.usage?.usage ?? Usage()
    #expect(amount(usage, rates.contracted, rates) == outcome.computed, "\(outcome) \(usage)")
    #expect(amount(usage, rates.list, rates) == outcome.list ?? outcome.computed, "\(outcome) \(usage)")
    #expect(rates.price == outcome.price)
  }

  private func agreements(_ dice: inout Dice) -> PriceAgreements {
    let ways: [[String: String]] = [
      ["input_mtok": "0.\(Int.random(in: 1...99_999_999, using: &dice))", "output_mtok": "7 >1000:9"],
      ["input_mtok": "3", "requests_kcount": "1.5"], ["output_mtok": "0"], ["input_mtok": "0", "output_mtok": "0"],
      ["requests_kcount": "4"], ["input_mtok": "2 >200000:4", "cache_read_mtok": "0.2"],
    ]
    var agreements = PriceAgreements()
    for i in 1...Int32.random(in: 1...3, using: &dice) {
      let text = ["mini", "gpt", "claude", "e", "gemini"].randomElement(using: &dice) ?? "mini"
      agreements.listings.append(
        PriceListing(
          id: PriceEntryID(i), pattern: NamePattern(.contains, text),
          conditions: Bool.random(using: &dice) ? ["service_tier": "batch"] : [:],
          prices: ways.randomElement(using: &dice) ?? [:], source: ""))
    }
    if Bool.random(using: &dice) {
      let factor = "0.\(Int.random(in: 1...999_999_999, using: &dice))"
      agreements.terms = [PriceTerm(id: PriceEntryID(9), factor: factor, source: "")]
    }
    return agreements
  }

  private func random(_ model: CatalogueModel, _ dice: inout Dice) throws -> Observation {
    var usage = Usage()
    for bucket in UsageBucket.allCases where Int.random(in: 0..<4, using: &dice) == 0 {
      usage[bucket] = Int64.random(in: 0...400_000, using: &dice)
    }
    let tier = [nil, "batch", "priority", "flex"].randomElement(using: &dice) ?? nil
    return try call(model.provider, model.id, usage) { $0.facts.serviceTier = tier }
  }

  @Test func unitPricesTimesUsageAreTheCostForTheWholeCatalogue() throws {
    var dice = Dice(state: 1)
    let book = try book()
    var priced = 0
    for model in book.catalogue.models {
      for _ in 0..<4 {
        let row = try random(model, &dice)
        let outcome = book.outcome(for: row)
        check(row, outcome)
        if outcome.rates != nil { priced += 1 }
      }
    }
    #expect(priced > book.catalogue.models.count)
  }

  @Test(arguments: 1...6) func unitPricesTimesUsageAreTheCostUnderAgreements(seed: UInt64) throws {
    var dice = Dice(state: seed &* 7919)
    let models = try book().catalogue.models
    var listed = 0
    for _ in 0..<60 {
      let book = try book().with(agreements(&dice))
      for _ in 0..<8 {
        let row = try random(models[Int.random(in: models.indices, using: &dice)], &dice)
        let outcome = book.outcome(for: row)
        check(row, outcome)
        if outcome.rates != nil, outcome.list != nil { listed += 1 }
      }
    }
    #expect(listed > 20)
  }

  @Test func callsOfOneTierShareOneObjectAndAnotherTierHasAnother() throws {
    let listing = PriceListing(
      id: PriceEntryID(1), pattern: NamePattern(.exact, "house"), prices: ["input_mtok": "2 >1000:4", "output_mtok": "8"], source: "")
    let book = try book().with(PriceAgreements(listings: [listing]))
    func rates(_ input: Int64) throws -> CallRates {
      try #require(book.outcome(for: try call("acme", "house", [.input: input, .output: 5])).rates)
    }
    #expect(try rates(10) === rates(1000))
    #expect(try rates(1001) === rates(5000))
    #expect(try rates(1000).contextOver == nil)
    #expect(try rates(1001).contextOver == 1000)
    #expect(try rates(1000).contracted[UsageBucket.input.position] == 2_000_000)
    #expect(try rates(1001).contracted[UsageBucket.input.position] == 4_000_000)
    #expect(try rates(10).contracted[UsageBucket.cacheWrite.position] == nil)
  }

  @Test func reportedCostLeavesTheUnitPricesOfWhatWasComputed() throws {
    let row = try call("openai", "gpt-4o", [.input: 1000]) {
      $0.facts.reportedCost = ReportedCost(amount: USD(pico: 7), source: .provider)
    }
    let outcome = try book().outcome(for: row)
    #expect(outcome.status == .reported && outcome.cost == USD(pico: 7))
    check(row, outcome)
    #expect(outcome.rates != nil)
  }

  private func cached(_ change: (inout Observation) -> Void = { _ in }) throws -> Observation {
    try call("openai", "gpt-4o", [.input: 1000, .output: 100]) {
      $0.facts.usage?.flags.insert(.servedFromCache)
      change(&$0)
    }
  }

  @Test func callAnsweredFromACacheCostsNothingAndSaysWhatItWouldHave() throws {
    let outcome = try book().outcome(for: cached())
    let asked = try book().outcome(for: call("openai", "gpt-4o", [.input: 1000, .output: 100]))
    #expect(outcome.cost == .zero && outcome.computed == .zero && outcome.list == nil && outcome.rates == nil)
    #expect(outcome.avoided == asked.computed)
    #expect(asked.avoided == nil)
    #expect(try book().explain(cached()).sentences.contains { $0.contains("would have cost 0.0035 USD") })
    #expect(try book().outcome(for: cached { $0.facts.requestModel = "in-house-1" }).avoided == nil)
  }

  @Test func cachedAnswerThatTheProviderOncePricedAvoidedThatCost() throws {
    let stated = ReportedCost(amount: USD(pico: 9), source: .provider)
    let outcome = try book().outcome(for: cached { $0.facts.reportedCost = stated })
    #expect(outcome.cost == .zero)
    #expect(outcome.avoided == USD(pico: 9))
  }

  @Test func cachedAnswerThatItsSenderSaysWasPaidAvoidedNothing() throws {
    func outcome(_ amount: Int128) throws -> CostOutcome {
      let said = ReportedCost(amount: USD(pico: amount), source: .sender)
      return try book().outcome(for: cached { $0.facts.reportedCost = said }, trust: .trust)
    }
    #expect(try outcome(12).cost == USD(pico: 12) && outcome(12).avoided == nil)
    #expect(try outcome(0).cost == .zero && outcome(0).avoided != nil)
  }

  @Test func unitPricesStayWithWhatWasBookedAlsoUnderAShadow() throws {
    var first = try call("openai", "gpt-4o", [.input: 1000])
    try book().price(&first)
    // As it is read back.
    first.decision.cost.rates = nil
    first.decision.cost.rateID = RateID(5)
    let cheaper = try book().with(PriceAgreements(terms: [PriceTerm(id: PriceEntryID(1), factor: "0.5", source: "")]))
    var again = first
    cheaper.price(&again, stored: first)
    #expect(again.decision.cost == first.decision.cost)
    var shadowed = first
    shadowed.decision.isCall = false
    shadowed.decision.shadowedBy = ObservationID(9)
    cheaper.price(&shadowed, stored: first)
    #expect(shadowed.decision.cost.rateID == RateID(5) && shadowed.decision.cost.rates == nil)
    var back = shadowed
    (back.decision.isCall, back.decision.shadowedBy) = (true, nil)
    cheaper.price(&back, stored: shadowed)
    #expect(back.decision.cost.rateID == RateID(5) && back.decision.cost.rates == nil)
    var repriced = first
    cheaper.reprice(&repriced)
    #expect(repriced.decision.cost.rateID == nil)
    #expect(repriced.decision.cost.rates?.contracted[UsageBucket.input.position] == 1_250_000)
    #expect(repriced.decision.cost.rates?.list[UsageBucket.input.position] == 2_500_000)
  }
}
