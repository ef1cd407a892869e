import Domain
import Store

extension Commands {
  public static func createKey(
    project: String, name: String, environment: String?, scopes: String, team: String?, teamIsDefault: Bool
  ) async throws {
    let wanted = try scopes.split(separator: ",").map { text in
      guard let scope = KeyScope(rawValue: String(text)) else {
        throw Stop("--scopes has \"\(text)\": expected ingest, read or admin, or some of them separated by commas")
      }
      return scope
    }
    if let environment, !environment.utf8.allSatisfy(isEnvironmentCharacter) || environment.isEmpty || environment.utf8.count > 40 {
      throw Stop("--environment is \"\(environment)\": expected up to 40 of a-z, 0-9, - and _")
    }
    try await withDatabase(migrates: true) { database, settings, _ in
      let accounts = AccountStore(pool: database.pool)
      let scope = try await everything(accounts)
      guard let found = try await accounts.project(slug: project, scope: scope) else { throw Stop("no project with the slug \(project)") }
      let owner = try await keyTeam(team, isDefault: teamIsDefault, accounts, scope)
      let new = NewKey(project: found.id, name: name, environment: environment, scopes: Set(wanted), team: owner)
      let created = try await accounts.createKey(new, scope: scope)
      Terminal.say(
        """
        public key  \(created.pair.publicKey)
        secret key  \(created.pair.secretKey)
        The secret is shown once. \(ownerSentence(owner))

        export LANGFUSE_HOST=\(settings.shownURL) LANGFUSE_BASE_URL=\(settings.shownURL) LANGFUSE_PUBLIC_KEY=\(created.pair.publicKey) \
        LANGFUSE_SECRET_KEY=\(created.pair.secretKey)
        export OTEL_EXPORTER_OTLP_ENDPOINT=\(settings.shownURL) OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf \
        OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20\(created.pair.secretKey)"
        """)
    }
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
      let isNew = try await accounts.revokeKey(key.id, scope: scope)
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
    for project in try await accounts.projects(scope: scope) {
      for listed in try await accounts.keys(project: project.id, scope: scope) where listed.key.publicKey == publicKey {
        return listed.key
      }
    }
    throw Stop("no key with the public part \(publicKey)")
  }

  private static func ownerSentence(_ owner: KeyTeam) -> String {
    switch owner {
    case .none: "It names no team: its calls go to the user group's team, else they are Unallocated (--team gives one)."
    case .default: "Its calls go to the team when nothing else gives an owner."
    case .fixed: "Its calls are always the team's."
    }
  }

  private static func isEnvironmentCharacter(_ byte: UInt8) -> Bool {
    (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
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
    let state = key.revokedAt.map { "revoked \(ISOTime.text($0))" } ?? "used \(listed.lastUsedAt.map(ISOTime.text) ?? "never")"
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
