import Domain
import Testing

@testable import Pricing

@Suite struct CostExplanationTests {
  private let usage: Usage = [.input: 1000, .output: 1000]

  private func listing(_ id: Int32, from: String? = nil, when: [String: String] = [:], provider: String? = nil) -> PriceListing {
    PriceListing(
      id: PriceEntryID(id), provider: provider, pattern: NamePattern(.exact, "gpt-4o"),
      dates: DatedRange(from: from.flatMap { Timestamp(day: $0) }), conditions: when, prices: ["input_mtok": "2", "output_mtok": "8"],
      source: "contract 17", checkedAt: Timestamp(day: "2026-11-01"))
  }

  @Test func ownPriceIsTheRowThatIsNamed() throws {
    let explanation = try book().with(PriceAgreements(listings: [listing(7, from: "2026-01-01")])).explain(
      call("openai", "gpt-4o", usage))
    #expect(explanation.price?.label == "own:7 */gpt-4o@2026-01-01")
    #expect(explanation.price?.listing == PriceEntryID(7))
    #expect(explanation.price?.source.name == "contract 17")
    #expect(explanation.price?.source.checked == "2026-11-01")
    #expect(explanation.lines.map(\.list?.decimal) == ["0.0025", "0.01"])
    #expect(explanation.considered.contains { $0.label == "openai/gpt-4o@always" && $0.why == "an own price goes before it" })
  }

  @Test func reasonsAgainstOtherOwnPricesAreTold() throws {
    let agreements = PriceAgreements(listings: [
      listing(1), listing(2), listing(3, from: "2030-01-01"), listing(4, when: ["region": "eu"]),
    ])
    let considered = try book().with(agreements).explain(call("openai", "gpt-4o", usage)).considered
    #expect(considered.first { $0.label.hasPrefix("own:1") }?.why == "another own price goes before it")
    #expect(considered.first { $0.label.hasPrefix("own:3") }?.why == "not in force before 2030-01-01")
    #expect(considered.first { $0.label.hasPrefix("own:4") }?.why == "asks for region eu")
    #expect(considered.count <= CostExplanation.mostConsidered)
  }

  @Test func otherRowsAndVariantsOfTheModelAreTold() throws {
    let o3 = try book().explain(call("openai", "o3", usage, on: "2025-06-09")).considered
    #expect(o3.contains { $0.label == "openai/o3@2025-06-10" && $0.why == "not in force before 2025-06-10" })
    let gpt5 = try book().explain(call("openai", "gpt-5-mini", usage)).considered
    #expect(gpt5.contains { $0.label.contains("service_tier flex") && $0.why == "asks for service_tier flex" })
  }

  @Test func metConditionIsNamed() throws {
    let explanation = try book().explain(call("openai", "gpt-4o", usage) { $0.facts.serviceTier = "PRIORITY" })
    #expect(explanation.conditionsMet == ["service_tier priority"])
    #expect(explanation.evidence == "service_tier priority")
    #expect(explanation.lines.allSatisfy { $0.from == "service_tier priority" })
  }

  @Test func termIsNamedAndLinesCarryBothPrices() throws {
    let term = PriceTerm(
      id: PriceEntryID(3), provider: "openai", pattern: NamePattern(.prefix, "gpt-"), factor: "0.85", source: "enterprise agreement")
    let explanation = try book().with(PriceAgreements(terms: [term])).explain(call("openai", "gpt-4o", usage))
    #expect(explanation.term?.scope == "models by the rule \"prefix gpt-\" of openai")
    #expect(explanation.lines.map(\.unitPrice) == ["2.5", "10"])
    #expect(explanation.lines.map(\.contractedPrice) == ["2.125", "8.5"])
    #expect(explanation.lines.compactMap(\.amount).reduce(.zero, +) == explanation.outcome.computed)
    #expect(explanation.lines.compactMap(\.list).reduce(.zero, +) == explanation.outcome.list)
    #expect(explanation.lines.compactMap(\.effective).reduce(.zero, +) == explanation.outcome.cost)
  }

  @Test func linesOfAReportedCostHaveNoEffectivePart() throws {
    let explanation = try book().explain(
      call("openai", "gpt-4o", usage) { $0.facts.reportedCost = ReportedCost(amount: USD(pico: 7), source: .provider) })
    #expect(explanation.lines.count == 2)
    #expect(explanation.lines.allSatisfy { $0.effective == nil && $0.amount != nil })
  }

  @Test func switchedOffCatalogueIsSaid() throws {
    var agreements = PriceAgreements()
    agreements.withoutCatalogue = ["openai"]
    let explanation = try book().with(agreements).explain(call("openai", "gpt-4o", usage))
    #expect(explanation.outcome.cost == nil && explanation.price == nil)
    #expect(explanation.considered.contains { $0.why == "the catalogue's prices are switched off for this provider" })
  }

  /// Explaining is deciding with words.
  @Test func explanationAndDecisionNeverDiffer() throws {
    let agreements = PriceAgreements(
      listings: [listing(1, when: ["service_tier": "batch"])], terms: [PriceTerm(id: PriceEntryID(1), factor: "0.9", source: "")])
    let book = try book().with(agreements)
    for (provider, model) in [("openai", "gpt-4o"), ("google", "gemini-2.5-pro"), ("acme", "unheard-of"), ("deepseek", "deepseek-chat")] {
      for tier in [nil, "batch", "priority"] {
        let one = try call(provider, model, usage) { $0.facts.serviceTier = tier }
        #expect(book.explain(one).outcome == book.outcome(for: one))
      }
    }
  }
}
