import Domain
import Postgres

extension AccountStore {
  /// Stores the SHA-256 of the secret and returns the secret once. Errors: `AccountError.unknownProject`,
  /// `.unknownTeam`, `.duplicateKey`, `.invalid`.
  public func createKey(_ new: NewKey, scope: AccessScope) async throws -> CreatedKey {
    try await pool.transaction { c in try APIKey.insert(new, scope: scope, c) }
  }

  /// Keys of a project, revoked ones included, newest first; empty when the project is out of reach.
  public func keys(project: ProjectID, scope: AccessScope) async throws -> [ListedKey] {
    let sql: SQL = """
      select \(APIKey.columns), k.last_used_at from api_keys k join projects p on p.id = k.project_id
      where k.project_id = \(project) and p.organisation_id = \(scope.organisation) and \(scope.projectCondition("p.id"))
      order by k.created_at desc, k.id desc
      """
    return try await pool.run { c in
      try c.query(sql) { ListedKey(key: try APIKey(row: $0), lastUsedAt: try $0.timestampOrNil(APIKey.columnCount)) }
    }
  }

  /// False when there is no such key within reach, or it was revoked before.
  public func revokeKey(_ id: KeyID, scope: AccessScope) async throws -> Bool {
    let sql: SQL = """
      update api_keys k set revoked_at = now() from projects p
      where k.id = \(id) and k.revoked_at is null and p.id = k.project_id
        and p.organisation_id = \(scope.organisation) and \(scope.projectCondition("p.id"))
      """
    return try await pool.run { c in try c.execute(sql) > 0 }
  }
}

/// A key in a list.
public struct ListedKey: Sendable, Hashable {
  public var key: APIKey
  /// To the minute.
  public var lastUsedAt: Timestamp?
}

extension APIKey {
  static let columns: SQL = """
    k.id, k.project_id, k.name, k.public_key, k.secret_hint, k.environment, k.scopes, k.team_mode, k.team_id, k.created_at, k.revoked_at,
    k.user_group_id, k.expires_at, k.content_policy, k.requests_per_minute, k.spans_per_minute, k.request_bytes_max,
    k.made_by, k.made_by_member, k.rotated_at, k.previous_secret_until
    """
  static let columnCount = 21

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
  }

  static func insert(_ new: NewKey, scope: AccessScope, _ c: Connection) throws -> CreatedKey {
    let name = try AccountError.filled(new.name, "key name")
    let pair = try checked(new.pair ?? KeyPair.random())
    let environment = try new.environment.map(\.trimmedBlanks).flatMap {
      $0.isEmpty ? nil : try AccountError.filled($0, "environment", most: 40)
    }
    try checkTeam(new.team, scope, c)
    let sql: SQL = """
      with k as (
        insert into api_keys
          (project_id, name, public_key, secret_sha256, secret_hint, environment, scopes, team_mode, team_id)
        select id, \(name), \(pair.publicKey), \(SHA256Digest.of(pair.secretKey.utf8)), \(pair.secretHint),
          \(environment), \(new.scopes.map(\.rawValue).sorted()), \(new.team.mode), \(new.team.team)
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

  private static func checkTeam(_ team: KeyTeam, _ scope: AccessScope, _ c: Connection) throws {
    guard let id = team.team else { return }
    let sql: SQL = """
      select 1 from teams where id = \(id) and organisation_id = \(scope.organisation) and \(scope.teamCondition("id"))
      """
    guard try c.first(sql, { _ in true }) != nil else { throw AccountError.unknownTeam }
  }

  /// A given pair must be long enough not to be guessed, and printable, so that it fits in an HTTP header.
  private static func checked(_ pair: KeyPair) throws -> KeyPair {
    let isPrintable = (pair.publicKey + pair.secretKey).utf8.allSatisfy {
      (33...126).contains($0) && $0 != UInt8(ascii: ":")
    }
    guard isPrintable, (1...100).contains(pair.publicKey.utf8.count), (16...200).contains(pair.secretKey.utf8.count)
    else {
      throw AccountError.invalid(
        field: "key pair", accepted: "printable ASCII without ':', the secret of at least 16 characters")
    }
    return pair
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

  var team: TeamID? {
    switch self {
    case .none: nil
    case .default(let team), .fixed(let team): team
    }
  }
}
