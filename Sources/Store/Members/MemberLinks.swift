import Domain
import Postgres

/// A link by which a member sets a password.
public struct MemberLink: Sendable, Hashable {
  public enum Purpose: String, Sendable, Hashable { case invitation, reset }
  public var member: Member
  public var organisation: Organisation
  public var purpose: Purpose
  public var expiresAt: Timestamp
}

extension MemberStore {
  /// Makes a member who has no password, and the link by which they set one. `tokenHash` is the SHA-256 of a random token of 256 bits.
  public func invite(
    _ new: NewMember, tokenHash: [UInt8], validSeconds: Int64, organisation: OrganisationID, by actor: MemberActor
  ) async throws -> Member {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      var new = new
      new.passwordHash = nil
      let member = try change.add(new)
      try change.makeLink(.invitation, for: member, tokenHash, validSeconds)
      return member
    }
  }

  /// A new link for who was invited, or forgot the password; one of the same purpose made before holds no longer. Nobody makes their own:
  /// a stolen session would become a password. Whoever holds a link is the member: only an owner makes one to reset a password, or renews
  /// the invitation of somebody who was given content.
  public func makeLink(
    for id: MemberID, tokenHash: [UInt8], validSeconds: Int64, organisation: OrganisationID, by actor: MemberActor
  ) async throws -> MemberLink.Purpose {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      let member = try change.member(id)
      if actor.member == id { throw StructureError.conflict("Your own password is changed on your account’s page; another owner makes a link for you.") }
      let sql: SQL = """
        select disabled_at is not null, password_hash is null and last_sign_in_at is null from members where id = \(id)
        """
      guard let state = try c.first(sql, { (isDisabled: try $0.bool(0), isNew: try $0.bool(1)) }) else { throw StructureError.unknown("member") }
      if state.isDisabled { throw StructureError.conflict("\(member.email) is disabled; enable them first.") }
      let purpose: MemberLink.Purpose = state.isNew ? .invitation : .reset
      if actor.role != .owner { try change.checkMayHold(purpose, of: member) }
      try change.makeLink(purpose, for: member, tokenHash, validSeconds)
      try change.audit(purpose == .invitation ? "invitation renewed" : "password reset link made", member.subject)
      return purpose
    }
  }

  /// nil when there is none, it was used, or its time is over.
  public func link(tokenHash: [UInt8]) async throws -> MemberLink? {
    try await pool.run { c in try MemberLink.find(tokenHash, "", c) }
  }

  /// Sets the password, once; ends the member's sessions. nil when the link holds no longer.
  public func useLink(tokenHash: [UInt8], passwordHash: String) async throws -> Member? {
    try await pool.transaction { c in
      guard let found = try MemberLink.find(tokenHash, "", c) else { return nil }
      let change = try MemberChange(found.organisation.id, MemberActor(found.member), c)
      // A change of roles that went before may have ended it.
      guard let link = try MemberLink.find(tokenHash, "for update of l", c) else { return nil }
      try c.execute("update members set password_hash = \(passwordHash) where id = \(link.member.id)")
      try c.execute("delete from member_links where member_id = \(link.member.id)")
      try change.endSessions(of: link.member.id)
      try change.audit(link.purpose == .invitation ? "invitation taken" : "password reset", link.member.subject)
      return link.member
    }
  }

  /// By oneself; ends every session and link.
  public func changePassword(hash: String, of member: Member) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(member.organisation, MemberActor(member), c)
      try c.execute("update members set password_hash = \(hash) where id = \(member.id)")
      try c.execute("delete from member_links where member_id = \(member.id)")
      try change.endSessions(of: member.id)
      try change.audit("password changed", member.subject)
    }
  }

  /// The stored hash of a member who is signed in.
  public func passwordHash(of member: MemberID) async throws -> String? {
    try await pool.run { c in try c.first("select password_hash from members where id = \(member)") { try $0.stringOrNil(0) } } ?? nil
  }
}

extension MemberChange {
  fileprivate func checkMayHold(_ purpose: MemberLink.Purpose, of member: Member) throws {
    guard purpose == .invitation else {
      throw StructureError.conflict("Only an owner makes a link to set a new password: whoever holds it is \(member.email).")
    }
    let sql: SQL = "select 1 from content_grants where member_id = \(member.id) and withdrawn_at is null limit 1"
    guard try c.first(sql, { _ in true }) == nil else {
      throw StructureError.conflict("\(member.email) was given inputs and outputs, so only an owner renews the invitation.")
    }
  }

  func makeLink(_ purpose: MemberLink.Purpose, for member: Member, _ tokenHash: [UInt8], _ validSeconds: Int64) throws {
    try c.execute("delete from member_links where expires_at < now() or (member_id = \(member.id) and purpose = \(purpose.rawValue))")
    try c.execute(
      """
      insert into member_links (token_sha256, member_id, purpose, made_by, expires_at)
      values (\(tokenHash), \(member.id), \(purpose.rawValue), \(actor.name), now() + make_interval(secs => \(Double(validSeconds))))
      """)
  }
}

extension MemberLink {
  static func find(_ tokenHash: [UInt8], _ lock: SQL, _ c: Connection) throws -> MemberLink? {
    let sql: SQL = """
      select \(Member.columns), o.id, o.name, o.time_zone, l.purpose, l.expires_at
      from member_links l join members m on m.id = l.member_id join organisations o on o.id = m.organisation_id
      where l.token_sha256 = \(tokenHash) and l.expires_at > now() and m.disabled_at is null \(lock)
      """
    let at = Member.columnCount
    return try c.first(sql) { row in
      MemberLink(
        member: try Member(row: row),
        organisation: Organisation(id: try row.id(at), name: try row.string(at + 1), timeZone: try row.string(at + 2)),
        purpose: Purpose(rawValue: try row.string(at + 3)) ?? .reset, expiresAt: try row.timestamp(at + 4))
    }
  }
}
