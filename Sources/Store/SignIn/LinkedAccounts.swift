import Domain
import Postgres

/// An account at a provider by which a member signs in.
public struct LinkedAccount: Sendable, Hashable {
  public var issuer: String
  /// The provider's own id of the person.
  public var subject: String
  /// As the provider said last; may be empty.
  public var email: String
  /// Names of the providers of this issuer; none: the account opens nothing.
  public var providers: [String]
  /// Whether one of them is switched on.
  public var isOpen: Bool
  public var linkedAt: Timestamp
  /// E-mail of a member, or "provider Acme".
  public var linkedBy: String
  public var lastUsedAt: Timestamp?
  /// Nothing else lets the member in: there is no password, and no other account that is open.
  public var isLastWay: Bool
}

extension SignInStore {
  /// Accounts at providers by which a member signs in, the first linked first.
  public func linkedAccounts(of member: MemberID, scope: AccessScope) async throws -> [LinkedAccount] {
    try await pool.run { c in try LinkedAccount.read(member, scope.organisation, c) }
  }

  /// Links an account that its holder proved while signed in as the member; it is taken from nobody else. *Errors:* `StructureError`.
  public func link(issuer: String, subject: String, email: String?, to member: Member) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(member.organisation, MemberActor(member), c)
      let inserted = try c.execute(
        """
        insert into sign_in_identities (organisation_id, issuer, subject, member_id, email, linked_by)
        values (\(member.organisation), \(issuer), \(subject), \(member.id), \(email ?? ""), \(member.email))
        on conflict (organisation_id, issuer, subject) do update set linked_at = now() where sign_in_identities.member_id = \(member.id)
        """)
      guard inserted > 0 else { throw StructureError.conflict("That account is another member’s.") }
      try change.audit("account linked", member.subject, AuditEntry.object(["issuer": issuer, "subject": subject]))
    }
  }

  /// Takes an account off a member, whose sessions end; roles stay.
  /// - Parameter knowingly: also the last way in; never that of the last owner.
  /// *Errors:* `StructureError`: no such account, a member above the actor, or the last way in.
  public func unlink(
    issuer: String, subject: String, of id: MemberID, knowingly: Bool, organisation: OrganisationID, by actor: MemberActor
  ) async throws {
    try await pool.transaction { c in
      let change = try MemberChange(organisation, actor, c), member = try change.member(id)
      let accounts = try LinkedAccount.read(id, organisation, c)
      guard let account = accounts.first(where: { $0.issuer == issuer && $0.subject == subject }) else {
        throw StructureError.unknown("linked account")
      }
      if account.isLastWay {
        try change.checkOwnerRemains(without: member)
        guard knowingly else {
          throw StructureError.conflict("\(member.email) has no password, and no other account that lets in. Say that it is to be unlinked all the same.")
        }
      }
      try c.execute(
        """
        delete from sign_in_identities
        where organisation_id = \(organisation) and issuer = \(account.issuer) and subject = \(account.subject) and member_id = \(id)
        """)
      try change.endSessions(of: id)
      try change.audit(
        "account unlinked", member.subject,
        detail: [
          "issuer": account.issuer, "subject": account.subject, "provider": account.providers.joined(separator: ", "),
          "last way in": account.isLastWay ? "yes" : nil,
        ])
    }
  }
}

extension LinkedAccount {
  fileprivate static func read(_ member: MemberID, _ organisation: OrganisationID, _ c: Connection) throws -> [LinkedAccount] {
    let sql: SQL = """
      select i.issuer, i.subject, i.email,
        array(select p.name from sign_in_providers p where p.organisation_id = i.organisation_id and p.issuer = i.issuer order by p.name),
        \(isOpen("i")), i.linked_at, i.linked_by, i.last_used_at,
        m.password_hash is null and not exists (
          select 1 from sign_in_identities o where o.member_id = m.id and (o.issuer, o.subject) <> (i.issuer, i.subject) and \(isOpen("o")))
      from sign_in_identities i join members m on m.id = i.member_id
      where i.organisation_id = \(organisation) and i.member_id = \(member) order by i.linked_at, i.issuer, i.subject
      """
    return try c.query(sql) { row in
      LinkedAccount(
        issuer: try row.string(0), subject: try row.string(1), email: try row.string(2), providers: try row.strings(3), isOpen: try row.bool(4),
        linkedAt: try row.timestamp(5), linkedBy: try row.string(6), lastUsedAt: try row.timestampOrNil(7), isLastWay: try row.bool(8))
    }
  }

  private static func isOpen(_ identity: SQL) -> SQL {
    """
    exists (select 1 from sign_in_providers p
      where p.organisation_id = \(identity).organisation_id and p.issuer = \(identity).issuer and p.is_enabled)
    """
  }
}
