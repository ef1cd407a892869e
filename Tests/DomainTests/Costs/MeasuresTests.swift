import Testing

@testable import Domain

@Suite struct MeasuresTests {
  @Test(arguments: [
    (10, 4, 2), (14, 4, 4), (15, 4, 4), (11, 4, 3), (-10, 4, -2), (-14, 4, -4), (1, 3, 0), (2, 3, 1), (-2, 3, -1),
  ] as [(Int128, Int64, Int128)])
  func unitCostsAreRoundedHalfEven(amount: Int128, count: Int64, expected: Int128) {
    #expect(USD(pico: amount).divided(by: count) == USD(pico: expected))
  }

  @Test func nothingIsDividedByNothing() {
    #expect(USD(pico: 5).divided(by: 0) == nil && USD(pico: 5).divided(by: -1) == nil)
    #expect(USD(pico: .max).divided(by: .max) != nil)
    let none = Measures()
    #expect(none.costPerRequest == nil && none.unpricedShare == nil && none.costPerThousandOutputTokens == nil)
  }

  @Test func unitCostsAreOfTheCallsTheyName() {
    var measures = Measures()
    (measures.calls, measures.unpricedCalls, measures.cost) = (10, 2, USD(pico: 80))
    measures.usage = Usage([.input: 900, .output: 300, .reasoning: 100])
    (measures.users, measures.activeUsers) = (16, 5)
    #expect(measures.costPerRequest == USD(pico: 10))
    #expect(measures.costPerThousandOutputTokens == USD(pico: 200))
    #expect(measures.costPerUser == USD(pico: 5) && measures.costPerActiveUser == USD(pico: 16))
    #expect(measures.unpricedShare == 0.2)
    // Distinct users don't add up.
    #expect((measures + measures).activeUsers == nil)
  }

  @Test func percentilesLieWithinTheirBin() {
    var counts = [Int64](repeating: 0, count: LatencyHistogram.boundsMilliseconds.count + 1)
    (counts[0], counts[6]) = (10, 30)
    let histogram = LatencyHistogram(counts: counts)
    #expect(histogram?.percentileMilliseconds(0.25) == 50)
    #expect(histogram?.percentileWholeMilliseconds(0.25) == 50)
    #expect(LatencyHistogram(counts: [3] + Array(repeating: 0, count: 19))?.percentileWholeMilliseconds(0.5) == 25)
    // The 20th of 40 is the 10th of 30 from 750 to 1000 ms.
    let middle: Double = 750 + 250 * (10.0 / 30.0)
    #expect(histogram?.percentileMilliseconds(0.5) == middle)
    #expect(histogram?.percentileMilliseconds(1) == 1000)
    #expect(histogram?.percentileMilliseconds(0) == 0)
    #expect(LatencyHistogram().percentileMilliseconds(0.5) == nil)
    #expect(LatencyHistogram(counts: [1]) == nil)
    counts[counts.count - 1] = 1000
    #expect(LatencyHistogram(counts: counts)?.percentileMilliseconds(0.99) == 300_000)
  }
}
