/// Who pays for a call, what it was for, and for whom.
public enum Attribution {
  /// Sets endpoint, user group, owner (team, step, rule) and the values of the dimensions of every row that has arrived, after settling:
  /// user, environment and the built-in endpoint are read from the decision.
  ///
  /// 1. Endpoint: the first rule that gives one, else the built-in one.
  /// 2. User group: explicit membership; else the first rule that gives one, also to a call without a user; else the key's.
  /// 3. Team (design §3.9): fixed team of the key → the first rule that gives one → the group's team → default team of the key →
  ///    Unallocated. A team that can't own at the call's start is passed over, and what comes next decides.
  ///
  /// Rules of step 1 see the built-in endpoint and the membership, those of step 2 the resolved endpoint, those of step 3 both resolved.
  public static func attribute(_ snapshot: inout TraceSnapshot, directory: AttributionDirectory) {
    let trace = TraceEvidence(snapshot.facts, directory)
    let values = InheritedValues(snapshot, directory.declaredKeys)
    // Rows of a trace are mostly alike to the rules.
    var last: (call: CallEvidence, era: Int, outcome: Outcome)?
    for i in snapshot.observations.indices where snapshot.observations[i].facts.isArrived {
      let start = snapshot.observations[i].startedAt
      let call = CallEvidence(snapshot.observations[i], declared: values[i])
      let era = directory.compiled.era(of: start)
      let outcome: Outcome
      if let last, last.era == era, last.call == call {
        outcome = last.outcome
      } else {
        outcome = decide(call, trace, start)
        last = (call, era, outcome)
      }
      outcome.fill(&snapshot.observations[i].decision)
      snapshot.observations[i].decision.extras = extras(call.declared, directory.declaredKeys)
    }
  }

  /// One row by itself, without a trace: what a trace says is not known.
  public static func attribute(_ observation: inout Observation, directory: AttributionDirectory) {
    var snapshot = TraceSnapshot(
      facts: TraceFacts(project: observation.facts.project, id: observation.facts.trace), observations: [observation])
    attribute(&snapshot, directory: directory)
    observation = snapshot.observations[0]
  }

  private struct Outcome {
    var endpoint: String?
    var group: UserGroupID?
    var team: TeamID?
    var step = OwnerStep.unallocated
    var rule: RuleID?

    func fill(_ decision: inout Decision) {
      decision.endpoint = endpoint
      decision.userGroup = group
      decision.team = team
      decision.ownerStep = step
      decision.rule = rule
    }
  }

  private static func decide(_ evidence: CallEvidence, _ trace: TraceEvidence, _ start: Timestamp) -> Outcome {
    let (directory, rules) = (trace.directory, trace.directory.compiled)
    var call = evidence
    func first(_ rules: [CompiledRule], where fits: (AttributionRule) -> Bool = { _ in true }) -> AttributionRule? {
      rules.first { fits($0.rule) && $0.matches(call, of: trace, at: start) }?.rule
    }
    call.group = call.user.flatMap { directory.groupOfUser[$0] }
    if let given = first(rules.endpoints) { call.endpoint = given.endpoint }
    if call.group == nil { call.group = first(rules.groups)?.userGroup }
    if call.group == nil { call.group = call.key.flatMap { directory.keyGroups[$0] } }
    var outcome = Outcome(endpoint: call.endpoint, group: call.group)
    let canOwn = { (team: TeamID?) in team.map { directory.canOwn($0, at: start) } ?? false }
    let keyTeam = directory.teamOfKey(call.key)
    let groupTeam = call.group.flatMap { directory.teamOfGroup[$0] }
    if case .fixed(let team) = keyTeam, canOwn(team) {
      (outcome.team, outcome.step) = (team, .fixedKey)
    } else if let rule = first(rules.teams, where: { canOwn($0.team) }) {
      (outcome.team, outcome.step, outcome.rule) = (rule.team, .rule, rule.id)
    } else if let groupTeam, canOwn(groupTeam) {
      (outcome.team, outcome.step) = (groupTeam, .userGroup)
    } else if case .default(let team) = keyTeam, canOwn(team) {
      (outcome.team, outcome.step) = (team, .defaultKey)
    }
    return outcome
  }

  /// By place, four of them; empty when no dimension has a value.
  private static func extras(_ values: [String?], _ keys: [DeclaredKey]) -> [String] {
    var extras: [String] = []
    for (key, value) in zip(keys, values) {
      guard let value, !value.isEmpty, let place = key.place, (1...4).contains(place), !key.namesContent else { continue }
      if extras.isEmpty { extras = ["", "", "", ""] }
      extras[place - 1] = value
    }
    return extras
  }
}
