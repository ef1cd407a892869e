import Domain
import Postgres

/// A browser that gave the right password and owes the second factor.
public struct SignInStep: Sendable, Hashable {
  public var member: Member
  public var organisation: Organisation
  public var csrfToken: String
  /// Path to go to afterwards.
  public var next: String
  /// Offered for setting up; nil: a code of the known one is asked for.
  public var offered: [UInt8]?
}

extension MemberStore {
  /// How long a step waits for its code.
  static let stepSeconds: Int64 = 600
  /// Wrong codes of one member within the window below, from anywhere: whoever types them knows the password.
  static let triesMax = 20
  static let triesWindowSeconds: Int64 = 900
  /// Wrong codes for one step.
  static let stepTriesMax = 6

  /// `tokenHash` is the SHA-256 of a random token that only the browser keeps.
  public func beginStep(tokenHash: [UInt8], csrfToken: String, member: MemberID, next: String, offered: [UInt8]?) async throws {
    try await pool.transaction { c in
      try c.execute("delete from sign_in_steps where started_at < now() - make_interval(secs => \(Double(Self.stepSeconds + Self.triesWindowSeconds)))")
      try c.execute(
        """
        insert into sign_in_steps (token_sha256, member_id, csrf_token, next, totp_secret, expires_at)
        values (\(tokenHash), \(member), \(csrfToken), \(next), \(offered), now() + make_interval(secs => \(Double(Self.stepSeconds))))
        """)
    }
  }

  /// nil when there is none, or its time or tries are over.
  public func step(tokenHash: [UInt8]) async throws -> SignInStep? {
    let at = Member.columnCount
    let sql: SQL = """
      select \(Member.columns), o.id, o.name, o.time_zone, s.csrf_token, s.next, s.totp_secret
      from sign_in_steps s join members m on m.id = s.member_id join organisations o on o.id = m.organisation_id
      where s.token_sha256 = \(tokenHash) and s.expires_at > now() and s.tries < \(Self.stepTriesMax) and m.disabled_at is null
      """
    return try await pool.run { c in
      try c.first(sql) { row in
        SignInStep(
          member: try Member(row: row),
          organisation: Organisation(id: try row.id(at), name: try row.string(at + 1), timeZone: try row.string(at + 2)),
          csrfToken: try row.string(at + 3), next: try row.string(at + 4), offered: try row.bytesOrNil(at + 5))
      }
    }
  }

  /// Counts a try before its code is looked at; false when there were too many.
  public func countTry(tokenHash: [UInt8]) async throws -> Bool {
    try await pool.transaction { c in
      let counted: SQL = """
        update sign_in_steps set tries = tries + 1 where token_sha256 = \(tokenHash) and tries < \(Self.stepTriesMax) returning member_id
        """
      guard let member: MemberID = try c.first(counted, { try $0.id(0) }) else { return false }
      let sql: SQL = """
        select coalesce(sum(tries), 0) from sign_in_steps
        where member_id = \(member) and started_at > now() - make_interval(secs => \(Double(Self.triesWindowSeconds)))
        """
      return try c.first(sql) { try $0.int64(0) } ?? 0 <= Int64(Self.triesMax)
    }
  }

  /// The step is over: its code was right. Only one of several tries at once gets true.
  public func endStep(tokenHash: [UInt8]) async throws -> Bool {
    try await pool.run { c in try c.execute("delete from sign_in_steps where token_sha256 = \(tokenHash)") == 1 }
  }
}
