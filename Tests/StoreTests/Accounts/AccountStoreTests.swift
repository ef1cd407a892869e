import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct AccountStoreTests {
  @Test func newTeamsTakeThePlacesThatFewestHave() async throws {
    let accounts = AccountStore(pool: try await TestDatabase.make().pool)
    let organisation = try await accounts.createOrganisation(name: "Acme", timeZone: "Europe/Berlin")
    let scope = AccessScope(organisation: organisation.id, teams: .all, projects: .all, readsContent: false)
    var colours: [Int16] = []
    for i in 0..<10 { colours.append(try await accounts.createTeam(name: "Team \(i)", scope: scope).colour) }
    #expect(colours == [0, 1, 2, 3, 4, 5, 6, 7, 0, 1])
  }

  @Test func namesAreUniqueWithinAnOrganisation() async throws {
    let accounts = AccountStore(pool: try await TestDatabase.make().pool)
    let first = try await accounts.createOrganisation(name: "Acme", timeZone: "UTC")
    let second = try await accounts.createOrganisation(name: "Acme", timeZone: "UTC")
    let scopes = [first, second].map {
      AccessScope(organisation: $0.id, teams: .all, projects: .all, readsContent: false)
    }
    _ = try await accounts.createTeam(name: "Search", scope: scopes[0])
    _ = try await accounts.createTeam(name: "Search", scope: scopes[1])
    await #expect(throws: AccountError.duplicateTeam(name: "Search")) {
      try await accounts.createTeam(name: " Search ", scope: scopes[0])
    }
    await #expect(throws: AccountError.invalid(field: "team name", accepted: "1 to 200 characters")) {
      try await accounts.createTeam(name: "  ", scope: scopes[0])
    }
  }

  @Test(arguments: ["Europe/Nowhere", "", "+02:00", "EST5EDT4,M3.2.0,M11.1.0"])
  func anOrganisationNeedsATimeZoneThatExists(zone: String) async throws {
    let accounts = AccountStore(pool: try await TestDatabase.make().pool)
    await #expect(throws: AccountError.unknownTimeZone(zone)) {
      try await accounts.createOrganisation(name: "Acme", timeZone: zone)
    }
  }

  @Test func projectsGetASlugOfTheirName() async throws {
    let fixture = try await ReportFixture.make()
    let (accounts, team) = (fixture.accounts, fixture.teams[0].id)
    var slugs: [String] = []
    for name in ["My Chat, v2!", "My Chat V2", "Übung", "日本"] {
      slugs.append(try await accounts.createProject(name: name, team: team, scope: fixture.scope).slug)
    }
    #expect(slugs == ["my-chat-v2", "my-chat-v2-2", "bung", "project"])
    await #expect(throws: AccountError.duplicateProject(slug: "bung")) {
      try await accounts.createProject(name: "x", slug: "bung", team: team, scope: fixture.scope)
    }
    await #expect(throws: AccountError.unknownTeam) {
      try await accounts.createProject(name: "x", team: TeamID(9999), scope: fixture.scope)
    }
    let project = try await accounts.project(slug: "my-chat-v2", scope: fixture.scope)
    #expect(project?.name == "My Chat, v2!")
  }

  @Test func projectsOutOfReachAreNotThere() async throws {
    let fixture = try await ReportFixture.make()
    var scope = fixture.scope
    scope.projects = .only([fixture.projects[1].id])
    #expect(try await fixture.accounts.projects(scope: scope).map(\.id) == [fixture.projects[1].id])
    #expect(try await fixture.accounts.project(slug: fixture.projects[0].slug, scope: scope) == nil)
    #expect(try await fixture.accounts.project(fixture.projects[0].id, scope: scope) == nil)
    #expect(try await fixture.accounts.keys(project: fixture.projects[0].id, scope: scope).isEmpty)
    #expect(try await fixture.accounts.revokeKey(fixture.keys[0].id, scope: scope) == false)
    await #expect(throws: AccountError.unknownProject) {
      try await fixture.accounts.createKey(NewKey(project: fixture.projects[0].id, name: "k"), scope: scope)
    }
    scope = fixture.scope
    scope.teams = .only([fixture.teams[2].id])
    #expect(try await fixture.accounts.teams(scope: scope).map(\.name) == ["Billing"])
  }
}
