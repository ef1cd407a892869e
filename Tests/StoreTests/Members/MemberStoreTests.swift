import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

/// A member store with an owner who can sign in.
struct MemberFixture {
  var fixture: ReportFixture
  var owner: Member
  var store: MemberStore { MemberStore(pool: fixture.pool) }
  var organisation: OrganisationID { fixture.organisation.id }

  static func make() async throws -> MemberFixture {
    let fixture = try await ReportFixture.make()
    let owner = try await fixture.accounts.createMember(
      email: "owner@acme.example", passwordHash: "h", role: .owner, organisation: fixture.organisation.id)
    return MemberFixture(fixture: fixture, owner: owner)
  }

  func add(_ role: Member.Role, _ email: String? = nil, by actor: MemberActor = .commandLine, roles: [RoleGrant] = []) async throws -> Member {
    try await store.add(
      NewMember(email: email ?? "\(role.rawValue)@acme.example", passwordHash: "h", role: role, roles: roles), organisation: organisation, by: actor)
  }

  /// A session of the member, by the number of its token.
  func session(_ member: Member, _ token: UInt8) async throws {
    try await fixture.accounts.createSession(tokenHash: hash(token), csrfToken: "c", member: member.id)
  }
  func isSignedIn(_ token: UInt8) async throws -> Bool { try await fixture.accounts.session(tokenHash: hash(token)) != nil }
  func hash(_ token: UInt8) -> [UInt8] { [UInt8](repeating: token, count: 32) }

  func actions() async throws -> [String] {
    try await fixture.pool.run { c in try c.query("select action from audit_entries order by id") { try $0.string(0) } }
  }
}

