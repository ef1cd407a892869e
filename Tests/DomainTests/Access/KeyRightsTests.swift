import Testing

@testable import Domain

@Suite struct KeyRightsTests {
  private static let now = Timestamp(seconds: 1_795_352_712)
  private static let teams = [Team(id: TeamID(1), name: "Search", colour: 0), Team(id: TeamID(2), name: "Support", colour: 1)]
  private static let own = Project(id: ProjectID(1), slug: "own", name: "Own", team: TeamID(1))
  private static let foreign = Project(id: ProjectID(2), slug: "foreign", name: "Foreign", team: TeamID(2))

  private func access(_ role: Member.Role, _ grants: [RoleGrant] = [], reads: Bool = false) -> MemberAccess {
    let member = Member(id: MemberID(7), organisation: OrganisationID(1), email: "a@b.c", role: role)
    let content = reads ? [ContentGrant(project: nil, givenAt: Self.now, expiresAt: nil)] : []
    return MemberAccess(member, grants: grants, content: content, teams: Self.teams, projects: [Self.own, Self.foreign], at: Self.now)
  }

  private func key(maker: Int32?, _ scopes: Set<KeyScope>) -> APIKey {
    var key = APIKey(
      id: KeyID(1), project: ProjectID(1), name: "k", publicKey: "pk", secretHint: "", environment: nil, scopes: scopes, team: .none,
      createdAt: Self.now, revokedAt: nil)
    key.maker = maker.map { MemberID($0) }
    return key
  }

  @Test(arguments: [Member.Role.finance, .viewer, .auditor]) func rolesWithoutKeysMakeNone(role: Member.Role) {
    #expect(access(role, role == .viewer ? [RoleGrant(place: .team(TeamID(1)), role: .viewer)] : []).keyRights(in: Self.own) == .none)
  }

  @Test func nobodyGivesAKeyWhatTheyMayNotReadThemselves() {
    #expect(access(.owner).keyRights(in: Self.own).scopes == [.ingest, .readMoney, .admin])
    #expect(access(.owner, reads: true).keyRights(in: Self.own).scopes == Set(KeyScope.allCases))
    let lead = [RoleGrant(place: .team(TeamID(1)), role: .teamLead)]
    #expect(access(.teamLead, lead).keyRights(in: Self.own).scopes == [.ingest, .readMoney])
    #expect(access(.teamLead, lead, reads: true).keyRights(in: Self.own).scopes == [.ingest, .readMoney, .read])
    #expect(!access(.owner).keyRights(in: Self.own).opens(key(maker: 1, [.ingest, .read])))
  }

  @Test func leadsManageAllKeysOfTheirTeamsProjectsAndEngineersTheirOwn() {
    let lead = access(.teamLead, [RoleGrant(place: .team(TeamID(1)), role: .teamLead)])
    let engineer = access(.engineer, [RoleGrant(place: .project(ProjectID(1)), role: .engineer)])
    let others = key(maker: 1, [.ingest]), mine = key(maker: 7, [.ingest]), nobodys = key(maker: nil, [.ingest])
    #expect(lead.keyRights(in: Self.own).reaches(others, by: MemberID(7)) && lead.keyRights(in: Self.foreign) == .none)
    var administrating = others
    administrating.scopes = [.admin, .ingest]
    #expect(!lead.keyRights(in: Self.own).reaches(administrating, by: MemberID(7)))
    #expect(lead.keyRights(in: Self.own).teams == .only([TeamID(1)]))
    let rights = engineer.keyRights(in: Self.own)
    #expect(rights.scopes == [.ingest, .read, .readMoney] && rights.teams == .only([TeamID(1)]))
    #expect(rights.reaches(mine, by: MemberID(7)) && !rights.reaches(others, by: MemberID(7)) && !rights.reaches(nobodys, by: MemberID(7)))
    #expect(engineer.keyRights(in: Self.foreign) == .none)
  }

