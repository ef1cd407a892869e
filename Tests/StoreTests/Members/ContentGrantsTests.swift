import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct ContentGrantsTests {
  private func content(_ f: MemberFixture, _ member: Member) async throws -> AccessScope.Reach<ProjectID>? {
    try await f.session(member, UInt8(truncatingIfNeeded: member.id.rawValue))
    return try await f.fixture.accounts.session(tokenHash: f.hash(UInt8(truncatingIfNeeded: member.id.rawValue)))?.access.scope.content
  }

  private func give(_ f: MemberFixture, _ member: Member, project: ProjectID? = nil, by actor: MemberActor = .commandLine) async throws {
    try await f.store.giveContent(of: project, to: member.id, reason: "", expiresInSeconds: nil, organisation: f.organisation, by: actor)
  }

  @Test func aGrantOpensContentUntilItIsWithdrawn() async throws {
    let f = try await MemberFixture.make(), project = f.fixture.projects[0].id
    #expect(try await content(f, f.owner) == AccessScope.Reach<ProjectID>.none)
    try await give(f, f.owner, project: project)
    let admin = try await f.add(.admin)
    try await give(f, admin)
    #expect(try await f.fixture.accounts.session(tokenHash: f.hash(UInt8(f.owner.id.rawValue)))?.access.scope.content == .only([project]))
    #expect(try await content(f, admin) == .all)
    let grant = try #require(try await f.store.contentGrants(of: f.owner.id, organisation: f.organisation).first)
    try await f.store.withdrawContent(grant: grant.id, organisation: f.organisation, by: MemberActor(f.owner))
    #expect(try await f.fixture.accounts.session(tokenHash: f.hash(UInt8(f.owner.id.rawValue)))?.access.scope.content == AccessScope.Reach<ProjectID>.none)
    let kept = try await f.store.contentGrants(of: f.owner.id, organisation: f.organisation)
    #expect(kept.count == 1 && kept[0].withdrawnBy == f.owner.email)
  }

  @Test func financeIsNeverGivenContent() async throws {
    let f = try await MemberFixture.make(), finance = try await f.add(.finance)
    await #expect(throws: StructureError.self) { try await give(f, finance) }
    await #expect(throws: StructureError.self) {
      _ = try await f.store.add(NewMember(email: "f2@acme.example", role: .finance, readsContent: true), organisation: f.organisation, by: .commandLine)
    }
    // What is in the table already counts for nothing.
    try await f.fixture.pool.run { c in _ = try c.execute("insert into content_grants (member_id, given_by) values (\(finance.id), 'x')") }
    #expect(try await content(f, finance) == AccessScope.Reach<ProjectID>.none)
  }

  @Test func nobodyButAnOwnerGivesThemselvesContent() async throws {
    let f = try await MemberFixture.make(), admin = try await f.add(.admin)
    await #expect(throws: StructureError.self) { try await give(f, admin, by: MemberActor(admin)) }
    try await give(f, f.owner, by: MemberActor(f.owner))
    #expect(try await f.actions().last == "content access given")
  }

  @Test func onlyAnOwnerGivesContentWhateverTheWay() async throws {
    let f = try await MemberFixture.make(), admin = try await f.add(.admin), viewer = try await f.add(.viewer)
    try await give(f, admin)
    // An admin who reads it gives it no further: a second self would keep it.
    await #expect(throws: StructureError.self) { try await give(f, viewer, by: MemberActor(admin)) }
    let sock = NewMember(email: "sock@acme.example", role: .admin, readsContent: true)
    await #expect(throws: StructureError.self) {
      _ = try await f.store.invite(sock, tokenHash: f.hash(1), validSeconds: 60, organisation: f.organisation, by: MemberActor(admin))
    }
    await #expect(throws: StructureError.self) { _ = try await f.store.add(sock, organisation: f.organisation, by: MemberActor(admin)) }
    #expect(try await f.store.list(scope: f.fixture.scope).count == 3)
    _ = try await f.store.invite(sock, tokenHash: f.hash(1), validSeconds: 60, organisation: f.organisation, by: MemberActor(f.owner))
    let grants = try await f.store.contentGrants(of: admin.id, organisation: f.organisation)
    try await f.store.withdrawContent(grant: try #require(grants.first).id, organisation: f.organisation, by: MemberActor(admin))
    #expect(try await content(f, admin) == AccessScope.Reach<ProjectID>.none)
  }

  @Test func aNewRoleWithdrawsGrantsAndAnAuditorKeepsNone() async throws {
    let f = try await MemberFixture.make()
    let member = try await f.store.add(
      NewMember(email: "v@acme.example", passwordHash: "h", role: .viewer, readsContent: true), organisation: f.organisation, by: .commandLine)
    try await f.store.setRole(.auditor, of: member.id, organisation: f.organisation, by: MemberActor(f.owner))
    #expect(try await content(f, member) == AccessScope.Reach<ProjectID>.none)
    let grant = try #require(try await f.store.contentGrants(of: member.id, organisation: f.organisation).first)
    #expect(grant.withdrawnBy == f.owner.email)
    let told = try await f.fixture.pool.run { c in
      try c.first("select detail->>'contentGrantsWithdrawn' from audit_entries where action = 'role changed'") { try $0.stringOrNil(0) }
    }
    #expect(told == String(grant.id))
    // One from before roles withdrew them.
    try await f.fixture.pool.run { c in _ = try c.execute("update content_grants set withdrawn_at = null") }
    let token = f.hash(UInt8(truncatingIfNeeded: member.id.rawValue))
    #expect(try await f.fixture.accounts.session(tokenHash: token)?.access.scope.content == AccessScope.Reach<ProjectID>.none)
    #expect(try await f.store.find(member.id, scope: f.fixture.scope)?.hasContentGrant == false)
    try await f.fixture.pool.run { c in _ = try c.execute("update members set role = 'viewer' where id = \(member.id)") }
    #expect(try await f.store.find(member.id, scope: f.fixture.scope)?.hasContentGrant == true)
  }

  @Test func anAuditorOpensContentForHoursWithAReason() async throws {
    let f = try await MemberFixture.make(), auditor = try await f.add(.auditor), viewer = try await f.add(.viewer)
    func open(_ member: Member, _ reason: String, _ hours: Int) async throws {
      try await f.store.breakGlass(member, project: nil, reason: reason, hours: hours, organisation: f.organisation)
    }
    await #expect(throws: StructureError.self) { try await give(f, auditor) }
    for hours in [0, 25, -1, Int.max] { await #expect(throws: StructureError.self) { try await open(auditor, "complaint 4711", hours) } }
    await #expect(throws: StructureError.self) { try await open(auditor, "   because ", 1) }
    await #expect(throws: StructureError.self) { try await open(viewer, "complaint 4711", 1) }
    #expect(try await content(f, auditor) == AccessScope.Reach<ProjectID>.none)
    try await open(auditor, "complaint 4711", 24)
    let token = f.hash(UInt8(truncatingIfNeeded: auditor.id.rawValue))
    #expect(try await f.fixture.accounts.session(tokenHash: token)?.access.scope.content == .all)
    #expect(try await f.actions().last == "content opened by auditor")
    try await f.fixture.pool.run { c in _ = try c.execute("update content_grants set expires_at = now() - interval '1 second'") }
    #expect(try await f.fixture.accounts.session(tokenHash: token)?.access.scope.content == AccessScope.Reach<ProjectID>.none)
  }
}
