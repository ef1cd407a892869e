import Domain
import Testing

@testable import Pricing

@Suite struct NameMatcherTests {
  private func matcher(_ patterns: [(NamePattern.Kind, String)]) -> NameMatcher {
    NameMatcher(patterns.enumerated().map { (NamePattern($1.0, $1.1), false, nil, PriceEntryID(Int32($0))) })
  }

  @Test func kindsComeInTheirOrderAndLongerTextsFirst() {
    let all = matcher([
      (.regex, "^gpt-4o"), (.contains, "4o"), (.suffix, "mini"), (.prefix, "gpt-"), (.prefix, "gpt-4"), (.exact, "gpt-4o-mini"),
      (.exact, "gpt-4o"),
    ])
    #expect(all.matches(["gpt-4o-mini"]) == [5, 4, 3, 2, 1, 0])
  }

  @Test func newerEntryOfTheSamePatternComesFirst() {
    #expect(matcher([(.prefix, "a"), (.prefix, "a")]).matches(["ab"]) == [1, 0])
  }

  @Test func entryForAProviderComesBeforeOneForAll() {
    let pattern = NamePattern(.exact, "m")
    let both = NameMatcher([(pattern, false, nil, PriceEntryID(9)), (pattern, true, nil, PriceEntryID(1))])
    #expect(both.matches(["m"]) == [1, 0])
  }

  @Test func caseDoesNotMatter() {
    #expect(NamePattern(.exact, "My-Model").fits(model: "MY-model"))
    #expect(NamePattern(.regex, "^LTX\\d$").fits(model: "ltx2"))
    #expect(NamePattern(.regex, "(?i)^(ltx2)$").fits(model: "LTX2"))
  }

  @Test func nameIsAlsoTriedWithoutItsPathRegionAndVendor() {
    for sent in ["bedrock/us.anthropic.claude-x", "us.anthropic.claude-x", "anthropic.claude-x", "a/b/claude-x"] {
      #expect(NamePattern(.exact, "claude-x").fits(model: sent))
    }
    #expect(!NamePattern(.exact, "claude-x").fits(model: "claude-x-2"))
  }

  @Test func expressionThatRunsAwayIsStopped() {
    let name = String(repeating: "a", count: 200) + "!"
    #expect(!NamePattern(.regex, "^(a+)+$").fits(model: name))
    #expect(!NamePattern(.regex, "(a|aa)+$").fits(model: name))
  }

  @Test func invalidExpressionIsReportedAndFitsNothing() throws {
    let broken = NamePattern(.regex, "gpt-(4|5")
    let problem = try #require(broken.problem)
    #expect(problem.offset == 8)
    #expect(problem.message.contains("parenthesis"))
    #expect(!broken.fits(model: "gpt-4"))
    #expect(NamePattern(.regex, "gpt-(4|5)").problem == nil)
    #expect(NamePattern(.exact, " ").problem != nil)
    #expect(!NamePattern(.prefix, "").fits(model: "anything"))
    #expect(NamePattern(.regex, String(repeating: "a", count: 2000)).problem != nil)
  }

  @Test func problemsNameEntryAndField() {
    let agreements = PriceAgreements(
      listings: [
        PriceListing(
          id: PriceEntryID(1), pattern: NamePattern(.regex, "["), conditions: ["weather": "fine"],
          prices: ["input_mtok": "cheap", "wishes": "1"], source: "")
      ],
      terms: [PriceTerm(id: PriceEntryID(2), factor: "-1", source: "")],
      aliases: [ModelAlias(id: PriceEntryID(3), pattern: NamePattern(.exact, "a"), targetModel: "")])
    let fields = agreements.problems.map { "\($0.entry) \($0.field)" }
    #expect(fields.count == 6)
    #expect(Set(agreements.problems.map(\.field)) == ["pattern", "price input_mtok", "price wishes", "conditions", "factor", "targetModel"])
  }

  @Test(arguments: ["0", "0.85", "1", "100", "0.123456789"]) func factorIsRead(text: String) { #expect(Factor(text)?.decimal == text) }
  @Test(arguments: ["", "-0.1", "100.000000001", "0.1234567891", "x", "0.0000000000000000001"])
  func otherFactorIsNone(text: String) { #expect(Factor(text) == nil) }
}
