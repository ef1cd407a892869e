import Domain
import Testing

@testable import Pricing

@Suite struct CostTrustTests {
  private func call(_ source: ReportedCost.Source, key: KeyID?) -> Observation {
    var facts = ObservationFacts(project: ProjectID(1), trace: TraceID(high: 1, low: 1), id: ObservationID(1))
    facts.kind = .generation
    facts.key = key
    facts.provider = "openai"
    facts.requestModel = "gpt-4o"
    facts.usage = UsageReport(usage: Usage([.input: 1_000_000]), rule: "test", raw: "{}")
    facts.reportedCost = ReportedCost(amount: USD(pico: 7), source: source)
    let start = Timestamp(seconds: 1_790_000_000)
    var call = Observation(facts: facts, startedAt: start, isStartAssumed: false, receivedAt: start)
    call.decision.isCall = true
    return call
  }

  @Test func whatAKeySaysOfSentCostsWinsOverTheDefaultOfTheirSourceButNotOverTheProvider() throws {
    let trusted = KeyID(1), beside = KeyID(2), ignored = KeyID(3), silent = KeyID(4)
    let agreements = PriceAgreements(costTrust: [trusted: .trust, beside: .keepBeside, ignored: .ignore])
    let book = try book().with(agreements)
    func status(_ source: ReportedCost.Source, _ key: KeyID?) -> CostStatus {
      let call = call(source, key: key)
      #expect(book.explain(call).outcome == book.outcome(for: call))
      return book.outcome(for: call).status
    }
    #expect([trusted, beside, ignored, silent, nil].map { status(.sender, $0) } == [.reported, .priced, .priced, .reported, .reported])
    #expect([trusted, beside, ignored, silent, nil].map { status(.instrumentation, $0) } == [.reported, .priced, .priced, .priced, .priced])
    #expect([trusted, beside, ignored, silent, nil].map { status(.provider, $0) } == Array(repeating: .reported, count: 5))
    #expect(book.explain(call(.sender, key: ignored)).reported == nil)
    #expect(book.explain(call(.sender, key: beside)).reported != nil)
  }
}
