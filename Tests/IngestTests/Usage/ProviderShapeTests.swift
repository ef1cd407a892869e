import Domain
import Ingest
import Testing
import Wire

/// Providers' own usage objects, as they come in Langfuse's `usageDetails` and as attributes' JSON.
@Suite struct ProviderShapeTests {
  private func read(_ text: String, provider: String? = nil, model: String? = nil) throws -> UsageReport {
    let sent = try JSON.parse(text)
    return try #require(UsageNormaliser.langfuse(details: sent, legacy: nil, provider: provider, model: model))
  }

  @Test func openAIChatHoldsCacheAndReasoning() throws {
    let report = try read(
      """
      {"prompt_tokens":2000,"completion_tokens":300,"total_tokens":2300,"prompt_tokens_details":{"cached_tokens":1500,\
      "cache_write_tokens":200,"audio_tokens":50},"completion_tokens_details":{"reasoning_tokens":100,"audio_tokens":20,\
      "accepted_prediction_tokens":7}}
      """)
    #expect(
      report.usage
        == Usage([
          .input: 250, .cacheRead: 1500, .cacheWrite: 200, .inputAudio: 50, .output: 180, .reasoning: 100,
          .outputAudio: 20,
        ]))
    #expect(report.flags == [] && report.rule == "openai-inclusive" && report.usage.totalTokens == 2300)
  }

  /// GPT-5.6: writes to the cache are a part of the input too.
  @Test func openAIResponsesHoldCacheWrites() throws {
    let report = try read(
      """
      {"input_tokens":5000,"input_tokens_details":{"cached_tokens":3000,"cache_write_tokens":1500},"output_tokens":100,\
      "output_tokens_details":{"reasoning_tokens":40},"total_tokens":5100}
      """)
    #expect(
      report.usage == Usage([.input: 500, .cacheRead: 3000, .cacheWrite: 1500, .output: 60, .reasoning: 40]))
    #expect(report.flags == [])
  }

  @Test func openAIRealtimeKeepsCachedAudioApart() throws {
    let report = try read(
      """
      {"total_tokens":253,"input_tokens":132,"output_tokens":121,"input_token_details":{"text_tokens":119,\
      "audio_tokens":13,"image_tokens":0,"cached_tokens":64,"cached_tokens_details":{"text_tokens":60,"audio_tokens":4}},\
      "output_token_details":{"text_tokens":30,"audio_tokens":91}}
      """)
    #expect(
      report.usage
        == Usage([
          .input: 59, .cacheRead: 60, .cacheReadAudio: 4, .inputAudio: 9, .output: 30, .outputAudio: 91,
        ]))
    #expect(report.flags == [])
  }

  /// LL#17410: Gemini 3 Pro Image through an OpenAI dialect.
  @Test func imageAndReasoningLeaveNoTextOutput() throws {
    let report = try read(
      """
      {"prompt_tokens":10,"completion_tokens":1345,"total_tokens":1355,"completion_tokens_details":\
      {"reasoning_tokens":225,"image_tokens":1120,"text_tokens":0}}
      """, model: "gemini-3-pro-image")
    #expect(report.usage == Usage([.input: 10, .reasoning: 225, .outputImage: 1120]) && report.flags == [])
  }

  @Test func anthropicCountsCacheBesideInputAndSearchesApart() throws {
    let report = try read(
      """
      {"input_tokens":3,"cache_creation_input_tokens":12304,"cache_read_input_tokens":0,"output_tokens":550,\
      "cache_creation":{"ephemeral_5m_input_tokens":12000,"ephemeral_1h_input_tokens":304},\
      "server_tool_use":{"web_search_requests":2},"service_tier":"standard","output_tokens_details":{"thinking_tokens":50}}
      """)
    #expect(
      report.usage
        == Usage([
          .input: 3, .cacheWrite: 12_000, .cacheWrite1h: 304, .output: 500, .reasoning: 50, .searches: 2,
        ]))
    #expect(report.rule == "anthropic-exclusive" && report.flags == [])
  }

  @Test func searchToolThatWasNotUsedCostsNothing() throws {
    let report = try read(#"{"input_tokens":10,"output_tokens":5,"server_tool_use":{"web_search_requests":0}}"#)
    #expect(report.usage == Usage([.input: 10, .output: 5]) && report.flags == [])
  }

  @Test func liteLLMHoldsTheCacheAndNamesItTwice() throws {
    let report = try read(
      """
      {"prompt_tokens":10500,"completion_tokens":10,"total_tokens":10510,"cache_read_input_tokens":10000,\
      "cache_creation_input_tokens":300,"prompt_tokens_details":{"cached_tokens":10000,"cache_creation_tokens":300,\
      "web_search_requests":1},"server_tool_use":{"web_search_requests":1}}
      """)
    #expect(
      report.usage == Usage([.input: 200, .cacheRead: 10_000, .cacheWrite: 300, .output: 10, .searches: 1]))
    #expect(report.flags == [])
  }

  /// LL#11364.
  @Test func bedrockThroughLiteLLM() throws {
    let report = try read(
      """
      {"prompt_tokens":98805,"completion_tokens":5120,"total_tokens":103925,"cache_read_input_tokens":66360,\
      "cache_creation_input_tokens":32435,"completion_tokens_details":{"reasoning_tokens":1710}}
      """)
    #expect(
      report.usage
        == Usage([.input: 10, .cacheRead: 66_360, .cacheWrite: 32_435, .output: 3410, .reasoning: 1710]))
  }

  @Test func bedrockConverseCountsTheUncachedPart() throws {
    let report = try read(
      """
      {"inputTokens":3,"outputTokens":12,"totalTokens":13256,"cacheReadInputTokens":13216,"cacheWriteInputTokens":25,\
      "cacheDetails":[{"ttl":"5m","inputTokens":20},{"ttl":"1h","inputTokens":5}]}
      """)
    #expect(
      report.usage
        == Usage([.input: 3, .cacheRead: 13_216, .cacheWrite: 20, .cacheWrite1h: 5, .output: 12]))
    #expect(report.flags == [] && report.rule == "bedrock-exclusive")
  }

  /// LF#12531.
  @Test func geminiThoughtsStandBesideCandidates() throws {
    let report = try read(
      """
      {"promptTokenCount":324,"candidatesTokenCount":1364,"thoughtsTokenCount":495,"totalTokenCount":2183}
      """)
    #expect(report.usage == Usage([.input: 324, .output: 1364, .reasoning: 495]) && report.flags == [])
  }

  @Test(arguments: ["gemini", "snake", "chat"]) func geminiTokensThatNoPartExplainsWereThought(_ dialect: String) throws {
    let text =
      switch dialect {
      case "gemini":
        #"{"promptTokenCount":9,"candidatesTokenCount":664,"thoughtsTokenCount":0,"totalTokenCount":1994}"#
      case "snake": #"{"prompt_token_count":9,"candidates_token_count":664,"total_token_count":1994}"#
      default:
        #"{"prompt_tokens":9,"completion_tokens":664,"total_tokens":1994,"completion_tokens_details":{"reasoning_tokens":0}}"#
      }
    let report = try read(text, provider: "gcp.gemini", model: "gemini-2.5-pro")
    #expect(report.usage.inputTokens == 9 && report.usage.outputTokens == 1985 && report.flags == [])
    #expect(report.rule.hasSuffix(":thoughts-by-total"))
  }

  @Test func otherProvidersUnexplainedTokensAreNotBilled() throws {
    let report = try read(
      #"{"prompt_tokens":9,"completion_tokens":664,"total_tokens":1994}"#, provider: "openai", model: "gpt-4o")
    #expect(report.usage == Usage([.input: 9, .output: 664]) && report.flags == .unexplained)
  }

  @Test func geminiModalitiesAndToolPromptsAreDisjoint() throws {
    let report = try read(
      """
      {"promptTokenCount":1000,"toolUsePromptTokenCount":50,"cachedContentTokenCount":400,"candidatesTokenCount":100,\
      "thoughtsTokenCount":20,"totalTokenCount":1170,"promptTokensDetails":[{"modality":"TEXT","tokenCount":300},\
      {"modality":"AUDIO","tokenCount":200},{"modality":"IMAGE","tokenCount":400},{"modality":"VIDEO","tokenCount":100}],\
      "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":150},{"modality":"IMAGE","tokenCount":250}],\
      "candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":60},{"modality":"TEXT","tokenCount":40}]}
      """)
    #expect(
      report.usage
        == Usage([
          .input: 350, .cacheRead: 250, .cacheReadAudio: 150, .output: 40, .reasoning: 20, .inputAudio: 50,
          .inputImage: 150, .outputImage: 60, .inputVideo: 100,
        ]))
    #expect(report.usage.totalTokens == 1170 && report.flags == [])
  }

  @Test func geminiInteractionsAreGemini() throws {
    let report = try read(
      """
      {"total_input_tokens":100,"total_output_tokens":20,"total_thought_tokens":7,"total_cached_tokens":40,\
      "total_tool_use_tokens":5,"total_tokens":132}
      """)
    #expect(report.usage == Usage([.input: 65, .cacheRead: 40, .output: 20, .reasoning: 7]) && report.flags == [])
  }

  @Test func langChainDetailsLieInside() throws {
    let report = try read(
      """
      {"input_tokens":15667,"output_tokens":51,"total_tokens":15718,"input_token_details":{"cache_read":15524,\
      "cache_creation":0},"output_token_details":{"reasoning":11}}
      """)
    #expect(report.usage == Usage([.input: 143, .cacheRead: 15_524, .output: 40, .reasoning: 11]))
    #expect(report.rule == "langchain-inclusive" && report.flags == [])
  }

  /// PX#10036: the total proves that this sender leaves the cache beside the input.
  @Test func langChainOverBedrockIsExclusiveByTotal() throws {
    let report = try read(
      """
      {"input_tokens":3,"output_tokens":12,"total_tokens":13256,"input_token_details":{"cache_read":13216,\
      "cache_creation":25}}
      """)
    #expect(report.usage == Usage([.input: 3, .cacheRead: 13_216, .cacheWrite: 25, .output: 12]))
    #expect(report.rule == "langchain-inclusive:exclusive-by-total" && report.flags == [])
  }

  @Test func vercelHoldsTheCacheUnlessItPassesAnthropicsCountsOn() throws {
    let six = try read(
      """
      {"inputTokens":28466,"outputTokens":120,"totalTokens":28586,"reasoningTokens":64,"cachedInputTokens":22041,\
      "inputTokenDetails":{"noCacheTokens":3,"cacheReadTokens":22041,"cacheWriteTokens":6422},\
      "outputTokenDetails":{"textTokens":56,"reasoningTokens":64}}
      """, provider: "anthropic")
    #expect(
      six.usage == Usage([.input: 3, .cacheRead: 22_041, .cacheWrite: 6422, .output: 56, .reasoning: 64]))
    let five = try read(
      #"{"inputTokens":300,"outputTokens":120,"cachedInputTokens":200}"#, provider: "anthropic")
    #expect(five.usage == Usage([.input: 300, .cacheRead: 200, .output: 120]))
    let openAI = try read(#"{"inputTokens":300,"outputTokens":120,"cachedInputTokens":200}"#, provider: "openai")
    #expect(openAI.usage == Usage([.input: 100, .cacheRead: 200, .output: 120]))
    let nested = try read(
      #"{"inputTokens":{"total":300,"noCache":100,"cacheRead":200},"outputTokens":{"total":50,"text":40,"reasoning":10}}"#)
    #expect(nested.usage == Usage([.input: 100, .cacheRead: 200, .output: 40, .reasoning: 10]))
  }

  @Test func reasoningOfXAIStandsBeside() throws {
    let text =
      #"{"prompt_tokens":32,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":94}}"#
    let report = try read(text, provider: "x_ai")
    #expect(report.usage == Usage([.input: 24, .cacheRead: 8, .output: 9, .reasoning: 94]) && report.flags == [])
    let withTotal = try read(text.dropLast() + #","total_tokens":135}"#)
    #expect(withTotal.usage == report.usage && withTotal.flags == [])
    #expect(withTotal.rule == "openai-inclusive:reasoning-beside-by-total")
  }

  @Test func cohereIsBilledByItsBilledUnits() throws {
    let report = try read(
      """
      {"billed_units":{"input_tokens":100,"output_tokens":20,"search_units":1},"tokens":{"input_tokens":300,\
      "output_tokens":25},"cached_tokens":40}
      """)
    #expect(report.usage == Usage([.input: 60, .cacheRead: 40, .output: 20, .searches: 1]) && report.flags == [])
  }

  @Test func deepSeeksHitsAndMoonshotsCachedTokensLieInside() throws {
    let deepSeek = try read(
      #"{"prompt_tokens":100,"completion_tokens":5,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}"#)
    #expect(deepSeek.usage == Usage([.input: 36, .cacheRead: 64, .output: 5]))
    let moonshot = try read(#"{"prompt_tokens":100,"completion_tokens":5,"cached_tokens":64}"#)
    #expect(moonshot.usage == deepSeek.usage)
  }

  @Test func perplexitysSearchesAreCounted() throws {
    let report = try read(#"{"prompt_tokens":10,"completion_tokens":5,"num_search_queries":3}"#)
    #expect(report.usage == Usage([.input: 10, .output: 5, .searches: 3]))
  }

  /// LF#16575.
  @Test func secondsWithAFractionBecomeMilliseconds() throws {
    #expect(try read(#"{"seconds":20.424}"#).usage == Usage([.milliseconds: 20_424]))
    #expect(try read(#"{"audio_seconds":"1.5"}"#).usage == Usage([.milliseconds: 1500]))
    let legacy = UsageNormaliser.langfuse(details: nil, legacy: try JSON.parse(#"{"input":2.5,"unit":"SECONDS"}"#))
    #expect(legacy?.usage == Usage([.milliseconds: 2500]) && legacy?.flags == [])
  }

  @Test func langfusesQueriesAreSearches() throws {
    for key in ["web_search_queries", "groundingQueries", "webSearchQueries", "grounding_queries"] {
      #expect(try read(#"{"input":5,"output":3,"\#(key)":2}"#).usage == Usage([.input: 5, .output: 3, .searches: 2]))
    }
  }

  /// LF#14987: the total says that the completion is right and its detail too large.
  @Test func reasoningLargerThanAConfirmedCompletionIsCut() throws {
    let report = try read(
      #"{"prompt_tokens":50,"completion_tokens":102,"total_tokens":152,"completion_tokens_details":{"reasoning_tokens":109}}"#)
    #expect(report.usage == Usage([.input: 50, .reasoning: 102]) && report.flags == .negativeRemainder)
    #expect(report.rule == "openai-inclusive:parts-cut")
  }

  /// LL#37281: images that are cached too are billed as cached.
  @Test func cachedTokensAndImagesThatOverlapCountOnce() throws {
    for total in ["", #","total_tokens":110"#] {
      let report = try read(
        #"{"prompt_tokens":100,"completion_tokens":10\#(total),"prompt_tokens_details":{"cached_tokens":90,"image_tokens":80}}"#)
      #expect(report.usage == Usage([.cacheRead: 90, .inputImage: 10, .output: 10]))
      #expect(report.flags == .negativeRemainder)
    }
  }

  @Test func cacheLargerThanItsInputStillStandsBeside() throws {
    let report = try read(
      #"{"prompt_tokens":100,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":900}}"#)
    #expect(report.usage == Usage([.input: 100, .cacheRead: 900, .output: 10]) && report.flags == [])
  }

  /// LF#15942.
  @Test(arguments: [
    #"{"input_tokens":1000,"output_tokens":100,"total_tokens":1100,"input_token_details":{"priority_cache_read":400,"priority":600},"output_token_details":{"priority_reasoning":20,"priority":80}}"#,
    #"{"input":0,"output":0,"total":1100,"input_priority":600,"input_priority_cache_read":400,"output_priority":80,"output_priority_reasoning":20}"#,
  ]) func langChainsTierInTheNamesIsReadAsTier(_ text: String) throws {
    let report = try read(text)
    #expect(report.usage == Usage([.input: 600, .cacheRead: 400, .output: 80, .reasoning: 20]) && report.flags == [])
    #expect(Spans.facts([Attribute("langfuse.observation.usage_details", text)]).serviceTier == "priority")
  }

  @Test func lifetimesInLiteLLMsDetailsAreRead() throws {
    let report = try read(
      """
      {"prompt_tokens":3010,"completion_tokens":20,"total_tokens":3030,"cache_creation_input_tokens":3000,\
      "prompt_tokens_details":{"cached_tokens":0,"cache_creation_tokens":3000,"cache_creation_token_details":\
      {"ephemeral_5m_input_tokens":1000,"ephemeral_1h_input_tokens":2000}}}
      """)
    #expect(report.usage == Usage([.input: 10, .cacheWrite: 1000, .cacheWrite1h: 2000, .output: 20]))
  }

  @Test(arguments: [
    #"{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":"none"}"#,
    #"{"input_tokens":10,"output_tokens":5,"input_tokens_details":[1,2]}"#,
    #"{"input_tokens":10,"output_tokens":5,"cache_read_input_tokens":0,"cache_creation":7}"#,
    #"{"prompt_tokens":10,"completion_tokens":5,"server_tool_use":{"web_search_requests":"two"}}"#,
    #"{"promptTokenCount":10,"candidatesTokenCount":5,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":-4}]}"#,
    #"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":{"sum":15}}"#,
  ]) func wrongShapesAreFlaggedAndTheRestIsRead(_ text: String) throws {
    let report = try read(text)
    #expect(report.usage == Usage([.input: 10, .output: 5]) && report.flags == .unreadable, "\(text)")
  }

  @Test func emptyListsInPlaceOfObjectsSayNothing() throws {
    let report = try read(#"{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":[],"cost":null}"#)
    #expect(report.usage == Usage([.input: 10, .output: 5]) && report.flags == [])
  }

  @Test func whatTheSenderEstimatedIsFlagged() throws {
    #expect(try read(#"{"prompt_tokens":10,"completion_tokens":5,"estimated":true}"#).flags == .estimatedBySender)
    #expect(try read(#"{"input":10,"output":5,"estimated":true}"#).flags == .estimatedBySender)
  }
}
