import Testing

@testable import Domain

/// Random forests of wrappers, twins, repeats and plain steps, against rules that were written down a second time.
@Suite struct SettleOracleTests {
  @Test(arguments: 1...40) func randomForestsCountAsTheNaiveRulesSay(seed: Int) {
    var random = SeededGenerator(UInt64(seed &+ 40_000))
    let rows = Self.forest(&random, count: Int.random(in: 2...60, using: &random))
    let result = settled(rows)
    let naive = NaiveSettle(rows)
    let calls = Set(result.filter(\.decision.isCall).map(\.facts.id))
    #expect(calls == naive.calls, "\(calls.symmetricDifference(naive.calls).map(\.rawValue).sorted())")
    let reasons = result.compactMap { row in row.decision.shadowReason.map { (row.facts.id, $0) } }
    #expect(Dictionary(uniqueKeysWithValues: reasons) == naive.reasons)
  }

  /// Each prefix of each order is a trace of its own: what was decided before never shows.
  @Test(arguments: 1...20) func whateverArrivesInWhateverOrderTheSetOfRowsDecides(seed: Int) {
    var random = SeededGenerator(UInt64(seed &+ 50_000))
    let rows = Self.forest(&random, count: Int.random(in: 5...40, using: &random))
    for _ in 0..<3 {
      var known: [Observation] = []
      for row in rows.shuffled(using: &random) {
        known = settled((known + [row]).shuffled(using: &random))
        if known.count % 5 == 0 || known.count == rows.count {
          let ids = Set(known.map(\.facts.id))
          let fresh = settled(rows.filter { ids.contains($0.facts.id) })
          #expect(Set(known) == Set(fresh))
        }
      }
    }
  }

  /// Every subset of a small trace in every order.
  @Test(arguments: 1...3) func everyOrderOfEverySubsetOfASmallForestSettlesAlike(seed: Int) {
    var random = SeededGenerator(UInt64(seed &+ 60_000))
    let rows = Self.forest(&random, count: 5)
    for mask in 1..<(1 << rows.count) {
      let subset = rows.indices.filter { mask & 1 << $0 != 0 }.map { rows[$0] }
      let expected = Set(settled(subset))
      for order in permutations(subset) { #expect(Set(settled(order)) == expected) }
    }
  }

  /// Built as frameworks build: a step holds steps; some wrap what is below, some calls are told twice.
  static func forest(_ random: inout SeededGenerator, count: Int) -> [Observation] {
    var rows: [Observation] = []
    let scopes = ["app", "langchain", "com.anthropic.sdk.python", "openlit", nil]
    let kinds: [ObservationKind] = [.generation, .generation, .embedding, .span, .agent, .tool, .chain]
    func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }
    while rows.count < count {
      let id = UInt64(rows.count + 1)
      // Now and then a parent that comes later, never comes, or makes a cycle.
      let stray = UInt64.random(in: 1...UInt64(count + 3), using: &random)
      let parent = chance(12) ? stray : rows.randomElement(using: &random)?.facts.id.rawValue
      let twin = chance(3) ? rows.randomElement(using: &random) : nil
      let kind = twin?.kind ?? kinds.randomElement(using: &random) ?? .span
      let from = twin?.startedAt.microseconds ?? Int64.random(in: 0...200, using: &random)
      let length = twin?.durationMicroseconds ?? Int64.random(in: 0...100, using: &random)
      var usage: (Int64, Int64)?
      if let known = twin?.facts.usage?.usage {
        usage = (known.inputTokens, max(0, known.outputTokens + Int64.random(in: -1...2, using: &random)))
      } else if !chance(3) {
        let times = chance(4) ? Int64.random(in: 2...4, using: &random) : 1
        usage = (times * 10, times * Int64.random(in: 1...4, using: &random))
      }
      rows.append(
        row(
          id, under: chance(8) ? nil : (twin?.facts.parent?.rawValue ?? parent), kind, usage,
          scopes.randomElement(using: &random) ?? nil, at: from...(from + length + (chance(2) ? 0 : 3)),
          model: ["m", "m", "n", nil].randomElement(using: &random) ?? nil,
          response: chance(7) ? "r\(Int.random(in: 0..<6, using: &random))" : nil, cost: chance(8) ? "0.01" : nil))
    }
    return rows
  }
}
