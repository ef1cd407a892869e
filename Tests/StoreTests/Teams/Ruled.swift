import Domain
import Postgres

@testable import Store

/// Decides by fixed prices and by the rules of a directory.
struct Ruled: Sendable {
  var directory: AttributionDirectory

  /// A "regular expression" is a text to be found anywhere; "(" doesn't compile.
  static let patterns: PatternCompiler = { text in
    struct Wrong: Error {}
    if text == "(" { throw Wrong() }
    return { value in value.utf8.count >= text.utf8.count && value.contains(text) }
  }

  var decide: Decide {
    { snapshot in
      FixedPrices.decide(&snapshot)
      Attribution.attribute(&snapshot, directory: directory)
    }
  }

  /// Writers are checked against the prices of the fixture too, which never change.
  var revisions: DecisionRevisions { DecisionRevisions(catalogue: 7, agreements: 0, attribution: directory.revision) }
}

extension WriteFixture {
  var rules: RuleStore { RuleStore(pool: pool, patterns: Ruled.patterns) }
  var reattributions: Reattributions { Reattributions(pool: pool, door: door, patterns: Ruled.patterns) }

  /// What a process reads of the database now.
  func ruled(_ pool: ConnectionPool? = nil) async throws -> Ruled {
    let accounts = AccountStore(pool: pool ?? self.pool)
    return Ruled(directory: try await accounts.attributionDirectory(organisation: OrganisationID(1), patterns: Ruled.patterns))
  }

  func rule(
    _ name: String, _ conditions: [RuleCondition] = [], team: Int32? = nil, endpoint: String? = nil, group: UserGroupID? = nil,
    from: Timestamp? = nil, replacing: RuleID? = nil
  ) async throws -> AttributionRule {
    let draft = RuleDraft(
      name: name, conditions: conditions, team: team.map { TeamID($0) }, endpoint: endpoint, userGroup: group, validFrom: from)
    return try await rules.save(draft, replacing: replacing, scope: Self.all, by: "ann")
  }

  func revision() async throws -> Int64 { try await number("select attribution_revision from organisations where id = 1") }

  func actions() async throws -> [String] {
    try await AuditLog(pool: pool).entries(limit: 1000, scope: Self.all).map(\.action).reversed()
  }
}

extension RuleCondition {
  init(_ field: RuleField, _ match: Match, _ values: String..., not: Bool = false) {
    self.init(field: field, match: match, values: values, isNegated: not)
  }
}
