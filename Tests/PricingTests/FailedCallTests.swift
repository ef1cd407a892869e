import Domain
import Testing

@testable import Pricing

/// A failed call is free only while nothing shows that the provider answered.
@Suite struct FailedCallTests {
  private let stamp = Stamp(time: 1, rank: 0, hash: 2)

  private func failed(_ usage: Usage? = nil, _ change: (inout Observation) -> Void) throws -> CostOutcome {
    try book().outcome(
      for: call("openai", "gpt-4o", usage) {
        $0.facts.level = .error
        change(&$0)
      })
  }

  private func expectUnknown(_ outcome: CostOutcome) {
    #expect(outcome.status == .unpriced)
    #expect(outcome.cost == nil && outcome.computed == nil)
    #expect(outcome.reason.hasPrefix("usage missing: the call failed after the provider had begun to answer"))
  }

  @Test func outputOnItsWayInMakesItUnpriced() throws {
    expectUnknown(
      try failed { $0.facts.bodies = [BodyPart(kind: .output, text: "partial answer", stamp: self.stamp)] })
  }

  @Test func outputOfAnEarlierRequestMakesItUnpriced() throws {
    expectUnknown(
      try failed {
        $0.facts.parts = [StoredPart(kind: .output, block: 1, offset: 0, length: 14, stamp: self.stamp)]
      })
  }

  /// Who may not read content sees rows without parts; they must be told the same cost.
  @Test func outputIsKnownWithoutItsParts() throws {
    expectUnknown(try failed { $0.facts.stamps[.output] = self.stamp })
  }

  @Test func responseIDMakesItUnpriced() throws {
    expectUnknown(try failed { $0.facts.responseID = "chatcmpl-1" })
  }

  @Test func firstTokenMakesItUnpriced() throws {
    expectUnknown(try failed { $0.facts.firstTokenAt = $0.startedAt })
  }

  @Test func countsOfZeroWithOutputAreUnpriced() throws {
    expectUnknown(try failed(Usage()) { $0.facts.responseID = "chatcmpl-1" })
  }

  @Test func inputAndMetadataAreNoAnswer() throws {
    let outcome = try failed {
      $0.facts.bodies = [BodyKind.input, .metadata, .attributes].map {
        BodyPart(kind: $0, text: "{}", stamp: self.stamp)
      }
      $0.facts.stamps[.input] = self.stamp
    }
    #expect(outcome.status == .free && outcome.cost == .zero)
  }

  @Test func unknownModelKeepsItsReason() throws {
    let outcome = try book().outcome(
      for: call("openai", "gpt-99") {
        $0.facts.level = .error
        $0.facts.responseID = "chatcmpl-1"
      })
    #expect(outcome.status == .unpriced)
    #expect(outcome.reason == "no price for model gpt-99 of openai")
  }
}
