import Testing

@testable import Domain

@Suite struct UsageTests {
  @Test func absentBucketsAreZeroAndZerosAreAbsent() {
    var usage = Usage([.input: 5, .output: 0])
    #expect(usage[.output] == 0)
    #expect(usage.entries.map(\.bucket) == [.input])
    usage[.input] = 0
    #expect(usage.isEmpty)
    #expect(usage == Usage())
  }

  @Test func sidesAddUpToTheTotalOfTokens() {
    var usage = Usage()
    for bucket in UsageBucket.allCases { usage[bucket] = Int64(bucket.position + 1) }
    #expect(usage.inputTokens + usage.outputTokens == usage.totalTokens)
    #expect(usage.inputTokens == 1 + 2 + 3 + 4 + 7 + 8 + 10 + 12)
    #expect(usage.outputTokens == 5 + 6 + 9 + 11)
  }

  @Test func positionsAreThoseOfTheDeclaration() {
    for (i, bucket) in UsageBucket.allCases.enumerated() { #expect(bucket.position == i) }
  }

  @Test func addingAndTakingAwayAgainChangesNothing() {
    let a = Usage([.input: 3, .cacheRead: 4, .reasoning: 9]), b = Usage([.input: 10, .milliseconds: 7])
    #expect(a + b == b + a)
    #expect(a + b - b == a)
    #expect((a - a).isEmpty)
  }

  @Test func extremeCountsDoNotTrap() {
    let huge = Usage([.input: .max])
    #expect((huge + huge)[.input] == -2)
    #expect(Usage([.input: .max, .cacheRead: 1]).inputTokens == .min)
  }
}
