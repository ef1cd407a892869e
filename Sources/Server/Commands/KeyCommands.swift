import Domain
import Pages
import Store

/// What `quipu keys create` is told.
public struct KeyOptions: Sendable {
  public var project: String
  public var name: String
  public var scopes: String
  public var environment: String?
  public var team: String?
  public var teamIsDefault = false
  public var userGroup: String?
  /// A day or an ISO 8601 time.
  public var expires: String?
  /// keep, mask or drop.
  public var content: String?
  public var requestsPerMinute: Int32?
  public var spansPerMinute: Int32?
  public var requestBytesMax: Int32?

  public init(project: String, name: String, scopes: String) {
    self.project = project
    self.name = name
    self.scopes = scopes
  }
}

extension Commands {
  public static func createKey(_ options: KeyOptions) async throws {
    try await withDatabase(migrates: true) { database, settings, _ in
      let accounts = AccountStore(pool: database.pool)
      let scope = try await everything(accounts)
      let (new, owner) = try await newKey(options, accounts, UserGroupStore(pool: database.pool), scope)
      let created = try await named { try await accounts.createKey(new, scope: scope, by: commandLine) }
      Terminal.say(secret(created.pair, settings.shownURL, "The secret is shown once. \(ownerSentence(owner))"))
    }
  }

  /// The public key stays; the old secret is taken for some hours more.
  public static func rotateKey(_ publicKey: String, overlapHours: Int32) async throws {
    try await withDatabase(migrates: true) { database, settings, _ in
      let accounts = AccountStore(pool: database.pool)
      let scope = try await everything(accounts)
      let key = try await key(publicKey, accounts, scope)
      let rotated = try await named { try await accounts.rotateKey(key.id, overlapHours: overlapHours, scope: scope, by: commandLine) }
      guard let rotated else { throw Stop("the key is revoked") }
      let until = rotated.key.previousSecretUntil.map { "The secret before is taken until \(ISOTime.text($0))." }
      Terminal.say(secret(rotated.pair, settings.shownURL, "The secret is shown once. \(until ?? "The secret before is no longer taken.")"))
    }
  }

  private static let commandLine = KeyActor("command line")

  private static func named<T>(_ work: () async throws -> T) async throws -> T {
    do { return try await work() } catch let error as AccountError { throw Stop(error.description) }
  }

  private static func newKey(
    _ options: KeyOptions, _ accounts: AccountStore, _ groups: UserGroupStore, _ scope: AccessScope
  ) async throws -> (NewKey, KeyTeam) {
    let scopes = try options.scopes.split(separator: ",").map { text in
      guard let scope = KeyScope(rawValue: String(text)) else {
        throw Stop("--scopes has \"\(text)\": expected ingest, read, readMoney or admin, or some of them separated by commas")
      }
      return scope
    }
    if let environment = options.environment,
      !environment.utf8.allSatisfy(KeyInput.isEnvironmentCharacter) || environment.isEmpty || environment.utf8.count > 40
    {
      throw Stop("--environment is \"\(environment)\": expected up to 40 of a-z, 0-9, - and _")
    }
    guard let project = try await accounts.project(slug: options.project, scope: scope) else {
      throw Stop("no project with the slug \(options.project)")
    }
    let owner = try await keyTeam(options.team, isDefault: options.teamIsDefault, accounts, scope)
    var new = NewKey(project: project.id, name: options.name, environment: options.environment, scopes: Set(scopes), team: owner)
    if let name = options.userGroup {
      guard let group = try await groups.list(scope: scope).first(where: { $0.group.name == name }) else { throw Stop("no user group with the name \(name)") }
      new.userGroup = group.group.id
    }
    if let text = options.expires {
      let zone = try await accounts.organisation(scope.organisation)?.timeZone ?? "UTC"
      guard let time = ISOTime.parse(text, zone: zone) else { throw Stop("--expires is \"\(text)\": expected a day such as 2027-01-31, or an ISO 8601 time") }
      new.expiresAt = time
    }
    if let text = options.content {
      guard let policy = APIKey.ContentPolicy.allCases.first(where: { "\($0)" == text }) else { throw Stop("--content is \"\(text)\": expected keep, mask or drop") }
      new.contentPolicy = policy
    }
    new.limits = KeyLimits(
      requestsPerMinute: options.requestsPerMinute, spansPerMinute: options.spansPerMinute, requestBytesMax: options.requestBytesMax)
    return (new, owner)
  }

