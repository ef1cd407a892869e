import Domain

/// What was typed into the form of a provider.
public struct ProviderInput: Sendable, Hashable {
  public struct Mapping: Sendable, Hashable {
    public var value: String
    /// Id of a team; "" is the organisation.
    public var place: String
    public var role: String

    public init(value: String = "", place: String = "", role: String = Member.Role.viewer.rawValue) {
      self.value = value
      self.place = place
      self.role = role
    }
  }

  /// nil: a new one.
  public var id: SignInProviderID?
  public var name = ""
  public var issuer = ""
  public var clientID = ""
  public var secretSource = SignInProvider.SecretSource.stored
  public var scopes = "openid email profile"
  public var claims = SignInProvider.ClaimNames()
  public var isEnabled = false
  public var linksMembers = true
  public var admitsUnknown = false
  /// With blanks or commas between.
  public var emailDomains = ""
  /// "" is none.
  public var defaultRole = ""
  public var mappings: [Mapping] = []

  public init() {}

  public init(_ provider: SignInProvider) {
    id = provider.id
    (name, issuer, clientID) = (provider.name, provider.issuer, provider.clientID)
    (secretSource, scopes, claims) = (provider.secretSource, provider.scopes, provider.claims)
    (isEnabled, linksMembers, admitsUnknown) = (provider.isEnabled, provider.linksMembers, provider.admitsUnknown)
    emailDomains = provider.emailDomains.joined(separator: " ")
    defaultRole = provider.defaultRole?.rawValue ?? ""
    mappings = provider.mappings.map { Mapping(value: $0.value, place: $0.team?.description ?? "", role: $0.role.rawValue) }
  }
}

public enum ProviderWords {
  /// "team lead".
  public static func role(_ role: Member.Role) -> String { role == .teamLead ? "team lead" : role.rawValue }

  static func source(_ source: SignInProvider.SecretSource) -> String {
    switch source {
    case .stored: "kept here, sealed"
    case .setting: "from the setting QUIPU_OIDC_SECRET"
    case .none: "none: a public client"
    }
  }

  /// How people come in by it.
  static func admission(_ provider: SignInProvider) -> String {
    let domains = provider.emailDomains.isEmpty ? "" : " of " + provider.emailDomains.joined(separator: ", ")
    if provider.admitsUnknown { return "whoever it knows\(domains)" }
    return provider.linksMembers ? "members with the same e-mail" : "linked accounts"
  }

  static func roles(_ provider: SignInProvider) -> String {
    if provider.claims.roles.isEmpty { return provider.defaultRole.map { "new ones: \(role($0))" } ?? "given by hand" }
    return "by \(provider.claims.roles)"
  }
}
