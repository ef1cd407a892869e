import Domain
import Postgres

extension AccountStore {
  /// Groups of end users, by name.
  public func userGroups(scope: AccessScope) async throws -> [UserGroup] {
    let sql: SQL = """
      select id, name, team_id from user_groups where organisation_id = \(scope.organisation) and removed_at is null
      order by name, id
      """
    return try await pool.run { c in
      try c.query(sql) { UserGroup(id: try $0.id(0), name: try $0.string(1), team: try $0.idOrNil(2)) }
    }
  }

  /// Creates the group or gives it the team. Errors: `AccountError.unknownTeam`, `.invalid`.
  public func saveUserGroup(name: String, team: TeamID?, scope: AccessScope) async throws -> UserGroup {
    let name = try AccountError.filled(name, "group name")
    let sql: SQL = """
      insert into user_groups (organisation_id, name, team_id) values (\(scope.organisation), \(name), \(team))
      on conflict on constraint user_groups_name_key do update set team_id = excluded.team_id, removed_at = null
      returning id, name, team_id
      """
    return try await pool.transaction { c in
      if let team, try c.first(Self.teamExists(team, scope), { _ in true }) == nil { throw AccountError.unknownTeam }
      guard let id: UserGroupID = try c.first(sql, { try $0.id(0) }) else { throw MissingRow() }
      return UserGroup(id: id, name: name, team: team)
    }
  }

  /// Puts end users into groups, taking each out of the group it was in (one group each, so that a call has one owner).
  /// Groups of another organisation are passed over. Returns how many users were new or changed group.
  @discardableResult
  public func saveUserGroupMembers(_ groupOfUser: [String: UserGroupID], scope: AccessScope) async throws -> Int {
    let users = groupOfUser.filter(\.key.isStorable).sorted { $0.key < $1.key }
    let sql: SQL = """
      insert into user_group_members (organisation_id, user_id, group_id)
      select g.organisation_id, given.user_id, g.id
      from unnest(\(users.map(\.key)), \(users.map(\.value))) given(user_id, group_id)
      join user_groups g on g.id = given.group_id and g.organisation_id = \(scope.organisation) and g.removed_at is null
      order by given.user_id
      on conflict (organisation_id, user_id) do update set group_id = excluded.group_id
      where user_group_members.group_id <> excluded.group_id
      """
    return try await pool.transaction { c in try c.execute(sql) }
  }

  /// Takes end users out of their groups. Returns how many were in one.
  @discardableResult
  public func removeUserGroupMembers(_ users: [String], scope: AccessScope) async throws -> Int {
    let sql: SQL = """
      delete from user_group_members where organisation_id = \(scope.organisation) and user_id = any(\(users.filter(\.isStorable)))
      """
    return try await pool.run { c in try c.execute(sql) }
  }

  private static func teamExists(_ team: TeamID, _ scope: AccessScope) -> SQL {
    "select 1 from teams where id = \(team) and organisation_id = \(scope.organisation)"
  }
}
