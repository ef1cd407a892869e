import Domain
import Postgres

/// A group with how many users are in it by membership.
public struct UserGroupSummary: Sendable, Hashable {
  public var group: UserGroup
  public var members: Int64
}

/// Groups of end users and who is in them. What is booked stays; calls are decided by the new groups from a few seconds later on.
public struct UserGroupStore: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// By name.
  public func list(scope: AccessScope) async throws -> [UserGroupSummary] {
    try await pool.run { c in
      try c.query("\(Self.select(scope)) group by g.id order by g.name, g.id", Self.summary)
    }
  }

  /// nil when there is none of this id.
  public func find(_ id: UserGroupID, scope: AccessScope) async throws -> UserGroupSummary? {
    try await pool.run { c in try c.first("\(Self.select(scope)) and g.id = \(id) group by g.id", Self.summary) }
  }

  /// Users of a group by id, those after `last`, as the scope names them; none for readers who may know no user.
  public func members(of id: UserGroupID, after last: String? = nil, limit: Int = 1000, scope: AccessScope) async throws -> [String] {
    guard scope.users != .hidden else { return [] }
    return try await pool.run { c in
      let name = try UserTelling.read(scope, c).value("user_id")
      let sql: SQL = """
        select \(name) from user_group_members where organisation_id = \(scope.organisation) and group_id = \(id)
          and (\(last)::text is null or \(name) > \(last))
        order by 1 limit \(min(max(limit, 1), 100_000))
        """
      return try c.query(sql) { try $0.string(0) }
    }
  }

  /// *Errors:* `StructureError` (a name that is taken).
  public func create(name: String, team: TeamID?, scope: AccessScope, by actor: String) async throws -> UserGroup {
    try await write(scope, actor) { change in
      let group = try Self.insert(name, team, change)
      if team != nil { try change.raise() }
      return group
    }
  }

  /// Another name or team. *Errors:* `StructureError` (a name that is taken, or that a rule speaks of).
  public func save(_ id: UserGroupID, name: String, team: TeamID?, scope: AccessScope, by actor: String) async throws -> UserGroup {
    let name = try StructureChecks.text(name, "name")
    return try await write(scope, actor) { change in
      let sql: SQL = "\(Self.select(scope)) and g.id = \(id) group by g.id"
      guard let known = try change.c.first(sql, Self.summary)?.group else { throw StructureError.unknown("user group") }
      if known.name == name, known.team == team { return known }
      try change.check(team: team)
      if known.name != name { try Self.checkNoRule(speaksOf: known.name, change) }
      try change.c.execute("update user_groups set name = \(name), team_id = \(team) where id = \(id)")
      try Self.audit("user group changed", id, change)
      try change.raise()
      return UserGroup(id: id, name: name, team: team)
    }
  }

  /// Makes these users the members of a group, taking each out of the group it was in. How many came or went.
  @discardableResult
  public func setMembers(of id: UserGroupID, _ users: [String], scope: AccessScope, by actor: String) async throws -> Int {
    let users = try Self.checked(users)
    return try await write(scope, actor) { change in
      try change.check(group: id)
      let gone = try change.c.execute(
        """
        delete from user_group_members
        where organisation_id = \(scope.organisation) and group_id = \(id) and not user_id = any(\(users))
        """)
      let come = try Self.put(users.map { ($0, id) }, change)
      if gone + come > 0 {
        let detail: SQL = "jsonb_build_object('came', \(Int64(come))::bigint, 'went', \(Int64(gone))::bigint)"
        try change.audit("user group's members set", "user group \(id)", detail: detail)
      }
      return gone + come
    }
  }

  /// Takes a group away: it has no members, and its calls keep its name. *Errors:* `StructureError` while a rule gives it or speaks of it.
  public func remove(_ id: UserGroupID, scope: AccessScope, by actor: String) async throws {
    try await write(scope, actor) { change in
      let sql: SQL = "\(Self.select(scope)) and g.id = \(id) group by g.id"
      guard let known = try change.c.first(sql, Self.summary)?.group else { throw StructureError.unknown("user group") }
      try Self.checkNoRule(speaksOf: known.name, giving: id, change)
      try Self.audit("user group removed", id, change)
      // First, so that members whom a list is putting into it are seen by what follows.
      try change.c.execute("update user_groups set removed_at = now(), team_id = null where id = \(id)")
      try change.c.execute("delete from user_group_members where group_id = \(id)")
      try change.raise()
    }
  }

  private func write<T: Sendable>(
    _ scope: AccessScope, _ actor: String, _ body: @escaping @Sendable (StructureChange) throws -> T
  ) async throws -> T {
    try await pool.transaction { c in
      do { return try body(try StructureChange(scope, actor, c)) } catch let error as DatabaseError
        where error.constraint == "user_groups_name_key"
      {
        throw StructureError.conflict("There is a user group of this name already. Accepted: a name that no other group has or had.")
      }
    }
  }
}

