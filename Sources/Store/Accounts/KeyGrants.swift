import Domain
import Postgres

/// What a presented key opens: one project of one organisation.
public struct KeyGrant: Sendable, Hashable {
  public var key: APIKey
  public var project: Project
  public var organisation: Organisation

  public init(key: APIKey, project: Project, organisation: Organisation) {
    self.key = key
    self.project = project
    self.organisation = organisation
  }

  /// Money and traces of the key's project, prompts included: whoever holds the key wrote them.
  public var scope: AccessScope {
    AccessScope(organisation: organisation.id, teams: .all, projects: .only([project.id]), readsContent: true)
  }
}

extension AccountStore {
  /// The key with this secret (bearer authentication); nil when there is none or it is revoked.
  public func grant(secret: String) async throws -> KeyGrant? {
    try await grant(where: "k.secret_sha256 = \(SHA256Digest.of(secret.utf8))")
  }

  /// The key with this pair (basic authentication); nil when there is none, the parts don't belong together or it is
  /// revoked.
  public func grant(publicKey: String, secret: String) async throws -> KeyGrant? {
    guard publicKey.isStorable else { return nil }
    return try await grant(where: "k.secret_sha256 = \(SHA256Digest.of(secret.utf8)) and k.public_key = \(publicKey)")
  }

  /// Notes that a key was used; writes at most once a minute and key.
  public func touchKey(_ id: KeyID) async throws {
    let sql: SQL = """
      update api_keys set last_used_at = now()
      where id = \(id) and (last_used_at is null or last_used_at < now() - interval '1 minute')
      """
    try await pool.run { c in _ = try c.execute(sql) }
  }

  private func grant(where condition: SQL) async throws -> KeyGrant? {
    let sql: SQL = """
      select \(APIKey.columns), p.slug, p.name, p.team_id, o.id, o.name, o.time_zone
      from api_keys k join projects p on p.id = k.project_id join organisations o on o.id = p.organisation_id
      where k.revoked_at is null and \(condition)
      """
    return try await pool.run { c in try c.first(sql, KeyGrant.init(row:)) }
  }
}

extension KeyGrant {
  init(row: Row) throws {
    let key = try APIKey(row: row)
    let at = APIKey.columnCount
    self.init(
      key: key,
      project: Project(
        id: key.project, slug: try row.string(at), name: try row.string(at + 1), team: try row.id(at + 2)),
      organisation: Organisation(id: try row.id(at + 3), name: try row.string(at + 4), timeZone: try row.string(at + 5))
    )
  }
}
