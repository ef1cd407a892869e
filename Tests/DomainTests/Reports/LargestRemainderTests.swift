import Testing

@testable import Domain

@Suite struct LargestRemainderTests {
  private func usd(_ texts: String...) -> [USD] { texts.map { USD(decimal: $0) ?? .zero } }

  @Test func theLargestRemaindersAreRaised() {
    #expect(LargestRemainder.round(usd("0.333", "0.333", "0.334")) == usd("0.33", "0.33", "0.34"))
    #expect(LargestRemainder.round(usd("0.016", "0.014")) == usd("0.02", "0.01"))
  }

  @Test func ofEqualRemaindersTheFirstIsRaised() {
    #expect(LargestRemainder.round(usd("0.005", "0.005")) == usd("0.01", "0"))
    #expect(LargestRemainder.round(usd("0.0025", "0.0025", "0.0025", "0.0025")) == usd("0.01", "0", "0", "0"))
  }

  @Test func aTotalOfHalfACentGoesToTheEvenOne() {
    #expect(LargestRemainder.round(usd("0.005")) == usd("0"))
    #expect(LargestRemainder.round(usd("0.015")) == usd("0.02"))
    #expect(LargestRemainder.round(usd("-0.005")) == usd("0"))
    #expect(LargestRemainder.round(usd("-0.015")) == usd("-0.02"))
  }

  @Test func noLinesAndNothingGiveNothing() {
    #expect(LargestRemainder.round([]) == [])
    #expect(LargestRemainder.round([.zero, .zero]) == [.zero, .zero])
  }

  @Test func negativePartsAddUpToo() {
    #expect(LargestRemainder.round(usd("-0.004", "0.004")) == usd("0", "0"))
    #expect(LargestRemainder.round(usd("-1.005", "2.004")) == usd("-1", "2"))
  }

  @Test func randomPartsAddUpToTheRoundedTotal() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let count = Int.random(in: 1...12, using: &random)
      let parts = (0..<count).map { _ in USD(pico: Int128(Int64.random(in: -90_000_000_000_000...90_000_000_000_000, using: &random))) }
      let rounded = LargestRemainder.round(parts)
      let (exact, sum) = (parts.reduce(.zero, +), rounded.reduce(.zero, +))
      #expect((exact - sum).pico.magnitude <= 5_000_000_000)
      for (a, b) in zip(parts, rounded) {
        #expect((a - b).pico.magnitude < 10_000_000_000 && b.pico % 10_000_000_000 == 0)
      }
    }
  }

  @Test func aSplitAddsUpToTheAmountAndTheRestStaysWithTheFirst() {
    #expect(LargestRemainder.split(usd("100.005")[0], by: [1, 1, 1]) == usd("33.345", "33.33", "33.33"))
    #expect(LargestRemainder.split(usd("10")[0], by: [0, 3, 0, 1]) == usd("0", "7.5", "0", "2.5"))
    #expect(LargestRemainder.split(usd("0.001")[0], by: [0, 5]) == usd("0", "0.001"))
    #expect(LargestRemainder.split(usd("1")[0], by: [0, -5]) == nil)
    #expect(LargestRemainder.split(usd("1")[0], by: []) == nil)
  }

  @Test func aSplitByHugeWeightsIsExact() {
    let weights: [Int128] = [900_000_000_000_000_000_000_000, 1, 300_000_000_000_000_000_000_000]
    let parts = LargestRemainder.split(usd("999999999.99")[0], by: weights) ?? []
    #expect(parts.reduce(.zero, +) == usd("999999999.99")[0])
    #expect(parts == usd("749999999.99", "0", "250000000"))
  }

  @Test func randomSplitsAddUp() {
    for _ in 0..<2000 {
      let amount = USD(pico: Int128(Int64.random(in: 0...9_000_000_000_000_000_000)))
      let weights = (0..<Int.random(in: 1...9)).map { _ in Int128(Int64.random(in: -5...1_000_000_000_000)) }
      guard let parts = LargestRemainder.split(amount, by: weights) else {
        #expect(weights.allSatisfy { $0 <= 0 })
        continue
      }
      #expect(parts.reduce(.zero, +) == amount)
      #expect(zip(parts, weights).allSatisfy { $1 > 0 || $0 == .zero })
    }
  }
}
