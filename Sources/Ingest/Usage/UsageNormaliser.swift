import Domain
import Wire

/// Turns what senders say about consumption into disjoint buckets. A declared convention per source comes first, the
/// reported total is its checksum; a contradiction is flagged, never guessed away (design §3.4).
public enum UsageNormaliser {
  /// Langfuse's `usageDetails` (`usage_details`) map in its three forms, and the older `usage` where that says nothing.
  /// nil when neither holds a count, readable or not.
  public static func langfuse(details: JSONValue?, legacy: JSONValue?) -> UsageReport? {
    for value in [details, legacy] {
      guard let value, let object = value.objectValue, let shape = LangfuseUsage.read(object) else { continue }
      return report(shape.counts, reading: shape.reading, rule: shape.rule, totalMayOmitCache: false)
    }
    return nil
  }

  /// Counts that a span convention sent under canonical names. nil when there is none.
  public static func normalise(_ counts: SentUsage, emitter: Emitter) -> UsageReport? {
    let convention = UsageConventions.of(emitter)
    return report(
      counts, reading: convention.reading, rule: convention.rule, totalMayOmitCache: convention.totalMayOmitCache)
  }

  private static func report(
    _ sent: SentUsage, reading declared: UsageReading, rule: String, totalMayOmitCache: Bool
  ) -> UsageReport? {
    guard !sent.isEmpty else { return nil }
    let meant = declared.buckets(sent)
    let (reading, suffix, agrees) = choose(
      sent, declared: declared, isPossible: !meant.isNegative, totalMayOmitCache: totalMayOmitCache)
    let (usage, isNegative) = reading == declared ? meant : reading.buckets(sent)
    var flags: UsageFlags = isNegative ? .negativeRemainder : []
    if sent.isEstimate { flags.insert(.estimatedBySender) }
    if !sent.unreadable.isEmpty { flags.insert(.unreadable) }
    if let total = sent.total, !agrees { flags.insert(total > usage.totalTokens ? .unexplained : .contradiction) }
    return UsageReport(usage: usage, rule: rule + suffix, flags: flags, raw: RawUsage.text(sent))
  }

  /// The declared reading unless the numbers refute it: the total fits exactly one other reading, or the parts are
  /// larger than the whole they would lie in.
  private static func choose(
    _ sent: SentUsage, declared: UsageReading, isPossible: Bool, totalMayOmitCache: Bool
  ) -> (reading: UsageReading, suffix: String, agrees: Bool) {
    guard let total = sent.total else {
      if isPossible || declared.alternatives.isEmpty { return (declared, "", true) }
      var outside = declared
      (outside.cacheReadInside, outside.cacheWriteInside) = (false, false)
      return outside.buckets(sent).isNegative ? (declared, "", true) : (outside, ":exclusive-by-size", true)
    }
    if isPossible, declared.total(sent) == total { return (declared, "", true) }
    if isPossible, totalMayOmitCache, (sent.input ?? 0) + (sent.output ?? 0) == total { return (declared, "", true) }
    var fitting: [UsageReading] = []
    for other in declared.alternatives where other.total(sent) == total {
      let (usage, isNegative) = other.buckets(sent)
      if !isNegative, usage.totalTokens == total, !fitting.contains(where: { $0.buckets(sent).usage == usage }) {
        fitting.append(other)
      }
    }
    if fitting.count == 1, let other = fitting.first { return (other, ":\(other.name)-by-total", true) }
    return (declared, "", false)
  }
}

/// Which reading each emitter means (CONVENTIONS.md, "Tokens").
enum UsageConventions {
  struct Convention {
    var reading: UsageReading
    var rule: String
    /// The emitter sums only input and output, so its total proves nothing about the cache.
    var totalMayOmitCache = false
  }

  private static let byLibrary: [Emitter: Convention] = [
    Emitter(.openLIT, library: "anthropic"): Convention(reading: .exclusive, rule: "openlit-anthropic-exclusive", totalMayOmitCache: true),
    Emitter(.openLIT, library: "bedrock"): Convention(reading: .exclusive, rule: "openlit-bedrock-exclusive", totalMayOmitCache: true),
    Emitter(.openInference, library: "claude_agent_sdk"): Convention(
      reading: .exclusive, rule: "openinference-claude-agent-exclusive", totalMayOmitCache: true),
  ]
  private static let byFamily: [Emitter.Family: Convention] = [
    .openLIT: Convention(reading: .inclusive, rule: "openlit-inclusive"),
    .openInference: Convention(reading: .inclusive, rule: "openinference-inclusive"),
    .openLLMetry: Convention(reading: .inclusive, rule: "openllmetry-inclusive"),
    .vercelAI: Convention(reading: .inclusive, rule: "vercel-inclusive"),
    .googleADK: Convention(reading: .inclusive, rule: "adk-inclusive"),
  ]

  static func of(_ emitter: Emitter) -> Convention {
    if emitter.library != nil, let known = byLibrary[emitter] { return known }
    return byFamily[emitter.family] ?? Convention(reading: .inclusive, rule: "otel-inclusive")
  }
}

/// The sender's own usage object, kept beside the buckets.
enum RawUsage {
  static let bytesMax = 2048

  /// Compact JSON of at most `bytesMax`; a longer one is cut to the counts that were read and those that could not be.
  static func text(_ sent: SentUsage) -> String {
    if sent.rawText.utf8.count <= bytesMax { return sent.rawText }
    let read: [(String, Int64?)] = [
      ("input", sent.input), ("output", sent.output), ("total", sent.total), ("cacheRead", sent.cacheRead),
      ("cacheWrite", sent.cacheWrite), ("cacheWrite5m", sent.cacheWrite5m), ("cacheWrite1h", sent.cacheWrite1h),
      ("reasoning", sent.reasoning), ("inputAudio", sent.inputAudio), ("cacheReadAudio", sent.cacheReadAudio),
      ("outputAudio", sent.outputAudio), ("inputImage", sent.inputImage), ("outputImage", sent.outputImage),
      ("inputVideo", sent.inputVideo),
    ]
    let others = sent.others.entries.map { ($0.bucket.rawValue, Optional($0.count)) }
    var members = (read + others).compactMap { name, count in
      count.map { JSONMember(key: name, value: .number(String($0))) }
    }
    if !sent.unreadable.isEmpty {
      members.append(JSONMember(key: "unreadable", value: .object(JSONObject(sent.unreadable.prefix(8).map(short)))))
    }
    return JSON.serialise(.object(JSONObject(members)))
  }

  /// A value of more than 64 bytes becomes the text it begins with.
  private static func short(_ member: JSONMember) -> JSONMember {
    let text = JSON.serialise(member.value)
    if text.utf8.count <= 64 { return member }
    return JSONMember(key: member.key, value: .string(Limits.cut(member.value.stringValue ?? text, 64) ?? ""))
  }
}
