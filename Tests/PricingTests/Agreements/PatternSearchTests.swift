import Testing

@testable import Pricing

@Suite struct PatternSearchTests {
  private func places(_ pattern: String, in text: String) throws -> (found: [String], isWhole: Bool) {
    let search = try PatternSearch(pattern)
    var text = text, found: [String] = []
    let isWhole = text.withUTF8 { bytes in
      search.places(in: bytes) { found.append(String(decoding: bytes[$0], as: UTF8.self)) }
    }
    return (found, isWhole)
  }

  @Test func everyPlaceIsFoundAlsoFarApartAndAcrossTheStride() throws {
    let gap = String(repeating: "é", count: 6000)
    let (found, isWhole) = try places("KD-\\d{3}", in: "KD-123\(gap)KD-456 KD-789" + String(repeating: "x", count: 4094) + "KD-000")
    #expect(found == ["KD-123", "KD-456", "KD-789", "KD-000"] && isWhole)
  }

  @Test func aSearchThatRunsAwayIsStopped() throws {
    #expect(try !places("(a+)+$", in: String(repeating: "a", count: 60) + "b").isWhole)
  }

  @Test func patternsThatFindNothingOrEverythingAreRefused() {
    #expect(throws: PatternProblem.self) { try PatternSearch("x*") }
    #expect(throws: PatternProblem.self) { try PatternSearch("(") }
    #expect(throws: PatternProblem.self) { try PatternSearch("") }
  }
}
