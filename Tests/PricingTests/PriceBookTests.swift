import Domain
import Testing

@testable import Pricing

@Suite struct PriceBookTests {
  private let usage: Usage = [.input: 1000, .output: 1000]

  // MARK: Unpriced is not zero

  @Test func missingUsageIsUnpriced() throws {
    let outcome = try book().outcome(for: call("openai", "gpt-4o"))
    #expect(outcome.status == .unpriced)
    #expect(outcome.cost == nil)
    #expect(outcome.reason.hasPrefix("usage missing"))
  }

  @Test func usageOfZerosIsMissingUsage() throws {
    let outcome = try book().outcome(for: call("openai", "gpt-4o", Usage()))
    #expect(outcome.status == .unpriced)
    #expect(outcome.cost == nil)
  }

  @Test func unknownModelIsUnpricedWithItsName() throws {
    let decision = try book().decide(observation: call("openai", "gpt-99", usage))
    #expect(decision.outcome.status == .unpriced)
    #expect(decision.outcome.cost == nil)
    #expect(decision.outcome.computed == nil)
    #expect(decision.outcome.reason == "no price for model gpt-99 of openai")
    #expect(decision.model == "gpt-99")
    #expect(decision.provider == "openai")
  }

  @Test func noModelIsUnpriced() throws {
    let outcome = try book().outcome(for: call("openai", nil, usage))
    #expect(outcome.status == .unpriced)
    #expect(outcome.reason == "no model was sent")
  }

  @Test func modelListedWithoutAPriceIsUnpriced() throws {
    let outcome = try book().outcome(for: call("cerebras", "qwen-3-coder-480b", usage))
    #expect(outcome.status == .unpriced)
    #expect(outcome.cost == nil)
  }

  @Test func bucketWithoutPriceMakesItPartial() throws {
    let outcome = try book().outcome(for: call("openai", "gpt-4o", [.input: 1000, .cacheWrite1h: 10]))
    #expect(outcome.status == .partial)
    #expect(outcome.cost?.decimal == "0.0025")
    #expect(outcome.reason.contains("no price for cacheWrite1h"))
  }

  @Test func onlyUnpricedBucketsGiveNoCost() throws {
    let outcome = try book().outcome(for: call("openai", "text-embedding-3-small", [.output: 10]))
    #expect(outcome.status == .unpriced)
    #expect(outcome.cost == nil)
  }

  @Test func audioIsNotBilledAsText() throws {
    let outcome = try book().outcome(
      for: call("openai", "gpt-4o-audio-preview", [.input: 1000, .inputAudio: 500, .outputAudio: 100]))
    // 1,000 text at 2.5, 500 audio at 40, 100 audio at 80 USD a million.
    #expect(outcome.status == .priced)
    #expect(outcome.cost?.decimal == "0.0305")
  }

  @Test func speechModelsOutputIsAudio() throws {
    let outcome = try book().outcome(for: call("openai", "gpt-4o-mini-tts", [.input: 1000, .outputAudio: 1000]))
    #expect(outcome.status == .priced)
    #expect(outcome.cost?.decimal == "0.0126")
  }