  @Test func aKeyShowsNoMoreMoneyThanItsMakerSees() {
    let engineer = access(.engineer, [RoleGrant(place: .project(ProjectID(1)), role: .engineer)]).keyRights(in: Self.own)
    let lead = access(.teamLead, [RoleGrant(place: .team(TeamID(1)), role: .teamLead)]).keyRights(in: Self.own)
    #expect(access(.owner).keyRights(in: Self.own).money == .none)
    #expect(engineer.money == MoneyBounds(namesUsers: false, teams: .all))
    #expect(lead.money == MoneyBounds(namesUsers: true, teams: .only([TeamID(1)])))

    var made = key(maker: 7, [.ingest, .readMoney])
    #expect(!engineer.opens(made) && !lead.opens(made) && access(.owner).keyRights(in: Self.own).opens(made))
    made.money = engineer.money
    #expect(engineer.opens(made) && !lead.opens(made))
    made.money = MoneyBounds(namesUsers: false, teams: .only([TeamID(1)]))
    #expect(engineer.opens(made) && lead.opens(made))
    made.money.teams = .only([TeamID(1), TeamID(2)])
    #expect(!lead.opens(made))
    // Who only sends with it reads no money.
    #expect(engineer.opens(key(maker: 7, [.ingest])) && lead.opens(key(maker: 1, [.ingest])))
  }

  @Test func ofAKeyIsLeftWhatItsMakerMayNow() {
    let key = key(maker: 7, Set(KeyScope.allCases))
    func left(_ role: Member.Role, _ grants: [RoleGrant] = [], reads: Bool = true) -> KeyReach {
      key.bounded(by: access(role, grants, reads: reads), in: Self.own)
    }
    #expect(left(.owner) == KeyReach(key))
    #expect(left(.admin, reads: false) == KeyReach(scopes: Set(KeyScope.allCases), readsContent: false, money: .none))
    let place = RoleGrant.Place.project(ProjectID(1)), elsewhere = RoleGrant(place: .project(ProjectID(2)), role: .engineer)
    let engineer = left(.engineer, [RoleGrant(place: place, role: .engineer)], reads: false)
    #expect(engineer == KeyReach(scopes: [.ingest, .read, .readMoney], readsContent: true, money: MoneyBounds(namesUsers: false, teams: .all)))
    // A grant for content makes nobody a maker of keys.
    #expect(left(.viewer, [RoleGrant(place: place, role: .viewer)])
      == KeyReach(scopes: [.ingest, .readMoney], readsContent: false, money: MoneyBounds(namesUsers: false, teams: .all)))
    #expect(left(.engineer, [elsewhere]) == KeyReach(scopes: [.ingest, .readMoney], readsContent: false, money: .nothing))
    #expect(left(.finance).scopes == [.ingest, .readMoney] && left(.finance).money == .none)
    #expect(left(.auditor) == KeyReach(scopes: [.ingest, .readMoney], readsContent: false, money: MoneyBounds(namesUsers: false, teams: .all)))
    #expect(key.bounded(by: nil, in: Self.own) == KeyReach(scopes: [.ingest, .readMoney], readsContent: false, money: .none))
  }

  @Test func aKeyNeverOpensMoreThanItWasMadeWith() {
    var key = key(maker: 7, [.read])
    key.money = MoneyBounds(namesUsers: false, teams: .only([TeamID(1), TeamID(2)]))
    #expect(key.bounded(by: access(.owner, reads: true), in: Self.own) == KeyReach(key))
    let lead = key.bounded(by: access(.teamLead, [RoleGrant(place: .team(TeamID(1)), role: .teamLead)], reads: true), in: Self.own)
    #expect(lead.money == MoneyBounds(namesUsers: false, teams: .only([TeamID(1)])) && lead.scopes == [.read])
  }

  @Test func whoOnlyViewsAProjectMakesNoKeysThereWhateverTheyAreElsewhere() {
    let grants = [RoleGrant(place: .project(ProjectID(1)), role: .engineer), RoleGrant(place: .project(ProjectID(2)), role: .viewer)]
    #expect(access(.engineer, grants, reads: true).keyRights(in: Self.foreign) == .none)
  }
}
