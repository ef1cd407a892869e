import Domain

/// What was typed into the form of a rule.
public struct RuleInput: Sendable, Hashable {
  public struct Condition: Sendable, Hashable {
    /// `RuleField.text`; "" for an empty line.
    public var field: String
    public var isNegated: Bool
    /// Raw value of `RuleCondition.Match`.
    public var match: String
    /// One value a line.
    public var values: String

    public init(field: String = "", isNegated: Bool = false, match: String = "equals", values: String = "") {
      self.field = field
      self.isNegated = isNegated
      self.match = match
      self.values = values
    }
  }

  /// nil: a new one.
  public var id: RuleID?
  public var name = ""
  public var conditions: [Condition] = []
  /// Ids as sent; "" for none.
  public var team = ""
  public var endpoint = ""
  public var userGroup = ""
  /// Days as typed.
  public var validFrom = ""
  public var validTo = ""
  /// Place in the order from 1; "" for the end.
  public var place = ""

  public init() {}

  /// `dates` says how a moment is written in the form.
  public init(_ rule: AttributionRule, place: Int, dates: (Timestamp) -> String) {
    id = rule.id
    name = rule.name
    conditions = rule.conditions.map {
      Condition(field: $0.field.text, isNegated: $0.isNegated, match: $0.match.rawValue, values: $0.values.joined(separator: "\n"))
    }
    team = rule.team?.description ?? ""
    endpoint = rule.endpoint ?? ""
    userGroup = rule.userGroup?.description ?? ""
    validFrom = rule.validFrom.map(dates) ?? ""
    validTo = rule.validTo.map(dates) ?? ""
    self.place = String(place)
  }

  /// Names and values as a form sends them, for looking at a draft and saving just that.
  var fields: [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = [
      ("name", name), ("team", team), ("endpoint", endpoint), ("userGroup", userGroup), ("validFrom", validFrom), ("validTo", validTo),
      ("place", place),
    ]
    if let id { fields.append(("id", id.description)) }
    for (i, condition) in conditions.enumerated() {
      fields += [
        ("field.\(i)", condition.field), ("match.\(i)", (condition.isNegated ? "not." : "") + condition.match), ("values.\(i)", condition.values),
      ]
    }
    return fields
  }
}

/// What a rule would have changed in the last seven days; nothing is written by looking.
public struct RulePreviewView: Sendable {
  public var outcome: ReattributionDryRunView
  /// Calls and cost that the rule would give its team; nil when it gives none.
  public var owned: (calls: Int64, cost: USD?)?
  /// From when on calls were looked at.
  public var from: Timestamp
  /// Declared keys of the rule, with since when their values are kept.
  public var declared: [DeclaredKey]

  public init(outcome: ReattributionDryRunView, owned: (calls: Int64, cost: USD?)?, from: Timestamp, declared: [DeclaredKey]) {
    self.outcome = outcome
    self.owned = owned
    self.from = from
    self.declared = declared
  }
}
