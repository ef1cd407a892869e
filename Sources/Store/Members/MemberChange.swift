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

  /// *Errors:* `StructureError` for everybody but an owner: whoever could give it to another could give it to a second self.
  func checkGivesContent() throws {
    guard actor.role == .owner else { throw StructureError.conflict("Only an owner gives access to inputs and outputs.") }
  }

  /// *Errors:* `StructureError` when nobody but `member` is an owner who can sign in.
  func checkOwnerRemains(without member: Member) throws {
    guard member.role == .owner else { return }
    let sql: SQL = """
      select 1 from members where organisation_id = \(organisation) and role = 'owner' and id <> \(member.id) and disabled_at is null
        and (password_hash is not null or last_sign_in_at is not null and exists (
          select 1 from sign_in_identities i where i.member_id = members.id))
      limit 1
      """
    guard try c.first(sql, { _ in true }) != nil else {
      throw StructureError.conflict("\(member.email) is the last owner. Make another one first, who has signed in.")
    }
  }

  /// Keys that the member made and that read traces or administrate open what the member may not see any more. Those that only send or
  /// read money go on: applications run by them; the money is at most what the member sees now (`fixMoney`).
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

  /// Keys that go on without the member show no more of money than the member sees at the end. Returns their public keys.
  func fixMoney(of member: Member) throws -> [String] {
    let sql: SQL = """
      select \(APIKey.columns), p.slug, p.name, p.team_id, now() from api_keys k join projects p on p.id = k.project_id
      where k.made_by_member = \(member.id) and k.revoked_at is null and 'readMoney' = any(k.scopes) order by k.id
      """
    let at = APIKey.columnCount
    let keys = try c.query(sql) { row in
      let key = try APIKey(row: row)
      let project = Project(id: key.project, slug: try row.string(at), name: try row.string(at + 1), team: try row.id(at + 2))
      return (key: key, project: project, now: try row.timestamp(at + 3))
    }
    guard let now = keys.first?.now else { return [] }
    let access = try MemberAccess.read(member, at: now, c)
    var fixed: [String] = []
    for (key, project, _) in keys {
      let money = key.bounded(by: access, in: project).money
      guard money != key.money else { continue }
      try c.execute("update api_keys set names_users = \(money.namesUsers), money_team_ids = \(money.teams.stored) where id = \(key.id)")
      fixed.append(key.publicKey)
    }
    return fixed
  }

  /// Links to set a password: the member's, and with `andMade` those that the member made for others. Who made one while the member was
  /// less could become more by it.
  /// - Returns: how many were open.
  func endLinks(of member: Member, andMade: Bool) throws -> Int {
    let made: SQL = andMade ? "or made_by = \(member.email)" : ""
    let sql: SQL = "delete from member_links where member_id = \(member.id) \(made) returning expires_at > now()"
    return try c.query(sql) { try $0.bool(0) }.filter { $0 }.count
  }

  /// Grants for content that are valid still. Returns their numbers.
  func withdrawContent(of member: MemberID) throws -> [Int32] {
    let sql: SQL = """
      update content_grants set withdrawn_at = now(), withdrawn_by = \(actor.name)
      where member_id = \(member) and withdrawn_at is null and (expires_at is null or expires_at > now()) returning id
      """
    return try c.query(sql) { try $0.int32(0) }.sorted()
  }

  /// Accounts that a provider linked by their e-mail alone, when whoever set it up could not become an owner by it.
  func unlinkProvided(_ member: Member) throws {
    let sql: SQL = """
      delete from sign_in_identities where organisation_id = \(organisation) and member_id = \(member.id) and linked_by like 'provider %'
      returning issuer, subject
      """
    for (issuer, subject) in try c.query(sql, { (try $0.string(0), try $0.string(1)) }).sorted(by: { $0 < $1 }) {
      try audit("account unlinked", member.subject, detail: ["issuer": issuer, "subject": subject, "why": "made an owner"])
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
