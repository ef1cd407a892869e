import Domain
import Postgres

/// A member's second factor, to check a code against.
public struct SecondFactor: Sendable, Hashable {
  /// 20 bytes.
  public var secret: [UInt8]
  /// Half-minute of the last code that was taken.
  public var lastStep: Int64
  public var recoveryCodesLeft: Int
}

extension MemberStore {
  /// nil when the member has none.
  public func secondFactor(of member: MemberID) async throws -> SecondFactor? {
    let sql: SQL = """
      select totp_secret, totp_step, (select count(*) from recovery_codes r where r.member_id = m.id and r.used_at is null)
      from members m where m.id = \(member) and totp_secret is not null
      """
    return try await pool.run { c in
      try c.first(sql) { SecondFactor(secret: try $0.bytes(0), lastStep: try $0.int64(1), recoveryCodesLeft: try $0.int(2)) }
    }
  }

  /// Takes the code of a half-minute; false when that one or a later one was taken already.
  public func takeStep(_ step: Int64, of member: MemberID) async throws -> Bool {
    try await pool.run { c in
      try c.execute("update members set totp_step = \(step) where id = \(member) and totp_step < \(step) and totp_secret is not null") == 1
    }
  }

  /// Takes a recovery code, once.
  public func takeRecoveryCode(hash: [UInt8], of member: Member) async throws -> Bool {
    try await pool.transaction { c in
      let change = try MemberChange(member.organisation, MemberActor(member), c)
      let sql: SQL = """
        update recovery_codes set used_at = now() where member_id = \(member.id) and code_sha256 = \(hash) and used_at is null
        """
      guard try c.execute(sql) == 1 else { return false }
      try change.audit("recovery code used", member.subject)
      return true
    }
  }

  /// Sets a second factor up, with its recovery codes (SHA-256 each); `step` is that of the code which proved it. Ends every session.
  public func setSecondFactor(secret: [UInt8], step: Int64, recoveryHashes: [[UInt8]], of member: Member) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(member.organisation, MemberActor(member), c)
      try c.execute("update members set totp_secret = \(secret), totp_step = \(step) where id = \(member.id)")
      try change.setRecoveryCodes(recoveryHashes, of: member.id)
      try change.endSessions(of: member.id)
      try change.audit("second factor set up", member.subject)
    }
  }

  /// New recovery codes in place of the old ones.
  public func setRecoveryCodes(_ hashes: [[UInt8]], of member: Member) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(member.organisation, MemberActor(member), c)
      try change.setRecoveryCodes(hashes, of: member.id)
      try change.audit("recovery codes renewed", member.subject)
    }
  }

  /// By the member, or by who manages members when the telephone is lost. Ends every session.
  /// - Parameter isProved: a code of it was taken just now; without one nobody takes off their own, since a session may be stolen.
  public func removeSecondFactor(
    of id: MemberID, organisation: OrganisationID, by actor: MemberActor, isProved: Bool = false
  ) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c)
      let member = try change.member(id)
      if actor.member == id, !isProved { throw StructureError.conflict("Your own second factor is taken off on your account’s page, with a code of it.") }
      try c.execute("update members set totp_secret = null, totp_step = 0 where id = \(id)")
      try c.execute("delete from recovery_codes where member_id = \(id)")
      try change.endSessions(of: id)
      try change.audit("second factor removed", member.subject)
    }
  }

  /// Keeps the secret that is offered in a session until it is proved.
  public func offerSecondFactor(_ secret: [UInt8], session tokenHash: [UInt8]) async throws {
    try await pool.run { c in _ = try c.execute("update member_sessions set totp_offered = \(secret) where token_sha256 = \(tokenHash)") }
  }

  public func offeredSecondFactor(session tokenHash: [UInt8]) async throws -> [UInt8]? {
    try await pool.run { c in
      try c.first("select totp_offered from member_sessions where token_sha256 = \(tokenHash)") { try $0.bytesOrNil(0) } ?? nil
    }
  }
}

extension MemberChange {
  func setRecoveryCodes(_ hashes: [[UInt8]], of member: MemberID) throws {
    try c.execute("delete from recovery_codes where member_id = \(member)")
    for hash in hashes { try c.execute("insert into recovery_codes (member_id, code_sha256) values (\(member), \(hash))") }
  }
}
