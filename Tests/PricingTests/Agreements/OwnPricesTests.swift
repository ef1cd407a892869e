import Domain
import Testing

@testable import Pricing

/// gpt-4o is listed at 2.5 in, 10 out.
@Suite struct OwnPricesTests {
  private let usage: Usage = [.input: 1000, .output: 1000]

  private func listing(
    _ id: Int32, _ prices: [String: String], _ kind: NamePattern.Kind = .exact, _ text: String = "gpt-4o",
    provider: String? = nil, from: String? = nil, to: String? = nil, when: [String: String] = [:]
  ) -> PriceListing {
    PriceListing(
      id: PriceEntryID(id), provider: provider, pattern: NamePattern(kind, text),
      dates: DatedRange(from: from.flatMap { Timestamp(day: $0) }, to: to.flatMap { Timestamp(day: $0) }), conditions: when,
      prices: prices, source: "contract")
  }

  private func term(_ id: Int32, _ factor: String, provider: String? = nil, _ pattern: NamePattern? = nil, from: String? = nil)
    -> PriceTerm
  {
    PriceTerm(
      id: PriceEntryID(id), provider: provider, pattern: pattern,
      dates: DatedRange(from: from.flatMap { Timestamp(day: $0) }), factor: factor, source: "contract")
  }

  private func outcome(
    _ agreements: PriceAgreements, _ provider: String? = "openai", _ model: String = "gpt-4o", _ usage: Usage? = nil,
    on day: String = "2026-11-22", _ change: (inout Observation) -> Void = { _ in }
  ) throws -> CostOutcome {
    try book().with(agreements).outcome(for: call(provider, model, usage ?? self.usage, on: day, change))
  }

  // MARK: Listings

  @Test func ownPriceWinsAndListIsTheCatalogues() throws {
    let outcome = try outcome(
      PriceAgreements(listings: [listing(7, ["input_mtok": "2", "output_mtok": "8"])], revision: 5))
    #expect(outcome.status == .priced)
    #expect(outcome.computed?.decimal == "0.01" && outcome.cost?.decimal == "0.01")
    #expect(outcome.list?.decimal == "0.0125")
    #expect(outcome.price == "own:7 */gpt-4o@always")
    #expect(outcome.priceRevision == 5)
    #expect(outcome.revision == (try book().revision))
  }

  @Test func ownPricePricesWhatNobodyKnows() throws {
    let agreements = PriceAgreements(listings: [listing(1, ["seconds": "0.04"], .regex, "(?i)^(ltx2)$")])
    let outcome = try outcome(agreements, "acme", "ltx2", [.milliseconds: 20_424])
    #expect(outcome.status == .priced)
    #expect(outcome.cost?.decimal == "0.81696")
    #expect(outcome.list == nil)
  }

  @Test func ownPriceIsWholeAndDoesNotBorrowUnits() throws {
    let outcome = try outcome(
      PriceAgreements(listings: [listing(1, ["input_mtok": "2"])]), "openai", "gpt-4o", [.input: 10, .output: 10, .searches: 1])
    #expect(outcome.status == .partial)
    #expect(outcome.reason.contains("no price for output, searches"))
  }

  @Test func cacheReadsAreBilledOnceByTheOwnCachePrice() throws {
    let agreements = PriceAgreements(listings: [listing(1, ["input_mtok": "2", "cache_read_mtok": "0.2", "output_mtok": "8"])])
    #expect(try outcome(agreements, "openai", "gpt-4o", [.input: 207, .cacheRead: 1792]).cost?.decimal == "0.0007724")
  }

  @Test func exactComesBeforePrefixAndPrefixBeforeRegex() throws {
    let all = [listing(3, ["input_mtok": "3"], .regex, "gpt"), listing(2, ["input_mtok": "2"], .prefix, "gpt-4"), listing(1, ["input_mtok": "1"])]
    for (dropped, usd) in [(0, "0.001"), (1, "0.002"), (2, "0.003")] {
      let some = PriceAgreements(listings: Array(all.prefix(3 - dropped)))
      #expect(try outcome(some, "openai", "gpt-4o", [.input: 1000]).cost?.decimal == usd)
    }
  }

