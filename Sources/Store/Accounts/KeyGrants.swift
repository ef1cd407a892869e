import Domain
import Postgres

/// What a presented key opens now: one project of one organisation, and no more than its maker may.
public struct KeyGrant: Sendable, Hashable {
  /// With the scopes and the money that are left of it.
  public var key: APIKey
  /// Scopes that it was made with and that its maker may no longer give.
  public var withheld: Set<KeyScope> = []
  /// Whether its maker reads inputs and outputs of the project.
  public var readsContent = true
  public var project: Project
  public var organisation: Organisation
  /// When less is opened by itself: the presented secret ends with the key or with the overlap of its rotation, a grant of its maker for
  /// content with its time. nil: not by itself.
  public var validUntil: Timestamp?
  /// Only the public part was presented, as browsers do: scores can be made with it, and nothing else.
  public var createsScoresOnly = false

  public init(key: APIKey, project: Project, organisation: Organisation) {
    self.key = key
    self.project = project
    self.organisation = organisation
  }

  /// The key's project. Content for keys with the scope read while who made them reads it, traces for those and for administrators, money
  /// for all, within what its maker sees.
  public var scope: AccessScope {
    let own = AccessScope.Reach<ProjectID>.only([project.id])
    let reads = key.scopes.contains(.read) && !createsScoresOnly
    return AccessScope(
      organisation: organisation.id, teams: key.money.teams, projects: own, traces: reads || key.scopes.contains(.admin) ? own : .none,
      content: reads && readsContent ? own : .none, users: users)
  }

  /// Whoever may administrate acts for the whole organisation, and reads no content by that.
  public var adminScope: AccessScope {
    AccessScope(organisation: organisation.id, teams: key.money.teams, projects: .all, traces: .all, content: .none, users: users)
  }

  private var users: AccessScope.UserNaming { key.money.namesUsers ? .shown : .hidden }
}

extension AccountStore {
  /// The key with this secret (bearer authentication); nil when there is none, or it is revoked or expired.
  /// - Parameter orPublic: the text may also be a public key; the grant is for scores alone then.
  public func grant(secret: String, orPublic: Bool = false) async throws -> KeyGrant? {
    let isPublic: SQL = orPublic && secret.isStorable ? "k.public_key = \(secret)" : "false"
    return try await grant(SHA256Digest.of(secret.utf8), publicKey: "true", isPublic: isPublic)
  }

  /// The key with this pair (basic authentication); nil when there is none, the parts don't belong together, or it is revoked or expired.
  public func grant(publicKey: String, secret: String) async throws -> KeyGrant? {
    guard publicKey.isStorable else { return nil }
    return try await grant(SHA256Digest.of(secret.utf8), publicKey: "k.public_key = \(publicKey)", isPublic: "false")
  }

  private func grant(_ secret: [UInt8], publicKey: SQL, isPublic: SQL) async throws -> KeyGrant? {
    let sql: SQL = """
      select \(APIKey.columns), p.slug, p.name, p.team_id, o.id, o.name, o.time_zone, k.secret_sha256 = \(secret),
        coalesce(k.previous_secret_sha256 = \(secret), false), now()
      from api_keys k join projects p on p.id = k.project_id join organisations o on o.id = p.organisation_id
      where (k.secret_sha256 = \(secret) or k.previous_secret_sha256 = \(secret) and k.previous_secret_until > now() or \(isPublic))
        and \(publicKey) and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
      order by k.secret_sha256 = \(secret) desc, k.id limit 1
      """
    return try await pool.run { c in
      let row = try c.first(sql.named("KeyGrant")) { row in (grant: try KeyGrant(row: row), now: try row.timestamp(APIKey.columnCount + 8)) }
      guard var grant = row?.grant, let now = row?.now else { return nil }
      try grant.bound(at: now, c)
      return grant
    }
  }

  /// What is left of a key of the project now that its maker may do what they may.
  public func reach(of key: APIKey, in project: Project) async throws -> KeyReach {
    try await pool.run { c in
      guard let now = try c.first("select now()", { try $0.timestamp(0) }) else { throw MissingRow() }
      return try key.reach(in: project, at: now, c).reach
    }
  }
}

extension APIKey {
  /// - Returns: what is left, and when that changes by itself.
  func reach(in project: Project, at now: Timestamp, _ c: Connection) throws -> (reach: KeyReach, until: Timestamp?) {
    // What only sends asks nothing of its maker.
    guard let maker, scopes != [.ingest] else { return (KeyReach(self), nil) }
    let sql: SQL = "select \(Member.columns) from members m where m.id = \(maker) and m.disabled_at is null"
    let access = try c.first(sql.named("KeyMaker"), Member.init(row:)).map { try MemberAccess.read($0, at: now, c) }
    return (bounded(by: access, in: project), access?.contentChangesAt)
  }
}

extension KeyGrant {
  fileprivate mutating func bound(at now: Timestamp, _ c: Connection) throws {
    let (left, until) = try key.reach(in: project, at: now, c)
    withheld = key.scopes.subtracting(left.scopes)
    (key.scopes, key.money, readsContent) = (left.scopes, left.money, left.readsContent)
    validUntil = [validUntil, until].compactMap(\.self).min()
  }

  init(row: Row) throws {
    let key = try APIKey(row: row)
    let at = APIKey.columnCount
    self.init(
      key: key,
      project: Project(
        id: key.project, slug: try row.string(at), name: try row.string(at + 1), team: try row.id(at + 2)),
      organisation: Organisation(id: try row.id(at + 3), name: try row.string(at + 4), timeZone: try row.string(at + 5))
    )
    let (isCurrent, isPrevious) = (try row.bool(at + 6), try row.bool(at + 7))
    validUntil = [key.expiresAt, isCurrent || !isPrevious ? nil : key.previousSecretUntil].compactMap(\.self).min()
    createsScoresOnly = !isCurrent && !isPrevious
  }
}
