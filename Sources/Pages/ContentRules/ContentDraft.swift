import Domain

/// Content rules as typed into their form.
public struct ContentDraft: Sendable {
  /// A level's name.
  public var level: String
  /// Raw values of `MaskKind`.
  public var kinds: Set<String>
  public var isHashed: Bool
  public var masksIdentifiers: Bool
  /// A line each: name = expression.
  public var patterns: String
  public var kilobytes: String

  public init(level: String, kinds: Set<String>, isHashed: Bool, masksIdentifiers: Bool, patterns: String, kilobytes: String) {
    self.level = level
    self.kinds = kinds
    self.isHashed = isHashed
    self.masksIdentifiers = masksIdentifiers
    self.patterns = patterns
    self.kilobytes = kilobytes
  }

  public init(_ rules: ContentRules) {
    self.init(
      level: rules.level.name, kinds: Set(rules.kinds.map(\.rawValue)), isHashed: rules.isHashed, masksIdentifiers: rules.masksIdentifiers,
      patterns: rules.patterns.map { "\($0.name) = \($0.text)" }.joined(separator: "\n"), kilobytes: String(rules.bodyBytesMax >> 10))
  }
}

/// Levels and kinds in the words of people.
enum ContentWords {
  static func level(_ level: ContentLevel) -> String {
    switch level {
    case .full: "Full"
    case .masked: "Masked"
    case .metadataOnly: "Metadata only"
    case .none: "None"
    }
  }

  static func explanation(_ level: ContentLevel) -> String {
    switch level {
    case .full: "Inputs, outputs and metadata as they come."
    case .masked: "Everything, with the values chosen below taken out. Pictures and files are not kept: they can’t be masked."
    case .metadataOnly: "The sender’s metadata, masked. No inputs, outputs, attributes, error texts or comments."
    case .none: "No content. Names, users, sessions, tags, tokens and cost stay, masked as chosen below."
    }
  }

  static func kind(_ kind: MaskKind) -> String {
    switch kind {
    case .email: "E-mail addresses"
    case .phone: "Phone numbers"
    case .iban: "Bank accounts (IBAN)"
    case .card: "Payment cards"
    case .apiKey: "Keys of providers"
    case .ip: "IP addresses"
    }
  }

  /// Of a counted thing: a kind's mark, a pattern's name, or the tally's own words.
  static func counted(_ what: String) -> String {
    if let kind = MaskKind.allCases.first(where: { $0.mark == what }) { return self.kind(kind) }
    let own = [ContentTally.cut, ContentTally.leftOut, ContentTally.media, ContentTally.stopped]
    return own.contains(what) ? what.prefix(1).uppercased() + what.dropFirst() : "Pattern \(what)"
  }
}

extension Route {
  public static let contentRules = "/settings/content"
  public static func contentRules(_ project: String) -> String { "\(contentRules)/\(segment(project))" }
  public static func contentPreview(_ project: String) -> String { contentRules(project) + "/preview" }
  /// A file of a body, from any page of one of the project's traces; relative, because bodies don't know their project.
  static func media(besideTrace id: String) -> String { "../media/\(segment(id))" }
}