  @Test func startOfTheCallChoosesAmongDatedPrices() throws {
    let agreements = PriceAgreements(listings: [
      listing(1, ["input_mtok": "2"], from: "2026-01-01", to: "2026-07-01"), listing(2, ["input_mtok": "1"], from: "2026-07-01"),
    ])
    for (day, usd) in [("2025-12-31", "0.0025"), ("2026-01-01", "0.002"), ("2026-06-30", "0.002"), ("2026-07-01", "0.001")] {
      #expect(try outcome(agreements, "openai", "gpt-4o", [.input: 1000], on: day).cost?.decimal == usd)
    }
  }

  @Test func newerOfTwoEqualPricesWins() throws {
    let agreements = PriceAgreements(listings: [listing(2, ["input_mtok": "2"]), listing(9, ["input_mtok": "9"])])
    #expect(try outcome(agreements, "openai", "gpt-4o", [.input: 1000]).cost?.decimal == "0.009")
  }

  /// Whichever was saved first.
  @Test(arguments: [(1, 2), (2, 1)] as [(Int32, Int32)])
  func laterStartOfTwoEqualPricesWins(january: Int32, june: Int32) throws {
    let agreements = PriceAgreements(listings: [
      listing(9, ["input_mtok": "9"]), listing(january, ["input_mtok": "1"], from: "2026-01-01"),
      listing(june, ["input_mtok": "2"], from: "2026-06-01"),
    ])
    for (day, usd) in [("2025-12-31", "0.009"), ("2026-05-31", "0.001"), ("2026-06-01", "0.002"), ("2026-11-22", "0.002")] {
      #expect(try outcome(agreements, "openai", "gpt-4o", [.input: 1000], on: day).cost?.decimal == usd)
    }
  }

  @Test(arguments: [(1, 2), (2, 1)] as [(Int32, Int32)])
  func laterStartOfTwoPricesOfOneConditionWins(january: Int32, june: Int32) throws {
    let batch = ["service_tier": "batch"]
    let agreements = PriceAgreements(listings: [
      listing(9, ["input_mtok": "5"], from: "2026-10-01"), listing(january, ["input_mtok": "1"], from: "2026-01-01", when: batch),
      listing(june, ["input_mtok": "2"], from: "2026-06-01", when: batch),
    ])
    let outcome = try outcome(agreements, "openai", "gpt-4o", [.input: 1000]) { $0.facts.serviceTier = "batch" }
    #expect(outcome.cost?.decimal == "0.002")
  }

  @Test func startIsNoReasonToGoBeforeALongerPatternOrAProvider() throws {
    let late = listing(9, ["input_mtok": "9"], .prefix, "gpt-4", from: "2026-06-01")
    let longer = PriceAgreements(listings: [late, listing(1, ["input_mtok": "1"], .prefix, "gpt-4o", from: "2026-01-01")])
    #expect(try outcome(longer, "openai", "gpt-4o", [.input: 1000]).cost?.decimal == "0.001")
    let provided = PriceAgreements(listings: [late, listing(1, ["input_mtok": "2"], .prefix, "gpt-4", provider: "openai")])
    #expect(try outcome(provided, "openai", "gpt-4o", [.input: 1000]).cost?.decimal == "0.002")
  }

  @Test func priceOfAProviderIsNotForAnother() throws {
    let agreements = PriceAgreements(listings: [listing(1, ["input_mtok": "1"], provider: "azure_openai")])
    #expect(try outcome(agreements, "openai", "gpt-4o", [.input: 1000]).cost?.decimal == "0.0025")
    #expect(try outcome(agreements, "azure.ai.openai", "gpt-4o", [.input: 1000]).cost?.decimal == "0.001")
  }

