import Domain
import Testing

@testable import Pricing

@Suite struct ModelResolverTests {
  @Test(arguments: [
    ("openai", "gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini"),
    ("openai", "GPT-4o", "openai/gpt-4o"),
    ("openai", "gpt-4o-2024-05-13", "openai/gpt-4o-2024-05-13"),
    (
      "aws.bedrock", "us.anthropic.claude-3-5-sonnet-20241022-v2:0",
      "aws/regional.anthropic.claude-3-5-sonnet-20241022-v2:0"
    ),
    (
      "aws.bedrock", "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "aws/global.anthropic.claude-sonnet-4-5-20250929-v1:0"
    ),
    (
      "aws.bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0"
    ),
    (
      "aws_bedrock", "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-5-20251101-v1:0",
      "aws/regional.anthropic.claude-opus-4-5-v1:0"
    ),
    ("gcp.vertex_ai", "claude-sonnet-4-5@20250929", "google/claude-sonnet-4-5"),
    ("gcp.gemini", "models/gemini-2.5-pro", "google/gemini-2.5-pro"),
    ("vertex_ai", "publishers/google/models/gemini-2.5-pro", "google/gemini-2.5-pro"),
    ("google.generative-ai", "gemini-2.5-flash", "google/gemini-2.5-flash"),
    ("openrouter", "openai/gpt-4o", "openrouter/openai/gpt-4o"),
    ("azure.ai.openai", "gpt-4.1-2025-04-14", "openai/gpt-4.1"),
    ("openai.responses", "gpt-4.1", "openai/gpt-4.1"),
    ("anthropic", "claude-haiku-4.5", "anthropic/claude-haiku-4-5"),
    ("anthropic", "claude-opus-4.8", "anthropic/claude-opus-4-8"),
    ("anthropic", "claude-opus-4-8-20260301", "anthropic/claude-opus-4-8"),
    ("x_ai", "grok-4.3", "x-ai/grok-4.3"),
    ("mistral_ai", "mistral-large-latest", "mistral/mistral-large"),
    ("huggingface_cerebras", "openai/gpt-oss-120b", "huggingface_cerebras/openai/gpt-oss-120b"),
  ])
  func nameFindsItsModel(provider: String, model: String, expected: String) throws {
    #expect(try modelID(provider, model) == expected)
  }

