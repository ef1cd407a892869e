import Domain
import Postgres

/// A line of an uploaded list that could not be taken.
public struct LineProblem: Sendable, Hashable {
  /// From 1, the header included.
  public var line: Int
  public var message: String
}

/// What became of an uploaded list of members.
public struct GroupImport: Sendable, Hashable {
  /// Users that were in no group or in another.
  public var changed = 0
  /// Users that were where the list says.
  public var unchanged = 0
  /// Names of groups that the list made.
  public var created: [String] = []
  /// Lines that were not taken; nothing else was lost by them. At most `UserGroupList.problemsMax` are told.
  public var problems: [LineProblem] = []
  public var problemCount = 0
}

extension UserGroupStore {
  /// Puts users into groups by a list with the columns `user` and `group`, making groups that are new. Users who are not in the list stay
  /// where they are. *Errors:* `StructureError` for a list without that header, or with more than `UserGroupList.linesMax` lines.
  public func importList(_ text: String, scope: AccessScope, by actor: String) async throws -> GroupImport {
    try await importList(Array(text.utf8), scope: scope, by: actor)
  }

  /// The same of bytes; lines that are not UTF-8 are not taken.
  public func importList(_ bytes: [UInt8], scope: AccessScope, by actor: String) async throws -> GroupImport {
    let list = try UserGroupList(bytes)
    return try await pool.transaction { c in
      // Memberships and groups without a team decide no revision: calls arrive meanwhile.
      let change = try StructureChange.besideWrites(scope, actor, c)
      var result = GroupImport(problems: list.problems, problemCount: list.problemCount)
      result.created = try Self.insertGroups(of: list, change)
      result.changed = try Self.put(list.members, change)
      result.unchanged = list.members.count - result.changed
      let detail: SQL = """
        jsonb_build_object('users', \(Int64(list.members.count))::bigint, 'changed', \(Int64(result.changed))::bigint,
          'groups_added', \(Int64(result.created.count))::bigint, 'lines_refused', \(Int64(result.problemCount))::bigint)
        """
      try change.audit("user group members imported", "user groups", detail: detail)
      return result
    }
  }

  /// Names of groups that were not there, in the order of the list. One that was removed comes back under its id.
  private static func insertGroups(of list: UserGroupList, _ change: StructureChange) throws -> [String] {
    var seen: Set<[UInt8]> = []
    let names = list.members.compactMap { seen.insert(Array($0.group.utf8)).inserted ? $0.group : nil }
    let sql: SQL = """
      insert into user_groups (organisation_id, name)
      select \(change.organisation), name from unnest(\(names)) given(name)
      where not exists (select from user_groups g
        where g.organisation_id = \(change.organisation) and g.name = given.name and g.removed_at is null)
      order by name
      on conflict on constraint user_groups_name_key do update set removed_at = null, team_id = null
      where user_groups.removed_at is not null
      returning name
      """
    let made = Set(try change.c.query(sql) { Array(try $0.string(0).utf8) })
    // Nobody takes them away before the members are in.
    let kept: SQL = """
      select 1 from user_groups where organisation_id = \(change.organisation) and removed_at is null and name = any(\(names))
      order by id for share
      """
    guard try change.c.query(kept, { _ in true }).count == names.count else {
      throw StructureError.conflict("A group of the list was taken away at the same time. Accepted: the list again.")
    }
    return names.filter { made.contains(Array($0.utf8)) }
  }

  /// How many were new or in another group. The groups are there.
  private static func put(_ members: [(user: String, group: String)], _ change: StructureChange) throws -> Int {
    // In one order everywhere, so that two lists don't wait for each other.
    let sorted = members.sorted { $0.user.utf8.lexicographicallyPrecedes($1.user.utf8) }
    var count = 0
    for start in stride(from: 0, to: sorted.count, by: 10_000) {
      let part = sorted[start..<min(start + 10_000, sorted.count)]
      let sql: SQL = """
        insert into user_group_members (organisation_id, user_id, group_id)
        select g.organisation_id, given.user_id, g.id
        from unnest(\(part.map(\.user)), \(part.map(\.group))) given(user_id, name)
        join user_groups g on g.organisation_id = \(change.organisation) and g.name = given.name
        left join user_group_members m on m.organisation_id = g.organisation_id and m.user_id = given.user_id
        where m.group_id is distinct from g.id order by given.user_id collate "C"
        on conflict (organisation_id, user_id) do update set group_id = excluded.group_id
        where user_group_members.group_id <> excluded.group_id
        """
      count += try change.c.execute(sql)
    }
    return count
  }
}