  @Test func conditionsReplaceSingleUnits() throws {
    let agreements = PriceAgreements(listings: [
      listing(1, ["input_mtok": "1"], when: ["service_tier": "batch"]),
      listing(2, ["input_mtok": "1.1"], when: ["service_tier": "batch", "region": "eu"]),
    ])
    #expect(try outcome(agreements, on: "2025-01-01").cost?.decimal == "0.0125")
    let batch = try outcome(agreements, on: "2025-01-01") { $0.facts.serviceTier = "batch" }
    #expect(batch.cost?.decimal == "0.011")
    #expect(batch.list?.decimal == "0.0125")
    #expect(batch.reason == "priced by openai/gpt-4o@always, service_tier batch")
    let both = try outcome(agreements, on: "2025-01-01") {
      $0.facts.serviceTier = "batch"
      $0.facts.region = "eu-west-1"
    }
    #expect(both.cost?.decimal == "0.0111")
  }

  @Test func contextTiersOfOwnPricesGoByTheWholePrompt() throws {
    let agreements = PriceAgreements(listings: [listing(1, ["input_mtok": "1 >100:2", "output_mtok": "1 >100:3"])])
    #expect(try outcome(agreements, "openai", "gpt-4o", [.input: 60, .cacheRead: 40, .output: 10]).cost?.decimal == "0.00011")
    #expect(try outcome(agreements, "openai", "gpt-4o", [.input: 61, .cacheRead: 40, .output: 10]).cost?.decimal == "0.000232")
  }

  @Test func priceByTheRequestedNameIsNotForAnotherServedModel() throws {
    let agreements = PriceAgreements(listings: [listing(1, ["input_mtok": "1"]), listing(2, ["input_mtok": "3"], .exact, "my-deployment")])
    let routed = try outcome(agreements, "openai", "gpt-4o", [.input: 1000]) { $0.facts.responseModel = "gpt-4o-mini" }
    #expect(routed.cost?.decimal == "0.00015")
    let deployed = try outcome(agreements, "openai", "my-deployment", [.input: 1000]) { $0.facts.responseModel = "gpt-4o-mini" }
    #expect(deployed.cost?.decimal == "0.003")
  }

  @Test func aliasLeadsToTheOwnPriceOfItsTarget() throws {
    var agreements = PriceAgreements(listings: [listing(1, ["input_mtok": "1"], .exact, "house-model")])
    agreements.aliases = [ModelAlias(id: PriceEntryID(1), pattern: NamePattern(.exact, "deploy-7"), targetModel: "house-model")]
    let decision = try book().with(agreements).decide(observation: call("acme", "deploy-7", [.input: 1000]))
    #expect(decision.outcome.cost?.decimal == "0.001")
    #expect(decision.model == "house-model")
  }

  @Test func ownPriceOfZeroIsFree() throws {
    let outcome = try outcome(PriceAgreements(listings: [listing(1, ["input_mtok": "0", "output_mtok": "0"])]))
    #expect(outcome.status == .free && outcome.cost == .zero)
    #expect(outcome.list?.decimal == "0.0125")
  }

  // MARK: Switching the catalogue off

  @Test func withoutCatalogueOnlyOwnPricesHold() throws {
    var agreements = PriceAgreements(listings: [listing(1, ["input_mtok": "1"], .exact, "gpt-4o-mini")])
    agreements.withoutCatalogue = ["openai"]
    let off = try outcome(agreements)
    #expect(off.status == .unpriced && off.cost == nil && off.list == nil)
    #expect(off.reason.hasPrefix("the catalogue's prices are switched off for openai"))
    #expect(try outcome(agreements, "openai", "gpt-4o-mini", [.input: 1000]).cost?.decimal == "0.001")
    #expect(try outcome(agreements, "anthropic", "claude-sonnet-4-5", [.input: 1000]).cost?.decimal == "0.003")
  }

  // MARK: Terms

  @Test func termMakesTheContractedCostAndKeepsTheList() throws {
    let outcome = try outcome(PriceAgreements(terms: [term(3, "0.85")]))
    #expect(outcome.cost?.decimal == "0.010625" && outcome.computed == outcome.cost)
    #expect(outcome.list?.decimal == "0.0125")
    #expect(outcome.reason == "priced by openai/gpt-4o@always, × 0.85 by term 3")
  }