  @Test(arguments: [
    ("gpt-4o-mini", "openai/gpt-4o-mini"),
    ("text-embedding-3-small", "openai/text-embedding-3-small"),
    ("claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
    ("openai/gpt-4o", "openai/gpt-4o"),
    ("openrouter/openai/gpt-4o", "openrouter/openai/gpt-4o"),
    ("vertex_ai/gemini-2.5-pro", "google/gemini-2.5-pro"),
    ("us.anthropic.claude-3-5-sonnet-20241022-v2:0", "aws/regional.anthropic.claude-3-5-sonnet-20241022-v2:0"),
    ("gemini-2.5-flash", "google/gemini-2.5-flash"),
    ("deepseek-chat", "deepseek/deepseek-chat"),
    ("gpt-5.3-chat-latest", "openai/gpt-5.3"),
    ("claude-opus-4.5", "anthropic/claude-opus-4-5"),
    ("claude-opus-4-5", "anthropic/claude-opus-4-5"),
    ("gpt-4o-fp8", "openai/gpt-4o"),
    ("deepseek-ai/deepseek-v3.2", "deepseek/deepseek-v3.2"),
    ("gpt-5-2", "openai/gpt-5.2"),
    ("publishers/anthropic/models/claude-opus-4-5@20251101", "google/claude-opus-4-5"),
    ("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-5-20251101-v1:0", "aws/regional.anthropic.claude-opus-4-5-v1:0"),
    ("litellm_proxy/bedrock/us.anthropic.claude-opus-4-5-20251101-v1:0", "aws/regional.anthropic.claude-opus-4-5-v1:0"),
    ("OpenAI/GPT-4o", "openai/gpt-4o"),
    ("gpt-5.2-0315", "openai/gpt-5.2"),
    ("vertex_ai/anthropic/claude-opus-4.5", "google/claude-opus-4-5"),
  ])
  func withoutAProviderTheModelTells(model: String, expected: String) throws {
    #expect(try modelID(nil, model) == expected)
    #expect(try modelID("", model) == expected)
  }

  @Test func unknownProviderTakesTheMakersPriceAndSaysSo() throws {
    let answer = try resolver.get().resolve(provider: "my-gateway", model: "gpt-4o")
    guard case .found(let found) = answer else {
      Issue.record("no price")
      return
    }
    #expect(found.provider == "my-gateway")
    #expect(found.model.provider == "openai")
    #expect(found.isFallback)
    #expect(found.sentence.hasPrefix("my-gateway is not in the catalogue; "))
  }

  @Test(arguments: [
    ("azure", "gpt-4o-2024-08-06", "openai/gpt-4o"), ("groq", "claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"),
    ("aws", "gpt-4o", "openai/gpt-4o"),
  ])
  func makersPriceStandsInWhereTheServerListsNone(provider: String, model: String, expected: String) throws {
    let found = try #require(try resolution(provider, model))
    #expect("\(found.model.provider)/\(found.model.id)" == expected)
    #expect(found.provider == provider)
    #expect(found.isFallback)
    #expect(found.sentence.hasPrefix("\(provider) lists no price of its own for it; "))
  }

  @Test(arguments: [
    ("novita", "meta-llama/llama-3.3-70b-instruct"), ("together_ai", "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
    ("groq", "openai/gpt-oss-120b"), ("openrouter", "anthropic/claude-opus-4.5"), ("Databricks", "databricks-gpt-oss-120b"),
  ])
  func theServersOwnListingWins(provider: String, model: String) throws {
    let found = try #require(try resolution(provider, model))
    #expect(found.model.provider == found.provider)
    #expect(!found.isFallback)
  }

  /// A router that passes its servers' prices on lists them under ids of its own.
  @Test func whoIsOnlyListedBehindARouterIsFound() throws {
    let catalogue = try bundled.get()
    for model in catalogue.models where model.provider.hasPrefix("huggingface_") {
      let server = String(model.provider.dropFirst("huggingface_".count))
      let found = try #require(try resolution(server, model.id), "\(server) \(model.id)")
      #expect(!found.isFallback, "\(found.sentence)")
    }
  }

  @Test func severalSellersAtSeveralPricesAreNoPrice() throws {
    guard case .unknown(let reason, _) = try resolver.get().resolve(
      provider: "my-gateway", model: "meta-llama/llama-3.3-70b-instruct")
    else {
      Issue.record("found a price")
      return
    }
    #expect(reason.contains("providers sell it at prices of their own"))
  }

  @Test func whatRunsAtHomeIsFreeAndNothingElse() throws {
    #expect(try resolution("ollama", "llama3.2:3b")?.model.isFree == true)
    #expect(try resolution(nil, "ollama/llama3.2:3b")?.model.isFree == true)
    #expect(try resolution("ollama", "gpt-oss:120b-cloud") == nil)
    #expect(try resolution("vllm", "gpt-4o") == nil)
    #expect(try resolution("openrouter", "acme/new:free")?.model.isFree == true)
    #expect(try resolution("groq", "acme/new:free") == nil)
  }

  @Test func sentenceSaysWhatWasLeftOut() throws {
    let found = try #require(try resolution("aws", "bedrock/eu.openai.gpt-4o-2024-08-06-fp8"))
    #expect(
      found.sentence
        == "aws lists no price of its own for it; bedrock/eu.openai.gpt-4o-2024-08-06-fp8 without its path, its region, its vendor "
        + "and its quantisation is openai/gpt-4o by the rule \"equals gpt-4o-2024-08-06\", at the price of openai")
    #expect(found.region == "eu")
  }

  @Test(arguments: [100_000, 500])
  func endlessNamesAreRefused(count: Int) throws {
    #expect(try modelID(nil, String(repeating: "gpt-4o/", count: count)) == nil)
  }

  @Test func protocolNameDoesNotHideTheMaker() throws {
    #expect(try modelID("openai", "claude-sonnet-4-5") == "anthropic/claude-sonnet-4-5")
  }

  @Test func routerNamesTheProviderInTheModel() throws {
    #expect(try modelID("litellm", "anthropic/claude-sonnet-4-5") == "anthropic/claude-sonnet-4-5")
    #expect(try modelID("litellm", "groq/openai/gpt-oss-20b")?.hasPrefix("groq/") == true)
  }

  @Test(arguments: [
    ("openai", "gpt-4.9"), ("openai", "gpt-9"), ("openai", "gpt-4o-ultra"), ("anthropic", "claude-opus-4-9"),
    ("anthropic", "claude-opus-4-5-1"), ("anthropic", "claude-opus-4-8-fast"), ("openai", "gpt-4o-mini-ultra-tts"),
    ("deepseek", "deepseek-r1-distill-llama-70b"), ("google", "gemini-1.5-flash-8b"), ("azure", "my-deployment"),
    ("aws", "arn:aws:bedrock:us-east-1:1:provisioned-model/gpt-4o"), ("fireworks", "accounts/acme/models/gpt-4o"), ("anthropic", "claude-haiku-4.5.1"), ("anthropic", "claude"), ("openai", "4o"),
    ("groq", "claude-opus-9"), ("aws", "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc123"),
  ])
  func unknownModelFindsNothing(provider: String, model: String) throws {
    #expect(try modelID(provider, model) == nil)
  }

  @Test func neverFallsToAShorterName() throws {
    #expect(try modelID("openai", "gpt-4.1") == "openai/gpt-4.1")
    #expect(try modelID("openai", "gpt-4.1-mini") == "openai/gpt-4.1-mini")
    #expect(try modelID("anthropic", "claude-opus-4-8") == "anthropic/claude-opus-4-8")
    #expect(try modelID("anthropic", "claude-sonnet-4-20250514") == "anthropic/claude-sonnet-4-0")
    #expect(try modelID("openai", "gpt-5-nano-2025-08-07") == "openai/gpt-5-nano")
  }

  @Test func versionGuardNamesTheOlderModel() throws {
    let answer = try resolver.get().resolve(provider: "anthropic", model: "claude-opus-4-5-1")
    guard case .unknown(let reason, _) = answer else {
      Issue.record("found a price")
      return
    }
    #expect(reason.contains("looks like a newer version than claude-opus-4-5"))
  }

  @Test(arguments: ["", " ", "/", "//", "@", "-v1:0", ":0", ".", "us.", "-2024-01-01", "a/", "é🙂", "claude-.-5"])
  func oddNamesAreRefusedQuietly(name: String) throws {
    #expect(try modelID("openai", name) == nil)
    #expect(try modelID(nil, name) == nil)
  }

  @Test func everyAliasNamesAProviderOfTheCatalogue() throws {
    let catalogue = try bundled.get()
    for (alias, id) in ProviderName.aliases {
      #expect(catalogue.provider(id) != nil, "\(alias)")
      #expect(ProviderName.key(alias) == alias)
      #expect(catalogue.providerID(for: alias.uppercased()) == id, "\(alias)")
    }
    #expect(ProviderName.firstParties.allSatisfy { catalogue.provider($0) != nil })
  }

  @Test func memoryKeepsWhatWasAnsweredFirst() {
    let memory = ResolutionMemory()
    var asked = 0
    func ask(_ provider: String?, _ model: String) -> ResolverAnswer {
      memory.answer(provider: provider, model: model) {
        asked += 1
        return .unknown(reason: "\(provider ?? "-")/\(model)", provider: nil)
      }
    }
    #expect(ask("a", "m") == ask("a", "m"))
    #expect(asked == 1)
    #expect(ask("b", "m") != ask("a", "m"))
    #expect(ask(nil, "m") != ask("a", "m"))
    #expect(asked == 3)
    for i in 0..<5000 { _ = ask(nil, "m\(i)") }
    #expect(ask("a", "m") == .unknown(reason: "a/m", provider: nil))
    #expect(asked == 5004)
  }
}
