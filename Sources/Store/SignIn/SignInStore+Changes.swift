import Domain
import Postgres

extension SignInStore {
  public static let providersMax = 20
  public static let mappingsMax = 200

  /// Makes a provider, or changes one. `secret` is nil to keep what is stored.
  /// *Errors:* `StructureError`: a field, a name that is taken, a team that is none, a role above the actor's.
  public func save(
    _ provider: SignInProvider, secret: String?, isNew: Bool, by actor: MemberActor
  ) async throws -> SignInProvider {
    let provider = try provider.checked()
    return try await pool.transaction { c in
      let change = try MemberChange(provider.organisation, actor, c)
      do { return try change.save(provider, secret, isNew) } catch let error as DatabaseError where error.constraint == "sign_in_providers_name_key" {
        throw StructureError.conflict("There is a provider “\(provider.name)” already.")
      }
    }
  }

  /// Whoever signed in by it keeps membership and roles, and needs a password or another provider.
  public func remove(_ id: SignInProviderID, organisation: OrganisationID, by actor: MemberActor) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      guard let known = try SignInProvider.read("p.id = \(id) and p.organisation_id = \(organisation)", c).first else {
        throw StructureError.unknown("provider")
      }
      try change.check(mayChange: known)
      try c.execute("delete from sign_in_providers where id = \(id)")
      try change.audit("sign-in provider removed", "sign-in provider \(known.name)")
    }
  }
}

extension MemberChange {
  /// Whoever may not make an owner may not touch a provider that makes owners.
  fileprivate func check(mayChange provider: SignInProvider) throws {
    for role in provider.givenRoles { try check(gives: role) }
  }

  fileprivate func save(_ provider: SignInProvider, _ secret: String?, _ isNew: Bool) throws -> SignInProvider {
    try check(mayChange: provider)
    let known = try isNew ? nil : knownProvider(provider.id)
    for team in Set(provider.mappings.compactMap(\.team)) {
      let sql: SQL = "select 1 from teams where id = \(team) and organisation_id = \(organisation)"
      guard try c.first(sql, { _ in true }) != nil else { throw StructureError.unknown("team") }
    }
    let sealed = try sealed(provider, secret, known)
    let id = try known == nil ? insert(provider, sealed) : update(provider, sealed)
    try c.execute("delete from sign_in_mappings where provider_id = \(id)")
    for (position, mapping) in provider.mappings.enumerated() {
      try c.execute(
        """
        insert into sign_in_mappings (provider_id, position, value, team_id, role)
        values (\(id), \(Int16(clamping: position)), \(mapping.value), \(mapping.team), \(mapping.role.rawValue))
        """)
    }
    var saved = provider
    saved.id = id
    try AuditEntry.append(
      organisation, actor.name, known == nil ? "sign-in provider added" : "sign-in provider changed", "sign-in provider \(saved.name)",
      before: known.map { AuditEntry.object($0.facts) } ?? "null::jsonb", after: AuditEntry.object(saved.facts), c)
    return saved
  }

  private func knownProvider(_ id: SignInProviderID) throws -> SignInProvider {
    guard let known = try SignInProvider.read("p.id = \(id) and p.organisation_id = \(organisation)", c).first else {
      throw StructureError.unknown("provider")
    }
    try check(mayChange: known)
    return known
  }

  /// A secret that was given, else the one kept. Another issuer never gets the secret of the one before.
  private func sealed(_ provider: SignInProvider, _ secret: String?, _ known: SignInProvider?) throws -> [UInt8]? {
    guard provider.secretSource == .stored else { return nil }
    if let secret {
      let key: SQL = "select secret from organisations where id = \(organisation)"
      guard let key = try c.first(key, { try $0.bytes(0) }), let sealed = SealedSecret.seal(secret, organisationSecret: key) else {
        throw StructureError.unknown("organisation")
      }
      return sealed
    }
    let kept: SQL = "select secret_sealed from sign_in_providers where id = \(provider.id)"
    guard let known, known.issuer == provider.issuer, known.clientID == provider.clientID,
      let sealed = try c.first(kept, { try $0.bytesOrNil(0) }) ?? nil
    else { throw StructureError.invalid(field: "client secret", accepted: "the secret that belongs to this issuer and client id") }
    return sealed
  }

