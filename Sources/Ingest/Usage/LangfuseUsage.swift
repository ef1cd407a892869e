import Domain
import Wire

/// Langfuse's usage objects. Its own convention is a map of disjoint buckets; a map in a provider's shape keeps that
/// provider's meaning.
///
/// | shape | told by | reading |
/// |---|---|---|
/// | OpenAI chat | `prompt_tokens` or `completion_tokens` | inclusive |
/// | OpenAI responses | `input_tokens` with details or total | inclusive |
/// | Anthropic | `input_tokens` with `cache_*_input_tokens` | exclusive |
/// | Gemini | `promptTokenCount` | cache inside, thoughts beside |
/// | Bedrock | `inputTokens` | exclusive |
/// | older `usage` | `unit`, or `promptTokens` | no cache; another unit fills that bucket |
/// | Langfuse map | anything else | disjoint |
enum LangfuseUsage {
  struct Shape {
    var counts: SentUsage
    var reading: UsageReading
    var rule: String
  }

  static func read(_ object: JSONObject) -> Shape? {
    var counts = SentUsage(raw: object)
    let shape: (UsageReading, String)
    if object.has("prompt_tokens") || object.has("completion_tokens") {
      shape = openAI(object, &counts, input: "prompt_tokens", output: "completion_tokens")
    } else if object.has("input_tokens") || object.has("output_tokens") {
      shape = openAI(object, &counts, input: "input_tokens", output: "output_tokens")
    } else if object.has("promptTokenCount") {
      shape = gemini(object, &counts)
    } else if object.has("inputTokens") || object.has("outputTokens") {
      shape = bedrock(object, &counts)
    } else if object.has("promptTokens") || object.has("completionTokens") || object.has("unit") {
      shape = legacy(object, &counts)
    } else {
      shape = map(object, &counts)
    }
    return counts.isEmpty ? nil : Shape(counts: counts, reading: shape.0, rule: shape.1)
  }

  private static func openAI(
    _ object: JSONObject, _ counts: inout SentUsage, input: String, output: String
  ) -> (UsageReading, String) {
    counts.input = object.count(input)
    counts.output = object.count(output)
    counts.total = object.count("total_tokens") ?? object.count("total")
    for name in [input + "_details", "input_token_details"] {
      guard let details = object[name]?.objectValue else { continue }
      counts.cacheRead = details.count("cached_tokens") ?? details.count("cache_read")
      counts.cacheWrite =
        details.count("cache_write_tokens") ?? details.count("cache_creation_tokens") ?? details.count("cache_creation")
      counts.inputAudio = details.count("audio_tokens") ?? details.count("audio")
      counts.inputImage = details.count("image_tokens")
      counts.inputVideo = details.count("video_tokens")
    }
    for name in [output + "_details", "output_token_details"] {
      guard let details = object[name]?.objectValue else { continue }
      counts.reasoning = details.count("reasoning_tokens") ?? details.count("reasoning")
      counts.outputAudio = details.count("audio_tokens") ?? details.count("audio")
      counts.outputImage = details.count("image_tokens")
    }
    let read = object.count("cache_read_input_tokens"), write = object.count("cache_creation_input_tokens")
    guard counts.cacheRead == nil, counts.cacheWrite == nil, read != nil || write != nil else {
      return (.inclusive, "openai-inclusive")
    }
    counts.cacheRead = read
    counts.cacheWrite = write
    if let lifetimes = object["cache_creation"]?.objectValue {
      counts.cacheWrite5m = lifetimes.count("ephemeral_5m_input_tokens")
      counts.cacheWrite1h = lifetimes.count("ephemeral_1h_input_tokens")
    }
    return input == "input_tokens" ? (.exclusive, "anthropic-exclusive") : (.inclusive, "litellm-inclusive")
  }

  private static func gemini(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    counts.input = (object.count("promptTokenCount") ?? 0) + (object.count("toolUsePromptTokenCount") ?? 0)
    counts.output = object.count("candidatesTokenCount")
    counts.reasoning = object.count("thoughtsTokenCount")
    counts.cacheRead = object.count("cachedContentTokenCount")
    counts.total = object.count("totalTokenCount")
    return (.gemini, "gemini")
  }

