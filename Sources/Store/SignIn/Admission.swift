import Domain
import Postgres

/// Why somebody whom a provider has proved may not come in. The words are for that person.
public enum SignInRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  case noEmail
  case emailNotVerified
  /// Nobody here, and the provider makes no members (of this domain).
  case notAMember(email: String)
  /// An owner's address alone opens nothing.
  case ownerNotLinked
  case noRole
  case disabled

  public var description: String {
    switch self {
    case .noEmail: "It did not say your e-mail address, by which members are known here."
    case .emailNotVerified: "It does not say that your e-mail address is verified, so it can’t stand for a member here."
    case .notAMember(let email): "\(email) is no member here. Ask an administrator for an invitation."
    case .ownerNotLinked:
      "Your address is an owner’s. Sign in with the password once and link your account on the provider’s test page under Settings."
    case .noRole: "Your account there has no role here. Ask an administrator which group gives one."
    case .disabled: "Your membership is switched off. Ask an administrator."
    }
  }
}

/// Somebody who came in, or would.
public struct SignInAdmission: Sendable, Hashable {
  /// nil: made by the sign-in.
  public var member: Member?
  public var isNew: Bool
  public var roles: ClaimedRoles
  /// Says what the claims would have changed and did not: "stays owner: the last one".
  public var notes: [String]
}

extension SignInStore {
  /// Lets somebody in whom the provider has proved: by the link to issuer and subject, else by verified e-mail, else as a new member; with the
  /// roles of the claims, read anew each time. *Errors:* `SignInRefusal`; who has lost every role loses the sessions too.
  public func admit(_ identity: ProvenIdentity, by provider: SignInProvider) async throws -> Member {
    let outcome = try await pool.transaction { c -> Result<Member, SignInRefusal> in
      let change = try MemberChange(provider.organisation, .provider("provider \(provider.name)"), c)
      do { return .success(try change.admit(identity, provider)) } catch SignInRefusal.noRole {
        // What ends with the refusal is kept; everything else of it is undone by throwing.
        if let known = try change.linked(identity) { try change.endSessions(of: known.member.id) }
        return .failure(.noRole)
      }
    }
    return try outcome.get()
  }

  /// What `admit` would do, without doing it. *Errors:* `SignInRefusal`.
  public func look(at identity: ProvenIdentity, by provider: SignInProvider) async throws -> SignInAdmission {
    try await pool.transaction { c in
      try MemberChange(provider.organisation, .provider("provider \(provider.name)"), c).decide(identity, provider)
    }
  }
}

/// Somebody known by issuer and subject.
private struct Linked {
  var member: Member
  var isDisabled: Bool
  /// Roles in teams that the last sign-in gave.
  var given: [RoleGrant]
}

extension MemberChange {
  fileprivate func linked(_ identity: ProvenIdentity) throws -> Linked? {
    let sql: SQL = """
      select \(Member.columns), m.disabled_at is not null, i.given_teams, i.given_roles
      from sign_in_identities i join members m on m.id = i.member_id
      where i.organisation_id = \(organisation) and i.issuer = \(identity.issuer) and i.subject = \(identity.subject)
      """
    return try c.first(sql) { row in
      let at = Member.columnCount
      let given = zip(try row.int32s(at + 1), try row.strings(at + 2)).compactMap { team, role in
        Member.Role(rawValue: role).map { RoleGrant(place: .team(TeamID(team)), role: $0) }
      }
      return Linked(member: try Member(row: row), isDisabled: try row.bool(at), given: given)
    }
  }

  private func byEmail(_ email: String) throws -> Linked? {
    let sql: SQL = """
      select \(Member.columns), m.disabled_at is not null from members m
      where m.organisation_id = \(organisation) and m.email = \(Member.normalised(email))
      """
    return try c.first(sql) { Linked(member: try Member(row: $0), isDisabled: try $0.bool(Member.columnCount), given: []) }
  }

  private func known(_ identity: ProvenIdentity, _ provider: SignInProvider) throws -> Linked? {
    if let linked = try linked(identity) { return linked }
    guard let email = identity.email, email.isStorable, email.contains("@") else { throw SignInRefusal.noEmail }
    guard identity.isEmailVerified else { throw SignInRefusal.emailNotVerified }
    guard let found = try byEmail(email) else {
      guard provider.admits(email: email) else { throw SignInRefusal.notAMember(email: email) }
      return nil
    }
    // Whoever sets a provider up may not become an owner by it.
    if found.member.role == .owner { throw SignInRefusal.ownerNotLinked }
    guard provider.linksMembers else { throw SignInRefusal.notAMember(email: email) }
    return found
  }

