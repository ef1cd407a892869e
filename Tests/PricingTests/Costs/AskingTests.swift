import Domain
import Testing

@testable import Pricing

@Suite struct AskingTests {
  private func alias(_ model: String, provider: String? = nil, target: String? = nil) -> ModelAlias {
    ModelAlias(id: PriceEntryID(1), provider: provider, pattern: NamePattern(.exact, "ours"), targetProvider: target, targetModel: model)
  }

  @Test func anAliasIsKnownByTheCatalogueOrAnOwnListing() throws {
    let own = PriceListing(
      id: PriceEntryID(1), provider: "acme", pattern: NamePattern(.prefix, "tagger-"), prices: ["input_mtok": "1"], source: "")
    let book = try book().with(PriceAgreements(listings: [own]))
    #expect(book.knowsTarget(of: alias("gpt-4o")) && book.knowsTarget(of: alias("gpt-4o", target: "openai")))
    #expect(book.knowsTarget(of: alias("gpt-4o", provider: "in-house")))
    #expect(book.knowsTarget(of: alias("tagger-7b")) && book.knowsTarget(of: alias("tagger-7b", target: "ACME")))
    #expect(!book.knowsTarget(of: alias("tagger-7b", target: "openai")))
    #expect(!book.knowsTarget(of: alias("no-such-model")) && !book.knowsTarget(of: alias("no-such-model", target: "openai")))
  }

  @Test func usageWithoutAPriceIsNamedByItsBucket() throws {
    let book = try book()
    func unpriced(_ model: String, _ usage: Usage, flags: UsageFlags = []) throws -> [UsageBucket] {
      var facts = ObservationFacts(project: ProjectID(1), trace: TraceID(high: 0, low: 1), id: ObservationID(1))
      facts.requestModel = model
      facts.usage = UsageReport(usage: usage, rule: "test", flags: flags, raw: "")
      let time = try noon("2026-11-22")
      var call = Observation(facts: facts, startedAt: time, isStartAssumed: false, receivedAt: time)
      call.decision.isCall = true
      return book.unpricedUsage(of: call)
    }
    let usage: Usage = [.input: 10, .cacheWrite: 5, .output: 1]
    #expect(try unpriced("gpt-4o", usage) == [.cacheWrite])
    #expect(try unpriced("claude-sonnet-4-5", usage) == [])
    #expect(try unpriced("gpt-4o", usage, flags: .servedFromCache) == [])
    #expect(try unpriced("no-such-model", usage) == [])
  }
}
