import Domain
import Ingest
import Testing
import Wire

/// One test per row of the table of conventions, as spans.
@Suite struct UsageConventionTests {
  private func usage(_ counts: KeyValuePairs<String, Int64>, scope: String = "", _ more: [Attribute] = []) -> UsageReport? {
    Spans.facts(
      [Attribute("gen_ai.operation.name", "chat")] + counts.map { Attribute($0.key, $0.value) } + more, scope: scope
    ).usage
  }

  @Test func openTelemetryIncludesEverything() {
    let report = usage([
      "gen_ai.usage.input_tokens": 13_244, "gen_ai.usage.output_tokens": 12,
      "gen_ai.usage.cache_read.input_tokens": 13_216, "gen_ai.usage.cache_write.input_tokens": 25,
      "gen_ai.usage.reasoning.output_tokens": 5,
    ])
    #expect(report?.usage == Usage([.input: 3, .cacheRead: 13_216, .cacheWrite: 25, .output: 7, .reasoning: 5]))
    #expect(report?.rule == "otel-inclusive" && report?.flags == [])
  }

  /// LF#12306: one alias was missed, and the cache counted twice.
  @Test func allSpellingsOfTheCacheAreSubtractedOnce() {
    let report = usage([
      "gen_ai.usage.input_tokens": 1000, "gen_ai.usage.output_tokens": 10,
      "gen_ai.usage.cache_read.input_tokens": 900, "gen_ai.usage.cache_read_input_tokens": 900,
      "gen_ai.usage.cache_read_tokens": 900, "gen_ai.usage.details.cache_read_tokens": 900,
      "gen_ai.usage.details.cache_read_input_tokens": 900,
    ])
    #expect(report?.usage == Usage([.input: 100, .cacheRead: 900, .output: 10]))
  }

  /// dust-tt/dust#20989.
  @Test func almostFullyCachedInputLeavesTwo() {
    let report = usage(["gen_ai.usage.input_tokens": 9844, "gen_ai.usage.cache_read.input_tokens": 9842])
    #expect(report?.usage == Usage([.input: 2, .cacheRead: 9842]))
  }

  /// LF#16508: reasoning sent apart is priced once, whether it lies inside or not.
  @Test func reasoningSentApartIsInsideUnlessItCannotBe() {
    let inside = usage(["gen_ai.usage.output_tokens": 100, "gen_ai.usage.reasoning.output_tokens": 60])
    #expect(inside?.usage == Usage([.output: 40, .reasoning: 60]))
    let beside = usage([
      "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 100, "gen_ai.usage.reasoning.output_tokens": 60,
      "gen_ai.usage.total_tokens": 170,
    ])
    #expect(beside?.usage == Usage([.input: 10, .output: 100, .reasoning: 60]) && beside?.flags == [])
  }

  /// langwatch/langwatch#7021.
  @Test func audioHasItsOwnBuckets() {
    let report = usage([
      "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 80, "gen_ai.usage.input_audio_tokens": 70,
      "gen_ai.usage.output_audio_tokens": 60,
    ])
    #expect(report?.usage == Usage([.input: 30, .inputAudio: 70, .output: 20, .outputAudio: 60]))
  }

  @Test func cachedImagesAreNotSubtractedTwice() {
    let report = usage([
      "gen_ai.usage.input_tokens": 100, "gen_ai.usage.image.input_tokens": 60,
      "gen_ai.usage.cache_read.input_tokens": 60, "gen_ai.usage.image.cache_read.input_tokens": 60,
    ])
    #expect(report?.usage == Usage([.input: 40, .cacheRead: 60]) && report?.flags == [])
  }

  @Test func openLLMetryAndLiteLLMInclude() {
    for (scope, rule) in [
      ("opentelemetry.instrumentation.anthropic", "openllmetry-inclusive"), ("litellm", "litellm-inclusive"),
    ] {
      let report = usage(
        [
          "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 10, "gen_ai.usage.total_tokens": 110,
          "gen_ai.usage.cache_read.input_tokens": 90,
        ], scope: scope)
      #expect(report?.usage == Usage([.input: 10, .cacheRead: 90, .output: 10]) && report?.rule == rule)
    }
  }

