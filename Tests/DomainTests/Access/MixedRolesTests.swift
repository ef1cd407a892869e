import Testing

@testable import Domain

/// Who has one role in one project and another in a second one sees in each what that role alone shows there.
@Suite struct MixedRolesTests {
  private static let now = Timestamp(seconds: 1_795_352_712)
  private static let teams = (1...2).map { Team(id: TeamID($0), name: "Team \($0)", colour: 0) }
  private static let projects = (1...2).map { Project(id: ProjectID($0), slug: "p\($0)", name: "P", team: TeamID($0)) }
  private static let roles: [Member.Role] = [.teamLead, .engineer, .viewer]

  /// A role in the team or, where that takes it, in the project of a number.
  private static func grants(_ role: Member.Role, _ number: Int32) -> [RoleGrant] {
    [RoleGrant(place: .team(TeamID(number)), role: role), RoleGrant(place: .project(ProjectID(number)), role: role)]
      .filter { RoleGrant.accepts($0.role, in: $0.place) }
  }

  private static func access(_ base: Member.Role, _ grants: [RoleGrant], _ content: [ContentGrant]) -> MemberAccess {
    let member = Member(id: MemberID(7), organisation: OrganisationID(1), email: "a@b.c", role: base)
    return MemberAccess(member, grants: grants, content: content, teams: teams, projects: projects, at: now)
  }

  private static let contents: [[ContentGrant]] = [
    [], [ContentGrant(project: ProjectID(1), givenAt: now, expiresAt: nil)], [ContentGrant(project: ProjectID(2), givenAt: now, expiresAt: nil)],
  ]

  @Test(arguments: roles, roles) func whatIsSeenInOnePlaceIsTheRoleThere(here: Member.Role, there: Member.Role) {
    let place = ProjectID(1)
    for own in Self.grants(here, 1) {
      for other in Self.grants(there, 2) {
        for base in Self.roles {
          for content in Self.contents {
            let both = Self.access(base, [own, other], content), alone = Self.access(here, [own], content)
            let what = "\(here) by \(own.place), \(there) by \(other.place), came as \(base)"
            #expect(both.scope.readsContent(of: place) == alone.scope.readsContent(of: place), "\(what)")
            #expect(both.scope.naming(usersOf: place) == alone.scope.naming(usersOf: place), "\(what)")
            for permission in Permission.allCases {
              let (seen, expected) = (both.scope(for: permission), alone.scope(for: permission))
              #expect(
                (both.allows(permission) && seen.traces.includes(place)) == (alone.allows(permission) && expected.traces.includes(place)),
                "\(permission): \(what)")
              #expect(
                (both.allows(permission) && seen.projects.includes(place)) == (alone.allows(permission) && expected.projects.includes(place)),
                "\(permission): \(what)")
              #expect(seen.readsContent(of: place) == (expected.readsContent(of: place)), "\(permission): \(what)")
            }
            let (rights, ownRights) = (both.keyRights(in: Self.projects[0]), alone.keyRights(in: Self.projects[0]))
            #expect(rights.scopes == ownRights.scopes && rights.managesAll == ownRights.managesAll, "\(what)")
            // Money with names is that of led teams alone.
            if both.scope.users == .shown { #expect(both.scope.teams != .all && [here, there].contains(.teamLead), "\(what)") }
          }
        }
      }
    }
  }

  @Test func aLeadWhoViewsAnotherProjectKnowsNoUsersThere() {
    let mixed = Self.access(.teamLead, Self.grants(.teamLead, 1) + [RoleGrant(place: .project(ProjectID(2)), role: .viewer)], [])
    #expect(mixed.scope.naming(usersOf: ProjectID(1)) == .shown && mixed.scope.naming(usersOf: ProjectID(2)) == .hidden)
    #expect(mixed.scope(for: .seeRequests).traces == .only([ProjectID(1)]) && mixed.scope(for: .seeTraces).traces == .only([ProjectID(1), ProjectID(2)]))
    #expect(mixed.scope(for: .export).projects == .only([ProjectID(1)]) && mixed.scope(for: .manageContent).projects == .only([ProjectID(1)]))
  }

  @Test func rolesOfTheWholeOrganisationAreNotCutDown() {
    for role in [Member.Role.owner, .admin, .finance, .auditor] {
      let access = Self.access(role, [], [])
      for permission in Permission.allCases { #expect(access.scope(for: permission) == access.scope) }
      #expect(access.scope.usersNamed == .all)
    }
  }
}
