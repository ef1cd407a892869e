import Domain
import Wire

extension SentUsage {
  /// Fills a count from the first of `keys` that is there: aliases name one quantity.
  fileprivate mutating func take(_ count: Count, _ keys: [String], in object: JSONObject?) {
    guard let object, self[count] == nil else { return }
    for key in keys {
      if let found = read(key, in: object) {
        self[count] = found
        return
      }
    }
  }

  /// Anthropic's `cache_creation`: cache writes by lifetime.
  mutating func takeLifetimes(_ lifetimes: JSONObject?) {
    take(.cacheWrite5m, ["ephemeral_5m_input_tokens"], in: lifetimes)
    take(.cacheWrite1h, ["ephemeral_1h_input_tokens"], in: lifetimes)
  }
}

// MARK: - OpenAI, Anthropic and who copies them

extension UsageShape {
  static func openAIChat(
    _ object: JSONObject, _ counts: inout SentUsage, _ source: UsageSource
  ) -> (UsageReading, String) {
    counts.take(.input, ["prompt_tokens"], in: object)
    counts.take(.output, ["completion_tokens"], in: object)
    counts.take(.total, ["total_tokens", "total"], in: object)
    inputDetails(["prompt_tokens_details", "input_tokens_details", "input_token_details"], object, &counts)
    outputDetails(["completion_tokens_details", "output_tokens_details", "output_token_details"], object, &counts)
    let isDetailed = counts.cacheRead != nil || counts.cacheWrite != nil
    counts.take(.cacheRead, ["cached_tokens", "prompt_cache_hit_tokens", "cached_prompt_text_tokens"], in: object)
    counts.take(.reasoning, ["reasoning_tokens"], in: object)
    let isLiteLLM = !isDetailed && object.hasAny(["cache_read_input_tokens", "cache_creation_input_tokens"])
    counts.take(.cacheRead, ["cache_read_input_tokens"], in: object)
    counts.take(.cacheWrite, ["cache_creation_input_tokens"], in: object)
    counts.takeLifetimes(object["cache_creation"]?.objectValue)
    if source.isReasoningBeside { return (.gemini, "openai-reasoning-beside") }
    return (.inclusive, isLiteLLM ? "litellm-inclusive" : "openai-inclusive")
  }

  static func inputTokens(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    counts.take(.input, ["input_tokens"], in: object)
    counts.take(.output, ["output_tokens"], in: object)
    counts.take(.total, ["total_tokens", "total"], in: object)
    inputDetails(["input_tokens_details", "input_token_details"], object, &counts)
    outputDetails(["output_tokens_details", "output_token_details"], object, &counts)
    let isLangChain =
      object["input_token_details"]?.objectValue?.hasAny(["cache_read", "cache_creation", "audio"]) ?? false
      || object["output_token_details"]?.objectValue?.hasAny(["reasoning", "audio"]) ?? false
    guard counts.cacheRead == nil, counts.cacheWrite == nil,
      object.hasAny(["cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation", "server_tool_use"])
    else { return (.inclusive, isLangChain ? "langchain-inclusive" : "openai-inclusive") }
    counts.take(.cacheRead, ["cache_read_input_tokens"], in: object)
    counts.take(.cacheWrite, ["cache_creation_input_tokens"], in: object)
    counts.takeLifetimes(counts.details("cache_creation", in: object))
    return (.exclusive, "anthropic-exclusive")
  }

  private static func inputDetails(_ names: [String], _ object: JSONObject, _ counts: inout SentUsage) {
    for name in names {
      guard let details = counts.details(name, in: object) else { continue }
      counts.take(.cacheRead, ["cached_tokens", "cache_read", "cache_read_input_tokens"], in: details)
      counts.take(
        .cacheWrite, ["cache_write_tokens", "cache_creation_tokens", "cache_creation", "cache_write"], in: details)
      counts.take(.inputAudio, ["audio_tokens", "audio"], in: details)
      counts.take(.inputImage, ["image_tokens", "image"], in: details)
      counts.take(.inputVideo, ["video_tokens", "video"], in: details)
      counts.take(.cacheRead, ["priority_cache_read", "flex_cache_read"], in: details)
      if let searches = counts.read("web_search_requests", in: details) { counts.add(.searches, searches) }
      counts.takeLifetimes(details)
      counts.takeLifetimes(details["cache_creation_token_details"]?.objectValue)
      guard let cached = details["cached_tokens_details"]?.objectValue else { continue }
      counts.take(.cacheReadAudio, ["audio_tokens"], in: cached)
      counts.take(.cacheReadImage, ["image_tokens"], in: cached)
    }
  }

