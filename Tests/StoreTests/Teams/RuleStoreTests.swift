import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct RuleStoreTests {
  private func names(_ fixture: WriteFixture, ended: Bool = false) async throws -> [String] {
    try await fixture.rules.list(scope: WriteFixture.all, endedToo: ended).map { "\($0.rule.position) \($0.rule.name)" }
  }

  @Test func aRuleIsReadAsItWasWritten() async throws {
    let fixture = try await WriteFixture.make()
    let group = try await UserGroupStore(pool: fixture.pool).create(name: "Schools", team: nil, scope: WriteFixture.all, by: "ann")
    _ = try await DeclaredKeyStore(pool: fixture.pool).declare("a \"b\" tenant", isDimension: true, scope: WriteFixture.all, by: "ann")
    let draft = RuleDraft(
      name: "all of it",
      conditions: [
        RuleCondition(.metadata("a \"b\" tenant"), .equals, "a'b", "{\"x\": 1}", "é", not: true), RuleCondition(.tag, .isPresent),
        RuleCondition(.user, .regex, "^svc-"),
      ], team: TeamID(2), endpoint: "chat", userGroup: group.id, validFrom: WriteFixture.noon,
      validTo: WriteFixture.noon.adding(seconds: 5))
    let saved = try await fixture.rules.save(draft, scope: WriteFixture.all, by: "ann")
    #expect(saved == draft.rule(saved.id, position: 1))
    let record = try #require(try await fixture.rules.list(scope: WriteFixture.all).first)
    #expect(record.rule == saved && record.createdBy == "ann" && record.endedAt == nil)
    #expect(try await fixture.ruled().directory.rules == [saved])
    #expect(try await fixture.rules.find(saved.id, scope: WriteFixture.all)?.rule == saved)
  }

  @Test func labelsOfDeclaredKeysAreTheirOwnAndCanBeSeen() async throws {
    let fixture = try await WriteFixture.make()
    let keys = DeclaredKeyStore(pool: fixture.pool)
    _ = try await keys.declare("tenant", label: "Customer", isDimension: true, scope: WriteFixture.all, by: "ann")
    for label in ["customer", "CUSTOMER ", "a\u{202E}b", "a\u{7}b", "a\u{2028}b", "zero\u{200B}width"] {
      await #expect(throws: StructureError.self, "\(label)") {
        try await keys.declare("tier", label: label, isDimension: true, scope: WriteFixture.all, by: "ann")
      }
    }
    _ = try await keys.declare("tier", isDimension: true, scope: WriteFixture.all, by: "ann")
    await #expect(throws: StructureError.self) {
      try await keys.declare("tier", label: "Customer", isDimension: true, scope: WriteFixture.all, by: "ann")
    }
    #expect(try await keys.declare("tenant", label: "CUSTOMER", isDimension: true, scope: WriteFixture.all, by: "ann").label == "CUSTOMER")
    #expect(try await keys.list(scope: WriteFixture.all).map(\.label) == ["CUSTOMER", "tier"])
  }

  @Test func namesOfContentAreNotDeclared() async throws {
    let fixture = try await WriteFixture.make()
    let keys = DeclaredKeyStore(pool: fixture.pool)
    for key in ["gen_ai.input.messages", "gen_ai.prompt", "Input.Value", "langfuse.observation.metadata.prompt", "metadata"] {
      await #expect(throws: StructureError.self, "\(key)") {
        try await keys.declare(key, isDimension: true, scope: WriteFixture.all, by: "ann")
      }
    }
    #expect(try await keys.list(scope: WriteFixture.all).isEmpty)
  }

  @Test func positionsStayDenseThroughEveryChange() async throws {
    let fixture = try await WriteFixture.make()
    let a = try await fixture.rule("a", team: 1), b = try await fixture.rule("b", team: 1), c = try await fixture.rule("c", team: 1)
    #expect(try await names(fixture) == ["1 a", "2 b", "3 c"])
    _ = try await fixture.rules.save(RuleDraft(name: "first", conditions: [], team: TeamID(1)), at: 1, scope: WriteFixture.all, by: "ann")
    #expect(try await names(fixture) == ["1 first", "2 a", "3 b", "4 c"])
    try await fixture.rules.move(c.id, to: 1, scope: WriteFixture.all, by: "ann")
    #expect(try await names(fixture) == ["1 c", "2 first", "3 a", "4 b"])
    try await fixture.rules.move(c.id, to: 99, scope: WriteFixture.all, by: "ann")
    #expect(try await names(fixture) == ["1 first", "2 a", "3 b", "4 c"])
    try await fixture.rules.move(a.id, to: 3, scope: WriteFixture.all, by: "ann")
    #expect(try await names(fixture) == ["1 first", "2 b", "3 a", "4 c"])
    try await fixture.rules.end(b.id, scope: WriteFixture.all, by: "ben")
    #expect(try await names(fixture) == ["1 first", "2 a", "3 c"])
    let changed = try await fixture.rule("a2", endpoint: "x", replacing: a.id)
    #expect(changed.id != a.id)
    #expect(try await names(fixture) == ["1 first", "2 a2", "3 c"])
    #expect(try await fixture.revision() == 9)
    #expect(try await names(fixture, ended: true).count == 5, "ended ones are kept")
    let old = try #require(try await fixture.rules.find(a.id, scope: WriteFixture.all))
    #expect(old.rule.name == "a" && old.rule.team == TeamID(1) && old.endedBy == "ann")
    #expect(Set(try await fixture.actions()) == ["rule added", "rule moved", "rule ended"])
  }

  @Test func whatCannotBeFollowedIsRefusedAndChangesNothing() async throws {
    let fixture = try await WriteFixture.make()
    func refused(_ draft: RuleDraft, replacing: RuleID? = nil) async -> String? {
      do {
        _ = try await fixture.rules.save(draft, replacing: replacing, scope: WriteFixture.all, by: "ann")
        return nil
      } catch { return (error as? StructureError)?.description ?? "other: \(error)" }
    }
    let team = TeamID(1)
    #expect(await refused(RuleDraft(name: "x", conditions: []))?.contains("gives") == true)
    #expect(await refused(RuleDraft(name: "", conditions: [], team: team))?.contains("name") == true)
    #expect(await refused(RuleDraft(name: "x", conditions: [], team: TeamID(99)))?.contains("no such team") == true)
    #expect(await refused(RuleDraft(name: "x", conditions: [], userGroup: UserGroupID(9)))?.contains("no such user group") == true)
    #expect(await refused(RuleDraft(name: "x", conditions: [RuleCondition(.user, .equals)], team: team))?.contains("values") == true)
    #expect(await refused(RuleDraft(name: "x", conditions: [RuleCondition(.user, .regex, "(")], team: team))?.contains("regular") == true)
    #expect(
      await refused(RuleDraft(name: "x", conditions: [RuleCondition(.metadata("t"), .isPresent)], team: team))?.contains("declare it") == true)
    #expect(
      await refused(RuleDraft(name: "x", conditions: [], team: team, validFrom: WriteFixture.noon, validTo: WriteFixture.noon))?
        .contains("start before") == true)
    #expect(await refused(RuleDraft(name: "x", conditions: [], team: team), replacing: RuleID(5))?.contains("no such rule") == true)
    await #expect(throws: StructureError.unknown("rule")) { try await fixture.rules.end(RuleID(5), scope: WriteFixture.all, by: "ann") }
    await #expect(throws: StructureError.unknown("rule")) { try await fixture.rules.move(RuleID(5), to: 1, scope: WriteFixture.all, by: "ann") }
    #expect(try await fixture.revision() == 0)
    #expect(try await fixture.number("select count(*) from attribution_rules") == 0)
  }

  @Test func anotherOrganisationsRulesAreNotThere() async throws {
    let fixture = try await WriteFixture.make()
    let mine = try await fixture.rule("mine", team: 1)
    let other = try await AccountStore(pool: fixture.pool).createOrganisation(name: "Other", timeZone: "UTC")
    let scope = AccessScope(organisation: other.id, teams: .all, projects: .all, readsContent: false)
    #expect(try await fixture.rules.list(scope: scope).isEmpty)
    #expect(try await fixture.rules.find(mine.id, scope: scope) == nil)
    await #expect(throws: StructureError.unknown("rule")) { try await fixture.rules.end(mine.id, scope: scope, by: "eve") }
    await #expect(throws: StructureError.unknown("team")) {
      try await fixture.rules.save(RuleDraft(name: "x", conditions: [], team: TeamID(1)), scope: scope, by: "eve")
    }
  }

  @Test func keysAreDeclaredOnceWithinTheirLimits() async throws {
    let fixture = try await WriteFixture.make()
    let store = DeclaredKeyStore(pool: fixture.pool)
    func declare(_ key: String, _ label: String? = nil, dimension: Bool) async throws -> DeclaredKey {
      try await store.declare(key, label: label, isDimension: dimension, scope: WriteFixture.all, by: "ann")
    }
    let plan = try await declare("plan", "Plan", dimension: false)
    #expect(plan.place == nil && plan.label == "Plan")
    for (i, key) in ["tenant", "node", "region"].enumerated() { #expect(try await declare(key, dimension: true).place == i + 1) }
    #expect(try await declare("plan", dimension: true).place == 4, "it can become one, and keeps its label")
    let renamed = try await declare("tenant", "Customer", dimension: false)
    #expect(renamed.place == 1 && renamed.label == "Customer", "it stays a dimension")
    await #expect(throws: StructureError.self) { try await declare("fifth", dimension: true) }
    for i in 5...16 { _ = try await declare("k\(i)", dimension: false) }
    await #expect(throws: StructureError.self) { try await declare("k17", dimension: false) }
    let keys = try await store.list(scope: WriteFixture.all)
    #expect(keys.count == 16)
    #expect(try await fixture.ruled().directory.declaredKeys == keys)
    let revision = try await fixture.revision()
    _ = try await declare("tenant", "Customer", dimension: true)
    #expect(try await fixture.revision() == revision, "nothing changed")
  }
}
