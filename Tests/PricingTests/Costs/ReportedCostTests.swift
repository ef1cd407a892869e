import Domain
import Testing

@testable import Pricing

@Suite struct ReportedCostTests {
  private func outcome(_ source: ReportedCost.Source, _ trust: CostTrust?) throws -> CostOutcome {
    try book().outcome(
      for: call("openai", "gpt-4o", [.input: 1000]) { $0.facts.reportedCost = ReportedCost(amount: USD(pico: 7), source: source) },
      trust: trust)
  }

  @Test(arguments: [CostTrust?.none, .trust, .keepBeside, .ignore])
  func providersOwnStatementAlwaysCounts(trust: CostTrust?) throws {
    #expect(try outcome(.provider, trust).status == .reported)
  }

  @Test(arguments: [
    (ReportedCost.Source.sender, CostTrust?.none, CostStatus.reported), (.sender, .keepBeside, .priced), (.sender, .ignore, .priced),
    (.instrumentation, nil, .priced), (.instrumentation, .trust, .reported), (.instrumentation, .ignore, .priced),
  ])
  func keySaysWhatASentCostIsWorth(source: ReportedCost.Source, trust: CostTrust?, status: CostStatus) throws {
    let outcome = try outcome(source, trust)
    #expect(outcome.status == status)
    #expect(outcome.cost == (status == .reported ? USD(pico: 7) : outcome.computed))
    #expect(outcome.computed?.decimal == "0.0025")
  }

  @Test func ignoredCostIsNotShownBeside() throws {
    let one = try call("openai", "gpt-4o", [.input: 1000]) {
      $0.facts.reportedCost = ReportedCost(amount: USD(pico: 7), source: .sender)
    }
    #expect(try book().explain(one, trust: .keepBeside).reported != nil)
    let ignored = try book().explain(one, trust: .ignore)
    #expect(ignored.reported == nil)
    #expect(ignored.sentences.contains { $0.contains("ignored") })
  }

  @Test func answerFromTheFrameworksCacheCostsNothing() throws {
    for source in [ReportedCost.Source?.none, .provider, .instrumentation] {
      let one = try call("openai", "gpt-4o", [.input: 1000]) {
        $0.facts.usage?.flags.insert(.servedFromCache)
        $0.facts.reportedCost = source.map { ReportedCost(amount: USD(pico: 7), source: $0) }
      }
      let outcome = try book().outcome(for: one)
      #expect(outcome.status == .free && outcome.cost == .zero)
      #expect(outcome.reason.contains("cache"))
    }
  }
}
