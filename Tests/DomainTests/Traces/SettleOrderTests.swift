import Testing

@testable import Domain

@Suite struct SettleOrderTests {
  @Test func everyOrderOfASmallTraceSettlesAlike() {
    let rows = [
      row(1, .agent, (18, 2), "app"), row(2, under: 1, .generation, (9, 1), "langfuse-sdk", at: 0...50),
      row(3, under: 2, .generation, (9, 2), "openlit", at: 1...49),
      row(4, under: 1, .generation, (9, 1), "b", at: 0...50),
      row(5, under: 4, .generation, nil, "c"),
      row(6, under: 1, .generation, (9, 1), "com.anthropic.sdk.x", at: 70...90),
    ]
    let expected = byID(settled(rows))
    for order in permutations(rows) { #expect(byID(settled(order)) == expected) }
  }

  @Test(arguments: 1...40) func shuffledTracesSettleAlike(seed: Int) {
    var random = SeededGenerator(UInt64(seed))
    let rows = randomTrace(&random, count: 60)
    let expected = byID(settled(rows))
    for _ in 0..<5 { #expect(byID(settled(rows.shuffled(using: &random))) == expected) }
  }

  @Test(arguments: 1...40) func everyShadowEndsAtACallAndNothingElseIsLost(seed: Int) {
    var random = SeededGenerator(UInt64(seed &+ 1000))
    let rows = byID(settled(randomTrace(&random, count: 80)))
    for row in rows.values {
      let isCandidate = row.carriesUsageOrCost || row.kind.isAlwaysCall
      #expect(row.decision.isCall == (isCandidate && row.decision.shadowedBy == nil))
      #expect((row.decision.shadowReason == nil) == (row.decision.shadowedBy == nil))
      if let by = row.decision.shadowedBy { #expect(rows[by]?.decision.isCall == true) }
    }
  }

  @Test func cyclesAndStrayParentsAreCut() {
    let rows = [
      row(1, under: 1, .generation, (1, 1)), row(2, under: 4, .span), row(3, under: 2, .generation, (5, 1)),
      row(4, under: 3, .agent, (5, 1)), row(5, under: 99, .generation, (7, 7)),
    ]
    let expected = byID(settled(rows))
    #expect(expected.values.filter(\.decision.isCall).count == 3)
    for order in permutations(rows) { #expect(byID(settled(order)) == expected) }
  }

  @Test func aChainOfTenThousandRowsSettles() {
    let rows = (1...10_000).map { row(UInt64($0), under: $0 == 1 ? nil : UInt64($0 - 1), .generation, (9, 1)) }
    #expect(calls(rows) == [10_000])
  }

  @Test func twoThousandConcurrentTwinsArePaired() {
    let root = row(1, .span, nil, "app", at: 0...100_000)
    let twins = (0..<2000).flatMap { i -> [Observation] in
      let from = Int64(i) * 2
      return [
        row(UInt64(10 + i), under: 1, .generation, (9, 1), "b", at: from...from + 9000),
        row(UInt64(5000 + i), under: 1, .generation, (9, 1), "com.anthropic.sdk.python", at: from + 1...from + 8999),
      ]
    }
    #expect(calls([root] + twins) == (0..<2000).map { UInt64(5000 + $0) })
  }

  private func byID(_ rows: [Observation]) -> [ObservationID: Observation] {
    Dictionary(uniqueKeysWithValues: rows.map { ($0.facts.id, $0) })
  }

  private func randomTrace(_ random: inout SeededGenerator, count: Int) -> [Observation] {
    let scopes = ["app", "langfuse-sdk", "com.anthropic.sdk.python", "openlit", nil]
    let kinds: [ObservationKind] = [.generation, .generation, .embedding, .span, .agent, .tool, .chain]
    return (1...count).map { id in
      let from = Int64.random(in: 0...200, using: &random)
      let isMetered = Int.random(in: 0..<3, using: &random) > 0
      let usage: (Int64, Int64)? =
        isMetered ? (Int64.random(in: 9...10, using: &random), Int64.random(in: 1...4, using: &random)) : nil
      let parent = Int.random(in: 0...count + 2, using: &random)
      return row(
        UInt64(id), under: parent == 0 ? nil : UInt64(parent), kinds.randomElement(using: &random) ?? .span, usage,
        scopes.randomElement(using: &random) ?? nil, at: from...from + Int64.random(in: 0...100, using: &random),
        model: ["m", "n", nil].randomElement(using: &random) ?? nil,
        response: Int.random(in: 0..<5, using: &random) == 0 ? "r\(Int.random(in: 0..<8, using: &random))" : nil,
        cost: Int.random(in: 0..<6, using: &random) == 0 ? "0.01" : nil)
    }
  }
}