  private static func secret(_ pair: KeyPair, _ url: String, _ sentence: String) -> String {
    """
    public key  \(pair.publicKey)
    secret key  \(pair.secretKey)
    \(sentence)

    export LANGFUSE_HOST=\(url) LANGFUSE_BASE_URL=\(url) LANGFUSE_PUBLIC_KEY=\(pair.publicKey) \
    LANGFUSE_SECRET_KEY=\(pair.secretKey)
    export OTEL_EXPORTER_OTLP_ENDPOINT=\(url) OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf \
    OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20\(pair.secretKey)"
    """
  }

  public static func listKeys() async throws {
    try await withDatabase(migrates: true) { database, _, _ in
      let accounts = AccountStore(pool: database.pool)
      let scope = try await everything(accounts)
      let teams = Dictionary(uniqueKeysWithValues: try await accounts.teams(scope: scope).map { ($0.id, $0.name) })
      for project in try await accounts.projects(scope: scope) {
        for listed in try await accounts.keys(project: project.id, scope: scope) {
          Terminal.say(line(listed, project, teams))
        }
      }
    }
  }

  public static func revokeKey(_ publicKey: String) async throws {
    try await withDatabase(migrates: true) { database, _, _ in
      let accounts = AccountStore(pool: database.pool)
      let scope = try await everything(accounts)
      let key = try await key(publicKey, accounts, scope)
      let isNew = try await accounts.revokeKey(key.id, scope: scope, by: commandLine)
      Terminal.say(isNew ? "revoked; a running service stops taking it within 10 seconds" : "it was revoked already")
    }
  }

  public static func setCostTrust(_ publicKey: String, trust: String) async throws {
    let wanted = CostTrust(rawValue: trust.replacing("-", with: "_"))
    guard wanted != nil || trust == "default" else {
      throw Stop("\"\(trust)\" is no trust: expected trust, keep-beside, ignore or default")
    }
    try await withDatabase(migrates: true) { database, _, _ in
      let accounts = AccountStore(pool: database.pool)
      let scope = try await everything(accounts)
      let key = try await key(publicKey, accounts, scope)
      let isNew = try await PriceStore(pool: database.pool).setCostTrust(wanted, key: key.id, scope: scope, by: "command line")
      Terminal.say(isNew ? "set for calls that arrive from now on; a re-pricing applies it to booked ones" : "it was so already")
    }
  }

  private static func key(_ publicKey: String, _ accounts: AccountStore, _ scope: AccessScope) async throws -> APIKey {
    if let listed = try await accounts.key(publicKey: publicKey, scope: scope) { return listed.key }
    throw Stop("no key with the public part \(publicKey)")
  }

  private static func ownerSentence(_ owner: KeyTeam) -> String {
    switch owner {
    case .none: "It names no team: its calls go to the user group's team, else they are Unallocated (--team gives one)."
    case .default: "Its calls go to the team when nothing else gives an owner."
    case .fixed: "Its calls are always the team's."
    }
  }

  private static func line(_ listed: ListedKey, _ project: Project, _ teams: [TeamID: String]) -> String {
    let key = listed.key
    let team =
      switch key.team {
      case .none: "no team"
      case .default(let id): "default team \(teams[id] ?? id.description)"
      case .fixed(let id): "team \(teams[id] ?? id.description)"
      }
    let scopes = key.scopes.map(\.rawValue).sorted().joined(separator: "+")
    let ends = key.expiresAt.map { ", expires \(ISOTime.text($0))" } ?? ""
    let state = key.revokedAt.map { "revoked \(ISOTime.text($0))" } ?? "used \(listed.lastUsedAt.map(ISOTime.text) ?? "never")\(ends)"
    return [key.publicKey, key.secretHint, project.slug, key.name, key.environment ?? "any environment", scopes, team, state]
      .joined(separator: "  ")
  }

  private static func keyTeam(_ name: String?, isDefault: Bool, _ accounts: AccountStore, _ scope: AccessScope) async throws -> KeyTeam {
    guard let name else { return .none }
    guard let team = try await accounts.teams(scope: scope).first(where: { $0.name == name }) else {
      throw Stop("no team with the name \(name)")
    }
    return isDefault ? .default(team.id) : .fixed(team.id)
  }

  /// Whoever may run this program on the database may see and change all of it.
  static func everything(_ accounts: AccountStore) async throws -> AccessScope {
    guard let organisation = try await accounts.organisations().first else {
      throw Stop("there is no organisation yet: start the service once with `quipu serve`")
    }
    return AccessScope(organisation: organisation.id, teams: .all, projects: .all, readsContent: true)
  }
}