  private static func outputDetails(_ names: [String], _ object: JSONObject, _ counts: inout SentUsage) {
    for name in names {
      guard let details = counts.details(name, in: object) else { continue }
      counts.take(
        .reasoning, ["reasoning_tokens", "reasoning", "thinking_tokens", "priority_reasoning", "flex_reasoning"],
        in: details)
      counts.take(.outputAudio, ["audio_tokens", "audio"], in: details)
      counts.take(.outputImage, ["image_tokens", "image"], in: details)
    }
  }

  /// `billed_units` is what is charged; `tokens` beside it is what the model saw.
  static func cohere(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    let billed = counts.details("billed_units", in: object)
    counts.take(.input, ["input_tokens"], in: billed)
    counts.take(.output, ["output_tokens"], in: billed)
    counts.take(.cacheRead, ["cached_tokens"], in: object)
    if let billed {
      if let units = counts.read("search_units", in: billed) { counts.add(.searches, units) }
      if let images = counts.read("images", in: billed) { counts.add(.images, images) }
    }
    return (.inclusive, "cohere-inclusive")
  }
}

// MARK: - Google

extension UsageShape {
  static func gemini(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    counts.take(.input, ["promptTokenCount", "prompt_token_count"], in: object)
    counts.take(
      .output, ["candidatesTokenCount", "candidates_token_count", "responseTokenCount", "response_token_count"],
      in: object)
    counts.take(.total, ["totalTokenCount", "total_token_count"], in: object)
    counts.take(.reasoning, ["thoughtsTokenCount", "thoughts_token_count"], in: object)
    counts.take(.cacheRead, ["cachedContentTokenCount", "cached_content_token_count"], in: object)
    // What tools put into the prompt stands beside it.
    let tools = object.has("toolUsePromptTokenCount") ? "toolUsePromptTokenCount" : "tool_use_prompt_token_count"
    if let count = counts.read(tools, in: object) { counts.input = (counts.input ?? 0) + count }
    for name in ["promptTokensDetails", "prompt_tokens_details"] { modalities(object[name], &counts, inputs) }
    for name in ["toolUsePromptTokensDetails", "tool_use_prompt_tokens_details"] {
      modalities(object[name], &counts, inputs)
    }
    for name in ["cacheTokensDetails", "cache_tokens_details"] { modalities(object[name], &counts, cached) }
    for name in ["candidatesTokensDetails", "candidates_tokens_details", "responseTokensDetails"] {
      modalities(object[name], &counts, outputs)
    }
    return (.gemini, "gemini")
  }

  private static let inputs: [String: SentUsage.Count] = [
    "AUDIO": .inputAudio, "IMAGE": .inputImage, "DOCUMENT": .inputImage, "VIDEO": .inputVideo,
  ]
  private static let cached: [String: SentUsage.Count] = [
    "AUDIO": .cacheReadAudio, "IMAGE": .cacheReadImage, "DOCUMENT": .cacheReadImage, "VIDEO": .cacheReadVideo,
  ]
  private static let outputs: [String: SentUsage.Count] = ["AUDIO": .outputAudio, "IMAGE": .outputImage]

  /// A list of `{modality, tokenCount}`; text is what remains.
  private static func modalities(
    _ list: JSONValue?, _ counts: inout SentUsage, _ names: [String: SentUsage.Count]
  ) {
    for entry in list?.arrayValue ?? [] {
      guard let modality = entry["modality"]?.stringValue, let count = names[modality.uppercased()],
        let tokens = counts.read("tokenCount", entry["tokenCount"] ?? entry["token_count"])
      else { continue }
      counts[count] = min(SentUsage.countMax, (counts[count] ?? 0) + tokens)
    }
  }

  static func geminiInteractions(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    counts.take(.input, ["total_input_tokens"], in: object)
    counts.take(.output, ["total_output_tokens"], in: object)
    counts.take(.total, ["total_tokens"], in: object)
    counts.take(.reasoning, ["total_thought_tokens", "total_reasoning_tokens"], in: object)
    counts.take(.cacheRead, ["total_cached_tokens"], in: object)
    if let count = counts.read("total_tool_use_tokens", in: object) { counts.input = (counts.input ?? 0) + count }
    return (.gemini, "gemini-interactions")
  }
}

// MARK: - Camel case, and the rest

