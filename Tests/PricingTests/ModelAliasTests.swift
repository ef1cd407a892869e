import Domain
import Testing

@testable import Pricing

@Suite struct ModelAliasTests {
  private let arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc123"
  private let time = Timestamp(seconds: 1_790_000_000)

  private func alias(
    _ id: Int32, _ kind: NamePattern.Kind, _ text: String, to target: String, provider: String? = nil,
    at targetProvider: String? = nil, from: Int64? = nil, until: Int64? = nil
  ) -> ModelAlias {
    ModelAlias(
      id: PriceEntryID(id), provider: provider, pattern: NamePattern(kind, text),
      dates: DatedRange(from: from.map { Timestamp(seconds: $0) }, to: until.map { Timestamp(seconds: $0) }),
      targetProvider: targetProvider, targetModel: target)
  }

  private func choose(
    _ provider: String?, _ served: String?, _ requested: String?, _ aliases: [ModelAlias], at seconds: Int64? = nil
  ) throws -> ModelChoice {
    try resolver.get().choose(
      provider: provider, served: served, requested: requested, aliases: ModelAliases(aliases),
      at: seconds.map { Timestamp(seconds: $0) } ?? time)
  }

  private func id(_ choice: ModelChoice) -> String? {
    guard case .found(let found) = choice.answer else { return nil }
    return "\(found.model.provider)/\(found.model.id)"
  }

  @Test func deploymentIsUnpricedUntilAnAliasNamesIt() throws {
    #expect(id(try choose("azure", nil, "prod-chat", [])) == nil)
    let choice = try choose("azure.ai.openai", nil, "Prod-Chat", [alias(1, .exact, "prod-chat", to: "gpt-4.1", provider: "azure")])
    #expect(id(choice) == "openai/gpt-4.1")
    #expect(choice.alias?.id == PriceEntryID(1))
    #expect(choice.model == "gpt-4.1")
    guard case .found(let found) = choice.answer else { return }
    #expect(found.sentence.hasPrefix("Prod-Chat stands for gpt-4.1 by the alias \"exact prod-chat\"; "))
  }

  @Test func inferenceProfileTakesItsAliasesTarget() throws {
    #expect(id(try choose("aws.bedrock", nil, arn, [])) == nil)
    for (kind, text) in [(NamePattern.Kind.exact, arn), (.exact, "abc123"), (.suffix, "/abc123"), (.regex, "profile/abc\\d+$")] {
      let mapped = [alias(1, kind, text, to: "eu.anthropic.claude-opus-4-5-20251101-v1:0")]
      let choice = try choose("aws.bedrock", nil, arn, mapped)
      #expect(id(choice) == "aws/regional.anthropic.claude-opus-4-5-v1:0", "\(kind)")
      #expect(choice.region == "eu")
    }
  }

  @Test func aliasWinsOverTheCatalogueAndKeepsToItsDatesAndProvider() throws {
    let aliases = [alias(1, .exact, "gpt-4o", to: "gpt-4.1-mini", provider: "azure", from: 1000, until: 2000)]
    #expect(id(try choose("azure", nil, "gpt-4o", aliases, at: 999)) == "openai/gpt-4o")
    #expect(id(try choose("azure", nil, "gpt-4o", aliases, at: 1000)) == "openai/gpt-4.1-mini")
    #expect(id(try choose("azure", nil, "gpt-4o", aliases, at: 2000)) == "openai/gpt-4o")
    #expect(id(try choose("openai", nil, "gpt-4o", aliases, at: 1000)) == "openai/gpt-4o")
    #expect(id(try choose(nil, nil, "azure/gpt-4o", aliases, at: 1000)) == "openai/gpt-4.1-mini")
  }

  /// Whichever was saved first.
  @Test(arguments: [(1, 2), (2, 1)] as [(Int32, Int32)])
  func laterStartOfTwoEqualAliasesWins(earlier: Int32, later: Int32) throws {
    let aliases = [
      alias(9, .exact, "prod", to: "gpt-4.1-mini"), alias(earlier, .exact, "prod", to: "gpt-4o", from: 1000),
      alias(later, .exact, "prod", to: "gpt-4o-mini", from: 2000),
    ]
    for (seconds, target) in [(999, "gpt-4.1-mini"), (1999, "gpt-4o"), (2000, "gpt-4o-mini")] as [(Int64, String)] {
      #expect(id(try choose(nil, nil, "prod", aliases, at: seconds)) == "openai/\(target)")
    }
  }

  @Test func exactComesBeforePattern() throws {
    let aliases = [alias(1, .prefix, "prod-", to: "gpt-4o"), alias(2, .exact, "prod-small", to: "gpt-4o-mini")]
    #expect(id(try choose(nil, nil, "prod-small", aliases)) == "openai/gpt-4o-mini")
    #expect(id(try choose(nil, nil, "prod-large", aliases)) == "openai/gpt-4o")
  }

  @Test func servedNameComesBeforeTheRequested() throws {
    #expect(id(try choose("openai", "gpt-4o-mini-2024-07-18", "gpt-4o", [])) == "openai/gpt-4o-mini")
    #expect(id(try choose("azure", "gpt-4.1-2025-04-14", "prod", [alias(1, .exact, "prod", to: "gpt-4o")])) == "openai/gpt-4.1")
    let asked = try choose("openai", "served-by-nobody", "gpt-4o", [])
    #expect(id(asked) == "openai/gpt-4o")
    guard case .found(let found) = asked.answer else { return }
    #expect(found.sentence.hasPrefix("No price for the served model served-by-nobody; by the requested one: "))
    #expect(id(try choose("azure", "prod", "prod", [])) == nil)
    #expect(id(try choose("azure", "x", "prod", [alias(1, .exact, "prod", to: "gpt-4o")])) == "openai/gpt-4o")
  }

  @Test func targetThatOnlyAnOwnListingKnowsIsHandedOn() throws {
    let choice = try choose("azure", nil, "prod", [alias(1, .exact, "prod", to: "house-model", at: "house")])
    #expect(choice.provider == "house")
    #expect(choice.model == "house-model")
    #expect(id(choice) == nil)
    #expect(choice.alias != nil)
  }

  @Test func noModelIsNoAnswer() throws {
    guard case .unknown(let reason, let provider) = try choose("azure", "", nil, []).answer else {
      Issue.record("found a price")
      return
    }
    #expect(reason == "no model was sent")
    #expect(provider == "azure")
  }
}
