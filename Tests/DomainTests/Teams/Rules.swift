@testable import Domain

/// A trace's calls under rules, in the fewest words. A "regular expression" is a text that must be all of the value; "(" doesn't compile.
struct RuleCase {
  var directory = AttributionDirectory(
    keyTeams: [KeyID(1): .fixed(TeamID(1)), KeyID(2): .default(TeamID(2))],
    groupOfUser: ["anna": UserGroupID(7), "bert": UserGroupID(8)],
    teamOfGroup: [UserGroupID(7): TeamID(3), UserGroupID(9): TeamID(5)])
  var rules: [AttributionRule] = []
  var facts = TraceFacts(project: sampleProject, id: sampleTrace)

  static let patterns: PatternCompiler = { text in
    struct Wrong: Error {}
    if text == "(" { throw Wrong() }
    return { $0 == text }
  }

  init() {
    directory.keyNames = [KeyID(1): "pk-one", KeyID(2): "pk-two", KeyID(3): "pk-three"]
    directory.projectSlugs = [sampleProject: "shop"]
    directory.groupNames = [UserGroupID(7): "Schools", UserGroupID(8): "Clinics", UserGroupID(9): "Partners"]
    directory.declaredKeys = [
      DeclaredKey(key: "tenant", place: 2, label: "Tenant", declaredAt: Timestamp(microseconds: 0)),
      DeclaredKey(key: "plan", place: nil, label: "Plan", declaredAt: Timestamp(microseconds: 1)),
    ]
  }

  static func rule(
    _ id: Int32, _ conditions: [RuleCondition] = [], team: Int32? = nil, endpoint: String? = nil, group: Int32? = nil,
    from: Int64? = nil, to: Int64? = nil, position: Int32? = nil
  ) -> AttributionRule {
    AttributionRule(
      id: RuleID(id), position: position ?? id, name: "rule \(id)", conditions: conditions, team: team.map { TeamID($0) },
      endpoint: endpoint, userGroup: group.map { UserGroupID($0) }, validFrom: from.map { Timestamp(microseconds: $0) },
      validTo: to.map { Timestamp(microseconds: $0) })
  }

  /// Settled and attributed.
  func decided(_ rows: [Observation]) -> [Observation] {
    var directory = directory
    directory.take(rules, patterns: Self.patterns)
    var snapshot = TraceSnapshot(facts: facts, observations: rows)
    Settle.settle(&snapshot)
    Attribution.attribute(&snapshot, directory: directory)
    return snapshot.observations
  }

  func decided(_ call: Observation) -> Decision { decided([call])[0].decision }
}

extension RuleCondition {
  init(_ field: RuleField, _ match: Match, _ values: String..., not: Bool = false) {
    self.init(field: field, match: match, values: values, isNegated: not)
  }
}

extension DeclaredValues {
  init(_ values: [String: String]) {
    self.init()
    for (key, value) in values { say(key, value, Stamp(time: 1, rank: 0, hash: 1)) }
  }
}
