import Domain
import Postgres

extension AccountStore {
  /// What attribution needs to know about an organisation's keys (revoked ones too: their calls are decided again), people and rules, as
  /// of one moment. Rules with an expression that `patterns` doesn't take match nothing.
  public func attributionDirectory(
    organisation: OrganisationID, patterns: PatternCompiler = AttributionDirectory.withoutPatterns
  ) async throws -> AttributionDirectory {
    let (directory, rules) = try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      (try AttributionDirectory.read(organisation, c), try AttributionRule.current(organisation, c))
    }
    var complete = directory
    complete.take(rules, patterns: patterns)
    return complete
  }

  /// Differs when something that the directory is made of may have changed; told seconds late, and not always after a
  /// crash of the server.
  public func directoryVersion() async throws -> DirectoryVersion {
    try await pool.run { c in
      let sql: SQL = """
        select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint,
          (select coalesce(sum(attribution_revision), 0)::bigint from organisations)
        from pg_stat_user_tables where relname in ('api_keys', 'projects', 'user_groups', 'user_group_members')
        """
      return try c.first(sql) { DirectoryVersion(changes: try $0.int64(0), revisions: try $0.int64(1)) } ?? DirectoryVersion()
    }
  }
}

/// Of the directory: keys, projects and groups by what the server has counted, rules, dates and declared keys by their revision, which is
/// told at once.
public struct DirectoryVersion: Sendable, Hashable {
  var changes: Int64 = 0
  var revisions: Int64 = 0
}

extension AttributionDirectory {
  /// For whoever asks nothing of rules.
  public static let withoutPatterns: PatternCompiler = { _ in throw NoPatterns() }
  private struct NoPatterns: Error {}

  /// All but the rules, in the caller's snapshot.
  static func read(_ organisation: OrganisationID, _ c: Connection) throws -> AttributionDirectory {
    var directory = AttributionDirectory()
    let revision: SQL = "select attribution_revision from organisations where id = \(organisation)"
    directory.revision = try c.first(revision) { try $0.int32(0) } ?? 0
    directory.erased = try ErasedUsers.read(organisation, c)
    try c.stream(keys(organisation)) { row in
      let id: KeyID = try row.id(0)
      directory.keyTeams[id] = KeyTeam(mode: try row.int16(1), team: try row.idOrNil(2))
      directory.keyNames[id] = try row.string(3)
      if let group: UserGroupID = try row.idOrNil(4) { directory.keyGroups[id] = group }
    }
    try c.stream("select id, slug from projects where organisation_id = \(organisation)") { row in
      directory.projectSlugs[try row.id(0)] = try row.string(1)
    }
    try c.stream("select user_id, group_id from user_group_members where organisation_id = \(organisation)") { row in
      directory.groupOfUser[try row.string(0)] = try row.id(1, as: UserGroupID.self)
    }
    try c.stream("select id, name, team_id from user_groups where organisation_id = \(organisation) and removed_at is null") { row in
      let id: UserGroupID = try row.id(0)
      directory.groupNames[id] = try row.string(1)
      if let team: TeamID = try row.idOrNil(2) { directory.teamOfGroup[id] = team }
    }
    try c.stream(validity(organisation)) { row in
      directory.teamValidity[try row.id(0)] = TeamValidity(from: try row.timestampOrNil(1), to: try row.timestampOrNil(2))
    }
    directory.declaredKeys = try c.query(DeclaredKey.select(organisation), DeclaredKey.init(row:))
    return directory
  }

  private static func keys(_ organisation: OrganisationID) -> SQL {
    """
    select k.id, k.team_mode, k.team_id, k.public_key, g.id from api_keys k join projects p on p.id = k.project_id
    left join user_groups g on g.id = k.user_group_id and g.removed_at is null
    where p.organisation_id = \(organisation)
    """
  }

  /// Days begin in the organisation's time zone.
  private static func validity(_ organisation: OrganisationID) -> SQL {
    """
    select t.id, t.valid_from::timestamp at time zone o.time_zone, t.valid_to::timestamp at time zone o.time_zone
    from teams t join organisations o on o.id = t.organisation_id
    where t.organisation_id = \(organisation) and (t.valid_from is not null or t.valid_to is not null)
    """
  }
}
