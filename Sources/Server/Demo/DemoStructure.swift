import Domain
import Pricing
import Store

/// The demo's teams as finance knows them, its groups of users, a dimension of its own and a rule. Saying it again changes nothing.
struct DemoStructure {
  let backend: Backend
  let scope: AccessScope
  private static let actor = "demo"
  private var teams: TeamStore { TeamStore(pool: backend.pool) }
  private var rules: RuleStore { RuleStore(pool: backend.pool, patterns: TextPattern.compile) }

  func make() async throws {
    for plan in DemoPlan.teams { try await save(plan) }
    try await groups()
    _ = try await DeclaredKeyStore(pool: backend.pool)
      .declare(DemoPlan.customerKey, label: "Customer", isDimension: true, scope: scope, by: Self.actor)
    try await rule()
    try await operations()
  }

  /// What endpoints do, so that a cost per request can be out of its band.
  private func operations() async throws {
    let store = OperationStore(pool: backend.pool)
    guard try await store.assignments(scope: scope).isEmpty else { return }
    for (endpoint, type) in DemoPlan.operations { try await store.assign(type, to: endpoint, scope: scope, by: Self.actor) }
  }

  private func save(_ plan: DemoPlan.DemoTeam) async throws {
    let known = try await teams.list(scope: scope).first { $0.name == plan.name }
    // What somebody changed since stays.
    if known?.costCentre != nil { return }
    let draft = TeamDraft(name: plan.name, costCentre: plan.costCentre, glAccount: plan.glAccount, owner: plan.owner)
    _ = try await teams.save(draft, as: known?.id, scope: scope, by: Self.actor)
  }

  /// What goes through the shared gateway outside of production is the platform team's own trials.
  private func rule() async throws {
    let name = "Gateway trials belong to Platform"
    guard try await !rules.list(scope: scope, endedToo: true).contains(where: { $0.rule.name == name }) else { return }
    let platform = try await teams.list(scope: scope).first { $0.name == "Platform" }
    let draft = RuleDraft(
      name: name,
      conditions: [
        RuleCondition(field: .project, match: .equals, values: ["helpdesk"]),
        RuleCondition(field: .environment, match: .equals, values: ["staging", "development"]),
      ], team: platform?.id)
    _ = try await rules.save(draft, scope: scope, by: Self.actor)
  }

  /// Groups of end users; employees' calls are paid by the platform team when no key says otherwise.
  private func groups() async throws {
    let platform = try await teams.list(scope: scope).first { $0.name == "Platform" }
    var ids: [UserGroupID] = []
    for group in DemoPlan.groups {
      let payer = group.name == "Employees" || group.name == "Enterprise" ? platform?.id : nil
      ids.append(try await backend.accounts.saveUserGroup(name: group.name, team: payer, scope: scope).id)
    }
    var members: [String: UserGroupID] = [:]
    for user in 0..<DemoPlan.usersTotal {
      if let group = DemoPlan.group(ofUser: user) { members[DemoPlan.user(user)] = ids[group] }
    }
    _ = try await backend.accounts.saveUserGroupMembers(members, scope: scope)
  }
}