  @Test func imagesAreBilledAsTextOnlyWhereNothingElseComesOut() throws {
    #expect(
      try book().outcome(for: call("openai", "gpt-image-1", [.input: 100, .outputImage: 1000])).cost?.decimal
        == "0.0405")
    #expect(
      try book().outcome(for: call("openai", "gpt-5-image", [.input: 100, .outputImage: 1000])).status == .partial)
  }

  @Test func cacheReadWithoutPriceCostsTheInputPriceAndIsSaid() throws {
    let explanation = try book().explain(call("openai", "gpt-4o-2024-05-13", [.cacheRead: 1000]))
    #expect(explanation.outcome.cost?.decimal == "0.005")
    #expect(explanation.lines.first?.note?.contains("full input price") == true)
  }

  @Test func countOfRequestsIsNoUnitOfSaleWithoutAPrice() throws {
    #expect(try book().outcome(for: call("openai", "gpt-4o", [.input: 1000, .requests: 1])).status == .priced)
    #expect(try book().outcome(for: call("openai", "gpt-4o", [.requests: 1])).cost == nil)
    #expect(
      try book().outcome(for: call("perplexity", "sonar", [.input: 100, .requests: 2])).cost?.decimal == "0.0241")
  }

  // MARK: Free

  @Test func callThatFailedBeforeOutputIsFree() throws {
    for model in ["gpt-4o", "gpt-99"] {
      let outcome = try book().outcome(for: call("openai", model) { $0.facts.level = .error })
      #expect(outcome.status == .free)
      #expect(outcome.cost == .zero)
      #expect(outcome.reason == "the call failed before any output; nothing was billed")
    }
  }

  @Test func callThatFailedInTheStreamIsUnpriced() throws {
    let outcome = try book().outcome(
      for: call("openai", "gpt-4o") {
        $0.facts.level = .error
        $0.facts.firstTokenAt = $0.startedAt
      })
    #expect(outcome.status == .unpriced)
    #expect(outcome.cost == nil)
  }

  @Test func failedCallWithUsageIsPriced() throws {
    let outcome = try book().outcome(for: call("openai", "gpt-4o", usage) { $0.facts.level = .error })
    #expect(outcome.status == .priced)
    #expect(outcome.cost?.decimal == "0.0125")
  }

  @Test func freeModelCostsNothing() throws {
    for (provider, model) in [("openrouter", "openai/gpt-oss-20b:free"), ("openai", "omni-moderation-latest")] {
      let outcome = try book().outcome(for: call(provider, model, usage))
      #expect(outcome.status == .free)
      #expect(outcome.cost == .zero)
    }
  }

  // MARK: Precedence

  @Test func plainSpanHasNoCost() throws {
    let outcome = try book().outcome(for: call("openai", "gpt-4o", usage) { $0.decision.isCall = false })
    #expect(outcome == .none)
  }

  @Test func shadowedKeepsWhatItWouldHaveCost() throws {
    let outcome = try book().outcome(
      for: call("openai", "gpt-4o", usage) {
        $0.decision.isCall = false
        $0.decision.shadowedBy = ObservationID(9)
        $0.facts.reportedCost = ReportedCost(amount: USD(pico: 5), source: .sender)
      })
    #expect(outcome.status == .shadowed)
    #expect(outcome.cost == nil)
    #expect(outcome.computed?.decimal == "0.0125")
  }

  @Test(arguments: [ReportedCost.Source.provider, .sender])
  func reportedCostWinsAndComputedIsKept(source: ReportedCost.Source) throws {
    let outcome = try book().outcome(
      for: call("openai", "gpt-4o", usage) {
        $0.facts.reportedCost = ReportedCost(amount: USD(pico: 7), source: source)
      })
    #expect(outcome.status == .reported)
    #expect(outcome.cost == USD(pico: 7))
    #expect(outcome.computed?.decimal == "0.0125")
    #expect(outcome.price == "openai/gpt-4o@always")
  }

  @Test func reportedCostStandsWithoutUsageOrPrice() throws {
    let outcome = try book().outcome(
      for: call("openai", "gpt-99") { $0.facts.reportedCost = ReportedCost(amount: USD(pico: 7), source: .provider) })
    #expect(outcome.status == .reported)
    #expect(outcome.computed == nil)
  }

  @Test func reportedZeroIsAZero() throws {
    let outcome = try book().outcome(
      for: call("openai", "gpt-4o") {
        $0.facts.level = .error
        $0.facts.reportedCost = ReportedCost(amount: .zero, source: .sender)
      })
    #expect(outcome.status == .reported)
    #expect(outcome.cost == .zero)
  }

  @Test func instrumentationsCostIsOnlyKept() throws {
    let observation = try call("openai", "gpt-4o", usage) {
      $0.facts.reportedCost = ReportedCost(amount: USD(pico: 7), source: .instrumentation)
    }
    let explanation = try book().explain(observation)
    #expect(explanation.outcome.status == .priced)
    #expect(explanation.outcome.cost?.decimal == "0.0125")
    #expect(explanation.reported?.amount == USD(pico: 7))
    let without = try call("openai", "gpt-4o") {
      $0.facts.reportedCost = ReportedCost(amount: USD(pico: 7), source: .instrumentation)
    }
    #expect(try book().outcome(for: without).status == .unpriced)
  }

  @Test(arguments: [USD(pico: -1), USD(pico: Int128(Int64.max) + 1)])
  func unbelievableReportIsNotUsed(amount: USD) throws {
    let outcome = try book().outcome(
      for: call("openai", "gpt-4o", usage) { $0.facts.reportedCost = ReportedCost(amount: amount, source: .sender) })
    #expect(outcome.status == .priced)
    #expect(outcome.cost?.decimal == "0.0125")
  }

  // MARK: Which model

  @Test func servedModelComesBeforeTheRequestedOne() throws {
    let decision = try book().decide(
      observation: call("openai", "gpt-4o", usage) { $0.facts.responseModel = "gpt-4o-mini-2024-07-18" })
    #expect(decision.model == "gpt-4o-mini")
    #expect(decision.outcome.cost?.decimal == "0.00075")
  }

  @Test func requestedModelStandsInForAnUnknownServedOne() throws {
    let explanation = try book().explain(call("openai", "gpt-4o", usage) { $0.facts.responseModel = "my-deployment" })
    #expect(explanation.model == "gpt-4o")
    #expect(
      explanation.sentences.first?.hasPrefix("No price for the served model my-deployment; by the requested one")
        == true)
  }

  @Test func providerIsTheOneThatServed() throws {
    #expect(try book().decide(observation: call("azure.ai.openai", "gpt-4o", usage)).provider == "azure")
    #expect(try book().decide(observation: call("my-gateway", "gpt-4o", usage)).provider == "my-gateway")
    #expect(try book().decide(observation: call(nil, "gpt-4o", usage)).provider == "openai")
  }

  // MARK: Numbers

  @Test(arguments: [Int64.max, Int64.max / 2, -1])
  func absurdCountsDoNotCrash(count: Int64) throws {
    let outcome = try book().outcome(
      for: call("google", "gemini-2.5-pro", [.input: count, .cacheRead: count, .output: count]))
    #expect(outcome.status == .unpriced)
    #expect(outcome.cost == nil)
    #expect(outcome.reason == "the token counts are not believable")
  }

  @Test func linesAddUpToTheCost() throws {
    let explanation = try book().explain(
      call(
        "anthropic", "claude-sonnet-4-5",
        [.input: 7, .cacheRead: 11, .cacheWrite: 13, .output: 17, .reasoning: 19, .searches: 3]))
    #expect(explanation.lines.count == 6)
    #expect(explanation.lines.compactMap(\.amount).reduce(.zero, +) == explanation.outcome.cost)
    #expect(explanation.price?.rule == "id claude-sonnet-4-5")
    #expect(explanation.price?.urls.isEmpty == false)
    #expect(explanation.price?.tierOver == nil)
    #expect(explanation.lines.first?.unitPrice == "3")
    #expect(explanation.lines.first?.unit == "million tokens")
  }

  @Test func tierIsNamed() throws {
    let explanation = try book().explain(call("google", "gemini-2.5-pro", [.input: 200_001]))
    #expect(explanation.price?.tierOver == 200_000)
    #expect(explanation.outcome.reason == "priced by google/gemini-2.5-pro@always, over 200000 prompt tokens")
    #expect(explanation.outcome.revision == (try book().revision))
  }
}
