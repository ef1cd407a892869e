import Domain
import Wire

/// Turns what senders say about consumption into disjoint buckets. A declared convention per source comes first, the
/// reported total is its checksum; a contradiction is flagged, never guessed away (design §3.4).
public enum UsageNormaliser {
  /// Langfuse's `usageDetails` (`usage_details`) map in its three forms, and the older `usage` where that says nothing.
  /// nil when neither holds a count, readable or not.
  public static func langfuse(
    details: JSONValue?, legacy: JSONValue?, provider: String? = nil, model: String? = nil
  ) -> UsageReport? {
    let source = UsageSource(Emitter(.langfuse), provider: provider, model: model)
    return langfuse(details: details, legacy: legacy, source).map { report($0, source) } ?? nil
  }

  /// As `langfuse`, before it is decided which count lies inside which.
  static func langfuse(details: JSONValue?, legacy: JSONValue?, _ source: UsageSource) -> NativeUsage? {
    for value in [details, legacy] {
      guard let value, let object = value.objectValue, let usage = LangfuseUsage.read(object, source) else { continue }
      return usage
    }
    return nil
  }

  /// Counts that a span convention sent under canonical names. nil when there is none.
  public static func normalise(
    _ counts: SentUsage, emitter: Emitter, provider: String? = nil, model: String? = nil
  ) -> UsageReport? {
    normalise(counts, UsageSource(emitter, provider: provider, model: model))
  }

  static func normalise(_ counts: SentUsage, _ source: UsageSource) -> UsageReport? {
    let convention = UsageConvention.of(source)
    return report(
      counts, reading: convention.reading, rule: convention.rule, totalMayOmitParts: convention.totalMayOmitParts,
      source)
  }

  /// Counts in a provider's own shape.
  static func report(_ usage: NativeUsage, _ source: UsageSource) -> UsageReport? {
    report(usage.counts, reading: usage.reading, rule: usage.rule, totalMayOmitParts: false, source)
  }

  private static func report(
    _ sent: SentUsage, reading declared: UsageReading, rule: String, totalMayOmitParts: Bool, _ source: UsageSource
  ) -> UsageReport? {
    guard !sent.isEmpty else { return nil }
    if source.isEmbedding, let total = sent.total, !sent.hasTokens {
      return inputOnly(sent, total, rule: rule)
    }
    var choice = Choice(sent, declared: declared, totalMayOmitParts: totalMayOmitParts)
    choice.addThoughts(sent, source)
    var flags: UsageFlags = choice.isDoubtful ? .negativeRemainder : []
    if sent.isEstimate { flags.insert(.estimatedBySender) }
    if !sent.unreadable.isEmpty { flags.insert(.unreadable) }
    if let total = sent.total, !choice.agrees {
      flags.insert(total > choice.usage.totalTokens ? .unexplained : .contradiction)
    }
    return UsageReport(usage: choice.usage, rule: rule + choice.suffix, flags: flags, raw: RawUsage.text(sent))
  }

  /// An embedding has no output: a mere total is its input.
  private static func inputOnly(_ sent: SentUsage, _ total: Int64, rule: String) -> UsageReport {
    var usage = sent.others
    usage[.input] = total
    return UsageReport(
      usage: usage, rule: rule + ":total-is-input", flags: sent.unreadable.isEmpty ? [] : .unreadable,
      raw: RawUsage.text(sent))
  }
}

/// The declared reading unless the numbers refute it: the total fits exactly one other reading, or parts are larger
/// than the whole they would lie in.
private struct Choice {
  private(set) var usage: Usage
  private(set) var isNegative: Bool
  /// No reading fits, or one by which more reasoning than output is no contradiction only because it stands beside it.
  private(set) var isDoubtful = false
  /// What of the rule the numbers changed.
  private(set) var suffix = ""
  /// The total, if there is one, is explained.
  private(set) var agrees = true

  init(_ sent: SentUsage, declared: UsageReading, totalMayOmitParts: Bool) {
    (usage, isNegative) = declared.buckets(sent)
    decide(sent, declared, totalMayOmitParts)
    isDoubtful = isDoubtful || isNegative
  }

  private mutating func decide(_ sent: SentUsage, _ declared: UsageReading, _ totalMayOmitParts: Bool) {
    guard let total = sent.total else {
      if isNegative { takePartsOut(sent, declared) }
      return
    }
    if !isNegative, usage.totalTokens == total { return }
    if !isNegative, totalMayOmitParts, (sent.input ?? 0) + (sent.output ?? 0) == total { return }
    agrees = false
    var fitting: [(usage: Usage, name: String)] = []
    for other in declared.alternatives(sent) {
      let (usage, isNegative) = other.buckets(sent)
      if !isNegative, usage.totalTokens == total, !fitting.contains(where: { $0.usage == usage }) {
        fitting.append((usage, other.name(against: declared)))
      }
    }
    if fitting.count == 1 {
      (usage, isNegative, agrees) = (fitting[0].usage, false, true)
      suffix = ":\(fitting[0].name)-by-total"
    } else if isNegative {
      takePartsOut(sent, declared)
    }
  }

  /// Parts that overlap, as cached images do, or that the total proves too large are cut to the room in their whole.
  private mutating func clip(_ sent: SentUsage, _ declared: UsageReading) -> Bool {
    let clipped = declared.clipped(sent)
    let (usage, isNegative) = declared.buckets(clipped)
    if isNegative || sent.total.map({ $0 != usage.totalTokens }) ?? false { return false }
    (self.usage, self.isNegative, isDoubtful, agrees) = (usage, false, true, true)
    suffix = ":parts-cut"
    return true
  }

  private mutating func takePartsOut(_ sent: SentUsage, _ declared: UsageReading) {
    if clip(sent, declared) { return }
    for other in declared.beside {
      let (usage, isNegative) = other.buckets(sent)
      if isNegative { continue }
      (self.usage, self.isNegative) = (usage, false)
      suffix = ":\(other.name(against: declared))-by-size"
      isDoubtful = other.reasoningInside != declared.reasoningInside
      agrees = sent.total.map { $0 == usage.totalTokens } ?? true
      return
    }
  }

  /// Gemini counts thoughts beside its candidates and leaves them out at times: what of its total is neither prompt nor
  /// candidates was thought, and is billed as output.
  mutating func addThoughts(_ sent: SentUsage, _ source: UsageSource) {
    guard !agrees, !isNegative, let total = sent.total, sent.input != nil, (sent.reasoning ?? 0) == 0,
      total > usage.totalTokens, source.isGemini
    else { return }
    usage[.reasoning] = total - usage.totalTokens
    agrees = true
    suffix += ":thoughts-by-total"
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
      ("outputAudio", sent.outputAudio), ("inputImage", sent.inputImage), ("cacheReadImage", sent.cacheReadImage),
      ("outputImage", sent.outputImage), ("inputVideo", sent.inputVideo), ("cacheReadVideo", sent.cacheReadVideo),
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
