import Domain
import Postgres

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
    return try c.query(sql, RoleGrant.init(row:)).compactMap(\.self)
  }

  /// Of team, project and role; nil for a role that this version doesn't know.
  init?(row: Row) throws {
    guard let role = Member.Role(rawValue: try row.string(2)) else { return nil }
    if let team: TeamID = try row.idOrNil(0) {
      self.init(place: .team(team), role: role)
    } else if let project: ProjectID = try row.idOrNil(1) {
      self.init(place: .project(project), role: role)
    } else {
      return nil
    }
  }
}

extension ContentGrant {
  static func valid(of member: MemberID, _ c: Connection) throws -> [ContentGrant] {
    let sql: SQL = """
      select project_id, given_at, expires_at, reason <> '' from content_grants
      where member_id = \(member) and withdrawn_at is null and (expires_at is null or expires_at > now())
      """
    return try c.query(sql) {
      ContentGrant(
        project: try $0.idOrNil(0), givenAt: try $0.timestamp(1), expiresAt: try $0.timestampOrNil(2), hasReason: try $0.bool(3))
    }
  }
}
