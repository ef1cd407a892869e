import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct UserGroupsTests {
  @Test func usersAreInOneGroupEach() async throws {
    let fixture = try await ReportFixture.make()
    let (accounts, schools, hospitals) = (fixture.accounts, fixture.groups[0].id, fixture.groups[1].id)
    let users = Dictionary(uniqueKeysWithValues: (0..<1000).map { ("user \($0)", $0 % 2 == 0 ? schools : hospitals) })
    #expect(try await accounts.saveUserGroupMembers(users, scope: fixture.scope) == 1000)
    #expect(try await accounts.saveUserGroupMembers(users, scope: fixture.scope) == 0)
    #expect(try await accounts.saveUserGroupMembers(["user 1": schools, "new": schools], scope: fixture.scope) == 2)
    #expect(try await accounts.removeUserGroupMembers(["user 2", "nobody"], scope: fixture.scope) == 1)
    let directory = try await accounts.attributionDirectory(organisation: fixture.organisation.id)
    #expect(directory.groupOfUser.count == 1000)
    #expect(directory.groupOfUser["user 1"] == schools)
    #expect(directory.groupOfUser["user 2"] == nil)
  }

  @Test func aGroupCanChangeItsTeam() async throws {
    let fixture = try await ReportFixture.make()
    let moved = try await fixture.accounts.saveUserGroup(name: "Schools", team: nil, scope: fixture.scope)
    #expect(moved.id == fixture.groups[0].id)
    #expect(try await fixture.accounts.userGroups(scope: fixture.scope) == [fixture.groups[1], moved])
    await #expect(throws: AccountError.unknownTeam) {
      try await fixture.accounts.saveUserGroup(name: "Schools", team: TeamID(9999), scope: fixture.scope)
    }
  }

  @Test func theDirectoryHoldsOneOrganisationsKeysAndGroups() async throws {
    let fixture = try await ReportFixture.make()
    let (accounts, team) = (fixture.accounts, fixture.teams[2].id)
    let key = try await accounts.createKey(
      NewKey(project: fixture.projects[0].id, name: "d", team: .default(team)), scope: fixture.scope
    ).key
    let other = try await accounts.createOrganisation(name: "Other", timeZone: "UTC")
    let otherScope = AccessScope(organisation: other.id, teams: .all, projects: .all, readsContent: false)
    let foreign = try await accounts.saveUserGroup(name: "Foreign", team: nil, scope: otherScope)
    #expect(try await accounts.saveUserGroupMembers(["ann": foreign.id], scope: fixture.scope) == 0)
    #expect(try await accounts.saveUserGroupMembers(["ann": foreign.id], scope: otherScope) == 1)

    let directory = try await accounts.attributionDirectory(organisation: fixture.organisation.id)
    #expect(directory.keyTeams[key.id] == .default(team))
    #expect(directory.keyTeams[fixture.keys[0].id] == KeyTeam.none)
    #expect(
      directory.teamOfGroup == Dictionary(uniqueKeysWithValues: fixture.groups.map { ($0.id, fixture.teams[1].id) }))
    #expect(directory.groupOfUser.isEmpty)
  }
}
