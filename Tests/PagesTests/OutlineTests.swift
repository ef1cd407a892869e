import Domain
import Testing

@testable import Pages

@Suite struct OutlineTests {
  private func names(_ observations: [Observation]) -> [String] {
    TraceOutline(observations).lines.map {
      String(repeating: ">", count: $0.depth) + (observations[$0.index].facts.name ?? "")
    }
  }

  @Test func childrenFollowTheirParentByStart() {
    let rows = [
      TraceSamples.make(3, 1, .span, "late", 30, 40), TraceSamples.make(2, 1, .span, "early", 10, 20),
      TraceSamples.make(4, 2, .span, "leaf", 11, 12),
      TraceSamples.make(1, nil, .span, "root", 0, 50),
    ]
    #expect(names(rows) == ["root", ">early", ">>leaf", ">late"])
  }

  @Test func ringsAndMissingParentsAreStillShownOnce() {
    let rows = [
      TraceSamples.make(1, 2, .span, "a", 0, 1), TraceSamples.make(2, 1, .span, "b", 1, 2),
      TraceSamples.make(3, 99, .span, "orphan", 2, 3),
      TraceSamples.make(4, 4, .span, "self", 3, 4),
    ]
    let shown = names(rows).map { $0.filter { $0 != ">" } }
    #expect(shown.sorted() == ["a", "b", "orphan", "self"])
  }

  @Test func deepChainsNeedNoStack() {
    let rows = (1...20_000 as ClosedRange<Int64>).map { i -> Observation in
      TraceSamples.make(UInt64(i), i == 1 ? nil : UInt64(i - 1), .span, "s", i, i)
    }
    #expect(TraceOutline(rows).lines.last?.depth == 19_999)
  }

  @Test func parentsSumTheCallsBelowAndShadowedRowsCountNothing() throws {
    let rows = TraceSamples.observations
    let outline = TraceOutline(rows)
    let root = try #require(outline.lines.first)
    #expect(root.measures == .init(calls: 4, tokens: 16_867, cost: Sample.usd("0.0290562"), unpriced: 1))
    #expect(outline.spanMicroseconds == 12_400_000)
  }

  @Test func barsLieOnOneAxis() {
    let rows = [TraceSamples.make(1, nil, .span, "root", 0, 1000), TraceSamples.make(2, 1, .span, "x", 250, 750)]
    let bar = TraceOutline(rows).bar(rows[1])
    #expect(bar.x == 25 && bar.width == 50)
  }
}
