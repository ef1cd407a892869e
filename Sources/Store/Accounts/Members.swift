import Domain
import Postgres

/// A member with what a password is checked against. Stays inside the sign-in code.
public struct MemberCredentials: Sendable {
  public var member: Member
  /// argon2id in its encoded form; nil: invited, or signs in by a provider alone.
  public var passwordHash: String?
  public var isDisabled: Bool
  public var hasSecondFactor: Bool
  /// By a role, in the organisation or in a team or project.
  public var needsSecondFactor: Bool
}

extension AccountStore {
  /// E-mails are kept in lower case. Errors: `AccountError.duplicateMember`, `.invalid`.
  public func createMember(email: String, passwordHash: String, role: Member.Role, organisation: OrganisationID)
    async throws -> Member
  {
    try await pool.transaction { c in
      try Member.insert(email: email, passwordHash: passwordHash, role: role, organisation: organisation, c)
    }
  }

  /// By e-mail in any case; nil when nobody has it.
  public func credentials(email: String) async throws -> MemberCredentials? {
    guard email.isStorable else { return nil }
    let sql: SQL = """
      select \(Member.columns), m.password_hash, m.disabled_at is not null, m.totp_secret is not null,
        m.role = any(o.second_factor_roles) or exists (
          select 1 from member_roles r where r.member_id = m.id and r.role = any(o.second_factor_roles))
      from members m join organisations o on o.id = m.organisation_id where m.email = \(Member.normalised(email))
      """
    return try await pool.run { c in
      try c.first(sql) {
        let at = Member.columnCount
        return MemberCredentials(
          member: try Member(row: $0), passwordHash: try $0.stringOrNil(at), isDisabled: try $0.bool(at + 1),
          hasSecondFactor: try $0.bool(at + 2), needsSecondFactor: try $0.bool(at + 3))
      }
    }
  }

  /// Members of the scope's organisation, by e-mail.
  public func members(scope: AccessScope) async throws -> [Member] {
    let sql: SQL =
      "select \(Member.columns) from members m where m.organisation_id = \(scope.organisation) order by m.email"
    return try await pool.run { c in try c.query(sql, Member.init(row:)) }
  }

  /// Sets a new password from the command line and ends every session of the member.
  public func setPassword(hash: String, of member: MemberID) async throws {
    let sql: SQL = "update members m set password_hash = \(hash) where m.id = \(member) returning \(Member.columns)"
    try await pool.transaction { c in
      guard let changed = try c.first(sql, Member.init(row:)) else { return }
      try c.execute("delete from member_sessions where member_id = \(member)")
      try c.execute("delete from member_links where member_id = \(member)")
      try AuditEntry.append(changed.organisation, MemberActor.commandLine.name, "password set", changed.subject, c)
    }
  }
}

extension Member {
  static let columns: SQL = "m.id, m.organisation_id, m.email, m.role"
  static let columnCount = 4

  init(row: Row) throws {
    // A role that this version doesn't know may do the least.
    self.init(
      id: try row.id(0), organisation: try row.id(1), email: try row.string(2),
      role: Role(rawValue: try row.string(3)) ?? .viewer)
  }

  /// Neither a blank nor a sign that breaks lines, turns writing around or is not seen: logs, mails and people read it as it is.
  private static func isShown(_ sign: Unicode.Scalar) -> Bool {
    switch sign.properties.generalCategory {
    case .control, .format, .surrogate, .unassigned, .privateUse, .lineSeparator, .paragraphSeparator, .spaceSeparator: false
    default: true
    }
  }

  static func normalised(_ email: String) -> String { email.trimmedBlanks.lowercased() }

  static func insert(
    email: String, passwordHash: String?, role: Role, organisation: OrganisationID, _ c: Connection
  ) throws -> Member {
    let email = normalised(email)
    guard email.contains("@"), email.unicodeScalars.allSatisfy(isShown), (3...254).contains(email.utf8.count) else {
      throw AccountError.invalid(field: "e-mail", accepted: "name@host")
    }
    let sql: SQL = """
      insert into members (organisation_id, email, password_hash, role)
      values (\(organisation), \(email), \(passwordHash), \(role.rawValue)) returning id
      """
    return try AccountError.naming(["members_email_key": .duplicateMember(email: email)]) {
      guard let id: MemberID = try c.first(sql, { try $0.id(0) }) else { throw MissingRow() }
      return Member(id: id, organisation: organisation, email: email, role: role)
    }
  }
}
