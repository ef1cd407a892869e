import Domain
import Postgres
import Testing

@testable import Store

@Suite struct ContentStoreTests {
  private static let rules = ContentRules(
    level: .masked, kinds: [.email, .card], isHashed: true, masksIdentifiers: true, patterns: [MaskPattern(name: "ticket", text: "TCK-\\d+")],
    bodyBytesMax: 65_536)
  private static let all = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: true)

  @Test func rulesAreReadBackAndTheirChangeIsTold() async throws {
    let fixture = try await WriteFixture.make()
    let store = ContentStore(pool: fixture.pool)
    #expect(try await store.rules(of: fixture.project, scope: Self.all)?.rules == ContentRules())
    try await store.save(Self.rules, project: fixture.project, scope: Self.all, by: "ann")
    let saved = try await store.rules(of: fixture.project, scope: Self.all)
    #expect(saved?.rules == Self.rules && saved?.changedBy == "ann")
    let everything = try await store.everything()
    #expect(everything.rules[fixture.project] == Self.rules && everything.secrets[fixture.project]?.count == 32)
    let told = try await fixture.pool.run { c in try c.query("select detail->>'after' from audit_entries where action = 'content rules changed'") { try $0.string(0) } }
    #expect(told == [Self.rules.summary])
    // Saving the same again tells nothing.
    try await store.save(Self.rules, project: fixture.project, scope: Self.all, by: "bob")
    #expect(try await store.rules(of: fixture.project, scope: Self.all)?.changedBy == "ann")
  }

  @Test func whoMayNotReadContentMakesRulesStricterAlone() async throws {
    let fixture = try await WriteFixture.make()
    let store = ContentStore(pool: fixture.pool)
    func save(_ rules: ContentRules, loosens: Bool = false) async throws {
      try await store.save(rules, project: fixture.project, mayLoosen: loosens, scope: Self.all, by: "lead")
    }
    try await save(Self.rules)
    var fewer = Self.rules, other = Self.rules, stricter = Self.rules
    fewer.kinds = [.email]
    other.patterns = []
    (stricter.level, stricter.isHashed) = (.none, false)
    for rules in [ContentRules(level: .full), fewer, other] {
      await #expect(throws: StructureError.self) { try await save(rules) }
    }
    try await save(stricter)
    for level in [ContentLevel.full, .masked, .metadataOnly] {
      await #expect(throws: StructureError.self) { try await save(ContentRules(level: level)) }
    }
    #expect(try await store.rules(of: fixture.project, scope: Self.all)?.rules == stricter)
    try await save(ContentRules(), loosens: true)
    #expect(try await store.rules(of: fixture.project, scope: Self.all)?.rules == ContentRules())
  }

  @Test func projectsOutOfReachHaveNoRulesToSeeOrSet() async throws {
    let fixture = try await WriteFixture.make()
    let store = ContentStore(pool: fixture.pool)
    let none = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .none, readsContent: true)
    #expect(try await store.rules(of: fixture.project, scope: none) == nil)
    await #expect(throws: StructureError.self) { try await store.save(Self.rules, project: fixture.project, scope: none, by: "eve") }
  }

  @Test func countsOfProcessesAddUp() async throws {
    let fixture = try await WriteFixture.make()
    let store = ContentStore(pool: fixture.pool)
    var tally = ContentTally()
    tally.add("email", 3)
    try await store.add([fixture.project: tally], on: WriteFixture.noon)
    try await store.add([fixture.project: tally], on: WriteFixture.noon.adding(seconds: -86_400))
    #expect(try await store.counts(of: fixture.project, days: 1, now: WriteFixture.noon, scope: Self.all) == [ContentCount(what: "email", count: 3)])
    #expect(try await store.counts(of: fixture.project, days: 2, now: WriteFixture.noon, scope: Self.all) == [ContentCount(what: "email", count: 6)])
  }
}

@Suite struct MediaStoreTests {
  private static let all = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: true)

  @Test func aFileIsStoredOnceAndReadWithContentOnly() async throws {
    let fixture = try await WriteFixture.make()
    let store = MediaStore(pool: fixture.pool)
    let file = MediaFile(type: "image/png", bytes: [1, 2, 3], trace: TraceID(high: 1, low: 1))
    let again = MediaFile(type: "image/png", bytes: [1, 2, 3], trace: TraceID(high: 1, low: 2))
    for _ in 0..<2 { try await store.keep([file, again, file], project: fixture.project) }
    let counts = try await fixture.pool.run { c in
      try c.query("select count(*) from media union all select count(*) from media_uses") { try $0.int64(0) }
    }
    #expect(counts == [1, 2])
    #expect(try await store.file(file.sha256, project: fixture.project, scope: Self.all)?.bytes == [1, 2, 3])
    let blind = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: false)
    #expect(try await store.file(file.sha256, project: fixture.project, scope: blind) == nil)
    #expect(try await store.file(file.sha256, project: ProjectID(99), scope: Self.all) == nil)
  }

  @Test func aFileGoesWhenNothingKeptNamesItAndStaysWhenItIsSeenAgain() async throws {
    let fixture = try await WriteFixture.make()
    let store = MediaStore(pool: fixture.pool)
    let old = MediaFile(type: "image/png", bytes: [1], trace: TraceID(high: 1, low: 1))
    let seen = MediaFile(type: "image/png", bytes: [2], trace: TraceID(high: 1, low: 1))
    try await store.keep([old, seen], project: fixture.project)
    try await fixture.pool.run { c in _ = try c.execute("update media set kept_until = current_date - 1") }
    try await store.keep([seen], project: fixture.project)
    #expect(try await store.removeExpired() == 1)
    #expect(try await store.file(old.sha256, project: fixture.project, scope: Self.all) == nil)
    #expect(try await store.file(seen.sha256, project: fixture.project, scope: Self.all)?.bytes == [2])
    let uses = try await fixture.pool.run { c in try c.query("select sha256 from media_uses") { try $0.bytes(0) } }
    #expect(uses == [seen.sha256])
  }
}
