import Testing

@testable import Domain

@Suite struct OwnerReasonTests {
  private let teams = [TeamID(1): "Red", TeamID(2): "Green", TeamID(3): "Blue", TeamID(4): "Gold"]

  private func reason(key: Int32?, user: String?, rules: [AttributionRule] = []) -> String {
    var rule = RuleCase()
    rule.rules = rules
    let call = rule.decided([row(1).with {
      $0.facts.key = key.map { KeyID($0) }
      $0.facts.user = user
    }])[0]
    var directory = rule.directory
    directory.take(rules, patterns: RuleCase.patterns)
    return OwnerReason.text(call, directory: directory, teams: teams)
  }

  @Test func everyStepIsSaid() {
    #expect(reason(key: 1, user: nil) == "Key pk-one is fixed to team Red.")
    #expect(reason(key: nil, user: "anna") == "User group Schools belongs to team Blue; no rule gives another.")
    #expect(reason(key: 2, user: "bert").contains("Green is the default team of Key pk-two"))
    let rule = RuleCase.rule(1, [RuleCondition(.user, .prefix, "an", "b"), RuleCondition(.tag, .isPresent, not: true)], team: 4)
    #expect(reason(key: nil, user: "anna", rules: [rule]) == "Rule “rule 1”: user starts with an or b, and tag is not set.")
  }

  @Test func anUnallocatedCallSaysWhatIsMissing() {
    #expect(reason(key: 3, user: nil) == "There is no rule that gives a team. No user was said. Key pk-three has no team.")
    let rule = RuleCase.rule(1, [RuleCondition(.user, .equals, "nobody")], team: 4)
    #expect(
      reason(key: nil, user: "bert", rules: [rule])
        == "None of the 1 rules that give a team gave it one. User group Clinics has no team. It came without a key.")
    #expect(reason(key: nil, user: "zoe").contains("Its user is in no group."))
  }
}
