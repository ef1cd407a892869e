/// A dated rule that gives calls a team, an endpoint or a user group. Of the rules that match a call and give the same thing, the first
/// by position decides.
public struct AttributionRule: Sendable, Hashable {
  public var id: RuleID
  public var position: Int32
  public var name: String
  /// All of them must hold; none: every call.
  public var conditions: [RuleCondition]
  public var team: TeamID?
  public var endpoint: String?
  public var userGroup: UserGroupID?
  /// Starts of calls that it holds for: from (nil: always) to before (nil: without end).
  public var validFrom: Timestamp?
  public var validTo: Timestamp?

  public init(
    id: RuleID, position: Int32, name: String, conditions: [RuleCondition], team: TeamID? = nil, endpoint: String? = nil,
    userGroup: UserGroupID? = nil, validFrom: Timestamp? = nil, validTo: Timestamp? = nil
  ) {
    self.id = id
    self.position = position
    self.name = name
    self.conditions = conditions
    self.team = team
    self.endpoint = endpoint
    self.userGroup = userGroup
    self.validFrom = validFrom
    self.validTo = validTo
  }

  public func holds(at start: Timestamp) -> Bool {
    (validFrom.map { $0 <= start } ?? true) && (validTo.map { start < $0 } ?? true)
  }
}

/// What of a call a rule looks at; all of it is kept as long as the money (design §5).
public enum RuleField: Sendable, Hashable {
  /// Public key of the API key.
  case key
  /// Slug.
  case project
  case service, environment, model, provider
  /// The built-in endpoint (design §2); for rules that give a team or a group, what the rules made of it.
  case endpoint
  case traceName, tag
  case user
  /// What follows the last "@" of the user id, folded to lower case.
  case emailDomain
  /// Name of the user's group.
  case userGroup
  /// A declared key.
  case metadata(String)

  /// "tag", "metadata:tenant".
  public var text: String {
    switch self {
    case .key: "key"
    case .project: "project"
    case .service: "service"
    case .environment: "environment"
    case .model: "model"
    case .provider: "provider"
    case .endpoint: "endpoint"
    case .traceName: "traceName"
    case .tag: "tag"
    case .user: "user"
    case .emailDomain: "emailDomain"
    case .userGroup: "userGroup"
    case .metadata(let key): "metadata:" + key
    }
  }

  public static let plain: [RuleField] = [
    .key, .project, .service, .environment, .endpoint, .traceName, .tag, .user, .emailDomain, .userGroup, .model, .provider,
  ]

  /// As `text` gives it; "metadata.tenant", its name as a dimension, is the same.
  public init?(_ text: String) {
    if text.hasPrefix("metadata:") || text.hasPrefix("metadata."), text.utf8.count > 9 {
      self = .metadata(String(text.dropFirst(9)))
    } else if let known = Self.plain.first(where: { $0.text == text }) {
      self = known
    } else {
      return nil
    }
  }
}

/// One condition: some value of the field (a trace has several tags) matches one of `values`.
public struct RuleCondition: Sendable, Hashable {
  /// `regex` is PCRE2 with a match limit; it looks anywhere in the text unless anchored. Texts are compared byte by byte.
  public enum Match: String, Sendable, Hashable, CaseIterable, Codable { case equals, prefix, suffix, contains, regex, isPresent }

  public var field: RuleField
  public var match: Match
  /// Empty for `isPresent`, else at least one.
  public var values: [String]
  /// Holds when nothing matches; so also when nothing was said.
  public var isNegated: Bool

  public init(field: RuleField, match: Match, values: [String], isNegated: Bool = false) {
    self.field = field
    self.match = match
    self.values = values
    self.isNegated = isNegated
  }
}
