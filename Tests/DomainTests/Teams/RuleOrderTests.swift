import Testing

@testable import Domain

@Suite struct RuleOrderTests {
  private func call(key: Int32? = nil, user: String? = nil, at start: Int64 = 50, hint: String? = nil) -> Observation {
    row(1, at: start...(start + 10)).with {
      $0.facts.key = key.map { KeyID($0) }
      $0.facts.user = user
      $0.facts.endpointHint = hint
    }
  }

  @Test func theFirstRuleByPositionThatGivesATeamDecides() {
    var rules = RuleCase()
    rules.rules = [
      RuleCase.rule(1, team: 11, position: 3), RuleCase.rule(2, endpoint: "chat", position: 1),
      RuleCase.rule(3, [RuleCondition(.user, .equals, "zoe")], team: 13, position: 2),
    ]
    let zoe = rules.decided(call(user: "zoe"))
    #expect(zoe.team == TeamID(13) && zoe.rule == RuleID(3) && zoe.ownerStep == .rule)
    #expect(zoe.endpoint == "chat", "another rule gives the endpoint")
    let other = rules.decided(call(user: "max"))
    #expect(other.team == TeamID(11) && other.rule == RuleID(1))
  }

  @Test(
    arguments: [
      (1, "anna", 1, OwnerStep.fixedKey, nil), (2, "anna", 4, .rule, 1), (nil, "bert", 4, .rule, 1), (2, nil, 4, .rule, 1),
    ] as [(Int32?, String?, Int32?, OwnerStep, Int32?)])
  func aRuleStandsBehindTheFixedKeyAndBeforeGroupAndDefault(
    key: Int32?, user: String?, team: Int32?, step: OwnerStep, rule: Int32?
  ) {
    var rules = RuleCase()
    rules.rules = [RuleCase.rule(1, team: 4)]
    let decision = rules.decided(call(key: key, user: user))
    #expect(decision.team == team.map { TeamID($0) })
    #expect(decision.ownerStep == step)
    #expect(decision.rule == rule.map { RuleID($0) })
  }

  @Test func aRuleHoldsFromItsFirstInstantToBeforeItsLast() {
    var rules = RuleCase()
    rules.rules = [RuleCase.rule(1, team: 4, from: 100, to: 200)]
    let owners = [99, 100, 199, 200].map { rules.decided(call(at: $0)).team }
    #expect(owners == [nil, TeamID(4), TeamID(4), nil])
    // Also among rows of one trace, which are alike but for their start.
    let rows = rules.decided([99, 100, 199, 200].enumerated().map { i, start in row(UInt64(i + 1), at: start...start) })
    #expect(rows.map(\.decision.team) == [nil, TeamID(4), TeamID(4), nil])
  }

  @Test func aTeamOutsideItsDatesOwnsNothingAndTheNextEvidenceDecides() {
    var rules = RuleCase()
    rules.rules = [RuleCase.rule(1, team: 4), RuleCase.rule(2, team: 6)]
    let ended = TeamValidity(to: Timestamp(microseconds: 50))
    func owner(_ teams: [Int32], key: Int32, user: String = "anna", at start: Int64 = 50) -> (TeamID?, OwnerStep) {
      var dated = rules
      for team in teams { dated.directory.teamValidity[TeamID(team)] = ended }
      let decision = dated.decided(call(key: key, user: user, at: start))
      return (decision.team, decision.ownerStep)
    }
    #expect(owner([1], key: 1) == (TeamID(4), .rule), "the fixed team has ended")
    #expect(owner([1], key: 1, at: 49) == (TeamID(1), .fixedKey), "it had not then")
    #expect(owner([1, 4], key: 1) == (TeamID(6), .rule), "the next rule")
    #expect(owner([1, 4, 6], key: 1) == (TeamID(3), .userGroup))
    #expect(owner([4, 6, 3], key: 2) == (TeamID(2), .defaultKey))
    #expect(owner([4, 6, 3, 2], key: 2) == (nil, .unallocated))
  }

  @Test func rulesForGroupsAreAskedForUsersInNoGroup() {
    var rules = RuleCase()
    rules.rules = [
      RuleCase.rule(1, [RuleCondition(.emailDomain, .equals, "partner.org")], group: 9),
      RuleCase.rule(2, [RuleCondition(.metadata("tenant"), .equals, "acme")], group: 8),
    ]
    let partner = rules.decided(call(user: "x@partner.org"))
    #expect(partner.userGroup == UserGroupID(9))
    #expect(partner.team == TeamID(5) && partner.ownerStep == .userGroup, "the group's team")
    rules.directory.groupOfUser["x@partner.org"] = UserGroupID(7)
    #expect(rules.decided(call(user: "x@partner.org")).userGroup == UserGroupID(7), "membership comes first")
    let silent = call().with { $0.facts.declared = DeclaredValues(["tenant": "acme"]) }
    #expect(rules.decided(silent).userGroup == UserGroupID(8), "also without a user")
  }

  @Test func laterStepsSeeWhatEarlierOnesDecided() {
    var rules = RuleCase()
    rules.rules = [
      RuleCase.rule(1, [RuleCondition(.endpoint, .equals, "checkout")], team: 4, position: 1),
      RuleCase.rule(2, [RuleCondition(.userGroup, .equals, "Partners")], team: 6, position: 2),
      RuleCase.rule(3, [RuleCondition(.endpoint, .prefix, "/orders/")], endpoint: "checkout", position: 3),
      RuleCase.rule(4, [RuleCondition(.endpoint, .equals, "checkout"), RuleCondition(.user, .equals, "guest")], group: 9, position: 4),
    ]
    let order = rules.decided(call(user: "zoe", hint: "/orders/123456"))
    #expect(order.endpoint == "checkout" && order.team == TeamID(4))
    rules.rules.removeFirst()
    let guest = rules.decided(call(user: "guest", hint: "/orders/123456"))
    #expect(guest.userGroup == UserGroupID(9) && guest.team == TeamID(6) && guest.rule == RuleID(2))
    // Rules for endpoints see the built-in one, not what another made of it.
    rules.rules.append(RuleCase.rule(5, [RuleCondition(.endpoint, .equals, "checkout")], endpoint: "never", position: 9))
    #expect(rules.decided(call(hint: "/orders/123456")).endpoint == "checkout")
  }

  @Test func decidingAgainGivesTheSameWhateverWasThereBefore() {
    var rules = RuleCase()
    rules.rules = [RuleCase.rule(1, [RuleCondition(.endpoint, .prefix, "/orders")], team: 4, endpoint: "checkout")]
    let once = rules.decided([call(hint: "/orders")])
    #expect(rules.decided(once) == once)
    let without = RuleCase()
    #expect(without.decided(once) == without.decided([call(hint: "/orders")]))
  }
}
