/// An identity provider by which members sign in (OpenID Connect).
public struct SignInProvider: Sendable, Hashable {
  /// Where its client secret comes from.
  public enum SecretSource: String, Sendable, Hashable, CaseIterable {
    /// Kept here, sealed.
    case stored
    /// From the setting QUIPU_OIDC_SECRET.
    case setting
    /// A public client: PKCE alone.
    case none
  }

  /// Names of claims, or paths such as "realm_access.roles".
  public struct ClaimNames: Sendable, Hashable {
    public var email: String
    public var verified: String
    /// Empty: roles are given by hand.
    public var roles: String

    public init(email: String = "email", verified: String = "email_verified", roles: String = "") {
      self.email = email
      self.verified = verified
      self.roles = roles
    }
  }

  public var id: SignInProviderID
  public var organisation: OrganisationID
  /// On the button.
  public var name: String
  public var issuer: String
  public var clientID: String
  public var secretSource: SecretSource
  /// With blanks between; holds "openid".
  public var scopes: String
  public var claims: ClaimNames
  public var isEnabled: Bool
  /// Links a member with the same verified e-mail; never an owner.
  public var linksMembers: Bool
  /// Makes members of people who are none.
  public var admitsUnknown: Bool
  /// Of whom it makes members; empty: any.
  public var emailDomains: [String]
  /// Of whom no mapping names; nil: nobody is let in without.
  public var defaultRole: Member.Role?
  public var mappings: [ClaimMapping]

  public init(
    id: SignInProviderID, organisation: OrganisationID, name: String, issuer: String, clientID: String,
    secretSource: SecretSource = .none, scopes: String = "openid email profile", claims: ClaimNames = ClaimNames(),
    isEnabled: Bool = false, linksMembers: Bool = true, admitsUnknown: Bool = false, emailDomains: [String] = [],
    defaultRole: Member.Role? = nil, mappings: [ClaimMapping] = []
  ) {
    self.id = id
    self.organisation = organisation
    self.name = name
    self.issuer = issuer
    self.clientID = clientID
    self.secretSource = secretSource
    self.scopes = scopes
    self.claims = claims
    self.isEnabled = isEnabled
    self.linksMembers = linksMembers
    self.admitsUnknown = admitsUnknown
    self.emailDomains = emailDomains
    self.defaultRole = defaultRole
    self.mappings = mappings
  }

  /// Every role that it can give in the organisation.
  public var givenRoles: Set<Member.Role> {
    Set(mappings.filter { $0.team == nil }.map(\.role) + (defaultRole.map { [$0] } ?? []))
  }

  /// Whether roles in the organisation follow its claims.
  public var managesRoles: Bool { !claims.roles.isEmpty && mappings.contains { $0.team == nil } }
}

public struct SignInProviderID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}

/// A value of the role claim, and the role that it stands for: in the organisation, or in a team.
public struct ClaimMapping: Sendable, Hashable {
  public var value: String
  /// nil: in the organisation.
  public var team: TeamID?
  public var role: Member.Role

  public init(value: String, team: TeamID? = nil, role: Member.Role) {
    self.value = value
    self.team = team
    self.role = role
  }
}

/// What a provider has proved of somebody.
public struct ProvenIdentity: Sendable, Hashable {
  public var issuer: String
  /// The provider's own id of the person: never given to another, unlike an e-mail.
  public var subject: String
  public var email: String?
  public var isEmailVerified: Bool
  /// Values of the role claim.
  public var roleValues: [String]

  public init(issuer: String, subject: String, email: String?, isEmailVerified: Bool, roleValues: [String]) {
    self.issuer = issuer
    self.subject = subject
    self.email = email
    self.isEmailVerified = isEmailVerified
    self.roleValues = roleValues
  }

  public init(issuer: String, subject: String, claims: [String: ClaimValue], names: SignInProvider.ClaimNames) {
    self.init(
      issuer: issuer, subject: subject, email: claims.claim(names.email)?.text, isEmailVerified: claims.claim(names.verified)?.isTrue ?? false,
      roleValues: names.roles.isEmpty ? [] : claims.claim(names.roles)?.texts ?? [])
  }
}

/// Roles that claims stand for.
public struct ClaimedRoles: Sendable, Hashable {
  /// nil: none, so that whoever has no other may not come in.
  public var organisation: Member.Role?
  public var teams: [TeamID: Member.Role]

  public init(organisation: Member.Role?, teams: [TeamID: Member.Role]) {
    self.organisation = organisation
    self.teams = teams
  }
}

extension SignInProvider {
  /// The first mapping that matches gives the role in the organisation, and the first of each team the one there. Who has a role in a team
  /// alone is a viewer, whose reach is what the teams give. Roles that reach everything take none in teams.
  public func roles(for values: [String]) -> ClaimedRoles {
    let values = Set(values), matching = mappings.filter { values.contains($0.value) }
    var teams: [TeamID: Member.Role] = [:]
    for mapping in matching {
      if let team = mapping.team, teams[team] == nil { teams[team] = mapping.role }
    }
    let named = matching.first { $0.team == nil }?.role ?? defaultRole ?? (teams.isEmpty ? nil : .viewer)
    return ClaimedRoles(organisation: named, teams: named?.hasOwnReach ?? false ? teams : [:])
  }

  /// Whether it makes members of people with this address.
  public func admits(email: String) -> Bool {
    guard admitsUnknown, let at = email.lastIndex(of: "@") else { return false }
    let domain = email[email.index(after: at)...].lowercased()
    return emailDomains.isEmpty || emailDomains.contains { $0.lowercased() == domain }
  }
}
