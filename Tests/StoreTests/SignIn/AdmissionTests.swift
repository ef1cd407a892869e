import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct AdmissionTests {
  private struct Place {
    let fixture: ReportFixture
    let owner: Member
    var store: SignInStore { SignInStore(pool: fixture.pool) }
    var members: MemberStore { MemberStore(pool: fixture.pool) }
    var organisation: OrganisationID { fixture.organisation.id }

    static func make() async throws -> Place {
      let fixture = try await ReportFixture.make()
      let owner = try await fixture.accounts.createMember(
        email: "owner@example.com", passwordHash: "h", role: .owner, organisation: fixture.organisation.id)
      return Place(fixture: fixture, owner: owner)
    }

    func member(_ email: String, _ role: Member.Role) async throws -> Member {
      try await fixture.accounts.createMember(email: email, passwordHash: "h", role: role, organisation: organisation)
    }

    func provider(_ change: (inout SignInProvider) -> Void = { _ in }) async throws -> SignInProvider {
      var provider = SignInProvider(
        id: SignInProviderID(0), organisation: organisation, name: "Acme", issuer: "https://id.example.com", clientID: "quipu", isEnabled: true)
      change(&provider)
      return try await store.save(provider, secret: nil, isNew: true, by: MemberActor(owner))
    }

    func role(_ id: MemberID) async throws -> String? {
      try await fixture.pool.run { c in try c.first("select role from members where id = \(id)") { try $0.string(0) } }
    }

    func teamRoles(_ id: MemberID) async throws -> [RoleGrant] { try await fixture.pool.run { c in try RoleGrant.of(id, c) } }

    func sessions(_ id: MemberID) async throws -> Int {
      try await fixture.pool.run { c in try c.first("select count(*) from member_sessions where member_id = \(id)") { try $0.int(0) } } ?? 0
    }
  }

  private func person(
    _ email: String?, verified: Bool = true, _ values: [String] = [], subject: String = "sub-1", issuer: String = "https://id.example.com"
  ) -> ProvenIdentity {
    ProvenIdentity(issuer: issuer, subject: subject, email: email, isEmailVerified: verified, roleValues: values)
  }

  @Test func aStateIsTakenOnceByTheBrowserAndProviderThatItWasMadeFor() async throws {
    let place = try await Place.make(), provider = try await place.provider(), other = try await place.provider { $0.name = "Other" }
    let (state, browser) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
    let begun = SignInState(provider: provider.id, nonce: "n", verifier: "v", next: "/costs")
    #expect(try await place.store.begin(begun, stateHash: state, browserHash: browser, address: "::1"))
    #expect(try await place.store.take(stateHash: state, browserHash: state, provider: provider.id) == nil)
    #expect(try await place.store.take(stateHash: state, browserHash: browser, provider: other.id) == nil)
    #expect(try await place.store.take(stateHash: state, browserHash: browser, provider: provider.id) == begun)
    #expect(try await place.store.take(stateHash: state, browserHash: browser, provider: provider.id) == nil)
  }

  @Test func aStateThatIsTooOldIsWorthNothing() async throws {
    let place = try await Place.make(), provider = try await place.provider(), bytes = [UInt8](repeating: 3, count: 32)
    let begun = SignInState(provider: provider.id, nonce: "n", verifier: "v", next: "/")
    #expect(try await place.store.begin(begun, stateHash: bytes, browserHash: bytes, address: "::1", seconds: -1))
    #expect(try await place.store.take(stateHash: bytes, browserHash: bytes, provider: provider.id) == nil)
  }

  @Test func aVerifiedEmailLinksAMemberOnceAndThenTheSubjectCounts() async throws {
    let place = try await Place.make(), provider = try await place.provider(), ann = try await place.member("ann@example.com", .finance)
    await #expect(throws: SignInRefusal.emailNotVerified) { try await place.store.admit(person("ann@example.com", verified: false), by: provider) }
    #expect(try await place.store.admit(person("ANN@example.com"), by: provider).id == ann.id)
    // From now on the e-mail says nothing, whatever it is.
    #expect(try await place.store.admit(person("someone@else.org", verified: false), by: provider).id == ann.id)
    await #expect(throws: SignInRefusal.notAMember(email: "someone@else.org")) {
      try await place.store.admit(person("someone@else.org", subject: "sub-2"), by: provider)
    }
  }

  @Test func anOwnerIsNeverLinkedByEmailButByOneself() async throws {
    let place = try await Place.make(), provider = try await place.provider { $0.admitsUnknown = true; $0.defaultRole = .viewer }
    await #expect(throws: SignInRefusal.ownerNotLinked) { try await place.store.admit(person("owner@example.com"), by: provider) }
    try await place.store.link(issuer: provider.issuer, subject: "sub-1", email: nil, to: place.owner)
    #expect(try await place.store.admit(person(nil), by: provider).id == place.owner.id)
    let ann = try await place.member("ann@example.com", .viewer)
    await #expect(throws: StructureError.self) { try await place.store.link(issuer: provider.issuer, subject: "sub-1", email: nil, to: ann) }
  }

  @Test func anotherIssuerDoesNotInheritWhoWasLinked() async throws {
    let place = try await Place.make()
    var provider = try await place.provider()
    try await place.store.link(issuer: provider.issuer, subject: "sub-1", email: nil, to: place.owner)
    provider.issuer = "https://evil.example.org"
    provider = try await place.store.save(provider, secret: nil, isNew: false, by: MemberActor(place.owner))
    await #expect(throws: SignInRefusal.noEmail) { try await place.store.admit(person(nil, issuer: provider.issuer), by: provider) }
  }

  @Test func strangersBecomeMembersOnlyWhereTheProviderAdmitsThem() async throws {
    let place = try await Place.make()
    let closed = try await place.provider()
    let open = try await place.provider { provider in
      (provider.name, provider.admitsUnknown, provider.defaultRole, provider.emailDomains) = ("Open", true, .engineer, ["example.com"])
    }
    await #expect(throws: SignInRefusal.notAMember(email: "new@example.com")) { try await place.store.admit(person("new@example.com"), by: closed) }
    await #expect(throws: SignInRefusal.notAMember(email: "new@evil.org")) { try await place.store.admit(person("new@evil.org"), by: open) }
    let member = try await place.store.admit(person("new@example.com"), by: open)
    #expect(try await place.role(member.id) == "engineer")
    #expect(try await place.store.admit(person("new@example.com"), by: open).id == member.id)
  }

  @Test func rolesAreReadAnewAtEverySignInAndSessionsEndWithThem() async throws {
    let place = try await Place.make(), team = place.fixture.teams[0], byHand = try await place.fixture.accounts.createTeam(
      name: "By hand", scope: place.fixture.scope)
    let provider = try await place.provider { provider in
      (provider.claims.roles, provider.admitsUnknown) = ("groups", true)
      provider.mappings = [
        ClaimMapping(value: "dev", role: .engineer), ClaimMapping(value: "books", role: .finance),
        ClaimMapping(value: "search", team: team.id, role: .teamLead),
      ]
    }
    let member = try await place.store.admit(person("new@example.com", ["dev", "search"]), by: provider)
    #expect(try await place.teamRoles(member.id) == [RoleGrant(place: .team(team.id), role: .teamLead)])
    try await place.members.setRole(
      .viewer, in: .team(byHand.id), of: member.id, organisation: place.organisation, by: MemberActor(place.owner))
    try await place.fixture.accounts.createSession(tokenHash: [UInt8](repeating: 9, count: 32), csrfToken: "c", member: member.id)

    _ = try await place.store.admit(person("new@example.com", ["dev"]), by: provider)
    #expect(try await place.teamRoles(member.id) == [RoleGrant(place: .team(byHand.id), role: .viewer)])
    #expect(try await place.sessions(member.id) == 0)

    _ = try await place.store.admit(person("new@example.com", ["books"]), by: provider)
    #expect(try await place.role(member.id) == "finance")
    #expect(try await place.teamRoles(member.id).isEmpty)
  }

  @Test func whoHasLostEveryRoleIsKeptOutAndSignedOut() async throws {
    let place = try await Place.make()
    let provider = try await place.provider { provider in
      (provider.claims.roles, provider.mappings) = ("groups", [ClaimMapping(value: "books", role: .finance)])
    }
    let ann = try await place.member("ann@example.com", .viewer)
    _ = try await place.store.admit(person("ann@example.com", ["books"]), by: provider)
    #expect(try await place.role(ann.id) == "finance")
    try await place.fixture.accounts.createSession(tokenHash: [UInt8](repeating: 9, count: 32), csrfToken: "c", member: ann.id)
    await #expect(throws: SignInRefusal.noRole) { try await place.store.admit(person("ann@example.com", []), by: provider) }
    #expect(try await place.sessions(ann.id) == 0)
  }

  @Test func theLastOwnerStaysWhateverTheClaimsSay() async throws {
    let place = try await Place.make()
    let provider = try await place.provider { provider in
      provider.claims.roles = "groups"
      provider.mappings = [ClaimMapping(value: "root", role: .owner), ClaimMapping(value: "staff", role: .viewer)]
    }
    try await place.store.link(issuer: provider.issuer, subject: "sub-1", email: nil, to: place.owner)
    #expect(try await place.store.admit(person(nil, ["staff"]), by: provider).role == .owner)
    #expect(try await place.role(place.owner.id) == "owner")
    // With another owner who can sign in, the claims hold.
    _ = try await place.member("second@example.com", .owner)
    #expect(try await place.store.admit(person(nil, ["staff"]), by: provider).role == .viewer)
  }

  @Test func aProviderWithoutAnOwnersValueUnmakesNoOwner() async throws {
    let place = try await Place.make()
    let provider = try await place.provider { provider in
      (provider.claims.roles, provider.mappings) = ("groups", [ClaimMapping(value: "staff", role: .viewer)])
    }
    _ = try await place.member("second@example.com", .owner)
    try await place.store.link(issuer: provider.issuer, subject: "sub-1", email: nil, to: place.owner)
    #expect(try await place.store.admit(person(nil, ["staff"]), by: provider).role == .owner)
    #expect(try await place.store.admit(person(nil, []), by: provider).role == .owner)
  }

  @Test func aDisabledMemberStaysOut() async throws {
    let place = try await Place.make(), provider = try await place.provider(), ann = try await place.member("ann@example.com", .viewer)
    _ = try await place.store.admit(person("ann@example.com"), by: provider)
    try await place.members.setDisabled(true, ann.id, organisation: place.organisation, by: MemberActor(place.owner))
    await #expect(throws: SignInRefusal.disabled) { try await place.store.admit(person("ann@example.com"), by: provider) }
  }

  @Test func anAdminMakesNoOwnersByAProvider() async throws {
    let place = try await Place.make(), admin = MemberActor(try await place.member("admin@example.com", .admin))
    var provider = try await place.provider { provider in
      (provider.claims.roles, provider.mappings) = ("groups", [ClaimMapping(value: "root", role: .owner)])
    }
    let taken = provider.id
    provider.mappings = []
    await #expect(throws: StructureError.self) { try await place.store.save(provider, secret: nil, isNew: false, by: admin) }
    await #expect(throws: StructureError.self) { try await place.store.remove(taken, organisation: place.organisation, by: admin) }
    provider.name = "New"
    provider.defaultRole = .owner
    await #expect(throws: StructureError.self) { try await place.store.save(provider, secret: nil, isNew: true, by: admin) }
    provider.defaultRole = .viewer
    _ = try await place.store.save(provider, secret: nil, isNew: true, by: admin)
  }

  @Test func theClientSecretIsSealedAndGoesToNoOtherIssuer() async throws {
    let place = try await Place.make()
    var provider = SignInProvider(
      id: SignInProviderID(0), organisation: place.organisation, name: "Acme", issuer: "https://id.example.com", clientID: "quipu",
      secretSource: .stored)
    provider = try await place.store.save(provider, secret: "s3cret-of-the-client", isNew: true, by: MemberActor(place.owner))
    #expect(try await place.store.secret(of: provider.id) == "s3cret-of-the-client")
    let found = try await place.fixture.pool.run { c in
      try c.first(
        """
        select (select count(*) from sign_in_providers where position('s3cret'::bytea in secret_sealed) > 0)
          + (select count(*) from audit_entries where detail::text || before::text || after::text like '%s3cret%')
        """) { try $0.int(0) }
    }
    #expect(found == 0)
    provider = try await place.store.save(provider, secret: nil, isNew: false, by: MemberActor(place.owner))
    #expect(try await place.store.secret(of: provider.id) == "s3cret-of-the-client")
    provider.issuer = "https://evil.example.org"
    await #expect(throws: StructureError.self) { try await place.store.save(provider, secret: nil, isNew: false, by: MemberActor(place.owner)) }
  }

  @Test func aSealHoldsOnlyForItsSecretAndBytes() throws {
    let secret = [UInt8](repeating: 5, count: 32)
    var sealed = try #require(SealedSecret.seal("täxt", organisationSecret: secret))
    #expect(SealedSecret.open(sealed, organisationSecret: secret) == "täxt")
    #expect(SealedSecret.open(sealed, organisationSecret: [UInt8](repeating: 6, count: 32)) == nil)
    sealed[14] ^= 1
    #expect(SealedSecret.open(sealed, organisationSecret: secret) == nil)
    #expect(SealedSecret.open([1, 2, 3], organisationSecret: secret) == nil)
  }
}
