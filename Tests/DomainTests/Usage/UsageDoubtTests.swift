import Testing

@testable import Domain

@Suite struct UsageDoubtTests {
  @Test func everyDoubtHasItsOwnFlagAndOneName() {
    let flags = UsageDoubt.allCases.map(\.flag)
    #expect(Set(flags.map(\.rawValue)).count == UsageDoubt.allCases.count)
    #expect(flags.allSatisfy { $0.rawValue.nonzeroBitCount == 1 })
    #expect(UsageFlags([.contradiction, .estimatedBySender]).names == ["contradiction", "estimated"])
    #expect(UsageFlags().names == [])
  }

  @Test func namesReadBackAsTheFlagsTheyCameFrom() throws {
    for bits in Int16(1)..<64 {
      let flags = UsageFlags(rawValue: bits)
      #expect(try UsageFlags(names: flags.names.joined(separator: ",")) == flags)
    }
  }

  @Test(arguments: ["contradictions", "Contradiction", ",", "contradiction,", "contradiction,negativeRemainder", " estimated"])
  func anotherNameIsRefusedAndSaid(text: String) {
    let error = #expect(throws: UnknownUsageDoubt.self) { try UsageFlags(names: text) }
    #expect(error.map { UsageDoubt(rawValue: $0.name) == nil } == true)
  }

  @Test func anAnswerOfACacheIsNoReasonToDoubtItsNumbers() {
    #expect(UsageFlags.uncertain.names == ["contradiction", "negative-remainder", "unexplained", "estimated", "unreadable"])
  }
}
