import Domain
import Postgres

/// Identity providers, whom they stand for here, and browsers on their way to them and back.
public struct SignInStore: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// By name.
  public func providers(organisation: OrganisationID) async throws -> [SignInProvider] {
    try await pool.transaction { c in try SignInProvider.read("p.organisation_id = \(organisation)", c) }
  }

  /// Those that the sign-in page offers, of every organisation.
  public func enabledProviders() async throws -> [SignInProvider] {
    try await pool.transaction { c in try SignInProvider.read("p.is_enabled", c) }
  }

  /// nil when there is none of this id. Whoever asks for a member gives the organisation.
  public func provider(_ id: SignInProviderID, organisation: OrganisationID? = nil) async throws -> SignInProvider? {
    let own: SQL = organisation.map { "and p.organisation_id = \($0)" } ?? ""
    return try await pool.transaction { c in try SignInProvider.read("p.id = \(id) \(own)", c).first }
  }

  /// The client secret that is kept here; nil when there is none.
  public func secret(of id: SignInProviderID) async throws -> String? {
    let sql: SQL = """
      select p.secret_sealed, o.secret from sign_in_providers p join organisations o on o.id = p.organisation_id
      where p.id = \(id) and p.secret_source = 'stored'
      """
    return try await pool.run { c in
      try c.first(sql) { row in try row.bytesOrNil(0).flatMap { SealedSecret.open($0, organisationSecret: try row.bytes(1)) } } ?? nil
    }
  }

  /// How many people each provider's issuer has brought here.
  public func linkedCounts(organisation: OrganisationID) async throws -> [String: Int] {
    let sql: SQL = "select issuer, count(*) from sign_in_identities where organisation_id = \(organisation) group by 1"
    let rows = try await pool.run { c in try c.query(sql) { (try $0.string(0), try $0.int(1)) } }
    return Dictionary(rows, uniquingKeysWith: { first, _ in first })
  }
}

extension SignInProvider {
  /// With their mappings, in one snapshot of the caller's.
  static func read(_ condition: SQL, _ c: Connection) throws -> [SignInProvider] {
    let sql: SQL = """
      select p.id, p.organisation_id, p.name, p.issuer, p.client_id, p.secret_source, p.scopes, p.claim_email, p.claim_verified, p.claim_roles,
        p.is_enabled, p.links_members, p.admits_unknown, p.email_domains, p.default_role
      from sign_in_providers p where \(condition) order by p.name, p.id
      """
    var providers = try c.query(sql, SignInProvider.init(row:))
    let mappings = try c.query(
      """
      select provider_id, value, team_id, role from sign_in_mappings where provider_id = any(\(providers.map(\.id))) order by provider_id, position
      """
    ) { row in
      (try row.id(0, as: SignInProviderID.self),
        try Member.Role(rawValue: row.string(3)).map { ClaimMapping(value: try row.string(1), team: try row.idOrNil(2), role: $0) })
    }
    for (index, provider) in providers.enumerated() {
      providers[index].mappings = mappings.filter { $0.0 == provider.id }.compactMap(\.1)
    }
    return providers
  }

  private init(row: Row) throws {
    self.init(
      id: try row.id(0), organisation: try row.id(1), name: try row.string(2), issuer: try row.string(3), clientID: try row.string(4),
      secretSource: SecretSource(rawValue: try row.string(5)) ?? .none, scopes: try row.string(6),
      claims: ClaimNames(email: try row.string(7), verified: try row.string(8), roles: try row.string(9)),
      isEnabled: try row.bool(10), linksMembers: try row.bool(11), admitsUnknown: try row.bool(12), emailDomains: try row.strings(13),
      defaultRole: try row.stringOrNil(14).flatMap(Member.Role.init(rawValue:)))
  }
}

extension SignInProviderID: PostgresEncodable {}
