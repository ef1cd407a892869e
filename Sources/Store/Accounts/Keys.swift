import Domain
import Postgres

extension AccountStore {
  /// Stores the SHA-256 of the secret and returns the secret once. Errors: `AccountError.unknownProject`, `.unknownTeam`,
  /// `.duplicateKey`, `.invalid`.
  public func createKey(_ new: NewKey, scope: AccessScope, by actor: KeyActor = .service) async throws -> CreatedKey {
    try await pool.transaction { c in
      let created = try APIKey.insert(new, scope: scope, by: actor, c)
      try created.key.audit("key made", after: created.key.facts, scope, actor, c)
      return created
    }
  }

  /// Keys within reach, revoked ones included, newest first: of a project, or of all.
  public func keys(project: ProjectID? = nil, scope: AccessScope) async throws -> [ListedKey] {
    let ofProject: SQL = project.map { "k.project_id = \($0)" } ?? "true"
    let sql: SQL = "\(ListedKey.select(scope)) and \(ofProject) order by k.created_at desc, k.id desc"
    return try await pool.run { c in try c.query(sql, ListedKey.init(row:)) }
  }

  /// nil when it doesn't exist or is out of reach.
  public func key(_ id: KeyID, scope: AccessScope) async throws -> ListedKey? {
    try await pool.run { c in try c.first("\(ListedKey.select(scope)) and k.id = \(id)", ListedKey.init(row:)) }
  }

  /// nil when it doesn't exist or is out of reach.
  public func key(publicKey: String, scope: AccessScope) async throws -> ListedKey? {
    guard publicKey.isStorable else { return nil }
    return try await pool.run { c in try c.first("\(ListedKey.select(scope)) and k.public_key = \(publicKey)", ListedKey.init(row:)) }
  }

  /// False when there is no such key within reach, or it was revoked before. The secret before the last rotation ends with it.
  public func revokeKey(_ id: KeyID, scope: AccessScope, by actor: KeyActor = .service) async throws -> Bool {
    try await pool.transaction { c in
      guard let key = try APIKey.locked(id, scope, c), key.revokedAt == nil else { return false }
      try c.execute(
        """
        update api_keys set revoked_at = now(), revoked_by = \(actor.name), previous_secret_sha256 = null, previous_secret_until = null
        where id = \(id)
        """)
      try key.audit("key revoked", scope, actor, c)
      return true
    }
  }
}

/// A key in a list.
public struct ListedKey: Sendable, Hashable {
  public var key: APIKey
  /// To the minute.
  public var lastUsedAt: Timestamp?
  /// Where the last use came from.
  public var lastUsedAddress: String?
  public var revokedBy: String?
  /// What a cost that comes with its calls is worth; nil: the default of its source.
  public var costTrust: CostTrust?
}

extension ListedKey {
  static func select(_ scope: AccessScope) -> SQL {
    """
    select \(APIKey.columns), k.last_used_at, k.last_used_address, k.revoked_by, k.cost_trust
    from api_keys k join projects p on p.id = k.project_id
    where p.organisation_id = \(scope.organisation) and \(scope.projectCondition("p.id"))
    """
  }

  init(row: Row) throws {
    let at = APIKey.columnCount
    self.init(
      key: try APIKey(row: row), lastUsedAt: try row.timestampOrNil(at), lastUsedAddress: try row.stringOrNil(at + 1),
      revokedBy: try row.stringOrNil(at + 2), costTrust: try row.int16OrNil(at + 3).flatMap { CostTrust(code: $0) })
  }
}

extension APIKey {
  static let columns: SQL = """
    k.id, k.project_id, k.name, k.public_key, k.secret_hint, k.environment, k.scopes, k.team_mode, k.team_id, k.created_at, k.revoked_at,
    k.user_group_id, k.expires_at, k.content_policy, k.requests_per_minute, k.spans_per_minute, k.request_bytes_max,
    k.made_by, k.made_by_member, k.rotated_at, k.previous_secret_until, k.names_users, k.money_team_ids
    """
  static let columnCount = 23

