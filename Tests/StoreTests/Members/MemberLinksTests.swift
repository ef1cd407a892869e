import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct MemberLinksTests {
  private func link(_ f: MemberFixture, _ token: UInt8, for member: Member, by actor: MemberActor) async throws {
    _ = try await f.store.makeLink(for: member.id, tokenHash: f.hash(token), validSeconds: 3600, organisation: f.organisation, by: actor)
  }
  private func isOpen(_ f: MemberFixture, _ token: UInt8) async throws -> Bool { try await f.store.link(tokenHash: f.hash(token)) != nil }
  private func invite(_ f: MemberFixture, _ token: UInt8, _ email: String, _ role: Member.Role, by actor: MemberActor, reads: Bool = false)
    async throws -> Member
  {
    try await f.store.invite(
      NewMember(email: email, role: role, readsContent: reads), tokenHash: f.hash(token), validSeconds: 3600, organisation: f.organisation, by: actor)
  }

  @Test func aLinkFromBeforeAChangeOfRolesOpensNothing() async throws {
    let f = try await MemberFixture.make(), admin = MemberActor(try await f.add(.admin)), owner = MemberActor(f.owner)
    let engineer = try await f.add(.engineer)
    try await link(f, 1, for: engineer, by: owner)
    try await f.store.setRole(.owner, of: engineer.id, organisation: f.organisation, by: owner)
    #expect(try await f.store.useLink(tokenHash: f.hash(1), passwordHash: "taken") == nil)
    #expect(try await f.fixture.accounts.credentials(email: engineer.email)?.passwordHash == "h")
    // Who has not come yet, invited by an admin: as an owner, and with a role in a team.
    let invited = try await invite(f, 2, "new@acme.example", .engineer, by: admin)
    try await f.store.setRole(.owner, of: invited.id, organisation: f.organisation, by: owner)
    #expect(try await !isOpen(f, 2))
    let other = try await invite(f, 3, "other@acme.example", .viewer, by: admin)
    try await f.store.setRole(.engineer, in: .team(f.fixture.teams[0].id), of: other.id, organisation: f.organisation, by: owner)
    #expect(try await !isOpen(f, 3))
    #expect(try await f.store.find(other.id, scope: f.fixture.scope)?.invitedUntil == nil)
    try await link(f, 4, for: other, by: admin)
    #expect(try await f.store.useLink(tokenHash: f.hash(4), passwordHash: "h")?.id == other.id)
  }

  @Test(arguments: ["demoted", "disabled", "removed"]) func linksEndWithWhoMadeThem(how: String) async throws {
    let f = try await MemberFixture.make(), admin = try await f.add(.admin)
    _ = try await invite(f, 1, "sock@acme.example", .admin, by: MemberActor(admin))
    _ = try await invite(f, 2, "other@acme.example", .viewer, by: MemberActor(f.owner))
    switch how {
    case "demoted": try await f.store.setRole(.viewer, of: admin.id, organisation: f.organisation, by: .commandLine)
    case "disabled": try await f.store.setDisabled(true, admin.id, organisation: f.organisation, by: .commandLine)
    default: try await f.store.remove(admin.id, organisation: f.organisation, by: .commandLine)
    }
    #expect(try await !isOpen(f, 1))
    #expect(try await isOpen(f, 2))
    let told = try await f.fixture.pool.run { c in
      try c.first("select detail->>'linksEnded' from audit_entries order by id desc limit 1") { try $0.stringOrNil(0) }
    }
    #expect(told == "1")
  }

  @Test func onlyAnOwnerMakesALinkThatResetsAPassword() async throws {
    let f = try await MemberFixture.make(), admin = MemberActor(try await f.add(.admin)), engineer = try await f.add(.engineer)
    await #expect(throws: StructureError.self) { try await link(f, 1, for: engineer, by: admin) }
    try await link(f, 2, for: engineer, by: MemberActor(f.owner))
    try await link(f, 3, for: engineer, by: .commandLine)
    // An invitation is the admin's to renew, unless it opens content.
    let plain = try await invite(f, 4, "plain@acme.example", .viewer, by: MemberActor(f.owner))
    let reader = try await invite(f, 5, "reader@acme.example", .viewer, by: MemberActor(f.owner), reads: true)
    try await link(f, 6, for: plain, by: admin)
    await #expect(throws: StructureError.self) { try await link(f, 7, for: reader, by: admin) }
    #expect(try await isOpen(f, 5))
  }

  @Test func anAccountThatAProviderLinkedByEMailMakesNobodyAnOwner() async throws {
    let f = try await MemberFixture.make(), engineer = try await f.add(.engineer, "eva@acme.example"), owner = MemberActor(f.owner)
    let signIns = SignInStore(pool: f.fixture.pool)
    let provider = try await signIns.save(
      SignInProvider(
        id: SignInProviderID(0), organisation: f.organisation, name: "Own", issuer: "https://own.example.com", clientID: "q", isEnabled: true,
        linksMembers: true), secret: nil, isNew: true, by: MemberActor(try await f.add(.admin)))
    func arrives(_ subject: String) async throws -> Member {
      try await signIns.admit(
        ProvenIdentity(issuer: provider.issuer, subject: subject, email: engineer.email, isEmailVerified: true, roleValues: []), by: provider)
    }
    #expect(try await arrives("the admin's own").id == engineer.id)
    try await signIns.link(issuer: provider.issuer, subject: "eva", email: nil, to: engineer)
    try await f.store.setRole(.owner, of: engineer.id, organisation: f.organisation, by: owner)
    await #expect(throws: SignInRefusal.ownerNotLinked) { _ = try await arrives("the admin's own") }
    // Linked by herself, signed in.
    #expect(try await arrives("eva").role == .owner)
    #expect(try await f.actions().last == "account unlinked")
  }

  @Test func anOwnerWithoutAWayInIsNotTheOneWhoRemains() async throws {
    let f = try await MemberFixture.make(), second = try await f.add(.owner, "second@acme.example")
    try await f.fixture.pool.run { c in
      _ = try c.execute("update members set password_hash = null, last_sign_in_at = now() where id = \(second.id)")
    }
    await #expect(throws: StructureError.self) { try await f.store.remove(f.owner.id, organisation: f.organisation, by: .commandLine) }
    try await SignInStore(pool: f.fixture.pool).link(issuer: "https://own.example.com", subject: "2", email: nil, to: second)
    try await f.store.remove(f.owner.id, organisation: f.organisation, by: .commandLine)
  }
}
