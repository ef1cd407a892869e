import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct KeyChangesTests {
  private static let actor = KeyActor("ada@acme.example")

  private func entries(_ fixture: ReportFixture) async throws -> [AuditEntry] {
    try await fixture.pool.run { c in
      try c.query("select \(AuditEntry.columns) from audit_entries where action like 'key %' or action like 'previous%' order by id", AuditEntry.init(row:))
    }
  }

  @Test func afterARotationBothSecretsOpenUntilTheOverlapEnds() async throws {
    let fixture = try await ReportFixture.make()
    let accounts = fixture.accounts
    let old = try await accounts.createKey(NewKey(project: fixture.projects[0].id, name: "a"), scope: fixture.scope)
    let new = try #require(try await accounts.rotateKey(old.key.id, overlapHours: 2, scope: fixture.scope, by: Self.actor))
    #expect(new.pair.publicKey == old.pair.publicKey && new.pair.secretKey != old.pair.secretKey)
    let (byNew, byOld) = (try await accounts.grant(secret: new.pair.secretKey), try await accounts.grant(secret: old.pair.secretKey))
    #expect(byNew?.key.id == old.key.id && byNew?.validUntil == nil)
    #expect(byOld?.key.id == old.key.id && byOld?.validUntil == new.key.previousSecretUntil && byOld?.validUntil != nil)
    try await fixture.pool.run { c in
      _ = try c.execute("update api_keys set previous_secret_until = now() - interval '1 second' where id = \(old.key.id)")
    }
    #expect(try await accounts.grant(publicKey: old.pair.publicKey, secret: old.pair.secretKey) == nil)
    #expect(try await accounts.grant(publicKey: new.pair.publicKey, secret: new.pair.secretKey) != nil)
  }

  @Test func whatAKeyShowsOfMoneyStaysWithinWhatItsMakerMightSee() async throws {
    let fixture = try await ReportFixture.make()
    let bounds = MoneyBounds(namesUsers: false, teams: .only([fixture.teams[0].id, fixture.teams[2].id]))
    let new = NewKey(project: fixture.projects[0].id, name: "a", scopes: [.readMoney], money: bounds)
    let made = try await fixture.accounts.createKey(new, scope: fixture.scope)
    let rotated = try #require(try await fixture.accounts.rotateKey(made.key.id, overlapHours: 0, scope: fixture.scope, by: Self.actor))
    let grant = try #require(try await fixture.accounts.grant(secret: rotated.pair.secretKey))
    #expect(made.key.money == bounds && grant.key.money == bounds)
    #expect(grant.scope.teams == bounds.teams && grant.scope.users == .hidden && grant.scope.traces.isEmpty)
    #expect(grant.adminScope.teams == bounds.teams && grant.adminScope.users == .hidden && grant.adminScope.content.isEmpty)

    let free = try await fixture.accounts.createKey(NewKey(project: fixture.projects[0].id, name: "b"), scope: fixture.scope)
    let whole = try #require(try await fixture.accounts.grant(secret: free.pair.secretKey))
    #expect(whole.key.money == .none && whole.scope.teams == .all && whole.scope.users == .shown)
  }

  @Test func withoutOverlapTheOldSecretEndsAtOnceAndSoItDoesWhenItIsEndedOrTheKeyRevoked() async throws {
    let fixture = try await ReportFixture.make()
    let accounts = fixture.accounts
    let first = try await accounts.createKey(NewKey(project: fixture.projects[0].id, name: "a"), scope: fixture.scope)
    let second = try #require(try await accounts.rotateKey(first.key.id, overlapHours: 0, scope: fixture.scope, by: Self.actor))
    #expect(try await accounts.grant(secret: first.pair.secretKey) == nil)
    let third = try #require(try await accounts.rotateKey(first.key.id, overlapHours: 5, scope: fixture.scope, by: Self.actor))
    #expect(try await accounts.grant(secret: second.pair.secretKey) != nil)
    #expect(try await accounts.endPreviousSecret(first.key.id, scope: fixture.scope, by: Self.actor))
    #expect(try await accounts.grant(secret: second.pair.secretKey) == nil)
    _ = try await accounts.rotateKey(first.key.id, overlapHours: 5, scope: fixture.scope, by: Self.actor)
    #expect(try await accounts.revokeKey(first.key.id, scope: fixture.scope, by: Self.actor))
    #expect(try await accounts.grant(secret: third.pair.secretKey) == nil)
    #expect(try await accounts.rotateKey(first.key.id, overlapHours: 5, scope: fixture.scope, by: Self.actor) == nil)
    let actions = try await entries(fixture).map(\.action)
    #expect(actions.suffix(6) == ["key made", "key rotated", "key rotated", "previous secret ended", "key rotated", "key revoked"])
  }

  @Test func aChangeTellsWhatDiffersAndNothingElse() async throws {
    let fixture = try await ReportFixture.make()
    let key = fixture.keys[0]
    var change = KeyChange(key)
    (change.contentPolicy, change.limits.requestsPerMinute) = (.drop, 60)
    let changed = try #require(try await fixture.accounts.changeKey(key.id, to: change, scope: fixture.scope, by: Self.actor))
    #expect(changed.contentPolicy == .drop && changed.limits.requestsPerMinute == 60 && changed.name == key.name)
    let entry = try #require(try await entries(fixture).last)
    #expect(entry.action == "key changed" && entry.actor == Self.actor.name && entry.subject == "key \(key.publicKey)")
    #expect(entry.before == #"{"contentPolicy": "keep", "requestsPerMinute": null}"#)
    #expect(entry.after == #"{"contentPolicy": "drop", "requestsPerMinute": "60"}"#)
    let count = try await entries(fixture).count
    _ = try await fixture.accounts.changeKey(key.id, to: change, scope: fixture.scope, by: Self.actor)
    #expect(try await entries(fixture).count == count)
  }

  @Test func whatIsOutOfReachIsNeitherChangedNorShown() async throws {
    let fixture = try await ReportFixture.make()
    let own = AccessScope(organisation: fixture.organisation.id, teams: .all, projects: .only([fixture.projects[1].id]), readsContent: false)
    let key = fixture.keys[0]
    let accounts = fixture.accounts
    #expect(try await accounts.key(key.id, scope: own) == nil)
    #expect(try await accounts.key(publicKey: key.publicKey, scope: own) == nil)
    #expect(try await accounts.keys(scope: own).map(\.key.id) == [fixture.keys[1].id])
    #expect(try await accounts.changeKey(key.id, to: KeyChange(key), scope: own, by: Self.actor) == nil)
    #expect(try await accounts.rotateKey(key.id, overlapHours: 1, scope: own, by: Self.actor) == nil)
    #expect(try await accounts.revokeKey(key.id, scope: own, by: Self.actor) == false)
    #expect(try await KeyUseStore(pool: fixture.pool).activity(of: key.id, since: "2026-01-01", scope: own) == nil)
  }

  @Test func noAuditEntryHoldsAnyPartOfASecretThatIsNotItsHint() async throws {
    let fixture = try await ReportFixture.make()
    let made = try await fixture.accounts.createKey(NewKey(project: fixture.projects[0].id, name: "a"), scope: fixture.scope)
    let rotated = try #require(try await fixture.accounts.rotateKey(made.key.id, overlapHours: 1, scope: fixture.scope, by: Self.actor))
    let text = try await entries(fixture).map { "\($0)" }.joined()
    for pair in [made.pair, rotated.pair] { #expect(!text.contains(pair.secretKey.dropFirst(6).prefix(8))) }
  }

  @Test func aProjectIsMovedToAnotherTeamWithAnEntry() async throws {
    let fixture = try await ReportFixture.make()
    let changed = try await fixture.accounts.changeProject(
      fixture.projects[0].id, name: "Chat two", team: fixture.teams[1].id, scope: fixture.scope, by: "ada")
    #expect(changed?.name == "Chat two" && changed?.team == fixture.teams[1].id && changed?.slug == fixture.projects[0].slug)
    let entry = try #require(
      try await fixture.pool.run { c in
        try c.first("select \(AuditEntry.columns) from audit_entries where action = 'project changed'", AuditEntry.init(row:))
      })
    #expect(entry.before?.contains("\"Chat\"") == true && entry.after?.contains("Chat two") == true)
  }
}
