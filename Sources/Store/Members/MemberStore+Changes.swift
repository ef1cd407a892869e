import Domain
import Postgres

/// A member to be made.
public struct NewMember: Sendable {
  public var email: String
  /// argon2id in its encoded form; nil: an invitation or a provider lets them in.
  public var passwordHash: String?
  public var role: Member.Role
  /// Roles in teams and projects.
  public var roles: [RoleGrant]
  /// Gives a grant for all content in reach.
  public var readsContent: Bool

  public init(email: String, passwordHash: String? = nil, role: Member.Role, roles: [RoleGrant] = [], readsContent: Bool = false) {
    self.email = email
    self.passwordHash = passwordHash
    self.role = role
    self.roles = roles
    self.readsContent = readsContent
  }
}

extension MemberStore {
  /// *Errors:* `StructureError`; `.conflict` for an e-mail that is a member already.
  public func add(_ new: NewMember, organisation: OrganisationID, by actor: MemberActor) async throws -> Member {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      return try change.add(new)
    }
  }

  /// The role in the organisation. Roles in teams and projects that the new one does not take end, and so do the member's sessions, open
  /// links to set a password, and grants for content; for a new owner also accounts that providers linked by e-mail alone.
  public func setRole(_ role: Member.Role, of id: MemberID, organisation: OrganisationID, by actor: MemberActor) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      let member = try change.member(id)
      try change.setRole(role, of: member)
      if role == .owner, member.role != .owner { try change.unlinkProvided(member) }
    }
  }

  /// All roles in teams and projects at once; the member's sessions and open links end. *Errors:* `StructureError` for a place that doesn't exist or a role that it doesn't take.
  public func setRoles(_ roles: [RoleGrant], of id: MemberID, organisation: OrganisationID, by actor: MemberActor) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      try change.setRoles(roles, of: try change.member(id))
    }
  }

  /// A role in one place; nil takes it away.
  public func setRole(
    _ role: Member.Role?, in place: RoleGrant.Place, of id: MemberID, organisation: OrganisationID, by actor: MemberActor
  ) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      let member = try change.member(id), others = try RoleGrant.of(id, c).filter { $0.place != place }
      try change.setRoles(others + (role.map { [RoleGrant(place: place, role: $0)] } ?? []), of: member)
    }
  }

  /// A disabled member keeps roles and grants and can't sign in. Their keys that read or administrate are revoked, for good.
  public func setDisabled(_ isDisabled: Bool, _ id: MemberID, organisation: OrganisationID, by actor: MemberActor) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      let member = try change.member(id)
      if isDisabled { try change.checkNotSelf(member, "disable"); try change.checkOwnerRemains(without: member) }
      try c.execute("update members set disabled_at = \(isDisabled ? "now()" : "null" as SQL) where id = \(id)")
      try change.endSessions(of: id)
      let links = try change.endLinks(of: member, andMade: true)
      if isDisabled { try change.revokeKeys(of: member) }
      let fixed = isDisabled ? try change.fixMoney(of: member) : []
      try change.audit(isDisabled ? "member disabled" : "member enabled", member.subject, detail: MemberChange.ended(links: links, moneyOf: fixed))
    }
  }

  /// Gone for good, with the keys of theirs that read or administrate; what the audit log says of them stays.
  public func remove(_ id: MemberID, organisation: OrganisationID, by actor: MemberActor) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      let member = try change.member(id)
      try change.checkNotSelf(member, "remove")
      try change.checkOwnerRemains(without: member)
      try change.revokeKeys(of: member)
      let links = try change.endLinks(of: member, andMade: true), fixed = try change.fixMoney(of: member)
      try c.execute("delete from members where id = \(id)")
      let detail = MemberChange.ended(links: links, moneyOf: fixed).merging(["role": member.role.rawValue]) { a, _ in a }
      try change.audit("member removed", member.subject, detail: detail)
    }
  }

  /// Ends every session of a member.
  public func endSessions(of id: MemberID, organisation: OrganisationID, by actor: MemberActor) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      let member = try change.member(id)
      try change.endSessions(of: id)
      try change.audit("sessions ended", member.subject)
    }
  }
}

extension Member {
  /// As the audit log names them.
  var subject: String { "member \(email)" }
}

