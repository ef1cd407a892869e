import Domain
import Testing

@testable import Pricing

/// Laws that hold for every model, usage and agreement.
@Suite struct CostPropertyTests {
  private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  private func agreements(_ dice: inout Dice) -> PriceAgreements {
    let factor = "0.\(Int.random(in: 1...999_999_999, using: &dice))"
    let listing = PriceListing(
      id: PriceEntryID(1), pattern: NamePattern(.contains, "mini"), conditions: Bool.random(using: &dice) ? ["service_tier": "batch"] : [:],
      prices: ["input_mtok": "0.\(Int.random(in: 1...99_999_999, using: &dice))", "output_mtok": "7 >1000:9"], source: "")
    return PriceAgreements(listings: [listing], terms: [PriceTerm(id: PriceEntryID(1), factor: factor, source: "")])
  }

  private func random(_ dice: inout Dice) throws -> Observation {
    let models = try bundled.get().models
    let model = models[Int.random(in: models.indices, using: &dice)]
    var usage = Usage()
    for bucket in UsageBucket.allCases where Int.random(in: 0..<3, using: &dice) == 0 {
      usage[bucket] = Int64.random(in: 0...300_000, using: &dice)
    }
    let tier = [nil, "batch", "priority", "flex"].randomElement(using: &dice) ?? nil
    return try call(model.provider, model.id, usage) { $0.facts.serviceTier = tier }
  }

  @Test(arguments: 1...8) func linesAddUpToWhatWasComputed(seed: UInt64) throws {
    var dice = Dice(state: seed)
    for _ in 0..<100 {
      let book = try book().with(agreements(&dice))
      let explanation = book.explain(try random(&dice))
      let outcome = explanation.outcome
      guard outcome.status == .priced || outcome.status == .partial else { continue }
      #expect(explanation.lines.compactMap(\.amount).reduce(.zero, +) == outcome.computed)
      #expect(explanation.lines.compactMap(\.effective).reduce(.zero, +) == outcome.cost)
      #expect(explanation.lines.contains { $0.amount == nil } == (outcome.status == .partial))
      #expect(outcome.list != outcome.computed)
      if let list = outcome.list {
        let lines = explanation.lines.map { $0.list ?? $0.amount ?? .zero }
        #expect(lines.reduce(.zero, +) == list)
      }
    }
  }

  /// One more of any bucket never makes a call cheaper, also over a context tier.
  @Test(arguments: 1...8) func costIsMonotoneInEveryBucket(seed: UInt64) throws {
    var dice = Dice(state: seed &* 77)
    for _ in 0..<20 {
      let book = try book().with(agreements(&dice))
      let one = try random(&dice)
      let before = book.outcome(for: one)
      for bucket in UsageBucket.allCases {
        var more = one
        more.facts.usage?.usage[bucket] += Int64.random(in: 1...50_000, using: &dice)
        let after = book.outcome(for: more)
        #expect((before.computed ?? .zero) <= (after.computed ?? .zero), "\(bucket) of \(one.facts.requestModel ?? "")")
      }
    }
  }

  @Test(arguments: 1...4) func repricingThereAndBackRestoresEveryDigit(seed: UInt64) throws {
    var dice = Dice(state: seed &* 991)
    for _ in 0..<100 {
      let old = try book(), new = try book().with(agreements(&dice))
      var row = try random(&dice)
      old.price(&row)
      let first = row.decision
      new.reprice(&row)
      old.reprice(&row)
      #expect(row.decision.cost == first.cost)
      if let charge = row.decision.firstCharge { #expect(charge == FirstCharge(status: first.cost.status, cost: first.cost.cost)) }
    }
  }

  /// What is remembered changes no answer.
  @Test func memoryChangesNoAnswer() throws {
    var dice = Dice(state: 5)
    let agreements = agreements(&dice)
    let remembering = try book().with(agreements)
    for _ in 0..<200 {
      let one = try random(&dice)
      let first = remembering.outcome(for: one)
      #expect(remembering.outcome(for: one) == first)
      #expect(try book().with(agreements).outcome(for: one) == first)
    }
  }
}
