import Testing

@testable import Domain

@Suite struct DimensionTests {
  private func tree(_ said: [UInt64: [String: String]]) -> [Observation] {
    [(1, nil), (2, 1), (3, 2), (4, 1)].map { id, parent in
      row(id, under: parent, id == 3 || id == 4 ? .generation : .span).with {
        if let values = said[id] { $0.facts.declared = DeclaredValues(values) }
      }
    }
  }

  @Test func aRowTakesItsOwnWordElseItsNearestAncestorsElseTheTraces() {
    var rules = RuleCase()
    rules.facts.declared = DeclaredValues(["tenant": "trace"])
    func tenants(_ said: [UInt64: [String: String]]) -> [String] { rules.decided(tree(said)).map { $0.decision.extras[1] } }
    #expect(tenants([:]) == ["trace", "trace", "trace", "trace"])
    #expect(tenants([2: ["tenant": "two"]]) == ["trace", "two", "two", "trace"])
    #expect(tenants([1: ["tenant": "one"], 3: ["tenant": "three"]]) == ["one", "one", "three", "one"])
  }

  @Test func onlyKeysWithAPlaceAreDimensionsAndRulesReadTheOthersToo() {
    var rules = RuleCase()
    rules.rules = [RuleCase.rule(1, [RuleCondition(.metadata("plan"), .equals, "gold")], team: 4)]
    let rows = rules.decided(tree([1: ["plan": "gold"]]))
    #expect(rows.map(\.decision.extras) == [[], [], [], []])
    #expect(rows.map(\.decision.team) == Array(repeating: TeamID(4), count: 4))
    let both = rules.decided(tree([1: ["plan": "gold", "tenant": "acme"]]))
    #expect(both[2].decision.extras == ["", "acme", "", ""])
  }

  @Test func nothingIsSaidWhereNoKeyIsDeclared() {
    var rules = RuleCase()
    rules.directory.declaredKeys = []
    let rows = rules.decided(tree([1: ["tenant": "acme"]]))
    #expect(rows.map(\.decision.extras) == [[], [], [], []])
  }

  @Test func idsInEndpointsBecomeTemplatesWhereverTheyComeFrom() {
    let cases: [(hint: String?, route: String?, trace: (inout TraceFacts) -> Void, expected: String?)] = [
      ("/orders/123456", nil, { _ in }, "/orders/{id}"), (nil, "/users/8f14e45fceea167a/x", { _ in }, "/users/{id}/x"),
      (nil, nil, { $0.endpointHint = "/a/77" }, "/a/{id}"), (nil, nil, { $0.serverRoute = "/b/77" }, "/b/{id}"),
      ("summarise-v2", nil, { _ in }, "summarise-v2"), (nil, "/users/{user}", { _ in }, "/users/{user}"),
      ("  ", "/c", { _ in }, "/c"),
    ]
    for (hint, route, trace, expected) in cases {
      let call = row(1).with {
        $0.facts.endpointHint = hint
        $0.facts.serverRoute = route
      }
      #expect(settled([call], trace)[0].decision.endpoint == expected)
    }
  }
}
