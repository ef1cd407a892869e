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
    var counts = SentUsage(rawText: JSON.serialise(.object(object)))
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
    counts.input = counts.read(input, in: object)
    counts.output = counts.read(output, in: object)
    counts.total = counts.read("total_tokens", in: object) ?? counts.read("total", in: object)
    for name in [input + "_details", "input_token_details"] {
      guard let details = object[name]?.objectValue else { continue }
      counts.cacheRead = counts.read("cached_tokens", in: details) ?? counts.read("cache_read", in: details)
      counts.cacheWrite =
        counts.read("cache_write_tokens", in: details) ?? counts.read("cache_creation_tokens", in: details)
        ?? counts.read("cache_creation", in: details)
      counts.inputAudio = counts.read("audio_tokens", in: details) ?? counts.read("audio", in: details)
      counts.inputImage = counts.read("image_tokens", in: details)
      counts.inputVideo = counts.read("video_tokens", in: details)
    }
    for name in [output + "_details", "output_token_details"] {
      guard let details = object[name]?.objectValue else { continue }
      counts.reasoning = counts.read("reasoning_tokens", in: details) ?? counts.read("reasoning", in: details)
      counts.outputAudio = counts.read("audio_tokens", in: details) ?? counts.read("audio", in: details)
      counts.outputImage = counts.read("image_tokens", in: details)
    }
    let read = counts.read("cache_read_input_tokens", in: object)
    let write = counts.read("cache_creation_input_tokens", in: object)
    guard counts.cacheRead == nil, counts.cacheWrite == nil, read != nil || write != nil else {
      return (.inclusive, "openai-inclusive")
    }
    counts.cacheRead = read
    counts.cacheWrite = write
    if let lifetimes = object["cache_creation"]?.objectValue { readLifetimes(lifetimes, &counts) }
    return input == "input_tokens" ? (.exclusive, "anthropic-exclusive") : (.inclusive, "litellm-inclusive")
  }

  /// Anthropic's `cache_creation` object: cache writes by lifetime.
  private static func readLifetimes(_ lifetimes: JSONObject, _ counts: inout SentUsage) {
    counts.cacheWrite5m = counts.read("ephemeral_5m_input_tokens", in: lifetimes)
    counts.cacheWrite1h = counts.read("ephemeral_1h_input_tokens", in: lifetimes)
  }

  private static func gemini(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    counts.input =
      (counts.read("promptTokenCount", in: object) ?? 0) + (counts.read("toolUsePromptTokenCount", in: object) ?? 0)
    counts.output = counts.read("candidatesTokenCount", in: object)
    counts.reasoning = counts.read("thoughtsTokenCount", in: object)
    counts.cacheRead = counts.read("cachedContentTokenCount", in: object)
    counts.total = counts.read("totalTokenCount", in: object)
    return (.gemini, "gemini")
  }

  private static func bedrock(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    counts.input = counts.read("inputTokens", in: object)
    counts.output = counts.read("outputTokens", in: object)
    counts.total = counts.read("totalTokens", in: object)
    counts.cacheRead = counts.read("cacheReadInputTokens", in: object) ?? counts.read("cachedInputTokens", in: object)
    counts.cacheWrite = counts.read("cacheWriteInputTokens", in: object)
    counts.reasoning = counts.read("reasoningTokens", in: object)
    if object.has("cachedInputTokens") { return (.inclusive, "vercel-inclusive") }
    return (.exclusive, "bedrock-exclusive")
  }

  private static func legacy(_ object: JSONObject, _ counts: inout SentUsage) -> (UsageReading, String) {
    let input = counts.read("input", in: object) ?? counts.read("promptTokens", in: object)
    let output = counts.read("output", in: object) ?? counts.read("completionTokens", in: object)
    let total = counts.read("total", in: object) ?? counts.read("totalTokens", in: object)
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
      if member.key == "cache_creation", let lifetimes = member.value.objectValue {
        readLifetimes(lifetimes, &counts)
        continue
      }
      let key = member.key.hasSuffix("_tokens") ? String(member.key.dropLast(7)) : member.key
      let path = mapKeys[key], other = otherKeys[key]
      guard path != nil || other != nil, let count = counts.read(member.key, member.value) else { continue }
      if let path {
        counts[keyPath: path] = min(SentUsage.countMax, (counts[keyPath: path] ?? 0) + count)
      } else if let (bucket, factor) = other {
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
}
