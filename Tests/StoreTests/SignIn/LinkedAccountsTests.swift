import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct LinkedAccountsTests {
  private struct Place {
    let fixture: ReportFixture
    let owner: Member
    var store: SignInStore { SignInStore(pool: fixture.pool) }
    var organisation: OrganisationID { fixture.organisation.id }

    static func make() async throws -> Place {
      let fixture = try await ReportFixture.make()
      let owner = try await fixture.accounts.createMember(
        email: "owner@example.com", passwordHash: "h", role: .owner, organisation: fixture.organisation.id)
      return Place(fixture: fixture, owner: owner)
    }

    @discardableResult func provider(_ name: String, isEnabled: Bool = true) async throws -> SignInProvider {
      try await store.save(
        SignInProvider(
          id: SignInProviderID(0), organisation: organisation, name: name, issuer: "https://\(name.lowercased()).example.com", clientID: "quipu",
          isEnabled: isEnabled, admitsUnknown: true, defaultRole: .viewer), secret: nil, isNew: true, by: MemberActor(owner))
    }

    /// Somebody who has no password and comes by the provider.
    func arrives(_ email: String, by provider: SignInProvider) async throws -> Member {
      try await store.admit(
        ProvenIdentity(issuer: provider.issuer, subject: "id of \(email)", email: email, isEmailVerified: true, roleValues: []), by: provider)
    }

    func accounts(_ member: Member) async throws -> [LinkedAccount] { try await store.linkedAccounts(of: member.id, scope: fixture.scope) }

    func unlink(_ account: LinkedAccount?, _ member: Member, knowingly: Bool = false, by actor: Member? = nil) async throws {
      try await store.unlink(
        issuer: account?.issuer ?? "https://none.example", subject: account?.subject ?? "nobody", of: member.id, knowingly: knowingly,
        organisation: organisation, by: MemberActor(actor ?? member))
    }

    func count(_ sql: SQL) async throws -> Int { try await fixture.pool.run { c in try c.first(sql) { try $0.int(0) } } ?? 0 }
  }

  @Test func anAccountTellsItsProvidersAndWhetherItOpens() async throws {
    let place = try await Place.make(), acme = try await place.provider("Acme"), vera = try await place.arrives("vera@example.com", by: acme)
    let first = try #require(try await place.accounts(vera).first)
    #expect(first.providers == ["Acme"] && first.isOpen && first.isLastWay && first.linkedBy == "provider Acme" && first.lastUsedAt != nil)
    #expect(first.email == "vera@example.com" && first.subject == "id of vera@example.com")
    try await place.store.remove(acme.id, organisation: place.organisation, by: MemberActor(place.owner))
    let after = try #require(try await place.accounts(vera).first)
    #expect(after.providers == [] && !after.isOpen && after.isLastWay)
  }

  @Test func theLastWayInIsUnlinkedKnowinglyAlone() async throws {
    let place = try await Place.make(), acme = try await place.provider("Acme"), vera = try await place.arrives("vera@example.com", by: acme)
    let account = try await place.accounts(vera).first
    await #expect(throws: StructureError.self) { try await place.unlink(account, vera) }
    #expect(try await place.accounts(vera).count == 1)
    try await place.unlink(account, vera, knowingly: true)
    #expect(try await place.accounts(vera).isEmpty)
    #expect(try await place.count("select count(*) from audit_entries where action = 'account unlinked' and detail->>'last way in' = 'yes'") == 1)
  }

  @Test func aSecondAccountIsAWayInOnlyWhileItsProviderIsOn() async throws {
    let place = try await Place.make(), acme = try await place.provider("Acme"), vera = try await place.arrives("vera@example.com", by: acme)
    var other = try await place.provider("Other")
    try await place.store.link(issuer: other.issuer, subject: "v", email: nil, to: vera)
    #expect(try await place.accounts(vera).map(\.isLastWay) == [false, false])
    other.isEnabled = false
    _ = try await place.store.save(other, secret: nil, isNew: false, by: MemberActor(place.owner))
    #expect(try await place.accounts(vera).map(\.isLastWay) == [true, false])
    let off = try await place.accounts(vera).last
    try await place.unlink(off, vera)
    #expect(try await place.accounts(vera).map(\.providers) == [["Acme"]])
  }

  @Test func aPasswordIsAWayInAndUnlinkingEndsSessions() async throws {
    let place = try await Place.make(), acme = try await place.provider("Acme")
    let bert = try await place.fixture.accounts.createMember(email: "bert@example.com", passwordHash: "h", role: .viewer, organisation: place.organisation)
    try await place.store.link(issuer: acme.issuer, subject: "b", email: "bert@id.example", to: bert)
    try await place.fixture.pool.run { c in
      _ = try c.execute(
        """
        insert into sign_in_steps (token_sha256, member_id, csrf_token, next, expires_at)
        values (decode(repeat('07', 32), 'hex'), \(bert.id), 'c', '/', now() + interval '1 hour')
        """)
    }
    let account = try #require(try await place.accounts(bert).first)
    #expect(!account.isLastWay && account.lastUsedAt == nil && account.linkedBy == "bert@example.com")
    try await place.unlink(account, bert)
    #expect(try await place.count("select count(*) from sign_in_steps where member_id = \(bert.id)") == 0)
    // Whoever holds the account is a stranger again.
    await #expect(throws: SignInRefusal.self) {
      try await place.store.admit(
        ProvenIdentity(issuer: acme.issuer, subject: "b", email: "bert@id.example", isEmailVerified: false, roleValues: []), by: acme)
    }
  }

  @Test func nobodyUnlinksWhatIsNotTheMembersOrAboveThemselves() async throws {
    let place = try await Place.make(), acme = try await place.provider("Acme"), vera = try await place.arrives("vera@example.com", by: acme)
    let admin = try await place.fixture.accounts.createMember(email: "admin@example.com", passwordHash: "h", role: .admin, organisation: place.organisation)
    try await place.store.link(issuer: acme.issuer, subject: "o", email: nil, to: place.owner)
    let hers = try await place.accounts(vera).first, owners = try await place.accounts(place.owner).first
    await #expect(throws: StructureError.self) { try await place.unlink(hers, admin, knowingly: true) }
    await #expect(throws: StructureError.self) { try await place.unlink(owners, place.owner, knowingly: true, by: admin) }
    await #expect(throws: StructureError.self) { try await place.unlink(nil, vera, knowingly: true) }
    #expect(try await place.accounts(vera).count == 1)
    #expect(try await place.accounts(place.owner).count == 1)
    try await place.unlink(hers, vera, knowingly: true, by: admin)
    #expect(try await place.accounts(vera).isEmpty)
  }

  @Test func theLastOwnerKeepsTheLastWayIn() async throws {
    let place = try await Place.make(), acme = try await place.provider("Acme")
    try await place.store.link(issuer: acme.issuer, subject: "o", email: nil, to: place.owner)
    try await place.fixture.pool.run { c in _ = try c.execute("update members set password_hash = null where id = \(place.owner.id)") }
    let account = try #require(try await place.accounts(place.owner).first)
    #expect(account.isLastWay)
    await #expect(throws: StructureError.self) { try await place.unlink(account, place.owner, knowingly: true) }
    #expect(try await place.accounts(place.owner).count == 1)
  }

  @Test func anotherOrganisationSeesNothing() async throws {
    let place = try await Place.make(), acme = try await place.provider("Acme"), vera = try await place.arrives("vera@example.com", by: acme)
    let stranger = AccessScope(organisation: OrganisationID(place.organisation.rawValue + 1), teams: .all, projects: .all, readsContent: false)
    #expect(try await place.store.linkedAccounts(of: vera.id, scope: stranger).isEmpty)
    await #expect(throws: StructureError.self) {
      try await place.store.unlink(
        issuer: acme.issuer, subject: "id of vera@example.com", of: vera.id, knowingly: true, organisation: stranger.organisation,
        by: MemberActor(place.owner))
    }
  }
}