  @Test func mostSpecificTermWins() throws {
    let pattern = NamePattern(.prefix, "gpt-")
    let terms = [term(1, "0.9"), term(2, "0.8", pattern), term(3, "0.7", provider: "openai"), term(4, "0.6", provider: "openai", pattern)]
    for (count, usd) in [(1, "0.00225"), (2, "0.002"), (3, "0.00175"), (4, "0.0015")] {
      let some = PriceAgreements(terms: Array(terms.prefix(count)))
      #expect(try outcome(some, "openai", "gpt-4o", [.input: 1000]).cost?.decimal == usd)
    }
  }

  @Test(arguments: [(1, 2), (2, 1)] as [(Int32, Int32)])
  func laterStartOfTwoEqualTermsWins(january: Int32, june: Int32) throws {
    for pattern in [nil, NamePattern(.prefix, "gpt-")] {
      let agreements = PriceAgreements(terms: [
        term(9, "0.1", pattern), term(january, "0.9", pattern, from: "2026-01-01"), term(june, "0.8", pattern, from: "2026-06-01"),
      ])
      for (day, usd) in [("2025-12-31", "0.00025"), ("2026-05-31", "0.00225"), ("2026-06-01", "0.002")] {
        #expect(try outcome(agreements, "openai", "gpt-4o", [.input: 1000], on: day).cost?.decimal == usd)
      }
    }
  }

  @Test func termIsDatedAndForItsProviderOnly() throws {
    let agreements = PriceAgreements(terms: [term(1, "0.5", provider: "openai", from: "2026-01-01")])
    #expect(try outcome(agreements, on: "2025-12-31").cost?.decimal == "0.0125")
    #expect(try outcome(agreements, on: "2026-01-01").cost?.decimal == "0.00625")
    #expect(try outcome(agreements, "azure", "gpt-4o").cost?.decimal == "0.0125")
  }

  @Test func termOfOneChangesNothing() throws {
    let outcome = try outcome(PriceAgreements(terms: [term(1, "1")]))
    #expect(outcome.cost?.decimal == "0.0125" && outcome.list == nil)
  }

  @Test func ownPriceIsNotDiscountedOnceMore() throws {
    let outcome = try outcome(
      PriceAgreements(listings: [listing(1, ["input_mtok": "2", "output_mtok": "8"])], terms: [term(1, "0.5")]))
    #expect(outcome.cost?.decimal == "0.01")
  }

  @Test func termHoldsForTiersAndVariants() throws {
    let agreements = PriceAgreements(terms: [term(1, "0.9")])
    #expect(try outcome(agreements, "google", "gemini-2.5-pro", [.input: 200_001]).cost?.decimal == "0.45000225")
    let priority = try outcome(agreements, "openai", "gpt-4o", [.input: 1000]) { $0.facts.serviceTier = "priority" }
    #expect(priority.cost?.decimal == "0.003825" && priority.list?.decimal == "0.00425")
  }

  /// 0.000001 per million tokens × 0.5 = half a pico-USD per token.
  @Test func effectiveRateIsRoundedOnceHalfEven() throws {
    let unit = PriceUnit.input
    for (listed, factor, pico) in [
      ("0.000001", "0.5", 0), ("0.000003", "0.5", 2), ("0.0000025", "0.5", 1), ("0.0000035", "0.5", 2), ("2.5", "0.333333333", 833_333),
      // The list rate alone would be rounded to 3, half of which is 1.5.
      ("0.0000026", "0.5", 1),
    ] as [(String, String, Int64)] {
      let rate = try #require(Rate(decimal: listed, unit: unit))
      #expect(rate.picoPerUnit(times: try #require(Factor(factor)), of: unit) == pico)
    }
  }

  @Test func largestRateTimesLargestFactorDoesNotTrap() throws {
    let rate = try #require(Rate(decimal: "3600000000", unit: .audioHours))
    #expect(rate.picoPerUnit(times: try #require(Factor("100")), of: .audioHours) == 100_000 * Int64(USD.scale))
  }

  @Test func freeStaysFreeUnderATerm() throws {
    #expect(try outcome(PriceAgreements(terms: [term(1, "2")]), "openai", "omni-moderation-latest").status == .free)
  }
}
