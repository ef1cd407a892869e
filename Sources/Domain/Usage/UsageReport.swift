/// What a sender said about a call's consumption, after the normaliser.
public struct UsageReport: Sendable, Hashable {
  /// Disjoint buckets.
  public var usage: Usage
  /// Name of the convention that read it ("openai-inclusive", "anthropic-exclusive" …), shown as "how the tokens were read".
  public var rule: String
  public var flags: UsageFlags
  /// The sender's own usage object as compact JSON, at most 2 KB; longer ones are cut to the numbers that were read.
  public var raw: String

  public init(usage: Usage, rule: String, flags: UsageFlags = [], raw: String) {
    self.usage = usage
    self.rule = rule
    self.flags = flags
    self.raw = raw
  }
}

/// Doubts about a usage report; shown and filterable, never guessed away.
public struct UsageFlags: OptionSet, Sendable, Hashable {
  public let rawValue: Int16
  public init(rawValue: Int16) { self.rawValue = rawValue }
  /// The reported total disagrees with every reading of the parts.
  public static let contradiction = UsageFlags(rawValue: 1)
  /// A part is larger than the whole it should be in: it was taken to stand beside it, or the remainder as zero.
  public static let negativeRemainder = UsageFlags(rawValue: 2)
  /// The total holds tokens that no part explains; they are not billed.
  public static let unexplained = UsageFlags(rawValue: 4)
  /// The sender estimated the counts itself (it says so, or is known to).
  public static let estimatedBySender = UsageFlags(rawValue: 8)
  /// A count was sent that is no whole number from 0 to 10¹²; its bucket misses it, `raw` shows what was sent.
  public static let unreadable = UsageFlags(rawValue: 16)
  /// A cache of the sender's framework or gateway gave the answer: the provider was not asked and bills nothing.
  public static let servedFromCache = UsageFlags(rawValue: 32)
}