@Suite struct MemberStoreTests {
  @Test func nobodyGivesOrChangesWhatIsAboveTheOwnRole() async throws {
    let f = try await MemberFixture.make(), admin = MemberActor(try await f.add(.admin)), viewer = try await f.add(.viewer)
    await #expect(throws: StructureError.self) { _ = try await f.add(.owner, "second@acme.example", by: admin) }
    await #expect(throws: StructureError.self) { try await f.store.setRole(.owner, of: viewer.id, organisation: f.organisation, by: admin) }
    await #expect(throws: StructureError.self) { try await f.store.setRole(.viewer, of: f.owner.id, organisation: f.organisation, by: admin) }
    await #expect(throws: StructureError.self) { try await f.store.setDisabled(true, f.owner.id, organisation: f.organisation, by: admin) }
    await #expect(throws: StructureError.self) {
      _ = try await f.store.makeLink(for: f.owner.id, tokenHash: f.hash(1), validSeconds: 60, organisation: f.organisation, by: admin)
    }
    await #expect(throws: StructureError.self) { try await f.store.removeSecondFactor(of: f.owner.id, organisation: f.organisation, by: admin) }
    await #expect(throws: StructureError.self) { try await f.store.setRole(.finance, of: admin.member ?? viewer.id, organisation: f.organisation, by: admin) }
    try await f.store.setRole(.finance, of: viewer.id, organisation: f.organisation, by: admin)
    #expect(try await f.store.find(viewer.id, scope: f.fixture.scope)?.member.role == .finance)
    #expect(try await f.store.find(f.owner.id, scope: f.fixture.scope)?.member.role == .owner)
  }

  @Test(arguments: [true, false]) func keysThatReadOrAdministrateEndWithTheirMakersAccess(isRemoval: Bool) async throws {
    let f = try await MemberFixture.make(), engineer = try await f.add(.engineer), accounts = f.fixture.accounts
    func key(_ name: String, _ scopes: Set<KeyScope>, _ maker: Member) async throws -> KeyID {
      let new = NewKey(project: f.fixture.projects[0].id, name: name, scopes: scopes)
      return try await accounts.createKey(new, scope: f.fixture.scope, by: KeyActor(maker.email, member: maker.id)).key.id
    }
    let ended = [try await key("reads", [.ingest, .read], engineer), try await key("administrates", [.admin], engineer)]
    let kept = [
      try await key("sends", [.ingest], engineer), try await key("money", [.readMoney], engineer), try await key("other", [.read], f.owner),
    ]
    let before = try await f.actions().count
    if isRemoval {
      try await f.store.remove(engineer.id, organisation: f.organisation, by: .commandLine)
    } else {
      try await f.store.setDisabled(true, engineer.id, organisation: f.organisation, by: .commandLine)
    }
    for id in ended {
      let listed = try #require(try await accounts.key(id, scope: f.fixture.scope))
      #expect(listed.key.revokedAt != nil && listed.revokedBy == "command line")
    }
    for id in kept { #expect(try await accounts.key(id, scope: f.fixture.scope)?.key.revokedAt == nil) }
    #expect(try await f.actions().dropFirst(before).sorted() == ["key revoked", "key revoked", isRemoval ? "member removed" : "member disabled"])
    if isRemoval { return }
    try await f.store.setDisabled(false, engineer.id, organisation: f.organisation, by: .commandLine)
    #expect(try await accounts.key(ended[0], scope: f.fixture.scope)?.key.revokedAt != nil)
  }

  @Test func aSessionAloneGivesItsMemberNeitherANewPasswordNorOneFactorLess() async throws {
    let f = try await MemberFixture.make(), owner = MemberActor(f.owner)
    try await f.store.setSecondFactor(secret: [UInt8](repeating: 5, count: 20), step: 1, recoveryHashes: [], of: f.owner)
    await #expect(throws: StructureError.self) {
      _ = try await f.store.makeLink(for: f.owner.id, tokenHash: f.hash(1), validSeconds: 60, organisation: f.organisation, by: owner)
    }
    await #expect(throws: StructureError.self) { try await f.store.removeSecondFactor(of: f.owner.id, organisation: f.organisation, by: owner) }
    #expect(try await f.store.secondFactor(of: f.owner.id) != nil)
    try await f.store.removeSecondFactor(of: f.owner.id, organisation: f.organisation, by: owner, isProved: true)
    #expect(try await f.store.secondFactor(of: f.owner.id) == nil)
  }

  @Test(arguments: ["a@acme.example\r\nBcc: b@acme.example", "a b@acme.example", "a\tb@acme.example", "a@b\u{202E}elpmaxe", "a@b\u{2028}c", "\u{7F}@acme.example"])
  func anEMailHoldsNoBlanksAndNothingThatIsNotShown(email: String) async throws {
    let f = try await MemberFixture.make()
    await #expect(throws: StructureError.self) { _ = try await f.add(.viewer, email) }
  }

  @Test func anOwnerWhoCanSignInAlwaysRemains() async throws {
    let f = try await MemberFixture.make(), actor = MemberActor.commandLine
    // Invited and never come: no owner yet.
    let invited = try await f.store.invite(
      NewMember(email: "new@acme.example", role: .owner), tokenHash: f.hash(2), validSeconds: 60, organisation: f.organisation, by: actor)
    await #expect(throws: StructureError.self) { try await f.store.setRole(.admin, of: f.owner.id, organisation: f.organisation, by: actor) }
    await #expect(throws: StructureError.self) { try await f.store.setDisabled(true, f.owner.id, organisation: f.organisation, by: actor) }
    await #expect(throws: StructureError.self) { try await f.store.remove(f.owner.id, organisation: f.organisation, by: actor) }
    _ = try await f.store.useLink(tokenHash: f.hash(2), passwordHash: "h")
    try await f.store.setRole(.admin, of: f.owner.id, organisation: f.organisation, by: actor)
    await #expect(throws: StructureError.self) { try await f.store.remove(invited.id, organisation: f.organisation, by: actor) }
  }

  @Test func twoOwnersCanNotBothLeaveAtOnce() async throws {
    let f = try await MemberFixture.make(), second = try await f.add(.owner, "second@acme.example")
    let (store, organisation) = (f.store, f.organisation)
    await withTaskGroup(of: Void.self) { group in
      for id in [f.owner.id, second.id] {
        group.addTask { try? await store.setRole(.viewer, of: id, organisation: organisation, by: .commandLine) }
      }
    }
    #expect(try await store.list(scope: f.fixture.scope).filter { $0.member.role == .owner }.count == 1)
  }

  @Test func rolesOfTheWholeOrganisationTakeNoneInTeamsOrProjects() async throws {
    let f = try await MemberFixture.make(), team = RoleGrant.Place.team(f.fixture.teams[0].id)
    for role in [Member.Role.finance, .auditor, .admin] {
      await #expect(throws: StructureError.self) { _ = try await f.add(role, roles: [RoleGrant(place: team, role: .teamLead)]) }
    }
    let lead = try await f.add(.teamLead, roles: [RoleGrant(place: team, role: .teamLead)])
    await #expect(throws: StructureError.self) {
      try await f.store.setRole(.teamLead, in: .project(f.fixture.projects[0].id), of: lead.id, organisation: f.organisation, by: .commandLine)
    }
    try await f.store.setRole(.finance, of: lead.id, organisation: f.organisation, by: .commandLine)
    #expect(try await f.store.find(lead.id, scope: f.fixture.scope)?.roles == [])
  }

  @Test func aChangedRoleADisabledMemberAndANewPasswordEndSessions() async throws {
    let f = try await MemberFixture.make(), member = try await f.add(.viewer)
    try await f.session(member, 1)
    try await f.store.setRole(.engineer, in: .team(f.fixture.teams[0].id), of: member.id, organisation: f.organisation, by: .commandLine)
    #expect(try await !f.isSignedIn(1))
    try await f.session(member, 2)
    try await f.store.setDisabled(true, member.id, organisation: f.organisation, by: .commandLine)
    #expect(try await !f.isSignedIn(2))
    // Even one that is begun while disabled is none.
    try await f.session(member, 3)
    #expect(try await !f.isSignedIn(3))
    try await f.store.setDisabled(false, member.id, organisation: f.organisation, by: .commandLine)
    try await f.session(member, 4)
    try await f.store.changePassword(hash: "h2", of: member)
    #expect(try await !f.isSignedIn(4))
    #expect(try await f.actions().suffix(4) == ["roles changed", "member disabled", "member enabled", "password changed"])
  }

  @Test func signingInEndsTheSessionThatTheBrowserHad() async throws {
    let f = try await MemberFixture.make()
    try await f.session(f.owner, 1)
    try await f.fixture.accounts.createSession(
      tokenHash: f.hash(2), csrfToken: "c", member: f.owner.id, address: "10.0.0.1", agent: "Test\0", replacing: f.hash(1))
    let sessions = try await f.fixture.accounts.sessions(of: f.owner.id, current: f.hash(2))
    #expect(sessions.map(\.address) == ["10.0.0.1"] && sessions.map(\.agent) == ["Test"] && sessions.map(\.isCurrent) == [true])
    try await f.session(f.owner, 3)
    // Nobody ends another's.
    let other = try await f.add(.viewer)
    #expect(try await f.fixture.accounts.endSessions(sessions[0].id, of: other.id, besides: f.hash(9)) == 0)
    #expect(try await f.fixture.accounts.endSessions(nil, of: f.owner.id, besides: f.hash(3)) == 1)
    #expect(try await f.isSignedIn(3))
  }

  @Test func aLinkSetsAPasswordOnceAndTheNextReplacesIt() async throws {
    let f = try await MemberFixture.make()
    let member = try await f.store.invite(
      NewMember(email: "new@acme.example", passwordHash: "ignored", role: .viewer), tokenHash: f.hash(1), validSeconds: 60,
      organisation: f.organisation, by: MemberActor(f.owner))
    #expect(try await f.fixture.accounts.credentials(email: member.email)?.passwordHash == nil)
    #expect(try await f.store.find(member.id, scope: f.fixture.scope)?.state == .invited)
    let purpose = try await f.store.makeLink(
      for: member.id, tokenHash: f.hash(2), validSeconds: 60, organisation: f.organisation, by: MemberActor(f.owner))
    #expect(purpose == .invitation)
    #expect(try await f.store.useLink(tokenHash: f.hash(1), passwordHash: "x") == nil)
    #expect(try await f.store.useLink(tokenHash: f.hash(2), passwordHash: "h1")?.id == member.id)
    #expect(try await f.store.useLink(tokenHash: f.hash(2), passwordHash: "h2") == nil)
    #expect(try await f.fixture.accounts.credentials(email: member.email)?.passwordHash == "h1")
    _ = try await f.store.makeLink(for: member.id, tokenHash: f.hash(3), validSeconds: 60, organisation: f.organisation, by: MemberActor(f.owner))
    try await f.fixture.pool.run { c in _ = try c.execute("update member_links set expires_at = now() - interval '1 second'") }
    #expect(try await f.store.link(tokenHash: f.hash(3)) == nil)
    #expect(try await f.store.useLink(tokenHash: f.hash(3), passwordHash: "h3") == nil)
  }
}
