import Domain
import Postgres

/// Who changes members: a member, or the command line, which may do what an owner may.
public struct MemberActor: Sendable, Hashable {
  /// As the audit log names them.
  public var name: String
  /// nil: no member.
  public var member: MemberID?
  public var role: Member.Role

  public init(_ member: Member) {
    name = member.email
    self.member = member.id
    role = member.role
  }

  private init(name: String) {
    self.name = name
    member = nil
    role = .owner
  }

  public static let commandLine = MemberActor(name: "command line")
  /// Roles and members that a provider's claims ask for.
  public static func provider(_ name: String) -> MemberActor { MemberActor(name: name) }
}

/// A member as listed.
public struct ListedMember: Sendable, Hashable {
  public enum State: Sendable, Hashable {
    /// Has neither a password nor signed in yet.
    case invited
    case active
    case disabled
  }
  public var member: Member
  public var state: State
  public var hasPassword: Bool
  public var hasSecondFactor: Bool
  public var lastSignInAt: Timestamp?
  public var createdAt: Timestamp
  /// Until when an invitation can be taken.
  public var invitedUntil: Timestamp?
  /// Roles in teams and projects.
  public var roles: [RoleGrant]
  /// Has a grant for content that is valid now.
  public var hasContentGrant: Bool
}

/// Members and what they may: invitations, roles, grants for content, second factors, the rules of signing in.
///
/// Every change is told in the audit log within its transaction, and made only by whoever may: nobody gives, takes or changes what is
/// above the own role, and one owner who can sign in always remains.
///
/// *Errors:* `StructureError`.
public struct MemberStore: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Everybody, by e-mail.
  public func list(scope: AccessScope) async throws -> [ListedMember] {
    let sql: SQL = "\(ListedMember.select) where m.organisation_id = \(scope.organisation) order by m.email"
    return try await pool.run { c in
      var members = try c.query(sql, ListedMember.init(row:))
      let roles = try RoleGrant.byMember(organisation: scope.organisation, c)
      for i in members.indices { members[i].roles = roles[members[i].member.id] ?? [] }
      return members
    }
  }

  /// nil when the organisation has no such member.
  public func find(_ id: MemberID, scope: AccessScope) async throws -> ListedMember? {
    let sql: SQL = "\(ListedMember.select) where m.organisation_id = \(scope.organisation) and m.id = \(id)"
    return try await pool.run { c in
      guard var member = try c.first(sql, ListedMember.init(row:)) else { return nil }
      member.roles = try RoleGrant.of(id, c)
      return member
    }
  }
}

extension ListedMember {
  static let select: SQL = """
    select \(Member.columns), m.password_hash is not null, m.totp_secret is not null, m.last_sign_in_at, m.created_at, m.disabled_at is not null,
      (select l.expires_at from member_links l where l.member_id = m.id and l.purpose = 'invitation'),
      exists (select 1 from content_grants g
        where g.member_id = m.id and g.withdrawn_at is null and (g.expires_at is null or g.expires_at > now())
          and (m.role <> 'auditor' or g.reason <> '' and g.expires_at <= g.given_at + interval '24 hours'))
    from members m
    """

  init(row: Row) throws {
    let at = Member.columnCount, hasPassword = try row.bool(at), lastSignIn = try row.timestampOrNil(at + 2)
    let isDisabled = try row.bool(at + 4)
    self.init(
      member: try Member(row: row), state: isDisabled ? .disabled : hasPassword || lastSignIn != nil ? .active : .invited,
      hasPassword: hasPassword, hasSecondFactor: try row.bool(at + 1), lastSignInAt: lastSignIn, createdAt: try row.timestamp(at + 3),
      invitedUntil: try row.timestampOrNil(at + 5), roles: [], hasContentGrant: try row.bool(at + 6))
  }
}

extension RoleGrant {
  static func byMember(organisation: OrganisationID, _ c: Connection) throws -> [MemberID: [RoleGrant]] {
    let sql: SQL = """
      select r.team_id, r.project_id, r.role, r.member_id from member_roles r join members m on m.id = r.member_id
      where m.organisation_id = \(organisation) order by r.team_id, r.project_id
      """
    let rows = try c.query(sql) { row in (member: try row.id(3, as: MemberID.self), grant: try RoleGrant(row: row)) }
    return Dictionary(grouping: rows, by: \.member).mapValues { $0.compactMap(\.grant) }
  }
}
