/// A rule as it is written, before it has an id and a place.
public struct RuleDraft: Sendable, Hashable {
  public var name: String
  public var conditions: [RuleCondition]
  public var team: TeamID?
  public var endpoint: String?
  public var userGroup: UserGroupID?
  public var validFrom: Timestamp?
  public var validTo: Timestamp?

  public init(
    name: String, conditions: [RuleCondition], team: TeamID? = nil, endpoint: String? = nil, userGroup: UserGroupID? = nil,
    validFrom: Timestamp? = nil, validTo: Timestamp? = nil
  ) {
    self.name = name
    self.conditions = conditions
    self.team = team
    self.endpoint = endpoint
    self.userGroup = userGroup
    self.validFrom = validFrom
    self.validTo = validTo
  }

  public func rule(_ id: RuleID, position: Int32) -> AttributionRule {
    AttributionRule(
      id: id, position: position, name: name, conditions: conditions, team: team, endpoint: endpoint, userGroup: userGroup,
      validFrom: validFrom, validTo: validTo)
  }
}

extension AttributionRule {
  /// To write it anew.
  public var draft: RuleDraft {
    RuleDraft(
      name: name, conditions: conditions, team: team, endpoint: endpoint, userGroup: userGroup, validFrom: validFrom,
      validTo: validTo)
  }
}

/// Instants that a team can own cost between: from (nil: always) to before (nil: without end).
public struct TeamValidity: Sendable, Hashable {
  public var from: Timestamp?
  public var to: Timestamp?

  public init(from: Timestamp? = nil, to: Timestamp? = nil) {
    self.from = from
    self.to = to
  }

  public func holds(at time: Timestamp) -> Bool { (from.map { $0 <= time } ?? true) && (to.map { time < $0 } ?? true) }
}

/// Makes a test of texts out of a regular expression; throws what is wrong with it. A match that is given up because it takes too many
/// steps is none. Injected, because this target has no engine.
public typealias PatternCompiler = @Sendable (String) throws -> @Sendable (String) -> Bool