extension UserGroupStore {
  private static func select(_ scope: AccessScope) -> SQL {
    """
    select g.id, g.name, g.team_id, count(m.user_id) from user_groups g left join user_group_members m on m.group_id = g.id
    where g.organisation_id = \(scope.organisation) and g.removed_at is null
    """
  }

  private static func summary(_ row: Row) throws -> UserGroupSummary {
    UserGroupSummary(
      group: UserGroup(id: try row.id(0), name: try row.string(1), team: try row.idOrNil(2)), members: try row.int64(3))
  }

  /// One that was removed comes back under its id.
  static func insert(_ name: String, _ team: TeamID?, _ change: StructureChange) throws -> UserGroup {
    let name = try StructureChecks.text(name, "name")
    try change.check(team: team)
    let sql: SQL = """
      insert into user_groups (organisation_id, name, team_id) values (\(change.organisation), \(name), \(team))
      on conflict on constraint user_groups_name_key do update set removed_at = null, team_id = excluded.team_id
      where user_groups.removed_at is not null
      returning id
      """
    guard let id: UserGroupID = try change.c.first(sql, { try $0.id(0) }) else {
      throw StructureError.conflict("There is a user group \"\(name)\" already. Accepted: a name that no other group has.")
    }
    try audit("user group added", id, change)
    return UserGroup(id: id, name: name, team: team)
  }

  /// How many were new or in another group. Of groups of the organisation.
  static func put(_ members: [(user: String, group: UserGroupID)], _ change: StructureChange) throws -> Int {
    var count = 0
    for start in stride(from: 0, to: members.count, by: 10_000) {
      let part = members[start..<min(start + 10_000, members.count)]
      let sql: SQL = """
        insert into user_group_members (organisation_id, user_id, group_id)
        select \(change.organisation), given.user_id, given.group_id
        from unnest(\(part.map(\.user)), \(part.map(\.group))) given(user_id, group_id) order by given.user_id
        on conflict (organisation_id, user_id) do update set group_id = excluded.group_id
        where user_group_members.group_id <> excluded.group_id
        """
      count += try change.c.execute(sql)
    }
    return count
  }

  static let userBytesMax = 1000

  private static func checked(_ users: [String]) throws -> [String] {
    let trimmed = Set(users.map(\.trimmedBlanks))
    guard trimmed.allSatisfy({ !$0.isEmpty && $0.utf8.count <= userBytesMax && $0.isStorable }) else {
      throw StructureError.invalid(field: "user", accepted: "ids of 1 to \(userBytesMax) bytes")
    }
    return trimmed.sorted()
  }

  private static func audit(_ action: String, _ id: UserGroupID, _ change: StructureChange) throws {
    let detail: SQL = "(select jsonb_build_object('name', name, 'team_id', team_id) from user_groups where id = \(id))"
    try change.audit(action, "user group \(id)", detail: detail)
  }

  /// Rules speak of groups by name, and are never overwritten.
  private static func checkNoRule(speaksOf name: String, giving id: UserGroupID? = nil, _ change: StructureChange) throws {
    let sql: SQL = """
      select r.name from attribution_rules r
      where r.organisation_id = \(change.organisation) and r.deleted_at is null
        and (r.user_group_id = \(id) or exists (select from jsonb_array_elements(r.conditions) e
          where e ->> 'field' = 'userGroup' and e ->> 'match' = 'equals' and e -> 'values' @> jsonb_build_array(\(name)::text)))
      order by r.position limit 1
      """
    guard let rule = try change.c.first(sql, { try $0.string(0) }) else { return }
    throw StructureError.conflict("The rule \"\(rule)\" speaks of this group. Accepted: after that rule has ended or was changed.")
  }
}
