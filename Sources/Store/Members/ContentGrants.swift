import Domain
import Postgres

/// A grant for content as listed.
public struct ListedContentGrant: Sendable, Hashable {
  public var id: Int32
  public var grant: ContentGrant
  public var givenBy: String
  public var reason: String
  public var withdrawnAt: Timestamp?
  public var withdrawnBy: String?

  public func isValid(at now: Timestamp) -> Bool { withdrawnAt == nil && (grant.expiresAt.map { $0 > now } ?? true) }
}

extension MemberStore {
  /// A member's grants, newest first, also those that ended; at most 200.
  public func contentGrants(of id: MemberID, organisation: OrganisationID) async throws -> [ListedContentGrant] {
    let sql: SQL = """
      select g.id, g.project_id, g.given_at, g.expires_at, g.given_by, g.reason, g.withdrawn_at, g.withdrawn_by
      from content_grants g join members m on m.id = g.member_id
      where g.member_id = \(id) and m.organisation_id = \(organisation) order by g.id desc limit 200
      """
    return try await pool.run { c in
      try c.query(sql) { row in
        ListedContentGrant(
          id: try row.int32(0),
          grant: ContentGrant(
            project: try row.idOrNil(1), givenAt: try row.timestamp(2), expiresAt: try row.timestampOrNil(3),
            hasReason: try !row.string(5).isEmpty),
          givenBy: try row.string(4), reason: try row.string(5), withdrawnAt: try row.timestampOrNil(6),
          withdrawnBy: try row.stringOrNil(7))
      }
    }
  }

  /// Leave to read inputs and outputs: of one project, or of all in the member's reach. Given by owners alone.
  public func giveContent(
    of project: ProjectID?, to id: MemberID, reason: String, expiresInSeconds: Int64?, organisation: OrganisationID, by actor: MemberActor
  ) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      let member = try change.member(id)
      guard member.role.contentAccess != .breakGlass else {
        throw StructureError.conflict("\(member.email) is an auditor, who takes access for a time and with a reason.")
      }
      try change.checkGivesContent()
      try change.giveContent(of: project, to: member, reason: reason, expiresInSeconds: expiresInSeconds)
    }
  }

  /// An auditor's own grant: told in the audit log, and over after 1 to 24 hours.
  public func breakGlass(
    _ member: Member, project: ProjectID?, reason: String, hours: Int, organisation: OrganisationID
  ) async throws {
    guard member.role.contentAccess == .breakGlass else {
      throw StructureError.conflict("Only an auditor takes access like this; who manages members gives it to others.")
    }
    guard (1...ContentGrant.breakGlassHoursMax).contains(hours) else {
      throw StructureError.invalid(field: "hours", accepted: "1 to \(ContentGrant.breakGlassHoursMax)")
    }
    guard reason.trimmedBlanks.count >= 10 else {
      throw StructureError.invalid(field: "reason", accepted: "why it is needed, 10 characters or more")
    }
    try await pool.transaction { c in
      let change = try MemberChange(organisation, MemberActor(member), c)
      try change.giveContent(
        of: project, to: member, reason: reason, expiresInSeconds: Int64(hours) * 3600, action: "content opened by auditor")
    }
  }

  /// Ends at once what is valid still; an auditor may end the own.
  public func withdrawContent(grant: Int32, organisation: OrganisationID, by actor: MemberActor) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      let owner: SQL = "select member_id from content_grants where id = \(grant) and withdrawn_at is null for update"
      guard let id: MemberID = try c.first(owner, { try $0.id(0) }) else { throw StructureError.unknown("grant") }
      let member = try change.member(id)
      try c.execute("update content_grants set withdrawn_at = now(), withdrawn_by = \(actor.name) where id = \(grant)")
      try change.audit("content access withdrawn", member.subject, detail: ["grant": String(grant)])
    }
  }
}

extension MemberChange {
  func giveContent(
    of project: ProjectID?, to member: Member, reason: String, expiresInSeconds: Int64?, action: String = "content access given"
  ) throws {
    guard member.role.contentAccess != .never else {
      throw StructureError.conflict("Finance sees money and no inputs or outputs, whoever allows it.")
    }
    let reason = reason.trimmedBlanks, place = try project.map { try name(of: .project($0)) }
    guard reason.count <= 500, reason.isStorable else { throw StructureError.invalid(field: "reason", accepted: "up to 500 characters") }
    if let place, place == nil { throw StructureError.unknown("project") }
    let until: SQL = expiresInSeconds.map { "now() + make_interval(secs => \(Double($0)))" } ?? "null"
    try c.execute(
      """
      insert into content_grants (member_id, project_id, given_by, reason, expires_at)
      values (\(member.id), \(project), \(actor.name), \(reason), \(until))
      """)
    try audit(
      action, member.subject,
      detail: [
        "of": (place ?? nil) ?? "all in reach", "reason": reason.isEmpty ? nil : reason, "hours": expiresInSeconds.map { String($0 / 3600) },
      ])
  }
}
