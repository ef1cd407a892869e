import Testing

@testable import Domain

@Suite struct SettleTests {
  static let native = "com.anthropic.sdk.python"
  static let instrumented = "opentelemetry.instrumentation.anthropic"

  @Test func aPlainCallCounts() {
    #expect(calls([row(1, .span), row(2, under: 1, .generation, (10, 5))]) == [2])
  }

  @Test func generationsAndEmbeddingsCountWithoutUsageAndSpansDoNot() {
    #expect(calls([row(1, .generation), row(2, .embedding), row(3, .span), row(4, .tool), row(5, .event)]) == [1, 2])
  }

  @Test func aSpanWithUsageOrCostCounts() {
    #expect(calls([row(1, .span, (3, 1)), row(2, .tool, cost: "0.01"), row(3, .span)]) == [1, 2])
  }

  @Test func rowsThatHaveNotArrivedTakeNoPart() {
    let missing = row(2, under: 1, .generation, (10, 5)).with { $0.facts.isArrived = false }
    let result = settled([row(1, .agent, (10, 5)), missing])
    #expect(result.map(\.decision.isCall) == [true, false])
    #expect(result.allSatisfy { $0.decision.shadowedBy == nil })
  }

  @Test func settlingAgainForgetsOldDecisions() {
    let stale = row(1, .span).with {
      $0.decision.isCall = true
      $0.decision.shadowedBy = ObservationID(9)
      $0.decision.shadowReason = .sibling
    }
    let fresh = settled([stale])[0].decision
    #expect(!fresh.isCall && fresh.shadowedBy == nil && fresh.shadowReason == nil)
  }

  // MARK: - Wrappers

  @Test func aWrapperThatRepeatsItsCallsIsShadowedUntilTheyAreGone() {
    let wrapper = row(1, .agent, (30, 9)), chain = row(2, under: 1, .chain)
    let first = row(3, under: 2, .generation, (10, 4)), second = row(4, under: 2, .generation, (20, 5))
    #expect(calls([wrapper]) == [1])
    #expect(calls([wrapper, chain]) == [1])
    #expect(calls([wrapper, chain, first, second]) == [3, 4])
    #expect(shadows([wrapper, chain, first, second]) == [1: "4 descendant"])
  }

  @Test func aMissingLinkThatArrivesLateJoinsWrapperAndCall() {
    let wrapper = row(1, .agent, (10, 4)), call = row(3, under: 2, .generation, (10, 4)), link = row(2, under: 1, .span)
    #expect(calls([wrapper, call]) == [1, 3])
    #expect(calls([wrapper, call, link]) == [3])
  }

  @Test func aWrapperCountsBesideDescendantsThatCoverLessThanHalfOfIt() {
    let rows = [row(1, .agent, (5000, 200)), row(2, under: 1, .embedding, (9, 0))]
    #expect(calls(rows) == [1, 2])
    #expect(calls([row(1, .agent, (100, 20)), row(2, under: 1, .generation, (60, 10))]) == [2])
  }

  @Test func aWrapperMayReportOnlyItsOwnPartOfWhatIsBelow() {
    let rows = [
      row(1, .agent, (10, 4)), row(2, under: 1, .generation, (10, 4)), row(3, under: 1, .tool),
      row(4, under: 3, .generation, (500, 90)),
    ]
    #expect(calls(rows) == [2, 4])
  }

  @Test func ofNestedGenerationsWithEqualUsageTheDeepestCounts() {
    let rows = [
      row(1, .generation, (120, 35)), row(2, under: 1, .generation, (120, 35)),
      row(3, under: 2, .generation, (120, 34)),
    ]
    #expect(calls(rows) == [3])
    #expect(shadows(rows) == [1: "3 descendant", 2: "3 descendant"])
  }

  @Test func aGenerationThatSumsItsStepsIsShadowed() {
    let rows = [row(1, .generation, (30, 9))] + (2...4).map { row($0, under: 1, .generation, (10, 3)) }
    #expect(calls(rows) == [2, 3, 4])
  }

  @Test func aGenerationInsideAnotherWithOtherUsageIsACallOfItsOwn() {
    let rows = [row(1, .generation, (300, 20)), row(2, under: 1, .tool), row(3, under: 2, .generation, (5000, 400))]
    #expect(calls(rows) == [1, 3])
  }

