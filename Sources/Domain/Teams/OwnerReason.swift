/// Why a call has its owner, in words.
public enum OwnerReason {
  /// One or more sentences. `teams` are names; `rule` is the rule that decided, also an ended one. What an unallocated call lacks is
  /// told by the directory of today.
  public static func text(
    _ call: Observation, directory: AttributionDirectory, teams: [TeamID: String], rule: AttributionRule? = nil
  ) -> String {
    let names = Names(call, directory, teams)
    switch call.decision.ownerStep {
    case .fixedKey: return "\(names.key ?? "The key") is fixed to team \(names.team)."
    case .rule: return ruleText(call.decision.rule, rule ?? directory.rules.first { $0.id == call.decision.rule })
    case .userGroup: return "\(names.group ?? "The user's group") belongs to team \(names.team); no rule gives another."
    case .defaultKey: return "No rule and no user group gives a team; \(names.team) is the default team of \(names.key ?? "the key")."
    case .unallocated: return missing(call, directory, names)
    }
  }

  private struct Names {
    var key: String?
    var group: String?
    var team: String

    init(_ call: Observation, _ directory: AttributionDirectory, _ teams: [TeamID: String]) {
      key = call.facts.key.map { "Key \(directory.keyNames[$0] ?? $0.description)" }
      group = call.decision.userGroup.map { "User group \(directory.groupNames[$0] ?? $0.description)" }
      team = call.decision.team.map { teams[$0] ?? $0.description } ?? "none"
    }
  }

  private static func ruleText(_ id: RuleID?, _ rule: AttributionRule?) -> String {
    guard let rule else { return "A rule that has ended since gave it\(id.map { " (number \($0))" } ?? "")." }
    let when = rule.conditions.isEmpty ? "every call" : rule.conditions.map(\.words).joined(separator: ", and ")
    return "Rule “\(rule.name)”: \(when)."
  }

  private static func missing(_ call: Observation, _ directory: AttributionDirectory, _ names: Names) -> String {
    var sentences: [String] = []
    let rules = directory.rules.filter { $0.team != nil && $0.holds(at: call.startedAt) }.count
    sentences.append(
      rules == 0 ? "There is no rule that gives a team." : "None of the \(rules) rules that give a team gave it one.")
    sentences.append(groupSentence(call, directory, names))
    switch (call.facts.key, directory.teamOfKey(call.facts.key)) {
    case (nil, _): sentences.append("It came without a key.")
    case (_, .none): sentences.append("\(names.key ?? "Its key") has no team.")
    case (_, .fixed(let team)), (_, .default(let team)):
      let isEnded = !directory.canOwn(team, at: call.startedAt)
      sentences.append("\(names.key ?? "Its key") has a team\(isEnded ? " that could not own cost at that time" : " now").")
    }
    return sentences.joined(separator: " ")
  }

  private static func groupSentence(_ call: Observation, _ directory: AttributionDirectory, _ names: Names) -> String {
    guard let group = call.decision.userGroup, let name = names.group else {
      return call.decision.user == nil ? "No user was said." : "Its user is in no group."
    }
    guard let team = directory.teamOfGroup[group] else { return "\(name) has no team." }
    return "\(name) has a team\(directory.canOwn(team, at: call.startedAt) ? " now" : " that could not own cost at that time")."
  }
}

extension RuleCondition {
  /// "tag is acme or beta", "user does not start with svc-".
  public var words: String {
    let texts = values.count > 5 ? values.prefix(4) + ["one of \(values.count - 4) others"] : values[...]
    let list = texts.joined(separator: " or ")
    return switch (match, isNegated) {
    case (.equals, false): "\(field.text) is \(list)"
    case (.equals, true): "\(field.text) is not \(list)"
    case (.prefix, false): "\(field.text) starts with \(list)"
    case (.prefix, true): "\(field.text) does not start with \(list)"
    case (.suffix, false): "\(field.text) ends with \(list)"
    case (.suffix, true): "\(field.text) does not end with \(list)"
    case (.contains, false): "\(field.text) contains \(list)"
    case (.contains, true): "\(field.text) does not contain \(list)"
    case (.regex, false): "\(field.text) matches \(list)"
    case (.regex, true): "\(field.text) does not match \(list)"
    case (.isPresent, false): "\(field.text) is set"
    case (.isPresent, true): "\(field.text) is not set"
    }
  }
}
