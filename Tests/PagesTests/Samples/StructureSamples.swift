import Domain
import HTML

@testable import Pages

/// Teams, rules and groups of Meridian & Sons.
enum StructureSamples {
  static func work(_ path: String, canChange: Bool = true, problem: String? = nil) -> WorkFrame {
    ReportSamples.work(path, canChange: canChange, problem: problem)
  }

  static let teams: [Team] = {
    let names = ["Search", "Support desk", "Contract review", "Internal tools", "Research"]
    var teams = names.enumerated().map { Team(id: TeamID(Int32($0 + 1)), name: $1, colour: Int16($0)) }
    (teams[0].costCentre, teams[0].glAccount, teams[0].owner) = ("4711", "655000", "Ada Lovelace")
    (teams[1].costCentre, teams[1].glAccount, teams[1].parent) = ("4712", "655000", TeamID(1))
    (teams[2].validFrom, teams[3].validTo) = ("2026-06-01", "2027-01-01")
    return teams
  }()

  static let groups = [
    UserGroup(id: UserGroupID(1), name: "Enterprise <customers>", team: TeamID(2)), UserGroup(id: UserGroupID(2), name: "Free plan", team: nil),
  ]

  static let rules = [
    AttributionRule(
      id: RuleID(1), position: 10, name: "Search by its tag",
      conditions: [
        RuleCondition(field: .tag, match: .equals, values: ["search", "ranking"]), RuleCondition(field: .environment, match: .equals, values: ["staging"], isNegated: true),
      ], team: TeamID(1)),
    AttributionRule(
      id: RuleID(2), position: 20, name: "Tenants of the contract desk", conditions: [RuleCondition(field: .metadata("tenant"), match: .prefix, values: ["law-"])],
      team: TeamID(3), userGroup: UserGroupID(1), validFrom: Sample.ago(20 * 86_400)),
    AttributionRule(
      id: RuleID(3), position: 30, name: "Old support bot", conditions: [RuleCondition(field: .service, match: .isPresent, values: [])], endpoint: "/support",
      validTo: Sample.ago(86_400)),
  ]

  static let declared = [
    DeclaredKey(key: "tenant", place: 1, label: "Tenant", declaredAt: Sample.ago(40 * 86_400)),
    DeclaredKey(key: "langgraph.node", place: nil, label: "Node", declaredAt: Sample.ago(3 * 86_400)),
  ]

  static var draft: RuleInput { RuleInput(rules[1], place: 2) { Sample.zone.civil($0).date } }

  static let movements = [
    TeamMovementView(name: "Unallocated", callsBefore: 1410, callsAfter: 598, before: Sample.usd("204.40"), after: Sample.usd("12.11")),
    TeamMovementView(name: "Contract review", callsBefore: 40_210, callsAfter: 41_022, before: Sample.usd("1410.02"), after: Sample.usd("1602.31")),
  ]

  static func ruleForm(preview: Bool, problem: String? = nil) -> RuleFormPage {
    RuleFormPage(
      work: work("/settings/rules/2", problem: problem), draft: draft, teams: Self.teams, groups: groups, declared: declared, count: 3,
      preview: preview
        ? RulePreviewView(
          outcome: ReattributionDryRunView(calls: 48_120, changed: 914, moved: 812, movedCost: Sample.usd("192.29"), teams: movements),
          owned: (1204, Sample.usd("301.2")), from: Sample.ago(7 * 86_400), declared: [declared[0]]) : nil)
  }

  static func job(_ finished: Bool, failure: String? = nil) -> ReattributionView {
    ReattributionView(
      id: ReattributionID(4), range: TimeRange(spanning: Sample.ago(50 * 86_400), Sample.now), reason: "Search has moved to Platform", createdAt: Sample.ago(100),
      createdBy: "ada@meridian.example", doneBefore: Sample.ago(20 * 86_400), rowsDone: 1_204_000, rowsChanged: 40_122, costMoved: Sample.usd("1204.5"),
      finishedAt: finished ? Sample.ago(9) : nil, failure: failure)
  }

  static var dryRun: NewReattributionPage {
    NewReattributionPage(
      work: work("/settings/rules/rerun/new"), choice: ReattributionChoice(from: "2026-09-01T00:00:00Z", to: "2026-11-22T00:00:00Z", reason: "Search has moved"),
      dryRun: ReattributionDryRunView(
        calls: 1_204_118, changed: 40_122, moved: 40_000, movedCost: Sample.usd("1204.5"), teams: movements,
        changes: [
          .init(startedAt: Sample.ago(86_400), name: "gpt-4o", address: "/project/support/traces/ab", before: "Search", after: "Internal tools", cost: Sample.usd("0.0123"))
        ],
        closedMonths: [.init(month: "2026-09", calls: 812, cost: Sample.usd("340.11"))]))
  }

  static func groupPage(_ groups: [UserGroup], outcome: GroupUploadOutcome? = nil) -> UserGroupPage {
    UserGroupPage(
      work: work("/settings/groups"), groups: groups.map { UserGroupView(group: $0, members: 1204) }, teams: teams, rules: rules, outcome: outcome)
  }

  static var all: [(name: String, html: HTML)] {
    [
      ("settings-teams", TeamListPage(work: work("/settings/teams"), teams: teams).render()),
      ("settings-team", TeamFormPage(work: work("/settings/teams/1", problem: "There is a team Search already."), draft: TeamInput(teams[0]), teams: teams).render()),
      ("rules", RuleListPage(work: work("/settings/rules"), rules: rules, teams: teams, groups: groups).render()),
      ("rules-empty", RuleListPage(work: work("/settings/rules"), rules: [], teams: [], groups: []).render()), ("rule", ruleForm(preview: false).render()),
      ("rule-preview", ruleForm(preview: true).render()), ("rule-refused", ruleForm(preview: false, problem: "A rule gives something.").render()),
      ("reattributions", ReattributionListPage(work: work("/settings/rules/rerun"), jobs: [job(false), job(true), job(false, failure: "disk full")]).render()),
      ("reattributions-empty", ReattributionListPage(work: work("/settings/rules/rerun"), jobs: []).render()),
      ("reattribution", ReattributionJobPage(work: work("/settings/rules/rerun/4"), job: job(false)).render()),
      ("reattribution-done", ReattributionJobPage(work: work("/settings/rules/rerun/4"), job: job(true)).render()), ("reattribution-dry", dryRun.render()),
      ("dimensions", DimensionPage(work: work("/settings/dimensions"), declared: declared).render()),
      ("dimensions-empty", DimensionPage(work: work("/settings/dimensions"), declared: []).render()), ("groups", groupPage(groups).render()),
      ("groups-empty", groupPage([]).render()),
      (
        "groups-uploaded",
        groupPage(
          groups,
          outcome: GroupUploadOutcome(changed: 88, unchanged: 31, newGroups: ["Partners"], refused: [.init(number: 7, problem: "it has 1 columns, the first line 2")], refusedCount: 1)
        ).render()
      ),
    ]
  }
}
