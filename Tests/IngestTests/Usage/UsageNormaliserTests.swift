import Domain
import Ingest
import Testing
import Wire

@Suite struct UsageNormaliserTests {
  private func langfuse(_ text: String) throws -> UsageReport? {
    UsageNormaliser.langfuse(details: try JSON.parse(text), legacy: nil)
  }

  private func sent(_ fill: (inout SentUsage) -> Void) -> SentUsage {
    var sent = SentUsage()
    fill(&sent)
    return sent
  }

  @Test func sameAnthropicCallReadsAlikeFromEveryEmitter() {
    let truth: Usage = .init([.input: 3, .cacheRead: 13_216, .cacheWrite: 25, .output: 12])
    let exclusive = sent { ($0.input, $0.output, $0.cacheRead, $0.cacheWrite) = (3, 12, 13_216, 25) }
    let inclusive = sent { ($0.input, $0.output, $0.cacheRead, $0.cacheWrite) = (13_244, 12, 13_216, 25) }
    let openLIT = UsageNormaliser.normalise(exclusive, emitter: Emitter(.openLIT, library: "anthropic"))
    #expect(openLIT?.usage == truth && openLIT?.rule == "openlit-anthropic-exclusive")
    for family in [Emitter.Family.openLLMetry, .openInference, .openTelemetry] {
      let report = UsageNormaliser.normalise(inclusive, emitter: Emitter(family, library: "anthropic"))
      #expect(report?.usage == truth && report?.flags == [])
    }
  }

  @Test func totalProvesExclusiveCounts() {
    let counts = sent { ($0.input, $0.output, $0.total, $0.cacheRead, $0.cacheWrite) = (3, 442, 8712, 7917, 350) }
    let report = UsageNormaliser.normalise(counts, emitter: Emitter(.openInference, library: "langchain"))
    #expect(report?.usage == Usage([.input: 3, .cacheRead: 7917, .cacheWrite: 350, .output: 442]))
    #expect(report?.flags == [] && report?.rule == "openinference-inclusive:exclusive-by-total")
  }

  @Test func unexplainedTokensAreFlaggedAndNotBilled() {
    let counts = sent { ($0.input, $0.output, $0.total) = (4299, 631, 58_291) }
    let report = UsageNormaliser.normalise(counts, emitter: Emitter(.unknown))
    #expect(report?.usage == Usage([.input: 4299, .output: 631]))
    #expect(report?.flags == .unexplained)
  }

