import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct SecondFactorsTests {
  private let secret = [UInt8](repeating: 5, count: 20)

  @Test func aCodeAndARecoveryCodeAreTakenOnce() async throws {
    let f = try await MemberFixture.make(), id = f.owner.id
    #expect(try await f.store.secondFactor(of: id) == nil)
    #expect(try await !f.store.takeStep(100, of: id))
    try await f.session(f.owner, 1)
    try await f.store.setSecondFactor(secret: secret, step: 100, recoveryHashes: [f.hash(1), f.hash(2)], of: f.owner)
    #expect(try await !f.isSignedIn(1))
    #expect(try await f.store.secondFactor(of: id) == SecondFactor(secret: secret, lastStep: 100, recoveryCodesLeft: 2))
    #expect(try await !f.store.takeStep(100, of: id))
    #expect(try await f.store.takeStep(102, of: id))
    #expect(try await !f.store.takeStep(101, of: id))
    #expect(try await f.store.takeRecoveryCode(hash: f.hash(1), of: f.owner))
    #expect(try await !f.store.takeRecoveryCode(hash: f.hash(1), of: f.owner))
    #expect(try await !f.store.takeRecoveryCode(hash: f.hash(3), of: f.owner))
    #expect(try await f.store.secondFactor(of: id)?.recoveryCodesLeft == 1)
    #expect(try await f.fixture.accounts.credentials(email: f.owner.email)?.hasSecondFactor == true)
    try await f.store.removeSecondFactor(of: id, organisation: f.organisation, by: .commandLine)
    #expect(try await f.store.secondFactor(of: id) == nil)
    #expect(try await !f.store.takeRecoveryCode(hash: f.hash(2), of: f.owner))
  }

  @Test func aStepEndsAfterSixTriesAndAMemberAfterTwenty() async throws {
    let f = try await MemberFixture.make()
    func begin(_ token: UInt8) async throws {
      try await f.store.beginStep(tokenHash: f.hash(token), csrfToken: "c", member: f.owner.id, next: "/", offered: nil)
    }
    func tries(_ token: UInt8, _ count: Int) async throws -> [Bool] {
      var results: [Bool] = []
      for _ in 0..<count { results.append(try await f.store.countTry(tokenHash: f.hash(token))) }
      return results
    }
    try await begin(1)
    #expect(try await f.store.step(tokenHash: f.hash(1))?.member == f.owner)
    #expect(try await tries(1, 7) == [true, true, true, true, true, true, false])
    #expect(try await f.store.step(tokenHash: f.hash(1)) == nil)
    for token in [UInt8(2), 3] { try await begin(token); #expect(try await tries(token, 6).allSatisfy { $0 }) }
    try await begin(4)
    #expect(try await tries(4, 4) == [true, true, false, false])
    try await begin(5)
    #expect(try await f.store.endStep(tokenHash: f.hash(5)))
    #expect(try await !f.store.endStep(tokenHash: f.hash(5)))
    try await begin(6)
    try await f.fixture.pool.run { c in _ = try c.execute("update sign_in_steps set expires_at = now() - interval '1 second'") }
    #expect(try await f.store.step(tokenHash: f.hash(6)) == nil)
  }

  @Test func aNewRuleSignsOutWhoLacksASecondFactor() async throws {
    let f = try await MemberFixture.make(), finance = try await f.add(.finance), auditor = try await f.add(.auditor)
    let lead = try await f.add(.viewer, roles: [RoleGrant(place: .team(f.fixture.teams[0].id), role: .teamLead)])
    try await f.store.setSecondFactor(secret: secret, step: 1, recoveryHashes: [], of: auditor)
    for (token, member) in [(UInt8(1), f.owner), (2, finance), (3, auditor), (4, lead)] { try await f.session(member, token) }
    let policy = SignInPolicy(secondFactorRoles: [.owner, .auditor, .teamLead], auditsPayloadReads: true)
    try await f.store.setPolicy(policy, organisation: f.organisation, by: MemberActor(f.owner))
    #expect(try await f.store.policy(f.organisation) == policy)
    var signedIn: [Bool] = []
    for token in [UInt8(1), 2, 3, 4] { signedIn.append(try await f.isSignedIn(token)) }
    // The actor stays; finance is not asked; the auditor has one; a team lead by a role in a team has none.
    #expect(signedIn == [true, true, true, false])
    #expect(try await f.fixture.accounts.credentials(email: lead.email)?.needsSecondFactor == true)
    #expect(try await f.fixture.accounts.credentials(email: finance.email)?.needsSecondFactor == false)
  }

  @Test func payloadReadsAreToldWhereTheOrganisationAsksForIt() async throws {
    let f = try await MemberFixture.make()
    try await f.store.notePayloadRead("trace a", organisation: f.organisation, by: "x")
    #expect(try await !f.actions().contains("payload read"))
    try await f.store.setPolicy(
      SignInPolicy(secondFactorRoles: [], auditsPayloadReads: true), organisation: f.organisation, by: MemberActor(f.owner))
    try await f.store.notePayloadRead("trace a", organisation: f.organisation, by: "x")
    #expect(try await f.actions().last == "payload read")
  }
}
