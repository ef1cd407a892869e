import Domain
import Wire

/// Langfuse's usage objects. Its own convention is a map of disjoint buckets; a map in a provider's shape keeps that
/// provider's meaning (`UsageShape`); the older `usage` counts input and output in a unit.
enum LangfuseUsage {
  static func read(_ object: JSONObject, _ source: UsageSource) -> NativeUsage? {
    let marks = UsageMarks(object)
    switch marks.shape {
    case .promptCamel: return legacy(object)
    case nil, .plainUnits, .ollama: return object.has("unit") ? legacy(object) : map(object, marks, source)
    case .some: return NativeUsage(object, marks, source)
    }
  }

  private static func legacy(_ object: JSONObject) -> NativeUsage? {
    var counts = SentUsage(rawText: JSON.serialise(.object(object)))
    let unit = object["unit"]?.stringValue?.uppercased() ?? "TOKENS"
    if let (bucket, factor) = units[unit] {
      amounts(of: object, bucket, factor, &counts)
      return counts.isEmpty ? nil : NativeUsage(counts, .disjoint, rule: "langfuse-unit-" + unit.lowercased())
    }
    counts.input = counts.read("input", in: object) ?? counts.read("promptTokens", in: object)
    counts.output = counts.read("output", in: object) ?? counts.read("completionTokens", in: object)
    counts.total = counts.read("total", in: object) ?? counts.read("totalTokens", in: object)
    return counts.isEmpty ? nil : NativeUsage(counts, .inclusive, rule: "langfuse-legacy")
  }

  /// The total in a unit other than tokens, else the sum of both sides.
  private static func amounts(
    of object: JSONObject, _ bucket: UsageBucket, _ factor: Int64, _ counts: inout SentUsage
  ) {
    func amount(_ key: String, _ counts: inout SentUsage) -> Int64? {
      object[key].flatMap { counts.readAmount(key, $0, times: factor) }
    }
    let input = amount("input", &counts), output = amount("output", &counts), total = amount("total", &counts)
    if input == nil, output == nil, total == nil { return }
    counts.add(bucket, total ?? (input ?? 0) + (output ?? 0))
  }

  private static let units: [String: (UsageBucket, Int64)] = [
    "CHARACTERS": (.characters, 1), "MILLISECONDS": (.milliseconds, 1), "SECONDS": (.milliseconds, 1000),
    "REQUESTS": (.requests, 1), "IMAGES": (.images, 1),
  ]

  /// Langfuse's own map: keys are buckets that add up.
  private static func map(_ object: JSONObject, _ marks: UsageMarks, _ source: UsageSource) -> NativeUsage? {
    var counts = SentUsage(rawText: JSON.serialise(.object(object)))
    for member in object.members {
      if member.key == "cache_creation", let lifetimes = member.value.objectValue {
        counts.takeLifetimes(lifetimes)
        continue
      }
      let key = member.key.hasSuffix("_tokens") ? String(member.key.dropLast(7)) : member.key
      if let count = mapKeys[key] {
        guard let tokens = counts.read(member.key, member.value) else { continue }
        counts[count] = min(SentUsage.countMax, (counts[count] ?? 0) + tokens)
      } else if let (bucket, factor) = otherKeys[key] {
        if let amount = counts.readAmount(member.key, member.value, times: factor) { counts.add(bucket, amount) }
      }
    }
    if marks.tellsSides, let tools = counts.details("server_tool_use", in: object),
      let searches = counts.read("web_search_requests", in: tools)
    {
      counts.add(.searches, searches)
    }
    if marks.tellsSides, object["estimated"]?.boolValue == true { counts.isEstimate = true }
    if counts.isEmpty { return nil }
    var usage = NativeUsage(counts, .disjoint, rule: "langfuse-disjoint")
    if marks.tellsEvidence { usage.evidence.read(usage: object, isOpenRouter: source.provider == "openrouter") }
    return usage
  }

  /// Keys without a trailing `_tokens`.
  private static let mapKeys: [String: SentUsage.Count] = [
    "input": .input, "input_text": .input, "text_input": .input, "prompt": .input,
    "output": .output, "output_text": .output, "text_output": .output, "completion": .output,
    "input_priority": .input, "input_flex": .input, "output_priority": .output, "output_flex": .output,
    "input_priority_cache_read": .cacheRead, "input_flex_cache_read": .cacheRead,
    "output_priority_reasoning": .reasoning, "output_flex_reasoning": .reasoning,
    "output_accepted_prediction": .output, "output_rejected_prediction": .output,
    "total": .total,
    "input_cached": .cacheRead, "cached": .cacheRead, "cached_input": .cacheRead, "cache_read": .cacheRead,
    "input_cache_read": .cacheRead, "cache_read_input": .cacheRead, "input_cached_text": .cacheRead,
    "cache_creation": .cacheWrite, "cache_write": .cacheWrite, "input_cache_creation": .cacheWrite,
    "input_cache_write": .cacheWrite, "cache_creation_input": .cacheWrite, "cache_write_input": .cacheWrite,
    "input_cache_creation_5m": .cacheWrite5m, "input_cache_creation_1h": .cacheWrite1h,
    "cache_creation_5m": .cacheWrite5m, "cache_creation_1h": .cacheWrite1h,
    "output_reasoning": .reasoning, "reasoning": .reasoning, "reasoning_output": .reasoning,
    "input_audio": .inputAudio, "audio_input": .inputAudio, "input_cached_audio": .cacheReadAudio,
    "output_audio": .outputAudio, "audio_output": .outputAudio,
    "input_image": .inputImage, "image_input": .inputImage, "output_image": .outputImage,
    "image_output": .outputImage, "input_video": .inputVideo, "video_input": .inputVideo,
  ]
  private static let otherKeys: [String: (UsageBucket, Int64)] = [
    "requests": (.requests, 1), "web_search_requests": (.searches, 1), "searches": (.searches, 1),
    "search_units": (.searches, 1), "web_search_queries": (.searches, 1), "webSearchQueries": (.searches, 1),
    "grounding_queries": (.searches, 1), "groundingQueries": (.searches, 1),
    "characters": (.characters, 1), "pages": (.pages, 1), "pages_processed": (.pages, 1), "images": (.images, 1),
    "milliseconds": (.milliseconds, 1), "seconds": (.milliseconds, 1000), "audio_seconds": (.milliseconds, 1000),
    "duration_seconds": (.milliseconds, 1000),
  ]
}
