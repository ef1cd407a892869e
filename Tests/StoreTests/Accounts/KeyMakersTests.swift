import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct KeyMakersTests {
  private func key(_ f: MemberFixture, _ scopes: Set<KeyScope>, by maker: Member?, money: MoneyBounds = .none) async throws -> CreatedKey {
    try await f.fixture.accounts.createKey(
      NewKey(project: f.fixture.projects[0].id, name: "k", scopes: scopes, money: money), scope: f.fixture.scope,
      by: KeyActor(maker?.email ?? "command line", member: maker?.id))
  }
  private func grant(_ f: MemberFixture, _ key: CreatedKey) async throws -> KeyGrant? {
    try await f.fixture.accounts.grant(publicKey: key.pair.publicKey, secret: key.pair.secretKey)
  }
  private func give(_ f: MemberFixture, _ member: Member, seconds: Int64? = nil) async throws {
    try await f.store.giveContent(
      of: nil, to: member.id, reason: "", expiresInSeconds: seconds, organisation: f.organisation, by: .commandLine)
  }
  private func set(_ f: MemberFixture, _ member: Member, _ role: Member.Role) async throws {
    try await f.store.setRole(role, of: member.id, organisation: f.organisation, by: .commandLine)
  }

  @Test func aKeyAdministersWhileItsMakerDoes() async throws {
    let f = try await MemberFixture.make(), admin = try await f.add(.admin)
    let made = try await key(f, [.ingest, .admin, .readMoney], by: admin)
    #expect(try await grant(f, made)?.key.scopes == [.ingest, .admin, .readMoney])
    try await set(f, admin, .viewer)
    let left = try #require(try await grant(f, made))
    #expect(left.key.scopes == [.ingest, .readMoney] && left.withheld == [.admin])
    // Nothing of the project is the viewer's to see.
    #expect(left.key.money == .nothing && left.scope.teams == .none && left.scope.users == .hidden && left.scope.traces == .none)
    try await set(f, admin, .admin)
    #expect(try await grant(f, made)?.key.scopes == [.ingest, .admin, .readMoney])
  }

  @Test func aReadKeyOfAnEngineerReadsNoLongerThanTheEngineerDoes() async throws {
    let f = try await MemberFixture.make(), engineer = try await f.add(.engineer), project = f.fixture.projects[0].id
    func place(_ role: Member.Role?) async throws {
      try await f.store.setRole(role, in: .project(project), of: engineer.id, organisation: f.organisation, by: .commandLine)
    }
    try await place(.engineer)
    let made = try await key(f, [.read], by: engineer, money: MoneyBounds(namesUsers: false, teams: .all))
    #expect(try await grant(f, made)?.scope.content == .only([project]))
    try await place(.viewer)
    let left = try #require(try await grant(f, made))
    #expect(left.key.scopes == [] && left.scope.content == AccessScope.Reach<ProjectID>.none && left.scope.traces == .none)
    #expect(left.key.money == MoneyBounds(namesUsers: false, teams: .all))
    try await place(nil)
    #expect(try await grant(f, made)?.key.money == .nothing)
  }

  @Test func contentOfAKeyEndsWithTheGrantOfItsMaker() async throws {
    let f = try await MemberFixture.make(), project = f.fixture.projects[0].id
    try await give(f, f.owner, seconds: 3600)
    let made = try await key(f, [.read], by: f.owner), byNobody = try await key(f, [.read], by: nil)
    let before = try #require(try await grant(f, made))
    let given = try #require(try await f.store.contentGrants(of: f.owner.id, organisation: f.organisation).first)
    #expect(before.scope.content == .only([project]) && before.validUntil == given.grant.expiresAt)
    try await f.fixture.pool.run { c in _ = try c.execute("update content_grants set expires_at = now() - interval '1 second'") }
    let after = try #require(try await grant(f, made))
    // The owner still sees traces, without what they say.
    #expect(after.scope.content == AccessScope.Reach<ProjectID>.none && after.scope.traces == .only([project]) && after.key.scopes == [.read])
    #expect(try await f.fixture.accounts.reach(of: made.key, in: f.fixture.projects[0]).readsContent == false)
    try await give(f, f.owner)
    #expect(try await grant(f, made)?.scope.content == .only([project]))
    let open = try #require(try await f.store.contentGrants(of: f.owner.id, organisation: f.organisation).first)
    try await f.store.withdrawContent(grant: open.id, organisation: f.organisation, by: .commandLine)
    #expect(try await grant(f, made)?.scope.content == AccessScope.Reach<ProjectID>.none)
    #expect(try await grant(f, byNobody)?.scope.content == .only([project]))
  }

  @Test func aKeyOfADisabledMemberSendsAndShowsTheMoneyOfTheirLastDay() async throws {
    let f = try await MemberFixture.make(), admin = try await f.add(.admin), accounts = f.fixture.accounts
    let made = try await key(f, [.ingest, .readMoney], by: admin)
    try await set(f, admin, .auditor)
    try await f.store.setDisabled(true, admin.id, organisation: f.organisation, by: .commandLine)
    let kept = MoneyBounds(namesUsers: false, teams: .all)
    #expect(try await grant(f, made)?.key.money == kept)
    #expect(try await accounts.key(made.key.id, scope: f.fixture.scope)?.key.money == kept)
    // Made by the maker's key at the very moment: it is no way round.
    let late = try await key(f, [.read, .admin, .ingest], by: admin)
    let left = try #require(try await grant(f, late))
    #expect(left.key.scopes == [.ingest] && left.withheld == [.read, .admin])
  }

  @Test func whoGivesAKeyANewSecretAnswersForIt() async throws {
    let f = try await MemberFixture.make(), admin = try await f.add(.admin), accounts = f.fixture.accounts
    let initial = try await key(f, [.ingest, .admin], by: nil), engineers = try await key(f, [.ingest], by: try await f.add(.engineer))
    func rotate(_ key: CreatedKey, _ hours: Int32, by member: Member?) async throws -> CreatedKey? {
      let actor = KeyActor(member?.email ?? "command line", member: member?.id)
      return try await accounts.rotateKey(key.key.id, overlapHours: hours, scope: f.fixture.scope, by: actor)
    }
    let rotated = try #require(try await rotate(initial, 1, by: admin))
    #expect(rotated.key.maker == admin.id && rotated.key.madeBy == admin.email)
    try await set(f, admin, .viewer)
    for one in [initial, rotated] { #expect(try await grant(f, one)?.key.scopes == [.ingest]) }
    // An owner takes it over; the old secret is not raised with it.
    await #expect(throws: AccountError.self) { _ = try await rotate(rotated, 1, by: f.owner) }
    let taken = try #require(try await rotate(rotated, 0, by: f.owner))
    #expect(try await grant(f, rotated) == nil)
    #expect(try await grant(f, taken)?.key.scopes == [.ingest, .admin])
    // What only sends stays whose it was.
    #expect(try await rotate(engineers, 24, by: f.owner)?.key.maker == engineers.key.maker)
    #expect(try await rotate(taken, 24, by: nil)?.key.maker == f.owner.id)
  }
}