  /// Changes nothing.
  func decide(_ identity: ProvenIdentity, _ provider: SignInProvider) throws -> SignInAdmission {
    let known = try known(identity, provider)
    if known?.isDisabled ?? false { throw SignInRefusal.disabled }
    var claimed = provider.roles(for: identity.roleValues), notes: [String] = []
    guard let member = known?.member else {
      guard claimed.organisation != nil else { throw SignInRefusal.noRole }
      return SignInAdmission(member: nil, isNew: true, roles: claimed, notes: [])
    }
    if let kept = try keptRole(member, claimed, provider) {
      if let note = kept.note { notes.append(note) }
      claimed = ClaimedRoles(organisation: kept.role, teams: kept.role.hasOwnReach ? claimed.teams : [:])
    }
    guard claimed.organisation != nil else { throw SignInRefusal.noRole }
    return SignInAdmission(member: member, isNew: false, roles: claimed, notes: notes)
  }

  /// The role that stays whatever the claims say; nil: theirs.
  private func keptRole(_ member: Member, _ claimed: ClaimedRoles, _ provider: SignInProvider) throws -> (role: Member.Role, note: String?)? {
    guard provider.managesRoles else { return (member.role, nil) }
    guard member.role == .owner, claimed.organisation != .owner else { return nil }
    guard provider.givenRoles.contains(.owner) else { return (.owner, "stays an owner: this provider has no value that stands for one") }
    do { try checkOwnerRemains(without: member) } catch is StructureError { return (.owner, "stays an owner: the last one") }
    return nil
  }

  fileprivate func admit(_ identity: ProvenIdentity, _ provider: SignInProvider) throws -> Member {
    let admission = try decide(identity, provider)
    guard let role = admission.roles.organisation else { throw SignInRefusal.noRole }
    var member: Member
    if let known = admission.member {
      member = known
      try setRole(role, of: known)
    } else {
      member = try add(NewMember(email: identity.email ?? "", role: role))
    }
    member.role = role
    try setTeamRoles(admission.roles.teams, of: member, given: try linked(identity)?.given ?? [], provider)
    try remember(identity, member, admission.roles.teams, provider)
    for note in admission.notes {
      try audit("role kept", member.subject, AuditEntry.object(["why": note, "provider": provider.name]))
    }
    return member
  }

  /// What the last sign-in gave and the claims no longer say goes; what was given by hand stays.
  private func setTeamRoles(_ claimed: [TeamID: Member.Role], of member: Member, given: [RoleGrant], _ provider: SignInProvider) throws {
    guard member.role.hasOwnReach else { return }
    let gone = Set(given), named = Set(claimed.keys.map { RoleGrant.Place.team($0) })
    let byHand = try RoleGrant.of(member.id, c).filter { !gone.contains($0) && !named.contains($0.place) }
    try setRoles(byHand + claimed.map { RoleGrant(place: .team($0.key), role: $0.value) }, of: member)
  }

  private func remember(_ identity: ProvenIdentity, _ member: Member, _ teams: [TeamID: Member.Role], _ provider: SignInProvider) throws {
    let given = teams.sorted { $0.key < $1.key }
    let inserted = try c.first(
      """
      insert into sign_in_identities (organisation_id, issuer, subject, member_id, email, linked_by, last_used_at, given_teams, given_roles)
      values (\(organisation), \(identity.issuer), \(identity.subject), \(member.id), \(identity.email ?? ""), \("provider " + provider.name), now(),
        \(given.map(\.key)), \(given.map(\.value.rawValue)))
      on conflict (organisation_id, issuer, subject) do update
        set last_used_at = now(), email = excluded.email, given_teams = excluded.given_teams, given_roles = excluded.given_roles
      returning xmax = 0
      """) { try $0.bool(0) }
    if inserted ?? false {
      try audit("account linked", member.subject, AuditEntry.object(["issuer": identity.issuer, "subject": identity.subject]))
    }
  }
}
