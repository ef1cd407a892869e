import Testing

@testable import Domain

@Suite struct RuleConditionTests {
  /// A call that says something for every field.
  private var call: Observation {
    row(1, model: "gpt-4o-2026").with {
      $0.facts.key = KeyID(3)
      $0.facts.service = "api"
      $0.facts.environment = "production"
      $0.facts.endpointHint = "/orders/4711"
      $0.facts.user = "Zoe@Example.ORG"
      $0.facts.requestModel = "gpt-4o"
      $0.facts.provider = "openai"
      $0.facts.declared = DeclaredValues(["tenant": "acme", "plan": "gold"])
    }
  }

  private func isMatched(_ conditions: [RuleCondition], _ change: (inout Observation) -> Void = { _ in }) -> Bool {
    var rules = RuleCase()
    rules.facts.name = "checkout"
    rules.facts.tags = ["beta", "vip"]
    rules.rules = [RuleCase.rule(1, conditions, team: 4)]
    return rules.decided(call.with(change)).team == TeamID(4)
  }

  @Test(
    arguments: [
      (.key, "pk-three"), (.project, "shop"), (.service, "api"), (.environment, "production"), (.endpoint, "/orders/{id}"),
      (.traceName, "checkout"), (.tag, "vip"), (.user, "Zoe@Example.ORG"), (.emailDomain, "example.org"), (.model, "gpt-4o"),
      (.model, "gpt-4o-2026"), (.provider, "openai"), (.metadata("tenant"), "acme"), (.metadata("plan"), "gold"),
    ] as [(RuleField, String)])
  func everyFieldIsComparedWithWhatTheCallSays(field: RuleField, value: String) {
    #expect(isMatched([RuleCondition(field, .equals, "other", value)]))
    #expect(!isMatched([RuleCondition(field, .equals, value + "x")]))
    #expect(!isMatched([RuleCondition(field, .equals, value, not: true)]))
    #expect(isMatched([RuleCondition(field, .equals, value + "x", not: true)]))
    #expect(isMatched([RuleCondition(field, .isPresent)]))
    #expect(isMatched([RuleCondition(field, .prefix, String(value.prefix(2)))]))
    #expect(isMatched([RuleCondition(field, .suffix, String(value.suffix(2)))]))
    #expect(isMatched([RuleCondition(field, .contains, String(value.dropFirst().dropLast()))]))
    #expect(isMatched([RuleCondition(field, .regex, value)]))
    #expect(!isMatched([RuleCondition(field, .prefix, value + value)]))
    #expect(!isMatched([RuleCondition(field, .suffix, "x" + value)]))
    #expect(!isMatched([RuleCondition(field, .contains, "~")]))
  }

  @Test(arguments: [RuleField.service, .user, .emailDomain, .endpoint, .metadata("tenant"), .userGroup, .key])
  func whatWasNotSaidMatchesNothingAndSoEveryNegation(field: RuleField) {
    let silent = { (call: inout Observation) in
      call.facts.service = nil
      call.facts.user = nil
      call.facts.endpointHint = ""
      call.facts.key = nil
      call.facts.declared = DeclaredValues()
    }
    var rules = RuleCase()
    rules.rules = [RuleCase.rule(1, [RuleCondition(field, .isPresent)], team: 4)]
    #expect(rules.decided(call.with(silent)).team == nil)
    rules.rules = [RuleCase.rule(1, [RuleCondition(field, .contains, "")], team: 4)]
    #expect(rules.decided(call.with(silent)).team == nil)
    rules.rules = [RuleCase.rule(1, [RuleCondition(field, .equals, "x", not: true)], team: 4)]
    #expect(rules.decided(call.with(silent)).team == TeamID(4))
  }

  @Test func textsAreComparedByteByByteAndDomainsInAnyCase() {
    #expect(!isMatched([RuleCondition(.service, .equals, "API")]))
    #expect(isMatched([RuleCondition(.emailDomain, .equals, "EXAMPLE.org")]))
    let composed = "caf\u{E9}", decomposed = "cafe\u{301}"
    #expect(isMatched([RuleCondition(.service, .equals, composed, decomposed)]) { $0.facts.service = decomposed })
    #expect(!isMatched([RuleCondition(.service, .equals, composed)]) { $0.facts.service = decomposed })
    #expect(!isMatched([RuleCondition(.service, .prefix, composed)]) { $0.facts.service = decomposed })
  }

  @Test func allConditionsMustHoldAndNoneIsEveryCall() {
    #expect(isMatched([]))
    #expect(isMatched([RuleCondition(.tag, .equals, "vip"), RuleCondition(.service, .equals, "api")]))
    #expect(!isMatched([RuleCondition(.tag, .equals, "vip"), RuleCondition(.service, .equals, "web")]))
  }

  @Test func aPatternOrKeyThatCannotBeUsedMakesTheRuleMatchNothingNegatedOrNot() {
    for isNegated in [false, true] {
      #expect(!isMatched([RuleCondition(.service, .regex, "(", not: isNegated)]))
      #expect(!isMatched([RuleCondition(.metadata("undeclared"), .equals, "acme", not: isNegated)]))
    }
  }

  @Test func theDomainIsWhatFollowsTheLastAt() {
    #expect(EmailDomain.of("a@b@C.de") == "c.de")
    #expect(EmailDomain.of("anna") == nil)
    #expect(EmailDomain.of("anna@") == nil)
  }

  @Test func fieldsAreNamedTheSameBothWays() {
    for field in RuleField.plain + [.metadata("a:b")] { #expect(RuleField(field.text) == field) }
    #expect(RuleField("metadata.tenant") == .metadata("tenant"), "its name as a dimension")
    #expect(RuleField("metadata:") == nil && RuleField("metadata.") == nil)
    #expect(RuleField("colour") == nil)
  }
}