  init(row: Row) throws {
    self.init(
      id: try row.id(0), project: try row.id(1), name: try row.string(2), publicKey: try row.string(3),
      secretHint: try row.string(4), environment: try row.stringOrNil(5),
      scopes: Set(try row.strings(6).compactMap(KeyScope.init(rawValue:))),
      team: KeyTeam(mode: try row.int16(7), team: try row.idOrNil(8)),
      createdAt: try row.timestamp(9), revokedAt: try row.timestampOrNil(10))
    (userGroup, expiresAt) = (try row.idOrNil(11), try row.timestampOrNil(12))
    // What this version doesn't know is no reason to keep more than was meant.
    contentPolicy = ContentPolicy(rawValue: try row.int16(13)) ?? .drop
    limits = KeyLimits(
      requestsPerMinute: try row.int32OrNil(14), spansPerMinute: try row.int32OrNil(15), requestBytesMax: try row.int32OrNil(16))
    (madeBy, maker) = (try row.string(17), try row.idOrNil(18))
    (rotatedAt, previousSecretUntil) = (try row.timestampOrNil(19), try row.timestampOrNil(20))
    money = MoneyBounds(namesUsers: try row.bool(21), teams: .stored(try row.int32sOrNil(22)))
  }

  static func insert(_ new: NewKey, scope: AccessScope, by actor: KeyActor = .service, _ c: Connection) throws -> CreatedKey {
    let (new, pair) = (try new.checked(c), try (new.pair ?? KeyPair.random()).checked())
    try checkTeam(new.team, scope, c)
    try checkGroup(new.userGroup, scope, c)
    let sql: SQL = """
      with k as (
        insert into api_keys
          (project_id, name, public_key, secret_sha256, secret_hint, environment, scopes, team_mode, team_id, user_group_id,
           expires_at, content_policy, requests_per_minute, spans_per_minute, request_bytes_max, made_by, made_by_member, names_users, money_team_ids)
        select id, \(new.name), \(pair.publicKey), \(SHA256Digest.of(pair.secretKey.utf8)), \(pair.secretHint),
          \(new.environment), \(new.scopes.map(\.rawValue).sorted()), \(new.team.mode), \(new.team.team), \(new.userGroup),
          \(new.expiresAt), \(new.contentPolicy.rawValue), \(new.limits.requestsPerMinute), \(new.limits.spansPerMinute),
          \(new.limits.requestBytesMax), \(actor.name), \(actor.member), \(new.money.namesUsers), \(new.money.teams.stored)
        from projects p
        where id = \(new.project) and organisation_id = \(scope.organisation) and \(scope.projectCondition("p.id"))
        returning *)
      select \(columns) from k
      """
    return try AccountError.naming(["api_keys_public_key_key": .duplicateKey, "api_keys_secret_key": .duplicateKey]) {
      guard let key = try c.first(sql, APIKey.init(row:)) else { throw AccountError.unknownProject }
      return CreatedKey(key: key, pair: pair)
    }
  }

  /// The key under its row lock; nil when it doesn't exist or is out of reach.
  static func locked(_ id: KeyID, _ scope: AccessScope, _ c: Connection) throws -> APIKey? {
    let sql: SQL = """
      select \(columns) from api_keys k join projects p on p.id = k.project_id
      where k.id = \(id) and p.organisation_id = \(scope.organisation) and \(scope.projectCondition("p.id")) for no key update of k
      """
    return try c.first(sql, APIKey.init(row:))
  }

  private static func checkTeam(_ team: KeyTeam, _ scope: AccessScope, _ c: Connection) throws {
    guard let id = team.team else { return }
    let sql: SQL = """
      select 1 from teams where id = \(id) and organisation_id = \(scope.organisation) and \(scope.teamCondition("id"))
      """
    guard try c.first(sql, { _ in true }) != nil else { throw AccountError.unknownTeam }
  }

  private static func checkGroup(_ group: UserGroupID?, _ scope: AccessScope, _ c: Connection) throws {
    guard let group else { return }
    let sql: SQL = "select 1 from user_groups where id = \(group) and organisation_id = \(scope.organisation) and removed_at is null"
    guard try c.first(sql, { _ in true }) != nil else {
      throw AccountError.invalid(field: "user group", accepted: "a user group of the organisation, or none")
    }
  }
}

extension KeyTeam {
  init(mode: Int16, team: TeamID?) {
    switch (mode, team) {
    case (1, let team?): self = .default(team)
    case (2, let team?): self = .fixed(team)
    default: self = .none
    }
  }

  var mode: Int16 {
    switch self {
    case .none: 0
    case .default: 1
    case .fixed: 2
    }
  }

  /// The team it names, if any.
  public var team: TeamID? {
    switch self {
    case .none: nil
    case .default(let team), .fixed(let team): team
    }
  }
}
