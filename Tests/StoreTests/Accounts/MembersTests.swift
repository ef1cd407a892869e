import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct MembersTests {
  private let token = [UInt8](repeating: 7, count: 32)

  private func fixture() async throws -> (ReportFixture, Member) {
    let fixture = try await ReportFixture.make()
    let member = try await fixture.accounts.createMember(
      email: " Ann@Example.COM ", passwordHash: "h1", role: .finance, organisation: fixture.organisation.id)
    return (fixture, member)
  }

  private func age(_ fixture: ReportFixture, _ sql: SQL) async throws {
    try await fixture.pool.run { c in _ = try c.execute(sql) }
  }

  @Test func emailsAreFoundInAnyCase() async throws {
    let (fixture, member) = try await fixture()
    #expect(member.email == "ann@example.com")
    let found = try await fixture.accounts.credentials(email: "ANN@example.com ")
    #expect(found?.member == member && found?.passwordHash == "h1")
    #expect(try await fixture.accounts.credentials(email: "bob@example.com") == nil)
    await #expect(throws: AccountError.duplicateMember(email: "ann@example.com")) {
      try await fixture.accounts.createMember(
        email: "ann@EXAMPLE.com", passwordHash: "h", role: .viewer, organisation: fixture.organisation.id)
    }
    #expect(try await fixture.accounts.members(scope: fixture.scope) == [member])
  }

  @Test func aSessionLivesUntilItExpiresOrIsDeleted() async throws {
    let (fixture, member) = try await fixture()
    let accounts = fixture.accounts
    try await accounts.createSession(tokenHash: token, csrfToken: "c", member: member.id)
    let session = try #require(try await accounts.session(tokenHash: token))
    #expect(session.member == member)
    #expect(session.organisation == fixture.organisation)
    #expect(session.csrfToken == "c")
    #expect(try await accounts.session(tokenHash: [UInt8](repeating: 8, count: 32)) == nil)
    try await age(fixture, "update member_sessions set expires_at = now() - interval '1 second'")
    #expect(try await accounts.session(tokenHash: token) == nil)
    try await age(fixture, "update member_sessions set expires_at = now() + interval '1 hour'")
    #expect(try await accounts.session(tokenHash: token) != nil)
    try await accounts.deleteSession(tokenHash: token)
    #expect(try await accounts.session(tokenHash: token) == nil)
  }

  @Test func useMovesTheExpiryAtMostOnceAMinuteUpToTheTotal() async throws {
    let (fixture, member) = try await fixture()
    let accounts = fixture.accounts
    let lifetime = SessionLifetime(idleSeconds: 3600, totalSeconds: 7200)
    try await accounts.createSession(tokenHash: token, csrfToken: "c", member: member.id, lifetime: lifetime)
    let first = try #require(try await accounts.session(tokenHash: token, lifetime: lifetime))
    #expect(try await accounts.session(tokenHash: token, lifetime: lifetime)?.expiresAt == first.expiresAt)

    try await age(fixture, "update member_sessions set last_seen_at = now() - interval '61 seconds'")
    _ = try await accounts.session(tokenHash: token, lifetime: lifetime)
    let moved = try #require(try await accounts.session(tokenHash: token, lifetime: lifetime))
    #expect(moved.expiresAt > first.expiresAt)

    try await age(
      fixture,
      "update member_sessions set last_seen_at = now() - interval '61 seconds', created_at = now() - interval '110 minutes'"
    )
    _ = try await accounts.session(tokenHash: token, lifetime: lifetime)
    let capped = try #require(try await accounts.session(tokenHash: token, lifetime: lifetime))
    #expect(capped.expiresAt < first.expiresAt)
  }

  @Test func aNewPasswordEndsAllSessions() async throws {
    let (fixture, member) = try await fixture()
    try await fixture.accounts.createSession(tokenHash: token, csrfToken: "c", member: member.id)
    try await fixture.accounts.setPassword(hash: "h2", of: member.id)
    #expect(try await fixture.accounts.session(tokenHash: token) == nil)
    #expect(try await fixture.accounts.credentials(email: member.email)?.passwordHash == "h2")
  }

  @Test func manyWhoSignInFromOneAddressDoNotLockItOut() async throws {
    let (fixture, _) = try await fixture()
    let accounts = fixture.accounts
    for email in ["ann@example.com", "bob@example.com", "ann@example.com"] {
      try await accounts.recordLoginAttempt(email: email, address: "10.0.0.1", succeeded: false)
      try await accounts.recordLoginAttempt(email: email, address: "10.0.0.1", succeeded: true)
    }
    // Guesses at others are not forgiven for it, nor those of elsewhere.
    try await accounts.recordLoginAttempt(email: "eve@example.com", address: "10.0.0.1", succeeded: false)
    try await accounts.recordLoginAttempt(email: "eve@example.com", address: "10.0.0.2", succeeded: true)
    #expect(try await accounts.recentFailures(email: "ann@example.com", address: "10.0.0.1").byAddress == 1)
  }

  @Test func failuresAreCountedByEmailAndByAddress() async throws {
    let (fixture, _) = try await fixture()
    let accounts = fixture.accounts
    func attempt(_ email: String, _ address: String, _ succeeded: Bool = false) async throws {
      try await accounts.recordLoginAttempt(email: email, address: address, succeeded: succeeded)
    }
    try await attempt("Ann@example.com", "10.0.0.1")
    try await attempt("ann@example.com", "10.0.0.2")
    try await attempt("bob@example.com", "10.0.0.2")
    #expect(
      try await accounts.recentFailures(email: "ann@example.com", address: "10.0.0.2")
        == RecentFailures(byPair: 1, byEmail: 2, byAddress: 2))

    try await attempt("ann@example.com", "10.0.0.3", true)
    try await attempt("ann@example.com", "10.0.0.3")
    #expect(
      try await accounts.recentFailures(email: "ANN@example.com", address: "10.0.0.2")
        == RecentFailures(byPair: 0, byEmail: 1, byAddress: 2))

    try await age(fixture, "update login_attempts set attempted_at = now() - interval '16 minutes'")
    #expect(
      try await accounts.recentFailures(email: "ann@example.com", address: "10.0.0.2")
        == RecentFailures(byPair: 0, byEmail: 0, byAddress: 0))
    try await age(fixture, "update login_attempts set attempted_at = now() - interval '25 hours'")
    try await attempt("ann@example.com", "10.0.0.2")
    let kept = try await fixture.pool.run { c in try c.first("select count(*) from login_attempts") { try $0.int(0) } }
    #expect(kept == 1)
  }
}