extension UsageShape {
  static func inputCamel(
    _ object: JSONObject, _ counts: inout SentUsage, _ source: UsageSource
  ) -> (UsageReading, String) {
    if let input = object["inputTokens"]?.objectValue { return vercelNested(input, object, &counts) }
    counts.take(.input, ["inputTokens", "inputTokenCount"], in: object)
    counts.take(.output, ["outputTokens", "outputTokenCount"], in: object)
    counts.take(.total, ["totalTokens"], in: object)
    let inputs = object["inputTokenDetails"]?.objectValue, outputs = object["outputTokenDetails"]?.objectValue
    counts.take(.cacheRead, ["cacheReadTokens"], in: inputs)
    counts.take(.cacheWrite, ["cacheWriteTokens"], in: inputs)
    counts.take(.reasoning, ["reasoningTokens"], in: outputs)
    counts.take(.reasoning, ["reasoningTokens"], in: object)
    let isVercel = inputs != nil || outputs != nil || object.hasAny(["cachedInputTokens", "reasoningTokens"])
    counts.take(.cacheRead, ["cachedInputTokens"], in: object)
    if isVercel {
      let isExclusive = inputs == nil && source.isCacheBeside
      return isExclusive ? (.exclusive, "vercel-anthropic-exclusive") : (.inclusive, "vercel-inclusive")
    }
    counts.take(
      .cacheRead, ["cacheReadInputTokens", "cacheReadInputTokenCount", "cacheReadTokens"], in: object)
    counts.take(
      .cacheWrite,
      ["cacheWriteInputTokens", "cacheWriteInputTokenCount", "cacheCreationInputTokens", "cacheWriteTokens"],
      in: object)
    bedrockLifetimes(object["cacheDetails"], &counts)
    return (.exclusive, "bedrock-exclusive")
  }

  /// The form inside the Vercel AI SDK from 6 on: `{inputTokens: {total, cacheRead, …}, outputTokens: {total, …}}`.
  private static func vercelNested(
    _ input: JSONObject, _ object: JSONObject, _ counts: inout SentUsage
  ) -> (UsageReading, String) {
    counts.take(.input, ["total"], in: input)
    counts.take(.cacheRead, ["cacheRead"], in: input)
    counts.take(.cacheWrite, ["cacheWrite"], in: input)
    let output = counts.details("outputTokens", in: object)
    counts.take(.output, ["total"], in: output)
    counts.take(.reasoning, ["reasoning"], in: output)
    return (.inclusive, "vercel-inclusive")
  }

  /// A list of `{ttl: "5m" or "1h", inputTokens}`.
  private static func bedrockLifetimes(_ list: JSONValue?, _ counts: inout SentUsage) {
    for entry in list?.arrayValue ?? [] {
      guard let tokens = counts.read("inputTokens", entry["inputTokens"]) else { continue }
      switch entry["ttl"]?.stringValue {
      case "1h": counts.cacheWrite1h = (counts.cacheWrite1h ?? 0) + tokens
      case "5m": counts.cacheWrite5m = (counts.cacheWrite5m ?? 0) + tokens
      default: break
      }
    }
  }

  static func promptCamel(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    counts.take(.input, ["promptTokens"], in: object)
    counts.take(.output, ["completionTokens"], in: object)
    counts.take(.total, ["totalTokens"], in: object)
    counts.take(.cacheRead, ["cachedTokens", "cachedPromptTokens"], in: object)
    counts.take(.cacheRead, ["cachedTokens"], in: object["promptTokensDetails"]?.objectValue)
    counts.take(.cacheWrite, ["cacheWriteTokens"], in: object["promptTokensDetails"]?.objectValue)
    counts.take(.inputAudio, ["audioTokens"], in: object["promptTokensDetails"]?.objectValue)
    counts.take(.reasoning, ["reasoningTokens"], in: object["completionTokensDetails"]?.objectValue)
    return (.inclusive, "prompt-tokens-inclusive")
  }

  static func ollama(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    counts.take(.input, ["prompt_eval_count"], in: object)
    counts.take(.output, ["eval_count"], in: object)
    return (.inclusive, "ollama")
  }

  /// Units without tokens: seconds of audio, pages read.
  static func plainUnits(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    if let pages = counts.read("pages_processed", in: object) { counts.add(.pages, pages) }
    for name in ["seconds", "billable_audio_seconds"] {
      guard let value = object[name], counts.others[.milliseconds] == 0 else { continue }
      if let time = counts.readAmount(name, value, times: 1000) { counts.add(.milliseconds, time) }
    }
    return (.disjoint, "units")
  }
}