  @Test func inputIsComparedInTotalBecauseEmittersSplitCachesDifferently() {
    let split = row(2, under: 1, .generation, (0, 0)).with {
      $0.facts.usage?.usage = Usage([.input: 40, .cacheRead: 64, .cacheWrite: 20, .output: 27, .reasoning: 8])
    }
    #expect(calls([row(1, .generation, (124, 35)), split]) == [2])
  }

  @Test func aFrameWithoutUsageIsNoSecondCall() {
    let rows = [
      row(1, .generation, model: "openai/GPT-4o"), row(2, under: 1, .generation, (9, 1), model: "gpt-4o-2024-08-06"),
    ]
    #expect(calls(rows) == [2])
    #expect(calls([row(1, .generation, cost: "0"), row(2, under: 1, .generation, cost: "0")]) == [2])
  }

  @Test func aGenerationWithoutUsageIsNoFrameOfWhatItsToolsDo() {
    let stream = row(1, .generation), tool = row(2, under: 1, .tool), inner = row(3, under: 2, .generation, (9, 1))
    #expect(calls([stream, tool, inner]) == [1, 3])
    #expect(
      calls([row(1, .generation, model: "gpt-4o"), row(2, under: 1, .generation, (9, 1), model: "claude-x")]) == [1, 2])
  }

  @Test func anUnmeteredSpanRightInsideAMeteredCallIsThatCall() {
    let rows = [row(1, .generation, (120, 35)), row(2, under: 1, .generation)]
    #expect(calls(rows) == [1])
    #expect(shadows(rows) == [2: "1 ancestor"])
  }

  @Test func aCostOnAWrapperIsARepeatOfItsCallsCost() {
    let agent = row(1, .agent, cost: "0.03")
    #expect(calls([agent, row(2, under: 1, .generation, cost: "0.03")]) == [2])
    #expect(calls([agent, row(2, under: 1, .generation, (5, 5))]) == [2])
    #expect(calls([agent, row(2, under: 1, .generation)]) == [1, 2])
    #expect(calls([row(1, .tool, cost: "0.01"), row(2, under: 1, .generation, (5, 5))]) == [1, 2])
  }

  @Test func invokeAgentRepeatsTheStepsItAddsUp() {
    let steps = (2...4).map { row($0, under: 1, .generation, (4808 + ($0 == 2 ? 2 : 0), 257), "ai", model: "m") }
    let rows = [row(1, .agent, (14_426, 771), "ai", model: "m", cost: "0.09526")] + steps
    #expect(calls(rows) == [2, 3, 4])
    #expect(shadows(rows) == [1: "2 descendant"])
  }

  @Test func wrappersOfWrappersAllStandForTheCall() {
    let rows = [
      row(1, .agent, (10, 4)), row(2, under: 1, .chain), row(3, under: 2, .chain, (10, 4)), row(4, under: 3, .span),
      row(5, under: 4, .generation, (10, 4), model: "m"),
    ]
    for order in permutations(rows) {
      #expect(shadows(order) == [1: "5 descendant", 3: "5 descendant"])
    }
  }

  @Test func aFrameworkAddsUpItsOwnStepsWithoutWhatTheirToolsDid() {
    let rows = [
      row(1, .generation, (30, 9)), row(2, under: 1, .generation, (10, 4)), row(3, under: 1, .generation, (20, 5)),
      row(4, under: 1, .tool), row(5, under: 4, .generation, (500, 90)),
    ]
    #expect(calls(rows) == [2, 3, 5])
  }

  @Test func anInnerSpanWithoutAModelLeavesTheCallToTheOneThatHasIt() {
    let rows = [row(1, .generation, (10, 4), model: "m"), row(2, under: 1, .generation, (10, 4))]
    #expect(calls(rows) == [1])
    #expect(shadows(rows) == [2: "1 ancestor"])
    let wrapped = [row(9, .agent, (10, 4)), rows[0].with { $0.facts.parent = ObservationID(9) }, rows[1]]
    #expect(calls(wrapped) == [1])
  }

  @Test func aWrapperWhoseCallCountsOnAnotherBranchIsARepeatToo() {
    let rows = [
      row(1, .span), row(2, under: 1, .agent, (10, 4)), row(3, under: 2, .generation, (10, 4), response: "r"),
      row(4, under: 1, .span), row(5, under: 4, .span),
      row(6, under: 5, .generation, (10, 4), Self.native, response: "r"),
    ]
    #expect(calls(rows) == [6])
    let two = rows + [row(7, under: 2, .generation, (20, 5))]
    #expect(calls(two.map { $0.facts.id.rawValue == 2 ? row(2, under: 1, .agent, (30, 9)) : $0 }) == [6, 7])
  }

  @Test func aDeploymentsOwnNameDoesNotSplitAFrameFromItsCall() {
    let frame = row(1, .generation).with { $0.facts.requestModel = "my-deployment" }
    let call = row(2, under: 1, .generation, (9, 1), model: "gpt-4o-2024-08-06").with {
      $0.facts.requestModel = "my-deployment"
    }
    #expect(calls([frame, call]) == [2])
  }

  @Test func anUnmeteredSpanBelowAPlainStepIsThatCallToo() {
    let rows = [row(1, .generation, (120, 35)), row(2, under: 1, .chain), row(3, under: 2, .generation)]
    #expect(calls(rows) == [1])
    #expect(calls([row(1, .generation, (120, 35)), row(2, under: 1, .tool), row(3, under: 2, .generation)]) == [1, 3])
  }

  @Test func ofSiblingsTheCallWithAModelStaysWhateverItsEmitter() {
    let call = row(2, .generation, (9, 1), "langchain", model: "m")
    #expect(calls([row(1, .agent, (9, 1), Self.native, model: "m"), call]) == [2])
    #expect(calls([row(1, .generation, (9, 1), Self.native), call]) == [2])
  }

  // MARK: - Response ids

  @Test func rowsOfOneProviderResponseCountOnce() {
    let rows = [
      row(1, .generation, (124, 35), Self.instrumented, at: 0...100, response: "msg_1"),
      row(2, .generation, (124, 36), Self.native, at: 300...400, response: "msg_1"),
      row(3, .generation, (124, 35), Self.native, at: 500...600, response: "msg_2"),
    ]
    #expect(calls(rows) == [2, 3])
    #expect(shadows(rows) == [1: "2 responseID"])
  }

  @Test func ofOneResponseTheMeteredAndTheCountedRowStays() {
    let estimated = row(1, .generation, (46, 28), Self.native, response: "r").with {
      $0.facts.usage?.flags = .estimatedBySender
    }
    let real = row(2, .generation, (120, 35), "app", response: "r"), bare = row(3, .generation, nil, response: "r")
    #expect(calls([estimated, real, bare]) == [2])
  }

  // MARK: - Siblings

  @Test func siblingsOfDifferentScopesPairOneToOne() {
    var rows = [row(1, .span)]
    for i in 0..<3 {
      let from = Int64(i) * 1000
      rows.append(row(UInt64(10 + i), under: 1, .generation, (124, 36), Self.instrumented, at: from...from + 500))
      rows.append(row(UInt64(20 + i), under: 1, .generation, (124, 35), Self.native, at: from + 5...from + 495))
    }
    #expect(calls(rows) == [20, 21, 22])
    #expect(shadows(rows) == [10: "20 sibling", 11: "21 sibling", 12: "22 sibling"])
  }

  @Test func threeEqualRealCallsUnderOneParentStayThree() {
    let rows = [row(1, .span)] + (2...4).map { row($0, under: 1, .generation, (120, 35), at: 0...100) }
    #expect(calls(rows) == [2, 3, 4])
  }

  @Test func concurrentTwinsPairByGreatestOverlap() {
    let rows = [
      row(1, .generation, (9, 1), "a", at: 0...100), row(2, .generation, (9, 1), "b", at: 1...99),
      row(3, .generation, (9, 1), "a", at: 50...200), row(4, .generation, (9, 1), "b", at: 51...199),
    ]
    #expect(shadows(rows) == [2: "1 sibling", 4: "3 sibling"])
  }

  @Test func theGreaterOverlapWinsOverTheEarlierStart() {
    let rows = [
      row(1, .generation, (9, 1), "a", at: 0...100), row(2, .generation, (9, 1), "b", at: 5...15),
      row(3, .generation, (9, 1), "b", at: 6...99), row(4, .generation, (9, 1), "a", at: 7...14),
    ]
    #expect(shadows(rows) == [3: "1 sibling", 4: "2 sibling"])
  }

  @Test func anotherCallOfTheSameScopeIsNotTakenForASecondTwin() {
    let rows = [
      row(1, .generation, (9, 1), Self.native, at: 0...100), row(2, .generation, (9, 1), "b", at: 0...100),
      row(3, .generation, (9, 1), "b", at: 10...90),
    ]
    #expect(calls(rows) == [1, 3])
  }

  @Test func threeEmittersOfOneCallCountOnce() {
    let rows = [
      row(1, .generation, (9, 1), "langfuse-sdk"), row(2, .generation, (9, 2), Self.native),
      row(3, .generation, (9, 1), Self.instrumented),
    ]
    #expect(calls(rows) == [2])
  }

  @Test func siblingsThatDifferInAnythingThatMattersAreTwoCalls() {
    let one = row(1, .generation, (124, 35), Self.native, at: 0...100, model: "claude-sonnet-4-5")
    let others = [
      row(2, .generation, (125, 35), "x", at: 0...100), row(2, .generation, (124, 38), "x", at: 0...100),
      row(2, .generation, (124, 35), "x", at: 101...200), row(2, under: 7, .generation, (124, 35), "x", at: 0...100),
      row(2, .embedding, (124, 35), "x", at: 0...100),
      row(2, .generation, (124, 35), "x", at: 0...100, model: "gpt-4o"),
    ]
    for other in others { #expect(calls([one, other]) == [1, 2]) }
    #expect(calls([one, row(2, .generation, (124, 37), "x", at: 0...100)]) == [1])
  }

  @Test func theSmallerIdStaysAmongEqualEmitters() {
    #expect(calls([row(7, .generation, (9, 1), "mine"), row(3, .generation, (9, 1), "yours")]) == [3])
  }

  @Test func siblingsWithoutUsagePairOnlyBesideAProvidersOwnSDK() {
    func bare(_ id: UInt64, _ usage: (Int64, Int64)?, _ scope: String, _ time: ClosedRange<Int64>, _ model: String?)
      -> Observation
    {
      row(id, .generation, usage, scope, at: time, model: model)
    }
    func pair(_ scope: String, _ model: String?, _ time: ClosedRange<Int64>) -> [UInt64] {
      calls([bare(1, nil, Self.native, 10...100, "claude-x"), bare(2, nil, scope, time, model)])
    }
    #expect(pair(Self.instrumented, "claude-x", 0...101) == [1])
    #expect(pair(Self.instrumented, "claude-y", 0...101) == [1, 2])
    #expect(pair(Self.instrumented, nil, 0...101) == [1, 2])
    #expect(pair(Self.instrumented, "claude-x", 50...140) == [1, 2])
    #expect(pair(Self.native, "claude-x", 0...101) == [1, 2])
    #expect(calls([bare(1, nil, "a", 0...9, "m"), bare(2, nil, "b", 0...9, "m")]) == [1, 2])
    #expect(calls([bare(1, nil, Self.native, 0...9, "m"), bare(2, (5, 1), "b", 0...9, "m")]) == [2])
  }

  @Test func aWrapperPairsForTheCallThatItRepeats() {
    let rows = [
      row(1, .generation, (9, 1), "langfuse-sdk", at: 0...100),
      row(2, under: 1, .generation, (9, 1), "openlit", at: 5...95),
      row(3, .generation, (9, 1), Self.native, at: 4...96),
    ]
    #expect(calls(rows) == [3])
    #expect(shadows(rows) == [1: "3 descendant", 2: "3 sibling"])
  }

  @Test func twinsBelowAnAgentExplainItOnce() {
    let rows = [
      row(1, .agent, (18, 2)), row(2, under: 1, .generation, (9, 1), Self.native, at: 0...10),
      row(3, under: 1, .generation, (9, 1), "x", at: 0...10),
      row(4, under: 1, .generation, (9, 1), Self.native, at: 20...30),
      row(5, under: 1, .generation, (9, 1), "x", at: 20...30),
    ]
    #expect(calls(rows) == [2, 4])
  }

  @Test func aGenerationThatSumsTwoCallsSeenTwiceIsShadowed() {
    let steps = [0, 20].flatMap { (from: Int64) -> [Observation] in
      let id = UInt64(from)
      return [
        row(id + 2, under: 1, .generation, (9, 1), Self.native, at: from...from + 10),
        row(id + 3, under: 1, .generation, (9, 1), "x", at: from...from + 10),
      ]
    }
    #expect(calls([row(1, .generation, (18, 2))] + steps) == [2, 22])
  }
}
