import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct UserGroupStoreTests {
  private func counts(_ fixture: WriteFixture) async throws -> [String: Int64] {
    let groups = try await UserGroupStore(pool: fixture.pool).list(scope: WriteFixture.all)
    return Dictionary(uniqueKeysWithValues: groups.map { ($0.group.name, $0.members) })
  }

  @Test func aListPutsUsersIntoGroupsAndItsBadLinesCostNothingElse() async throws {
    let fixture = try await WriteFixture.make()
    let store = UserGroupStore(pool: fixture.pool)
    let text = """
      \u{FEFF}user,group\r
      anna,Schools\r
      "ben, junior","The ""big"" one"\r
      ,Schools
      cleo
      dora,

      anna,Clinics
      emil , Clinics
      "fritz,Schools
      gina,Schools
      """
    let outcome = try await store.importList(text, scope: WriteFixture.all, by: "ann")
    #expect(outcome.changed == 4 && outcome.unchanged == 0)
    #expect(outcome.created == ["Schools", "The \"big\" one", "Clinics"])
    #expect(outcome.problems.map(\.line) == [4, 5, 6, 8, 10])
    #expect(outcome.problems[3].message.contains("line 2"))
    #expect(try await counts(fixture) == ["Schools": 2, "The \"big\" one": 1, "Clinics": 1])
    let again = try await store.importList("Group;User_ID\nSchools;anna\nSchools;emil\n", scope: WriteFixture.all, by: "ann")
    #expect(again.changed == 1 && again.unchanged == 1 && again.problems.isEmpty && again.created.isEmpty)
    #expect(try await counts(fixture) == ["Schools": 3, "The \"big\" one": 1, "Clinics": 0])
    for wrong in ["", "name,group\nx,y", "user\nx"] {
      await #expect(throws: StructureError.self) { try await store.importList(wrong, scope: WriteFixture.all, by: "ann") }
    }
  }

  @Test func aLongListIsTakenWhole() async throws {
    let fixture = try await WriteFixture.make()
    let lines = (0..<25_000).map { "user\($0),group\($0 % 7)" }
    let outcome = try await UserGroupStore(pool: fixture.pool)
      .importList("user,group\n" + lines.joined(separator: "\n"), scope: WriteFixture.all, by: "ann")
    #expect(outcome.changed == 25_000 && outcome.created.count == 7)
    #expect(try await fixture.ruled().directory.groupOfUser.count == 25_000)
  }

  @Test func whatNobodyCouldMeanIsRefusedBeforeTheDatabaseIsAsked() throws {
    let tooLong = "user,group\n" + (0...UserGroupList.linesMax).map { "u\($0),g\n" }.joined()
    #expect(throws: StructureError.self) { try UserGroupList(Array(tooLong.utf8)) }
    #expect(try UserGroupList(Array(tooLong.dropLast("u\(UserGroupList.linesMax),g\n".count).utf8)).members.count == UserGroupList.linesMax)
    #expect(throws: StructureError.self) { try UserGroupList([UInt8](repeating: 44, count: 2_000_000)) }
    let wide = Array("user,group\n".utf8) + [UInt8](repeating: 44, count: 2_000_000)
    #expect(try UserGroupList(wide).problems.map(\.message) == ["it has more than 100 columns"])
    let broken = Array("user,group\nanna,G\nb".utf8) + [0xFF] + Array("n,G\ncleo,".utf8) + [0xC3, 0x28, 10] + Array("dora,Gr\u{FC}n\n".utf8)
    let list = try UserGroupList(broken)
    #expect(list.members.map(\.user) == ["anna", "dora"])
    #expect(list.problems == [LineProblem(line: 3, message: "it is not UTF-8"), LineProblem(line: 4, message: "it is not UTF-8")])
  }

  @Test func aListOfManyGroupsIsOneEntryOfTheAuditAndBringsRemovedGroupsBack() async throws {
    let fixture = try await WriteFixture.make()
    let store = UserGroupStore(pool: fixture.pool)
    let text = "user,group\n" + (0..<2000).map { "user\($0),group\($0)\n" }.joined()
    let outcome = try await store.importList(text, scope: WriteFixture.all, by: "ann")
    #expect(outcome.created.count == 2000)
    #expect(outcome.changed == 2000)
    #expect(try await fixture.actions() == ["user group members imported"])
    let removed = try #require(try await store.list(scope: WriteFixture.all).first).group
    try await store.remove(removed.id, scope: WriteFixture.all, by: "ann")
    let again = try await store.importList("user,group\nx,\(removed.name)\n", scope: WriteFixture.all, by: "ann")
    #expect(again.created == [removed.name] && again.changed == 1)
    #expect(try await store.members(of: removed.id, scope: WriteFixture.all) == ["x"])
  }

  @Test func aListIsTakenWhileAWriteIsOpen() async throws {
    let fixture = try await WriteFixture.make()
    let other = ConnectionPool(url: fixture.database.url, limits: PoolLimits(connectionsMax: 2), logger: TestDatabase.quietLogger)
    let (isHeld, mayCommit) = (Counter(), Counter())
    let write = Task {
      try await fixture.pool.transaction { c in
        try c.execute("select hold_price_revisions(1)")
        _ = isHeld.next()
        while mayCommit.value == 0 { _ = try c.query("select pg_sleep(0.01)") }
      }
    }
    while isHeld.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
    let outcome = try await UserGroupStore(pool: other).importList("user,group\nanna,Schools\n", scope: WriteFixture.all, by: "ann")
    #expect(outcome.created == ["Schools"] && outcome.changed == 1)
    _ = mayCommit.next()
    try await write.value
  }

  @Test func membersAreSetReadInPagesAndMoveBetweenGroups() async throws {
    let fixture = try await WriteFixture.make()
    let store = UserGroupStore(pool: fixture.pool)
    let schools = try await store.create(name: "Schools", team: TeamID(1), scope: WriteFixture.all, by: "ann").id
    let clinics = try await store.create(name: "Clinics", team: nil, scope: WriteFixture.all, by: "ann").id
    #expect(try await store.setMembers(of: schools, ["b", "a", " c", "a"], scope: WriteFixture.all, by: "ann") == 3)
    #expect(try await store.setMembers(of: clinics, ["c", "d"], scope: WriteFixture.all, by: "ann") == 2)
    #expect(try await store.members(of: schools, scope: WriteFixture.all) == ["a", "b"])
    #expect(try await store.members(of: schools, after: "a", limit: 1, scope: WriteFixture.all) == ["b"])
    #expect(try await store.setMembers(of: schools, ["a", "x"], scope: WriteFixture.all, by: "ann") == 2)
    #expect(try await store.members(of: schools, scope: WriteFixture.all) == ["a", "x"])
    #expect(try await store.find(clinics, scope: WriteFixture.all)?.members == 2)
    await #expect(throws: StructureError.unknown("user group")) {
      try await store.setMembers(of: UserGroupID(99), ["a"], scope: WriteFixture.all, by: "ann")
    }
  }

  @Test func aGroupThatARuleSpeaksOfStaysAndARemovedOneKeepsItsName() async throws {
    let fixture = try await WriteFixture.make()
    let store = UserGroupStore(pool: fixture.pool)
    let group = try await store.create(name: "Schools", team: TeamID(1), scope: WriteFixture.all, by: "ann")
    _ = try await store.setMembers(of: group.id, ["a"], scope: WriteFixture.all, by: "ann")
    await #expect(throws: StructureError.self) { try await store.create(name: "Schools", team: nil, scope: WriteFixture.all, by: "ann") }
    let rule = try await fixture.rule("speaks", [RuleCondition(.userGroup, .equals, "x", "Schools")], team: 2)
    await #expect(throws: StructureError.self) { try await store.remove(group.id, scope: WriteFixture.all, by: "ann") }
    await #expect(throws: StructureError.self) {
      try await store.save(group.id, name: "Colleges", team: nil, scope: WriteFixture.all, by: "ann")
    }
    #expect(try await store.save(group.id, name: "Schools", team: TeamID(2), scope: WriteFixture.all, by: "ann").team == TeamID(2))
    try await fixture.rules.end(rule.id, scope: WriteFixture.all, by: "ann")
    try await store.remove(group.id, scope: WriteFixture.all, by: "ann")
    #expect(try await store.list(scope: WriteFixture.all).isEmpty)
    #expect(try await fixture.number("select count(*) from user_groups where name = 'Schools'") == 1)
    let directory = try await fixture.ruled().directory
    #expect(directory.groupOfUser.isEmpty && directory.teamOfGroup.isEmpty)
    #expect(try await store.create(name: "Schools", team: nil, scope: WriteFixture.all, by: "ann").id == group.id)
  }
}