  @Test func openInferenceIncludesButForBedrockAndClaudeAgents() {
    let counts: KeyValuePairs<String, Int64> = [
      "llm.token_count.prompt": 100, "llm.token_count.completion": 10, "llm.token_count.total": 110,
      "llm.token_count.prompt_details.cache_read": 90, "llm.token_count.prompt_details.cache_write": 5,
    ]
    let inclusive = Usage([.input: 5, .cacheRead: 90, .cacheWrite: 5, .output: 10])
    let exclusive = Usage([.input: 100, .cacheRead: 90, .cacheWrite: 5, .output: 10])
    #expect(usage(counts, scope: "openinference.instrumentation.anthropic")?.usage == inclusive)
    for scope in [
      "openinference.instrumentation.bedrock", "openinference.instrumentation.claude_agent_sdk",
      "@arizeai/openinference-instrumentation-claude-agent-sdk",
    ] {
      #expect(usage(counts, scope: scope)?.usage == exclusive && usage(counts, scope: scope)?.flags == [], "\(scope)")
    }
  }

  @Test func openLITExcludesForAnthropicAndBedrockAndSplitsThoughtsForGoogle() {
    let counts: KeyValuePairs<String, Int64> = [
      "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 10, "gen_ai.client.token.usage": 110,
      "gen_ai.usage.cache_read.input_tokens": 90, "gen_ai.usage.reasoning_tokens": 4,
    ]
    let exclusive = Usage([.input: 100, .cacheRead: 90, .output: 6, .reasoning: 4])
    for library in ["anthropic", "bedrock"] {
      #expect(usage(counts, scope: "openlit.instrumentation.\(library)")?.usage == exclusive)
    }
    let google = usage(counts, scope: "openlit.instrumentation.google_ai_studio")
    #expect(google?.usage == Usage([.input: 10, .cacheRead: 90, .output: 10, .reasoning: 4]) && google?.flags == [])
    #expect(
      usage(counts, scope: "openlit.instrumentation.litellm")?.usage
        == Usage([.input: 10, .cacheRead: 90, .output: 6, .reasoning: 4]))
  }

  /// The TypeScript SDK's scope names no library.
  @Test func openLITWithoutALibraryGoesByProvider() {
    let counts: KeyValuePairs<String, Int64> = [
      "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 10, "gen_ai.usage.cache_read.input_tokens": 90,
    ]
    let openLIT = Attribute("telemetry.sdk.name", "openlit")
    #expect(usage(counts, [openLIT, Attribute("gen_ai.system", "anthropic")])?.usage[.input] == 100)
    #expect(usage(counts, [openLIT, Attribute("gen_ai.system", "openai")])?.usage[.input] == 10)
  }

  @Test func answerBesideAttributesTellsLifetimesAndSearches() {
    let answer =
      #"{"id":"m","content":[],"usage":{"input_tokens":10,"output_tokens":20,"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"server_tool_use":{"web_search_requests":2}}}"#
    let report = usage(
      [
        "llm.token_count.prompt": 40, "llm.token_count.completion": 20,
        "llm.token_count.prompt_details.cache_write": 30,
      ], scope: "openinference.instrumentation.anthropic", [Attribute("output.value", answer)])
    #expect(report?.usage == Usage([.input: 10, .cacheWrite: 10, .cacheWrite1h: 20, .output: 20, .searches: 2]))
  }

  // MARK: Vercel AI SDK

  private static func vercel(_ provider: String, _ more: [Attribute]) -> UsageReport? {
    Spans.facts(
      [Attribute("ai.operationId", "ai.generateText.doGenerate"), Attribute("gen_ai.system", provider)] + more,
      scope: "ai"
    ).usage
  }

  @Test func vercelFourPassesCountsOnAndKeepsTheCacheInMetadata() {
    let counts = [Attribute("ai.usage.promptTokens", 100), Attribute("ai.usage.completionTokens", 10)]
    let anthropic = Self.vercel(
      "anthropic.messages",
      counts + [Attribute("ai.response.providerMetadata", #"{"anthropic":{"cacheCreationInputTokens":20,"cacheReadInputTokens":500}}"#)])
    #expect(anthropic?.usage == Usage([.input: 100, .cacheRead: 500, .cacheWrite: 20, .output: 10]))
    let openAI = Self.vercel(
      "openai.chat",
      counts + [Attribute("ai.response.providerMetadata", #"{"openai":{"cachedPromptTokens":64,"reasoningTokens":4}}"#)])
    #expect(openAI?.usage == Usage([.input: 36, .cacheRead: 64, .output: 6, .reasoning: 4]))
  }

  @Test func vercelFiveOverAnthropicLeavesTheCacheBeside() {
    let report = Self.vercel(
      "anthropic.messages",
      [
        Attribute("ai.usage.inputTokens", 300), Attribute("ai.usage.outputTokens", 10),
        Attribute("ai.usage.totalTokens", 310), Attribute("ai.usage.cachedInputTokens", 200),
      ])
    #expect(report?.usage == Usage([.input: 300, .cacheRead: 200, .output: 10]) && report?.flags == [])
    #expect(report?.rule == "vercel-anthropic-exclusive")
  }

  @Test func vercelSixIncludesWhateverTheProvider() {
    for provider in ["anthropic.messages", "amazon-bedrock", "google.generative-ai", "openai.responses"] {
      let report = Self.vercel(
        provider,
        [
          Attribute("gen_ai.usage.input_tokens", 28_466), Attribute("gen_ai.usage.output_tokens", 120),
          Attribute("ai.usage.cachedInputTokens", 22_041), Attribute("ai.usage.reasoningTokens", 64),
          Attribute("ai.usage.inputTokenDetails.noCacheTokens", 3),
          Attribute("ai.usage.inputTokenDetails.cacheReadTokens", 22_041),
          Attribute("ai.usage.inputTokenDetails.cacheWriteTokens", 6422),
          Attribute("ai.usage.outputTokenDetails.reasoningTokens", 64),
        ])
      #expect(
        report?.usage == Usage([.input: 3, .cacheRead: 22_041, .cacheWrite: 6422, .output: 56, .reasoning: 64]),
        "\(provider)")
    }
  }

  /// PostHog/posthog#71065: 6 adds Gemini's thoughts to the output; 5 left them beside it, as its total shows.
  @Test func vercelOverGeminiAddsThoughtsOnce() {
    let six = Self.vercel(
      "google.generative-ai",
      [
        Attribute("ai.usage.inputTokens", 324), Attribute("ai.usage.outputTokens", 1859),
        Attribute("ai.usage.reasoningTokens", 495), Attribute("ai.usage.totalTokens", 2183),
      ])
    #expect(six?.usage == Usage([.input: 324, .output: 1364, .reasoning: 495]) && six?.flags == [])
    let five = Self.vercel(
      "google.generative-ai",
      [
        Attribute("ai.usage.inputTokens", 324), Attribute("ai.usage.outputTokens", 1364),
        Attribute("ai.usage.reasoningTokens", 495), Attribute("ai.usage.totalTokens", 2183),
      ])
    #expect(five?.usage == six?.usage && five?.flags == [])
  }

  @Test func providersOwnObjectInVercelsMetadataDecides() {
    let metadata =
      #"{"anthropic":{"usage":{"input_tokens":3,"output_tokens":12,"cache_read_input_tokens":500,"cache_creation_input_tokens":20}}}"#
    for input: Int64 in [3, 523] {
      let report = Self.vercel(
        "anthropic.messages",
        [
          Attribute("ai.usage.promptTokens", input), Attribute("ai.usage.completionTokens", 12),
          Attribute("ai.response.providerMetadata", metadata),
        ])
      #expect(report?.usage == Usage([.input: 3, .cacheRead: 500, .cacheWrite: 20, .output: 12]))
    }
  }

  @Test func openRoutersCostInVercelsMetadataIsTheProviders() {
    let facts = Spans.facts(
      [
        Attribute("ai.operationId", "ai.generateText.doGenerate"), Attribute("ai.usage.promptTokens", 10),
        Attribute("ai.usage.completionTokens", 5),
        Attribute("ai.response.providerMetadata", #"{"openrouter":{"usage":{"cost":0.0015,"promptTokens":10}}}"#),
      ], scope: "ai")
    #expect(facts.reportedCost?.source == .provider && facts.reportedCost?.amount == USD(decimal: "0.0015"))
  }

  @Test func lifetimesInVercelsMetadataAreRead() {
    let report = Self.vercel(
      "anthropic.messages",
      [
        Attribute("ai.usage.inputTokens", 3010), Attribute("ai.usage.outputTokens", 20),
        Attribute("ai.usage.inputTokenDetails.cacheWriteTokens", 3000),
        Attribute(
          "ai.response.providerMetadata",
          #"{"anthropic":{"usage":{"input_tokens":10,"cache_creation_input_tokens":3000,"cache_creation":{"ephemeral_5m_input_tokens":1000,"ephemeral_1h_input_tokens":2000}}}}"#
        ),
      ])
    #expect(report?.usage == Usage([.input: 10, .cacheWrite: 1000, .cacheWrite1h: 2000, .output: 20]))
  }

  // MARK: Google ADK

  /// LF#8020.
  @Test func adksOutputThatIsTheTotalIsReduced() {
    let report = usage(
      ["gen_ai.usage.input_tokens": 361, "gen_ai.usage.output_tokens": 414, "gen_ai.usage.total_tokens": 414],
      scope: "gcp.vertex.agent")
    #expect(report?.usage == Usage([.input: 361, .output: 53]) && report?.flags == [])
  }

  @Test func adksAnswerTellsTheParts() {
    let answer =
      #"{"content":{},"usage_metadata":{"prompt_token_count":361,"candidates_token_count":40,"thoughts_token_count":13,"cached_content_token_count":300,"total_token_count":414}}"#
    let report = usage(
      ["gen_ai.usage.input_tokens": 361, "gen_ai.usage.output_tokens": 414], scope: "gcp.vertex.agent",
      [Attribute("gcp.vertex.agent.llm_response", answer)])
    #expect(report?.usage == Usage([.input: 61, .cacheRead: 300, .output: 40, .reasoning: 13]))
  }

  // MARK: Doubts, and other units

  /// LF#13379.
  @Test func unexplainedTokensAreNotBilledAsOutput() {
    let report = usage([
      "gen_ai.usage.input_tokens": 4299, "gen_ai.usage.output_tokens": 631, "gen_ai.usage.total_tokens": 58_291,
    ])
    #expect(report?.usage == Usage([.input: 4299, .output: 631]) && report?.flags == .unexplained)
  }

  @Test func embeddingsTotalIsItsInput() {
    let facts = Spans.facts(
      [Attribute("ai.operationId", "ai.embed.doEmbed"), Attribute("ai.usage.tokens", 12)], scope: "ai")
    #expect(facts.usage?.usage == Usage([.input: 12]) && facts.usage?.flags == [])
  }

  @Test func generationsBareTotalIsUnexplained() {
    let report = usage(["gen_ai.usage.total_tokens": 12])
    #expect(report?.usage.isEmpty == true && report?.flags == .unexplained)
  }

  @Test func searchesImagesCharactersPagesAndSecondsHaveBuckets() {
    let report = usage(
      [
        "gen_ai.usage.input_tokens": 5, "gen_ai.usage.server_tool_use.web_search_requests": 2,
        "gen_ai.usage.web_search_requests": 2, "gen_ai.usage.images": 3, "gen_ai.usage.characters": 400,
        "gen_ai.usage.pages": 6,
      ], [Attribute("gen_ai.usage.seconds", .double(1.25))])
    #expect(
      report?.usage
        == Usage([.input: 5, .searches: 2, .images: 3, .characters: 400, .pages: 6, .milliseconds: 1250]))
    #expect(report?.flags == [])
  }

  @Test func audiosLengthIsSoldOnlyWhereNoTokensAre() {
    let length = Attribute("gen_ai.request.audio_duration", .double(12.5))
    #expect(usage([:], [length])?.usage == Usage([.milliseconds: 12_500]))
    #expect(usage(["gen_ai.usage.input_tokens": 5], [length])?.usage == Usage([.input: 5]))
  }

  @Test func sendersEstimateIsFlagged() {
    let estimated = Attribute("gen_ai.usage.estimated", .bool(true))
    #expect(usage(["gen_ai.usage.output_tokens": 5], [estimated])?.flags == .estimatedBySender)
  }
}