  private static func bedrock(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    counts.input = object.count("inputTokens")
    counts.output = object.count("outputTokens")
    counts.total = object.count("totalTokens")
    counts.cacheRead = object.count("cacheReadInputTokens") ?? object.count("cachedInputTokens")
    counts.cacheWrite = object.count("cacheWriteInputTokens")
    counts.reasoning = object.count("reasoningTokens")
    if object.has("cachedInputTokens") { return (.inclusive, "vercel-inclusive") }
    return (.exclusive, "bedrock-exclusive")
  }

  private static func legacy(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    let input = object.count("input") ?? object.count("promptTokens")
    let output = object.count("output") ?? object.count("completionTokens")
    let total = object.count("total") ?? object.count("totalTokens")
    let unit = object["unit"]?.stringValue?.uppercased() ?? "TOKENS"
    if let (bucket, factor) = units[unit] {
      let amount = total ?? (input ?? 0) + (output ?? 0)
      if input != nil || output != nil || total != nil {
        counts.others[bucket] = min(amount, SentUsage.countMax) * factor
      }
      return (.disjoint, "langfuse-unit-" + unit.lowercased())
    }
    (counts.input, counts.output, counts.total) = (input, output, total)
    return (.inclusive, "langfuse-legacy")
  }

  private static let units: [String: (UsageBucket, Int64)] = [
    "CHARACTERS": (.characters, 1), "MILLISECONDS": (.milliseconds, 1), "SECONDS": (.milliseconds, 1000),
    "REQUESTS": (.requests, 1), "IMAGES": (.images, 1),
  ]

  /// Langfuse's own map: keys are buckets that add up.
  private static func map(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    for member in object.members {
      guard let count = SentUsage.count(member.value) else { continue }
      let key = member.key.hasSuffix("_tokens") ? String(member.key.dropLast(7)) : member.key
      if let path = mapKeys[key] {
        counts[keyPath: path] = min(SentUsage.countMax, (counts[keyPath: path] ?? 0) + count)
      } else if let (bucket, factor) = otherKeys[key] {
        counts.others[bucket] = min(SentUsage.countMax, counts.others[bucket] + count * factor)
      }
    }
    return (.disjoint, "langfuse-disjoint")
  }

  /// Keys without a trailing `_tokens`.
  private static let mapKeys: [String: any WritableKeyPath<SentUsage, Int64?> & Sendable] = [
    "input": \.input, "input_text": \.input, "text_input": \.input, "prompt": \.input,
    "output": \.output, "output_text": \.output, "text_output": \.output, "completion": \.output,
    "output_accepted_prediction": \.output, "output_rejected_prediction": \.output,
    "total": \.total,
    "input_cached": \.cacheRead, "cached": \.cacheRead, "cached_input": \.cacheRead, "cache_read": \.cacheRead,
    "input_cache_read": \.cacheRead, "cache_read_input": \.cacheRead,
    "cache_creation": \.cacheWrite, "cache_write": \.cacheWrite, "input_cache_creation": \.cacheWrite,
    "input_cache_write": \.cacheWrite, "cache_creation_input": \.cacheWrite, "cache_write_input": \.cacheWrite,
    "input_cache_creation_5m": \.cacheWrite5m, "input_cache_creation_1h": \.cacheWrite1h,
    "cache_creation_5m": \.cacheWrite5m, "cache_creation_1h": \.cacheWrite1h,
    "output_reasoning": \.reasoning, "reasoning": \.reasoning, "reasoning_output": \.reasoning,
    "input_audio": \.inputAudio, "audio_input": \.inputAudio, "input_cached_audio": \.cacheReadAudio,
    "output_audio": \.outputAudio, "audio_output": \.outputAudio,
    "input_image": \.inputImage, "image_input": \.inputImage, "output_image": \.outputImage,
    "image_output": \.outputImage, "input_video": \.inputVideo, "video_input": \.inputVideo,
  ]
  private static let otherKeys: [String: (UsageBucket, Int64)] = [
    "requests": (.requests, 1), "web_search_requests": (.searches, 1), "searches": (.searches, 1),
    "search_units": (.searches, 1), "characters": (.characters, 1), "pages": (.pages, 1), "images": (.images, 1),
    "milliseconds": (.milliseconds, 1), "seconds": (.milliseconds, 1000), "audio_seconds": (.milliseconds, 1000),
  ]
}

extension JSONObject {
  func has(_ key: String) -> Bool { self[key].map { !$0.isNull } ?? false }
  func count(_ key: String) -> Int64? { SentUsage.count(self[key]) }
}
