import Domain
import HTML

/// Attribution rules as people read them.
enum RuleWords {
  static func field(_ field: RuleField) -> String {
    switch field {
    case .key: "API key"
    case .project: "project"
    case .service: "service"
    case .environment: "environment"
    case .model: "model"
    case .provider: "provider"
    case .endpoint: "endpoint"
    case .traceName: "trace name"
    case .tag: "tag"
    case .user: "user"
    case .emailDomain: "e-mail domain"
    case .userGroup: "user group"
    case .metadata(let key): "metadata \(key)"
    }
  }

  static func match(_ match: RuleCondition.Match, isNegated: Bool) -> String {
    switch (match, isNegated) {
    case (.equals, false): "is"
    case (.equals, true): "is not"
    case (.prefix, false): "starts with"
    case (.prefix, true): "does not start with"
    case (.suffix, false): "ends with"
    case (.suffix, true): "does not end with"
    case (.contains, false): "contains"
    case (.contains, true): "does not contain"
    case (.regex, false): "matches"
    case (.regex, true): "does not match"
    case (.isPresent, false): "is given"
    case (.isPresent, true): "is not given"
    }
  }

  static func condition(_ condition: RuleCondition) -> HTML {
    """
    \(field(condition.field)) <span class="note">\(match(condition.match, isNegated: condition.isNegated))</span>\
    \(condition.values.enumerated(), { "\(if: $0 > 0, " or") <code>\($1)</code>" })
    """
  }

  static func conditions(_ conditions: [RuleCondition]) -> HTML {
    conditions.isEmpty ? "every call" : "\(conditions.enumerated(), { "\(if: $0 > 0, " <span class=\"note\">and</span> ")\(condition($1))" })"
  }

  /// "team Search, endpoint /chat".
  static func gives(_ rule: AttributionRule, _ teams: [Team], _ groups: [UserGroup]) -> String {
    [
      rule.team.map { id in "team " + (teams.first { $0.id == id }?.name ?? id.description) }, rule.endpoint.map { "endpoint " + $0 },
      rule.userGroup.map { id in "group " + (groups.first { $0.id == id }?.name ?? id.description) },
    ].compactMap { $0 }.joined(separator: ", ")
  }

  static func dates(_ rule: AttributionRule, _ zone: ClockZone) -> HTML {
    func day(_ time: Timestamp) -> HTML { TimeText(time, in: zone, style: zone.startsDay(time) ? .date : .minute).html }
    return switch (rule.validFrom, rule.validTo) {
    case (nil, nil): "always"
    case (let from?, nil): "from \(day(from))"
    case (nil, let to?): "before \(day(to))"
    case (let from?, let to?): "\(day(from)) – \(day(to))"
    }
  }
}
