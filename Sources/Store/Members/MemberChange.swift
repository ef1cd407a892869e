import Domain
import Postgres

/// Changes of one organisation's members in one transaction, one after the other: the last owner is told by looking.
struct MemberChange {
  let organisation: OrganisationID
  let actor: MemberActor
  let c: Connection

  init(_ organisation: OrganisationID, _ actor: MemberActor, _ c: Connection) throws {
    self.organisation = organisation
    self.actor = actor
    self.c = c
    try c.execute("select pg_advisory_xact_lock(hashtextextended('quipu.members', \(Int64(organisation.rawValue))))")
  }

  func audit(
    _ action: String, _ subject: String, detail: [String: String?] = [:], before: [String: String?]? = nil, after: [String: String?]? = nil
  ) throws {
    try AuditEntry.append(
      organisation, actor.name, action, subject, detail: AuditEntry.object(detail.filter { $0.value != nil }),
      before: before.map(AuditEntry.object) ?? "null::jsonb", after: after.map(AuditEntry.object) ?? "null::jsonb", c)
  }

  /// With a detail of any form: an expression of type jsonb.
  func audit(_ action: String, _ subject: String, _ detail: SQL) throws {
    try AuditEntry.append(organisation, actor.name, action, subject, detail: detail, c)
  }

  /// Whom the actor may change. *Errors:* `StructureError` for an unknown member or one above the actor.
  func member(_ id: MemberID) throws -> Member {
    let sql: SQL = "select \(Member.columns) from members m where m.id = \(id) and m.organisation_id = \(organisation)"
    guard let member = try c.first(sql, Member.init(row:)) else { throw StructureError.unknown("member") }
    guard MemberRank.of(actor.role) >= MemberRank.of(member.role) else {
      throw StructureError.conflict("\(member.email) is \(member.role.article), and only an owner changes an owner.")
    }
    return member
  }

  /// *Errors:* `StructureError` when the role is above the actor's.
  func check(gives role: Member.Role) throws {
    guard MemberRank.of(actor.role) >= MemberRank.of(role) else {
      throw StructureError.conflict("Only an owner makes \(role.article).")
    }
  }

  /// *Errors:* `StructureError` when nobody but `member` is an owner who can sign in.
  func checkOwnerRemains(without member: Member) throws {
    guard member.role == .owner else { return }
    let sql: SQL = """
      select 1 from members where organisation_id = \(organisation) and role = 'owner' and id <> \(member.id) and disabled_at is null
        and (password_hash is not null or last_sign_in_at is not null) limit 1
      """
    guard try c.first(sql, { _ in true }) != nil else {
      throw StructureError.conflict("\(member.email) is the last owner. Make another one first, who has signed in.")
    }
  }

  /// Keys that the member made and that read traces or administrate open what the member may not see any more. Those that only send or
  /// read money go on: applications run by them.
  func revokeKeys(of member: Member) throws {
    let sql: SQL = """
      update api_keys k set revoked_at = now(), revoked_by = \(actor.name), previous_secret_sha256 = null, previous_secret_until = null
      where k.made_by_member = \(member.id) and k.revoked_at is null and k.scopes && array['read', 'admin']
      returning \(APIKey.columns)
      """
    let scope = AccessScope(organisation: organisation, teams: .all, projects: .all, readsContent: false)
    for key in try c.query(sql, APIKey.init(row:)).sorted(by: { $0.id < $1.id }) {
      try key.audit("key revoked", detail: ["madeBy": member.email], scope, KeyActor(actor.name, member: actor.member), c)
    }
  }

  func endSessions(of member: MemberID) throws {
    try c.execute("delete from member_sessions where member_id = \(member)")
    try c.execute("delete from sign_in_steps where member_id = \(member)")
  }
}

/// Nobody gives a role above the own: owner, admin, everybody else.
enum MemberRank {
  static func of(_ role: Member.Role) -> Int {
    switch role {
    case .owner: 2
    case .admin: 1
    case .finance, .teamLead, .engineer, .viewer, .auditor: 0
    }
  }
}

extension Member.Role {
  /// "an owner".
  var article: String {
    switch self {
    case .owner: "an owner"
    case .admin: "an admin"
    case .finance: "in finance"
    case .teamLead: "a team lead"
    case .engineer: "an engineer"
    case .viewer: "a viewer"
    case .auditor: "an auditor"
    }
  }
}