  @Test func inputSmallerThanItsCacheIsExclusive() {
    let counts = sent { ($0.input, $0.output, $0.cacheRead) = (10, 5, 90) }
    #expect(
      UsageNormaliser.normalise(counts, emitter: Emitter(.unknown))?.usage
        == Usage([.input: 10, .cacheRead: 90, .output: 5]))
  }

  @Test func totalOfInputAndOutputProvesNothingForOpenLIT() {
    let counts = sent { ($0.input, $0.output, $0.total, $0.cacheRead, $0.cacheWrite) = (100, 35, 135, 64, 20) }
    let openLIT = UsageNormaliser.normalise(counts, emitter: Emitter(.openLIT, library: "anthropic"))
    #expect(
      openLIT?.usage == Usage([.input: 100, .cacheRead: 64, .cacheWrite: 20, .output: 35]) && openLIT?.flags == [])
    let other = UsageNormaliser.normalise(counts, emitter: Emitter(.openLIT, library: "litellm"))
    #expect(other?.usage == Usage([.input: 16, .cacheRead: 64, .cacheWrite: 20, .output: 35]))
  }

  @Test func contradictionIsFlagged() {
    let counts = sent { ($0.input, $0.output, $0.total) = (100, 50, 120) }
    #expect(UsageNormaliser.normalise(counts, emitter: Emitter(.unknown))?.flags == .contradiction)
  }

  @Test func partLargerThanItsWholeLeavesZeroAndAFlag() {
    let counts = sent { ($0.input, $0.output, $0.outputAudio) = (10, 5, 9) }
    let report = UsageNormaliser.normalise(counts, emitter: Emitter(.unknown))
    #expect(report?.usage == Usage([.input: 10, .outputAudio: 9]) && report?.flags == .negativeRemainder)
  }

  @Test func moreReasoningThanOutputStandsBesideItAndIsFlagged() {
    let counts = sent { ($0.input, $0.output, $0.reasoning) = (10, 5, 9) }
    let report = UsageNormaliser.normalise(counts, emitter: Emitter(.unknown))
    #expect(report?.usage == Usage([.input: 10, .output: 5, .reasoning: 9]) && report?.flags == .negativeRemainder)
    #expect(report?.rule == "otel-inclusive:reasoning-beside-by-size")
  }

  @Test func outputThatRepeatsTheTotalIsReduced() {
    let counts = sent { ($0.input, $0.output, $0.total) = (361, 414, 414) }
    #expect(
      UsageNormaliser.normalise(counts, emitter: Emitter(.googleADK))?.usage == Usage([.input: 361, .output: 53]))
  }

  @Test func audioAndHourlyCacheAreTheirOwnBuckets() {
    let counts = sent {
      ($0.input, $0.output, $0.inputAudio, $0.outputAudio) = (100, 50, 30, 20)
      ($0.cacheRead, $0.cacheReadAudio, $0.cacheWrite, $0.cacheWrite5m, $0.cacheWrite1h) = (20, 5, 10, 4, 6)
    }
    let usage = UsageNormaliser.normalise(counts, emitter: Emitter(.openTelemetry))?.usage
    #expect(
      usage
        == Usage([
          .input: 45, .cacheRead: 15, .cacheReadAudio: 5, .cacheWrite: 4, .cacheWrite1h: 6, .inputAudio: 25,
          .output: 30,
          .outputAudio: 20,
        ]))
    #expect(usage?.totalTokens == 150)
  }

  @Test func langfuseMapOfOpenAIKeysIsInclusive() throws {
    let chat = try langfuse(
      #"{"prompt_tokens":120,"completion_tokens":35,"total_tokens":155,"prompt_tokens_details":{"cached_tokens":64,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":8}}"#
    )
    #expect(
      chat?.usage == Usage([.input: 56, .cacheRead: 64, .output: 27, .reasoning: 8]) && chat?.rule == "openai-inclusive"
    )
    let responses = try langfuse(
      #"{"input_tokens":120,"input_tokens_details":{"cached_tokens":64},"output_tokens":35,"output_tokens_details":{"reasoning_tokens":8},"total_tokens":155}"#
    )
    #expect(responses?.usage == chat?.usage)
    #expect(
      try langfuse(#"{"prompt_tokens":120,"completion_tokens":35,"cost":0.1}"#)?.usage
        == Usage([.input: 120, .output: 35]))
  }

  @Test func langfuseOwnMapAddsUp() throws {
    let map = try langfuse(
      #"{"input":56,"output":27,"total":155,"input_audio":0,"input_cache_read":64,"output_audio":0,"output_reasoning":8}"#
    )
    #expect(map?.usage == Usage([.input: 56, .cacheRead: 64, .output: 27, .reasoning: 8]) && map?.flags == [])
    let manual = try langfuse(#"{"input":100,"output":20,"cache_read_input_tokens":40}"#)
    #expect(manual?.usage == Usage([.input: 100, .cacheRead: 40, .output: 20]))
    #expect(
      try langfuse(#"{"input":"7","output":2.5,"input_cache_creation_1h":4}"#)?.usage
        == Usage([.input: 7, .cacheWrite1h: 4]))
  }

  @Test func liteLLMTotalShowsThatInputHoldsTheWrites() throws {
    let report = try langfuse(
      #"{"input":60,"output":35,"total":159,"cache_creation_input_tokens":20,"cache_read_input_tokens":64}"#)
    #expect(report?.usage == Usage([.input: 40, .cacheRead: 64, .cacheWrite: 20, .output: 35]) && report?.flags == [])
  }

  @Test func providersOwnShapesKeepTheirMeaning() throws {
    let anthropic = try langfuse(
      #"{"input_tokens":40,"output_tokens":35,"cache_read_input_tokens":64,"cache_creation_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":15}}"#
    )
    #expect(anthropic?.usage == Usage([.input: 40, .cacheRead: 64, .cacheWrite: 5, .cacheWrite1h: 15, .output: 35]))
    let gemini = try langfuse(
      #"{"promptTokenCount":100,"candidatesTokenCount":20,"thoughtsTokenCount":30,"cachedContentTokenCount":60,"totalTokenCount":150}"#
    )
    #expect(gemini?.usage == Usage([.input: 40, .cacheRead: 60, .output: 20, .reasoning: 30]) && gemini?.flags == [])
    let bedrock = try langfuse(#"{"inputTokens":3,"outputTokens":12,"cacheReadInputTokens":100,"totalTokens":115}"#)
    #expect(bedrock?.usage == Usage([.input: 3, .cacheRead: 100, .output: 12]) && bedrock?.flags == [])
  }

  @Test func olderUsageKeepsItsUnit() throws {
    let legacy = { (text: String) in UsageNormaliser.langfuse(details: nil, legacy: try JSON.parse(text)) }
    #expect(
      try legacy(#"{"input":11,"output":22,"total":33,"unit":"TOKENS"}"#)?.usage == Usage([.input: 11, .output: 22]))
    #expect(
      try legacy(#"{"promptTokens":1,"completionTokens":2,"totalTokens":3}"#)?.usage == Usage([.input: 1, .output: 2]))
    #expect(try legacy(#"{"input":100,"output":50,"unit":"CHARACTERS"}"#)?.usage == Usage([.characters: 150]))
    #expect(try legacy(#"{"total":3,"unit":"SECONDS"}"#)?.usage == Usage([.milliseconds: 3000]))
  }

  @Test func detailsWinOverOlderUsage() throws {
    let report = UsageNormaliser.langfuse(details: ["input": 5], legacy: ["input": 9, "unit": "TOKENS"])
    #expect(report?.usage == Usage([.input: 5]))
    #expect(
      UsageNormaliser.langfuse(details: JSONValue.object(JSONObject()), legacy: ["input": 9])?.usage
        == Usage([.input: 9]))
    #expect(UsageNormaliser.langfuse(details: nil, legacy: ["unit": "TOKENS"]) == nil)
    #expect(UsageNormaliser.langfuse(details: .null, legacy: .string("x")) == nil)
  }

  @Test func zeroIsToldApartFromNothing() throws {
    let zero = try langfuse(#"{"input":0,"output":0,"total":0}"#)
    #expect(zero != nil && zero?.usage.isEmpty == true && zero?.flags == [])
  }

  @Test func absurdCountsAreNoCounts() throws {
    #expect(try langfuse(#"{"input":9223372036854775807,"output":-4}"#)?.usage.isEmpty == true)
    #expect(try langfuse(#"{"input":1e300,"output":7}"#)?.usage == Usage([.output: 7]))
  }

  @Test func rawObjectIsKeptUpToTwoKilobytes() throws {
    #expect(try langfuse(#"{"input": 5, "odd": [1]}"#)?.raw == #"{"input":5,"odd":[1]}"#)
    let filler = String(repeating: "x", count: 3000)
    #expect(try langfuse(#"{"input":5,"filler":"\#(filler)"}"#)?.raw == #"{"input":5}"#)
  }
}
