import Domain
import Pricing
import Testing
import Wire

/// Each file of `Cases` is one lesson of an invoice: every way of telling it must come to the same money.
@Suite struct GoldenTests {
  @Test(arguments: GoldenCase.all) func costsWhatTheInvoiceSaysInAnyOrder(_ golden: GoldenCase) throws {
    let ways = golden.ways
    #expect(!ways.isEmpty, "\(golden.name) can't be read or has no ways")
    let book = try GoldenBook.book(golden.json)
    for way in ways {
      guard let known = way.known else {
        try check(golden, way, book)
        continue
      }
      withKnownIssue("\(golden.name), \(way.via): \(known)", isIntermittent: true) { try check(golden, way, book) }
    }
  }

  private func check(_ golden: GoldenCase, _ way: GoldenCase.Way, _ book: PriceBook) throws {
    let asked = try WhatIf.observation(way, book).map { [$0] }
    let observations = try asked ?? Submission(way: way).observations(book)
    if asked == nil { try checkOrder(golden, way, book, observations) }
    let comparison = Comparison(observations: observations, expected: way.expected)
    let differences = comparison.differences
    if differences.isEmpty { return }
    Issue.record(
      """
      \(golden.name): \(golden.title)
        via \(way.via)
        \(differences.joined(separator: "\n  "))
        decided:
      \(comparison.story)
      """)
  }

  /// Sent backwards and twice, the same is decided.
  private func checkOrder(
    _ golden: GoldenCase, _ way: GoldenCase.Way, _ book: PriceBook, _ inOrder: [Observation]
  ) throws {
    func decisions(_ rows: [Observation]) -> [ObservationID: Decision] {
      Dictionary(rows.map { ($0.facts.id, $0.decision) }) { first, _ in first }
    }
    let shuffled = try Submission(way: way).observations(book, isShuffled: true)
    #expect(decisions(shuffled) == decisions(inOrder), "\(golden.name), \(way.via): order or repetition matters")
  }

  /// The arithmetic on paper comes to the expected cost, so that no figure is copied from the program.
  @Test(arguments: GoldenCase.all) func sumOnPaperIsTheExpectedCost(_ golden: GoldenCase) throws {
    for way in golden.ways {
      guard let sum = try SumLines.sum(way.how) else { continue }
      let expected = way.expected
      let cost = (expected["total"] ?? expected["computed"] ?? expected["cost"])?.stringValue
      #expect(cost == sum.decimal, "\(golden.name), \(way.via)")
    }
  }

  @Test func everyCaseSaysWhereItComesFrom() {
    #expect(GoldenCase.all.count > 100)
    for golden in GoldenCase.all {
      for key in ["title", "source", "ways", "expected"] {
        #expect(golden.json[key] != nil, "\(golden.name) has no \(key)")
      }
    }
  }
}
