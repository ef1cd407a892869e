/// What of prompts and answers is kept; each level keeps less than the one before.
public enum ContentLevel: Int16, Sendable, Hashable, CaseIterable, Comparable {
  case full
  /// Everything, with personal values and secrets taken out.
  case masked
  /// The sender's metadata, masked; no inputs, outputs, attributes, error texts or comments.
  case metadataOnly
  /// No content at all: identifiers, usage and money only. Values of declared keys are metadata, so rules and dimensions find none.
  case none

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// As the API writes it.
  public var name: String { "\(self)" }
  public init?(name: String) {
    guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = level
  }
}

/// What masking finds by itself. Raw values are the API's names and stand in the database.
public enum MaskKind: String, Sendable, Hashable, CaseIterable {
  case email, phone
  /// Length of its country and remainder 97 checked.
  case iban
  /// Issuer, length and Luhn's check digit checked.
  case card
  /// Keys of providers and forges by their prefixes: sk-…, AKIA…, AIza…, xox…, ghp_….
  case apiKey
  /// IPv4 and IPv6.
  case ip

  /// What stands in place of a value: "[email]", or "[email:1a2b3c4d]".
  public var mark: String { self == .apiKey ? "api-key" : rawValue }
  public static func named(_ mark: String) -> MaskKind? { allCases.first { $0.mark == mark } }
}

/// A regular expression of a project's own. Its name stands in place of what it finds.
public struct MaskPattern: Sendable, Hashable {
  public var name: String
  /// PCRE2, UTF-8; "(?i)" folds case.
  public var text: String
  public static let countMax = 20
  public static let textBytesMax = 1000

  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  /// 1 to 30 of a…z, 0…9 and "-", beginning with a letter, and no name that masking has itself.
  public static func accepts(name: String) -> Bool {
    guard (1...30).contains(name.utf8.count), let first = name.utf8.first, (97...122).contains(first) else { return false }
    return name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
      && !MaskKind.allCases.contains { $0.mark == name }
  }
}

/// What of a project's content is kept, and in what form. Applied before anything is stored.
public struct ContentRules: Sendable, Hashable {
  public var level: ContentLevel
  public var kinds: Set<MaskKind>
  /// A keyed hash stands beside the kind, so that equal values stay equal.
  public var isHashed: Bool
  /// Names, users, sessions and tags are masked too; calls are then attributed by what masking left of them.
  public var masksIdentifiers: Bool
  public var patterns: [MaskPattern]
  /// Longest input, output, metadata or attributes of one observation, in bytes of UTF-8; longer ones are cut.
  public var bodyBytesMax: Int

  public static let standardBodyBytes = 1 << 20
  public static let bodyBytesRange = (4 << 10)...(64 << 20)

  public init(
    level: ContentLevel = .full, kinds: Set<MaskKind> = Set(MaskKind.allCases), isHashed: Bool = false, masksIdentifiers: Bool = false,
    patterns: [MaskPattern] = [], bodyBytesMax: Int = standardBodyBytes
  ) {
    self.level = level
    self.kinds = kinds
    self.isHashed = isHashed
    self.masksIdentifiers = masksIdentifiers
    self.patterns = patterns
    self.bodyBytesMax = bodyBytesMax
  }

  /// Whether nothing is kept by these that the others leave out or mask. Sizes don't count.
  public func isAsStrict(as other: ContentRules) -> Bool {
    // At full nothing is masked.
    other.level == .full || level >= other.level && kinds.isSuperset(of: other.kinds) && Set(patterns).isSuperset(of: other.patterns)
      && (!isHashed || other.isHashed) && (masksIdentifiers || !other.masksIdentifiers)
  }

  /// Of project and key the stricter.
  public func with(_ policy: APIKey.ContentPolicy) -> ContentRules {
    var rules = self
    switch policy {
    case .keep: break
    case .mask: rules.level = max(level, .masked)
    case .drop: rules.level = .none
    }
    return rules
  }
}

/// What was masked, cut or left out of a project's content, by day.
public struct ContentCount: Sendable, Hashable {
  /// A kind of mask ("email"), the name of a pattern, or one of `ContentTally`'s own words.
  public var what: String
  public var count: Int64

  public init(what: String, count: Int64) {
    self.what = what
    self.count = count
  }
}

/// Counts while content is filtered. Resends count again.
public struct ContentTally: Sendable, Hashable {
  public static let cut = "cut fields"
  public static let leftOut = "fields left out"
  public static let media = "files taken out"
  public static let stopped = "fields not kept: pattern too slow"

  public private(set) var counts: [String: Int64] = [:]

  public init() {}
  public var isEmpty: Bool { counts.isEmpty }
  public mutating func add(_ what: String, _ count: Int = 1) { counts[what, default: 0] &+= Int64(count) }
  public mutating func add(_ other: ContentTally) {
    for (what, count) in other.counts { counts[what, default: 0] &+= count }
  }
}
