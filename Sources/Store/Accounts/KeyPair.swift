import Domain

/// The two parts of an API key as a sender holds them. Shown once, never stored.
public struct KeyPair: Sendable, Hashable {
  public var publicKey: String
  public var secretKey: String

  public init(publicKey: String, secretKey: String) {
    self.publicKey = publicKey
    self.secretKey = secretKey
  }

  /// A random pair in the form the Langfuse SDKs expect: "pk-lf-" and "sk-lf-" with a version 4 UUID.
  public static func random() -> KeyPair {
    KeyPair(publicKey: "pk-lf-" + randomUUID(), secretKey: "sk-lf-" + randomUUID())
  }

  /// First six and last four characters.
  var secretHint: String { String(secretKey.prefix(6)) + "…" + String(secretKey.suffix(4)) }

  private static func randomUUID() -> String {
    var generator = SystemRandomNumberGenerator()
    let high = UInt64.random(in: 0...UInt64.max, using: &generator) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
    let low = UInt64.random(in: 0...UInt64.max, using: &generator) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    let hex = Array(TraceID(high: high, low: low).hex)
    return [hex[0..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20..<32]].map { String($0) }.joined(separator: "-")
  }
}

/// What a key is made for.
public struct NewKey: Sendable, Hashable {
  public var project: ProjectID
  public var name: String
  public var environment: String?
  public var scopes: Set<KeyScope>
  public var team: KeyTeam
  /// Group of the calls whose user is in none.
  public var userGroup: UserGroupID?
  /// nil: until it is revoked.
  public var expiresAt: Timestamp?
  public var contentPolicy: APIKey.ContentPolicy
  public var limits: KeyLimits
  /// What it shows of money at most.
  public var money: MoneyBounds
  /// nil makes a random pair.
  public var pair: KeyPair?

  public init(
    project: ProjectID, name: String, environment: String? = nil, scopes: Set<KeyScope> = [.ingest, .read],
    team: KeyTeam = .none, userGroup: UserGroupID? = nil, expiresAt: Timestamp? = nil,
    contentPolicy: APIKey.ContentPolicy = .keep, limits: KeyLimits = .none, money: MoneyBounds = .none, pair: KeyPair? = nil
  ) {
    self.project = project
    self.name = name
    self.environment = environment
    self.scopes = scopes
    self.team = team
    self.userGroup = userGroup
    self.expiresAt = expiresAt
    self.contentPolicy = contentPolicy
    self.limits = limits
    self.money = money
    self.pair = pair
  }
}

/// What of a key can be changed. Project, scopes, team, environment and user group stay as made: what came with the key was judged by
/// them.
public struct KeyChange: Sendable, Hashable {
  public var name: String
  public var expiresAt: Timestamp?
  public var contentPolicy: APIKey.ContentPolicy
  public var limits: KeyLimits

  public init(_ key: APIKey) {
    name = key.name
    expiresAt = key.expiresAt
    contentPolicy = key.contentPolicy
    limits = key.limits
  }
}

/// Who changes a key.
public struct KeyActor: Sendable, Hashable {
  /// As the audit log names them.
  public var name: String
  /// Whose rights bound what the actor makes: the member, or the maker of the key that acts.
  public var member: MemberID?

  public init(_ name: String, member: MemberID? = nil) {
    self.name = name
    self.member = member
  }

  public static let service = KeyActor("service")
}

/// A key just made, or given a new secret, with it for the only time.
public struct CreatedKey: Sendable, Hashable {
  public var key: APIKey
  public var pair: KeyPair
}
