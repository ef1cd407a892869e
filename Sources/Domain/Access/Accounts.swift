public struct Organisation: Sendable, Hashable {
  public var id: OrganisationID
  public var name: String
  /// IANA name; hours and days of money begin in it.
  public var timeZone: String
  public init(id: OrganisationID, name: String, timeZone: String) {
    self.id = id
    self.name = name
    self.timeZone = timeZone
  }
}

/// Owns cost.
public struct Team: Sendable, Hashable {
  public var id: TeamID
  public var name: String
  /// Palette place 0…7, given at creation and kept on every page.
  public var colour: Int16
  public var costCentre: String?
  public var glAccount: String?
  /// Who answers for its cost.
  public var owner: String?
  public var parent: TeamID?
  /// Days of the organisation's calendar ("2026-11-01") in which it can own cost: the first, and the first that it can't any more.
  public var validFrom: String?
  public var validTo: String?
  public init(id: TeamID, name: String, colour: Int16) {
    self.id = id
    self.name = name
    self.colour = colour
  }
}

/// Where traces land; administered by a team.
public struct Project: Sendable, Hashable {
  public var id: ProjectID
  /// Text id in links and in the Langfuse API.
  public var slug: String
  public var name: String
  public var team: TeamID
  public init(id: ProjectID, slug: String, name: String, team: TeamID) {
    self.id = id
    self.slug = slug
    self.name = name
    self.team = team
  }
}

/// How a key gives its calls an owner (design §3.9).
public enum KeyTeam: Sendable, Hashable {
  case none
  case `default`(TeamID)
  case fixed(TeamID)
}

public enum KeyScope: String, Sendable, Hashable, CaseIterable, Codable {
  case ingest
  /// Traces, content as the key's project allows, and money.
  case read
  /// Money alone: no trace, no content.
  case readMoney
  /// Changes prices and re-prices, for the whole organisation.
  case admin
}

/// What a key may take of the service; nil: no limit of its own.
public struct KeyLimits: Sendable, Hashable {
  public var requestsPerMinute: Int32?
  /// Spans, log records and events sent in a minute.
  public var spansPerMinute: Int32?
  /// Largest body of a request, inflated.
  public var requestBytesMax: Int32?

  public init(requestsPerMinute: Int32? = nil, spansPerMinute: Int32? = nil, requestBytesMax: Int32? = nil) {
    self.requestsPerMinute = requestsPerMinute
    self.spansPerMinute = spansPerMinute
    self.requestBytesMax = requestBytesMax
  }

  public static let none = KeyLimits()
}

/// What of money a key shows at most: nobody opens more by a key than by signing in.
public struct MoneyBounds: Sendable, Hashable {
  /// Whether end users are named beside money.
  public var namesUsers: Bool
  /// `.all`: whoever spends in the key's project; else these teams, wherever they spend (`AccessScope.teams`).
  public var teams: AccessScope.Reach<TeamID>

  public init(namesUsers: Bool, teams: AccessScope.Reach<TeamID>) {
    self.namesUsers = namesUsers
    self.teams = teams
  }

  public static let none = MoneyBounds(namesUsers: true, teams: .all)

  /// No money at all.
  public static let nothing = MoneyBounds(namesUsers: false, teams: .none)

  /// What both show. `.all` beside teams is theirs: of the key's project no more than they spend anywhere.
  public func narrowed(to other: MoneyBounds) -> MoneyBounds {
    let both: AccessScope.Reach<TeamID> =
      switch (teams, other.teams) {
      case (.all, let reach), (let reach, .all): reach
      case (.only(let a), .only(let b)): .only(a.intersection(b))
      }
    return MoneyBounds(namesUsers: namesUsers && other.namesUsers, teams: both)
  }

  /// Whether it shows nothing that the other does not.
  public func isWithin(_ other: MoneyBounds) -> Bool {
    if namesUsers, !other.namesUsers { return false }
    guard case .only(let most) = other.teams else { return true }
    guard case .only(let own) = teams else { return false }
    return own.isSubset(of: most)
  }
}

/// An API key as listed; the secret itself is never stored.
public struct APIKey: Sendable, Hashable {
  /// What is kept of prompts and answers that come with the key; the stricter of project and key wins.
  public enum ContentPolicy: Int16, Sendable, Hashable, CaseIterable {
    /// What the project keeps.
    case keep
    case mask
    /// No inputs, outputs nor metadata.
    case drop
  }

  public var id: KeyID
  public var project: ProjectID
  public var name: String
  public var publicKey: String
  /// First six and last four characters of the secret.
  public var secretHint: String
  public var environment: String?
  public var scopes: Set<KeyScope>
  public var team: KeyTeam
  /// Group of the calls whose user is in none.
  public var userGroup: UserGroupID?
  public var createdAt: Timestamp
  public var revokedAt: Timestamp?
  /// Not taken from then on; nil: until revoked.
  public var expiresAt: Timestamp?
  public var contentPolicy = ContentPolicy.keep
  public var limits = KeyLimits.none
  /// What its maker might see when it was made, or by now: what they see less of since, it shows less of (`bounded(by:in:)`).
  public var money = MoneyBounds.none
  /// Name of who made it, as the audit log has it; empty when it was not noted.
  public var madeBy = ""
  /// The member who made it, or whose key did, or who gave it its last secret: it opens no more than they may. nil when it was no member,
  /// or they are gone.
  public var maker: MemberID?
  public var rotatedAt: Timestamp?
  /// Until when the secret before the last rotation is taken too; may have passed.
  public var previousSecretUntil: Timestamp?

  public init(
    id: KeyID, project: ProjectID, name: String, publicKey: String, secretHint: String, environment: String?,
    scopes: Set<KeyScope>, team: KeyTeam, createdAt: Timestamp, revokedAt: Timestamp?
  ) {
    self.id = id
    self.project = project
    self.name = name
    self.publicKey = publicKey
    self.secretHint = secretHint
    self.environment = environment
    self.scopes = scopes
    self.team = team
    self.createdAt = createdAt
    self.revokedAt = revokedAt
  }

  /// Whether money can be read with it.
  public var readsMoney: Bool { !scopes.isDisjoint(with: [.read, .readMoney, .admin]) }

  /// Whether it is taken at this time.
  public func isValid(at now: Timestamp) -> Bool { revokedAt == nil && expiresAt.map { $0 > now } ?? true }
}

/// A group of end users; its team owns what its users cost when no key or rule says otherwise.
public struct UserGroup: Sendable, Hashable {
  public var id: UserGroupID
  public var name: String
  public var team: TeamID?
  public init(id: UserGroupID, name: String, team: TeamID?) {
    self.id = id
    self.name = name
    self.team = team
  }
}

/// A person who logs in.
public struct Member: Sendable, Hashable {
  public var id: MemberID
  public var organisation: OrganisationID
  public var email: String
  public var role: Role
  public enum Role: String, Sendable, Hashable, CaseIterable { case owner, admin, finance, teamLead, engineer, viewer, auditor }
  public init(id: MemberID, organisation: OrganisationID, email: String, role: Role) {
    self.id = id
    self.organisation = organisation
    self.email = email
    self.role = role
  }
}
