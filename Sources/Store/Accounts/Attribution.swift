import Domain
import Postgres

extension AccountStore {
  /// What attribution needs to know about an organisation's keys (revoked ones too: their calls are decided again) and
  /// people.
  public func attributionDirectory(organisation: OrganisationID) async throws -> AttributionDirectory {
    try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      var directory = AttributionDirectory()
      try c.stream(Self.keyTeams(organisation)) { row in
        directory.keyTeams[try row.id(0)] = KeyTeam(mode: try row.int16(1), team: try row.idOrNil(2))
      }
      try c.stream("select user_id, group_id from user_group_members where organisation_id = \(organisation)") { row in
        directory.groupOfUser[try row.string(0)] = try row.id(1, as: UserGroupID.self)
      }
      let teams: SQL =
        "select id, team_id from user_groups where organisation_id = \(organisation) and team_id is not null"
      try c.stream(teams) { row in directory.teamOfGroup[try row.id(0)] = try row.id(1, as: TeamID.self) }
      return directory
    }
  }

  /// Differs when something that the directory is made of may have changed; told seconds late, and not always after a
  /// crash of the server.
  public func directoryVersion() async throws -> Int64 {
    try await pool.run { c in
      try c.first(
        """
        select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint from pg_stat_user_tables
        where relname in ('api_keys', 'projects', 'user_groups', 'user_group_members')
        """
      ) { try $0.int64(0) } ?? 0
    }
  }

  private static func keyTeams(_ organisation: OrganisationID) -> SQL {
    """
    select k.id, k.team_mode, k.team_id from api_keys k join projects p on p.id = k.project_id
    where p.organisation_id = \(organisation)
    """
  }
}