extension MemberChange {
  func add(_ new: NewMember) throws -> Member {
    try check(gives: new.role)
    if new.readsContent { try checkGivesContent() }
    let member: Member
    do {
      member = try Member.insert(email: new.email, passwordHash: new.passwordHash, role: new.role, organisation: organisation, c)
    } catch AccountError.duplicateMember(let email) {
      throw StructureError.conflict("\(email) is a member already.")
    } catch AccountError.invalid(let field, let accepted) {
      throw StructureError.invalid(field: field, accepted: accepted)
    }
    try audit(new.passwordHash == nil ? "member invited" : "member added", member.subject, after: ["role": new.role.rawValue])
    if !new.roles.isEmpty { try setRoles(new.roles, of: member) }
    if new.readsContent { try giveContent(of: nil, to: member, reason: "", expiresInSeconds: nil) }
    return member
  }

  func setRole(_ role: Member.Role, of member: Member) throws {
    guard role != member.role else { return }
    if actor.member == member.id, actor.role != .owner { throw StructureError.conflict("Nobody but an owner changes the own role.") }
    try check(gives: role)
    try checkOwnerRemains(without: member)
    try c.execute("update members set role = \(role.rawValue) where id = \(member.id)")
    if !role.hasOwnReach { try c.execute("delete from member_roles where member_id = \(member.id)") }
    try endSessions(of: member.id)
    let links = try endLinks(of: member, andMade: MemberRank.of(role) < MemberRank.of(member.role))
    let detail = Self.ended(links: links, grants: try withdrawContent(of: member.id))
    try audit("role changed", member.subject, detail: detail, before: ["role": member.role.rawValue], after: ["role": role.rawValue])
  }

  /// For the audit log: what else a change ended.
  static func ended(links: Int, grants: [Int32] = [], moneyOf keys: [String] = []) -> [String: String?] {
    [
      "linksEnded": links > 0 ? String(links) : nil,
      "contentGrantsWithdrawn": grants.isEmpty ? nil : grants.map { String($0) }.joined(separator: ", "),
      "moneyOfKeysFixed": keys.isEmpty ? nil : keys.joined(separator: ", "),
    ]
  }

  func setRoles(_ roles: [RoleGrant], of member: Member) throws {
    let before = try RoleGrant.of(member.id, c)
    guard Set(before) != Set(roles) else { return }
    try check(roles, of: member)
    try c.execute("delete from member_roles where member_id = \(member.id)")
    for grant in roles {
      try c.execute(
        "insert into member_roles (member_id, team_id, project_id, role) values (\(member.id), \(grant.team), \(grant.project), \(grant.role.rawValue))")
    }
    try endSessions(of: member.id)
    let detail = Self.ended(links: try endLinks(of: member, andMade: false))
    try audit("roles changed", member.subject, detail: detail, before: ["roles": try words(before)], after: ["roles": try words(roles)])
  }

  private func check(_ roles: [RoleGrant], of member: Member) throws {
    guard roles.isEmpty || member.role.hasOwnReach else {
      throw StructureError.conflict("\(member.email) is \(member.role.article): that role reaches the whole organisation and takes none in teams or projects.")
    }
    guard Set(roles.map(\.place)).count == roles.count else { throw StructureError.conflict("There is one role in each team and project.") }
    for grant in roles {
      guard RoleGrant.accepts(grant.role, in: grant.place) else {
        throw StructureError.invalid(field: "role", accepted: grant.team == nil ? "engineer or viewer in a project" : "team lead, engineer or viewer in a team")
      }
      if try name(of: grant.place) == nil { throw StructureError.unknown(grant.team == nil ? "project" : "team") }
    }
  }

  func name(of place: RoleGrant.Place) throws -> String? {
    let sql: SQL =
      switch place {
      case .team(let id): "select 'team ' || name from teams where id = \(id) and organisation_id = \(organisation)"
      case .project(let id): "select 'project ' || slug from projects where id = \(id) and organisation_id = \(organisation)"
      }
    return try c.first(sql) { try $0.string(0) }
  }

  private func words(_ roles: [RoleGrant]) throws -> String {
    try roles.map { "\($0.role.rawValue) in \(try name(of: $0.place) ?? "?")" }.joined(separator: ", ")
  }

  func checkNotSelf(_ member: Member, _ what: String) throws {
    if actor.member == member.id { throw StructureError.conflict("Nobody can \(what) themselves; another owner or admin can.") }
  }
}

extension RoleGrant {
  var team: TeamID? { if case .team(let id) = place { id } else { nil } }
  var project: ProjectID? { if case .project(let id) = place { id } else { nil } }
}
