import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct KeysTests {
  @Test func aSecretOpensItsProjectAndIsNotStored() async throws {
    let fixture = try await ReportFixture.make()
    let new = NewKey(
      project: fixture.projects[1].id, name: "CI", environment: "staging", scopes: [.ingest],
      team: .fixed(fixture.teams[2].id))
    let created = try await fixture.accounts.createKey(new, scope: fixture.scope)
    #expect(created.pair.publicKey.hasPrefix("pk-lf-") && created.pair.secretKey.hasPrefix("sk-lf-"))
    #expect(created.pair.secretKey.utf8.count == 42)
    #expect(created.key.secretHint == "sk-lf-…" + created.pair.secretKey.suffix(4))

    let grant = try #require(try await fixture.accounts.grant(secret: created.pair.secretKey))
    #expect(grant.key == created.key)
    #expect(grant.key.team == .fixed(fixture.teams[2].id))
    #expect(grant.key.scopes == [.ingest])
    #expect(grant.project == fixture.projects[1])
    #expect(grant.organisation == fixture.organisation)
    #expect(grant.scope.projects == .only([fixture.projects[1].id]))

    let text = try await fixture.pool.run { c in
      try c.first("select api_keys::text from api_keys where id = \(created.key.id)") { try $0.string(0) }
    }
    #expect(text?.contains(created.pair.secretKey.dropFirst(6).prefix(20)) == false)
  }

  @Test func randomPairsAreVersion4UUIDs() {
    for _ in 0..<50 {
      let groups = KeyPair.random().secretKey.dropFirst(6).split(separator: "-")
      #expect(groups.map(\.count) == [8, 4, 4, 4, 12])
      #expect(groups[2].first == "4")
      #expect(["8", "9", "a", "b"].contains(groups[3].first))
    }
    #expect(Set((0..<50).map { _ in KeyPair.random().publicKey }).count == 50)
  }

  @Test func bothPartsMustBelongTogether() async throws {
    let fixture = try await ReportFixture.make()
    let project = fixture.projects[0].id
    let a = try await fixture.accounts.createKey(NewKey(project: project, name: "a"), scope: fixture.scope)
    let b = try await fixture.accounts.createKey(NewKey(project: project, name: "b"), scope: fixture.scope)
    let accounts = fixture.accounts
    #expect(try await accounts.grant(publicKey: a.pair.publicKey, secret: a.pair.secretKey)?.key.id == a.key.id)
    #expect(try await accounts.grant(publicKey: b.pair.publicKey, secret: a.pair.secretKey) == nil)
    #expect(try await accounts.grant(secret: a.pair.publicKey) == nil)
    #expect(try await accounts.grant(secret: "") == nil)
  }

  @Test func aRevokedKeyOpensNothing() async throws {
    let fixture = try await ReportFixture.make()
    let created = try await fixture.accounts.createKey(
      NewKey(project: fixture.projects[0].id, name: "a"), scope: fixture.scope)
    #expect(try await fixture.accounts.revokeKey(created.key.id, scope: fixture.scope))
    #expect(try await fixture.accounts.revokeKey(created.key.id, scope: fixture.scope) == false)
    #expect(try await fixture.accounts.grant(secret: created.pair.secretKey) == nil)
    let listed = try await fixture.accounts.keys(project: fixture.projects[0].id, scope: fixture.scope)
    #expect(listed.map(\.key.name) == ["a", "Key of Chat"])
    #expect(listed[0].key.revokedAt != nil && listed[1].key.revokedAt == nil)
  }

  @Test func anExpiredKeyOpensNothingAndAnExpiryToComeEndsTheGrant() async throws {
    let fixture = try await ReportFixture.make()
    let end = Timestamp(seconds: 4_000_000_000)
    let created = try await fixture.accounts.createKey(
      NewKey(project: fixture.projects[0].id, name: "a", expiresAt: end), scope: fixture.scope)
    let grant = try #require(try await fixture.accounts.grant(secret: created.pair.secretKey))
    #expect(grant.validUntil == end && !grant.createsScoresOnly)
    try await fixture.pool.run { c in
      _ = try c.execute("update api_keys set expires_at = now() - interval '1 second' where id = \(created.key.id)")
    }
    #expect(try await fixture.accounts.grant(secret: created.pair.secretKey) == nil)
    #expect(try await fixture.accounts.grant(publicKey: created.pair.publicKey, secret: created.pair.secretKey) == nil)
    await #expect(throws: AccountError.self) {
      try await fixture.accounts.createKey(
        NewKey(project: fixture.projects[0].id, name: "b", expiresAt: Timestamp(seconds: 1)), scope: fixture.scope)
    }
  }

  @Test func aPublicKeyAloneIsForScoresAndOnlyWhereItIsAskedFor() async throws {
    let fixture = try await ReportFixture.make()
    let key = fixture.keys[0]
    let grant = try #require(try await fixture.accounts.grant(secret: key.publicKey, orPublic: true))
    #expect(grant.key.id == key.id && grant.createsScoresOnly)
    #expect(grant.scope.content == .none && grant.scope.traces == .none)
    #expect(try await fixture.accounts.grant(secret: key.publicKey) == nil)
    #expect(try await fixture.accounts.grant(publicKey: key.publicKey, secret: key.publicKey) == nil)
  }

  @Test func aKeyForMoneySeesNoTraceAndNoContent() async throws {
    let fixture = try await ReportFixture.make()
    for (scopes, traces, content) in [([KeyScope.readMoney], false, false), ([.admin, .readMoney], true, false), ([.read], true, true)] {
      let created = try await fixture.accounts.createKey(
        NewKey(project: fixture.projects[0].id, name: "k", scopes: Set(scopes)), scope: fixture.scope)
      let scope = try #require(try await fixture.accounts.grant(secret: created.pair.secretKey)).scope
      #expect(scope.traces.includes(fixture.projects[0].id) == traces)
      #expect(scope.content.includes(fixture.projects[0].id) == content)
      #expect(scope.projects == .only([fixture.projects[0].id]))
    }
  }

  @Test func aGivenPairIsTakenOnce() async throws {
    let fixture = try await ReportFixture.make()
    let pair = KeyPair(publicKey: "pk-lf-fixed", secretKey: "sk-lf-fixed-0123456789")
    let new = NewKey(project: fixture.projects[0].id, name: "given", pair: pair)
    #expect(try await fixture.accounts.createKey(new, scope: fixture.scope).pair == pair)
    await #expect(throws: AccountError.duplicateKey) { try await fixture.accounts.createKey(new, scope: fixture.scope) }
    var short = new
    short.pair?.secretKey = "short"
    await #expect(throws: AccountError.self) { try await fixture.accounts.createKey(short, scope: fixture.scope) }
  }

  @Test func aKeyCannotNameAnotherOrganisationsTeam() async throws {
    let fixture = try await ReportFixture.make()
    let other = try await fixture.accounts.createOrganisation(name: "Other", timeZone: "UTC")
    let scope = AccessScope(organisation: other.id, teams: .all, projects: .all, readsContent: false)
    let foreign = try await fixture.accounts.createTeam(name: "Foreign", scope: scope)
    await #expect(throws: AccountError.unknownTeam) {
      try await fixture.accounts.createKey(
        NewKey(project: fixture.projects[0].id, name: "k", team: .default(foreign.id)), scope: fixture.scope)
    }
  }
}
