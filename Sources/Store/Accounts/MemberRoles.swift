import Domain
import Postgres

/// A grant for content as listed.
public struct ListedContentGrant: Sendable, Hashable {
  public var id: Int32
  public var grant: ContentGrant
  public var givenBy: String
  public var reason: String
}

extension MemberAccess {
  /// What the member may do now, read in the caller's snapshot.
  static func read(_ member: Member, at now: Timestamp, _ c: Connection) throws -> MemberAccess {
    // Roles of the whole organisation need no list of what is in it.
    guard member.role.hasOwnReach else {
      return MemberAccess(member, grants: [], content: try ContentGrant.valid(of: member.id, c), teams: [], projects: [], at: now)
    }
    let organisation = member.organisation
    return MemberAccess(
      member, grants: try RoleGrant.of(member.id, c), content: try ContentGrant.valid(of: member.id, c),
      teams: try c.query("\(Team.select) where organisation_id = \(organisation)", Team.init(row:)),
      projects: try c.query(
        "select id, slug, name, team_id from projects where organisation_id = \(organisation)", Project.init(row:)),
      at: now)
  }
}

extension RoleGrant {
  /// Roles in teams and projects, teams first.
  static func of(_ member: MemberID, _ c: Connection) throws -> [RoleGrant] {
    let sql: SQL = """
      select team_id, project_id, role from member_roles where member_id = \(member) order by team_id, project_id
      """
    return try c.query(sql) { row -> RoleGrant? in
      guard let role = Member.Role(rawValue: try row.string(2)) else { return nil }
      if let team: TeamID = try row.idOrNil(0) { return RoleGrant(place: .team(team), role: role) }
      return try row.idOrNil(1).map { RoleGrant(place: .project($0), role: role) }
    }.compactMap(\.self)
  }
}

extension ContentGrant {
  static func valid(of member: MemberID, _ c: Connection) throws -> [ContentGrant] {
    let sql: SQL = """
      select project_id, given_at, expires_at from content_grants
      where member_id = \(member) and withdrawn_at is null and (expires_at is null or expires_at > now())
      """
    return try c.query(sql) {
      ContentGrant(project: try $0.idOrNil(0), givenAt: try $0.timestamp(1), expiresAt: try $0.timestampOrNil(2))
    }
  }
}
