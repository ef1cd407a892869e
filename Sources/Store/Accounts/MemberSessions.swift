import Domain
import Postgres

/// A member's signed-in browser.
public struct MemberSession: Sendable, Hashable {
  public var member: Member
  public var access: MemberAccess
  public var organisation: Organisation
  public var csrfToken: String
  public var expiresAt: Timestamp
}

/// A session as its member sees it.
public struct ListedSession: Sendable, Hashable {
  public var id: Int64
  /// Where it was begun; empty: before this was kept.
  public var address: String
  /// User-Agent.
  public var agent: String
  public var createdAt: Timestamp
  /// To the minute.
  public var lastSeenAt: Timestamp
  public var isCurrent: Bool
}

/// How long a session lives.
public struct SessionLifetime: Sendable, Hashable {
  /// Without a request.
  public var idleSeconds: Int64
  /// With requests, from signing in.
  public var totalSeconds: Int64

  public init(idleSeconds: Int64 = 14 * 86_400, totalSeconds: Int64 = 90 * 86_400) {
    self.idleSeconds = idleSeconds
    self.totalSeconds = totalSeconds
  }
}

extension AccountStore {
  /// `tokenHash` is the SHA-256 of a 256-bit random token that only the browser keeps. Also removes sessions that have
  /// expired, and the one that the browser had before.
  public func createSession(
    tokenHash: [UInt8], csrfToken: String, member: MemberID, address: String = "", agent: String = "", replacing old: [UInt8]? = nil,
    lifetime: SessionLifetime = SessionLifetime()
  ) async throws {
    let address = AuditEntry.plain(String(address.prefix(64))), agent = AuditEntry.plain(String(agent.prefix(300)))
    try await pool.transaction { c in
      try c.execute("delete from member_sessions where expires_at < now() or token_sha256 = \(old)")
      try c.execute(
        """
        insert into member_sessions (token_sha256, member_id, csrf_token, address, agent, expires_at)
        values (\(tokenHash), \(member), \(csrfToken), \(address), \(agent),
          now() + make_interval(secs => \(Double(lifetime.idleSeconds))))
        """)
      try c.execute("update members set last_sign_in_at = now() where id = \(member)")
    }
  }

  /// A member's sessions, the latest used first.
  public func sessions(of member: MemberID, current: [UInt8]? = nil) async throws -> [ListedSession] {
    let sql: SQL = """
      select id, address, agent, created_at, last_seen_at, coalesce(token_sha256 = \(current), false) from member_sessions
      where member_id = \(member) and expires_at > now() order by last_seen_at desc, id desc limit 200
      """
    return try await pool.run { c in
      try c.query(sql) { row in
        ListedSession(
          id: try row.int64(0), address: try row.string(1), agent: try row.string(2), createdAt: try row.timestamp(3),
          lastSeenAt: try row.timestamp(4), isCurrent: try row.bool(5))
      }
    }
  }

  /// Ends one of the member's own sessions, or all but the current one; the number ended.
  public func endSessions(_ id: Int64?, of member: MemberID, besides current: [UInt8]) async throws -> Int {
    let one: SQL = id.map { "and id = \($0)" } ?? "and token_sha256 <> \(current)"
    return try await pool.run { c in try c.execute("delete from member_sessions where member_id = \(member) \(one)") }
  }

  /// nil when there is none or it has expired. Moves the expiry, writing at most once a minute.
  public func session(tokenHash: [UInt8], lifetime: SessionLifetime = SessionLifetime()) async throws -> MemberSession?
  {
    let sql: SQL = """
      select \(Member.columns), o.id, o.name, o.time_zone, s.csrf_token, s.expires_at, s.last_seen_at < now() - interval '1 minute', now()
      from member_sessions s join members m on m.id = s.member_id join organisations o on o.id = m.organisation_id
      where s.token_sha256 = \(tokenHash) and s.expires_at > now() and m.disabled_at is null
      """
    return try await pool.run { c in
      let found = try c.first(sql) {
        (session: try MemberSession(row: $0), isDue: try $0.bool(Member.columnCount + 5), now: try $0.timestamp(Member.columnCount + 6))
      }
      guard let found else { return nil }
      var session = found.session
      if found.isDue { try c.execute(Self.touch(tokenHash, lifetime)) }
      session.access = try MemberAccess.read(session.member, at: found.now, c)
      return session
    }
  }

  /// Signs out.
  public func deleteSession(tokenHash: [UInt8]) async throws {
    try await pool.run { c in _ = try c.execute("delete from member_sessions where token_sha256 = \(tokenHash)") }
  }

  private static func touch(_ tokenHash: [UInt8], _ lifetime: SessionLifetime) -> SQL {
    """
    update member_sessions set last_seen_at = now(), expires_at = least(
      now() + make_interval(secs => \(Double(lifetime.idleSeconds))),
      created_at + make_interval(secs => \(Double(lifetime.totalSeconds))))
    where token_sha256 = \(tokenHash)
    """
  }
}

extension MemberSession {
  init(row: Row) throws {
    let at = Member.columnCount, member = try Member(row: row)
    self.init(
      member: member, access: MemberAccess(member, grants: [], content: [], teams: [], projects: [], at: Timestamp(microseconds: 0)),
      organisation: Organisation(id: try row.id(at), name: try row.string(at + 1), timeZone: try row.string(at + 2)),
      csrfToken: try row.string(at + 3), expiresAt: try row.timestamp(at + 4))
  }
}
