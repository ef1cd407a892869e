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
  /// nil makes a random pair.
  public var pair: KeyPair?

  public init(
    project: ProjectID, name: String, environment: String? = nil, scopes: Set<KeyScope> = [.ingest, .read],
    team: KeyTeam = .none, pair: KeyPair? = nil
  ) {
    self.project = project
    self.name = name
    self.environment = environment
    self.scopes = scopes
    self.team = team
    self.pair = pair
  }
}

/// A key just made, with its secret for the only time.
public struct CreatedKey: Sendable, Hashable {
  public var key: APIKey
  public var pair: KeyPair
}