  private func insert(_ p: SignInProvider, _ sealed: [UInt8]?) throws -> SignInProviderID {
    let count: SQL = "select count(*) from sign_in_providers where organisation_id = \(organisation)"
    guard try c.first(count, { try $0.int(0) }) ?? 0 < SignInStore.providersMax else {
      throw StructureError.conflict("There are \(SignInStore.providersMax) providers already. Remove one first.")
    }
    let sql: SQL = """
      insert into sign_in_providers (organisation_id, name, issuer, client_id, secret_source, secret_sealed, scopes, claim_email, claim_verified,
        claim_roles, is_enabled, links_members, admits_unknown, email_domains, default_role, changed_by)
      values (\(organisation), \(p.name), \(p.issuer), \(p.clientID), \(p.secretSource.rawValue), \(sealed), \(p.scopes), \(p.claims.email),
        \(p.claims.verified), \(p.claims.roles), \(p.isEnabled), \(p.linksMembers), \(p.admitsUnknown), \(p.emailDomains),
        \(p.defaultRole?.rawValue), \(actor.name))
      returning id
      """
    guard let id: SignInProviderID = try c.first(sql, { try $0.id(0) }) else { throw MissingRow() }
    return id
  }

  private func update(_ p: SignInProvider, _ sealed: [UInt8]?) throws -> SignInProviderID {
    try c.execute(
      """
      update sign_in_providers set name = \(p.name), issuer = \(p.issuer), client_id = \(p.clientID), secret_source = \(p.secretSource.rawValue),
        secret_sealed = \(sealed), scopes = \(p.scopes), claim_email = \(p.claims.email), claim_verified = \(p.claims.verified),
        claim_roles = \(p.claims.roles), is_enabled = \(p.isEnabled), links_members = \(p.linksMembers), admits_unknown = \(p.admitsUnknown),
        email_domains = \(p.emailDomains), default_role = \(p.defaultRole?.rawValue), changed_at = now(), changed_by = \(actor.name)
      where id = \(p.id)
      """)
    try c.execute("delete from sign_in_states where provider_id = \(p.id)")
    return p.id
  }
}

extension SignInProvider {
  /// What the audit log tells; no secret.
  var facts: [String: String?] {
    [
      "name": name, "issuer": issuer, "client id": clientID, "secret": secretSource.rawValue, "scopes": scopes, "e-mail claim": claims.email,
      "verified claim": claims.verified, "role claim": claims.roles, "enabled": isEnabled ? "yes" : "no",
      "links members": linksMembers ? "yes" : "no", "admits unknown": admitsUnknown ? "yes" : "no",
      "domains": emailDomains.joined(separator: " "), "default role": defaultRole?.rawValue,
      "mappings": mappings.map { "\($0.value) = \($0.role.rawValue)\($0.team.map { " in team \($0)" } ?? "")" }.joined(separator: "; "),
    ]
  }

  func checked() throws -> SignInProvider {
    var checked = self
    checked.name = try StructureChecks.text(name, "name", most: 60)
    checked.issuer = try StructureChecks.text(issuer, "issuer", most: 500)
    checked.clientID = try StructureChecks.text(clientID, "client id", most: 300)
    checked.scopes = try StructureChecks.text(scopes, "scopes", most: 500)
    guard checked.scopes.split(separator: " ").contains("openid") else {
      throw StructureError.invalid(field: "scopes", accepted: "openid and others, with blanks between, such as openid email profile")
    }
    checked.claims.email = try StructureChecks.text(claims.email, "e-mail claim")
    checked.claims.verified = try StructureChecks.text(claims.verified, "claim of a verified e-mail")
    checked.claims.roles = try StructureChecks.optionalText(claims.roles, "role claim") ?? ""
    checked.emailDomains = try emailDomains.map { try Self.domain($0) }
    try checked.checkMappings()
    return checked
  }

  private static func domain(_ text: String) throws -> String {
    let domain = try StructureChecks.text(text, "e-mail domain", most: 253).lowercased()
    guard !domain.contains("@"), !domain.contains(where: \.isWhitespace) else {
      throw StructureError.invalid(field: "e-mail domain", accepted: "example.com, without @")
    }
    return domain
  }

  private func checkMappings() throws {
    guard mappings.count <= SignInStore.mappingsMax, emailDomains.count <= 100 else {
      throw StructureError.conflict("There are too many lines: expected at most \(SignInStore.mappingsMax) mappings and 100 domains.")
    }
    if claims.roles.isEmpty, !mappings.isEmpty {
      throw StructureError.invalid(field: "role claim", accepted: "the claim whose values are mapped, such as groups")
    }
    for mapping in mappings {
      _ = try StructureChecks.text(mapping.value, "mapped value", most: 300)
      if let team = mapping.team, !RoleGrant.accepts(mapping.role, in: .team(team)) {
        throw StructureError.invalid(field: "role in a team", accepted: "team lead, engineer or viewer")
      }
    }
    if admitsUnknown, defaultRole == nil, mappings.isEmpty {
      throw StructureError.conflict("New members need a role: give a role for everybody, or map values of a claim to roles.")
    }
  }
}
