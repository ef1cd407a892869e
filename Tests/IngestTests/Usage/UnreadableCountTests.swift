import Domain
import Ingest
import Testing
import Wire

/// A count that was sent but is no whole number from 0 to 10¹² is told apart from one that was not sent.
@Suite struct UnreadableCountTests {
  static let bad: [AnyValue] = [
    .int(-5), .double(1.5), .string("abc"), .int(1_000_000_000_001), .int(1_000_000_000_000_000), .int(.max),
    .bool(true), .double(.nan), .array([.int(1)]),
  ]

  @Test(arguments: bad) func spansCountIsFlaggedAndShown(value: AnyValue) throws {
    for key in ["gen_ai.usage.input_tokens", "llm.token_count.prompt", "ai.usage.inputTokens"] {
      let output = key == "llm.token_count.prompt" ? "llm.token_count.completion" : "gen_ai.usage.output_tokens"
      let usage = try #require(Spans.facts([Attribute(key, value), Attribute(output, 10)]).usage)
      #expect(usage.usage == Usage([.output: 10]), "\(key)")
      #expect(usage.flags.contains(.unreadable), "\(key)")
      #expect(try JSON.parse(usage.raw)[key] == value.jsonValue, "\(key)")
    }
  }

  @Test(arguments: bad) func spanWithNothingReadableStillSaysThatUsageCame(value: AnyValue) throws {
    let facts = Spans.facts([Attribute("gen_ai.usage.input_tokens", value)])
    #expect(facts.kind == .generation)
    #expect(facts.usage?.usage.isEmpty == true && facts.usage?.flags == .unreadable)
  }

  @Test(arguments: [
    "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.total_tokens",
    "llm.token_count.prompt_details.audio",
  ]) func everyKnownKeyIsWatched(key: String) throws {
    let facts = Spans.facts([
      Attribute("gen_ai.usage.input_tokens", 100), Attribute("gen_ai.usage.output_tokens", 10), Attribute(key, "abc"),
    ])
    #expect(facts.usage?.usage == Usage([.input: 100, .output: 10]))
    #expect(facts.usage?.flags == .unreadable)
  }

  @Test func readableCountsAreNotFlagged() throws {
    let texts: [AnyValue] = [.int(0), .string("7"), .double(7), .int(1_000_000_000_000), .string("")]
    for value in texts {
      let facts = Spans.facts([
        Attribute("gen_ai.usage.input_tokens", value), Attribute("gen_ai.usage.output_tokens", 10),
        Attribute("gen_ai.usage.somebodys_own", "abc"),
      ])
      #expect(facts.usage?.flags == [], "\(value)")
    }
  }

  // MARK: Langfuse

  @Test(arguments: [
    #"{"input":"abc","output":10}"#, #"{"input":-5,"output":10}"#, #"{"input":1.5,"output":10}"#,
    #"{"input":1000000000000001,"output":10}"#, #"{"input":true,"output":10}"#, #"{"input":[1],"output":10}"#,
    #"{"input_tokens":"abc","output":10,"output_tokens":10}"#, #"{"prompt_tokens":1.5,"completion_tokens":10}"#,
    #"{"prompt_tokens":-1,"completion_tokens":10,"total_tokens":10}"#,
    #"{"output":10,"input_cache_read":"abc"}"#, #"{"output":10,"requests":0.5}"#,
    #"{"promptTokenCount":"abc","candidatesTokenCount":10}"#, #"{"inputTokens":"abc","outputTokens":10}"#,
    #"{"promptTokens":"abc","completionTokens":10}"#,
    #"{"prompt_tokens":0,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":"abc"}}"#,
    #"{"input_tokens":0,"output_tokens":10,"cache_creation_input_tokens":"abc"}"#,
  ]) func langfuseCountIsFlaggedAndShown(text: String) throws {
    let sent = try JSON.parse(text)
    for report in [
      UsageNormaliser.langfuse(details: sent, legacy: nil), UsageNormaliser.langfuse(details: nil, legacy: sent),
    ] {
      #expect(report?.usage == Usage([.output: 10]))
      #expect(report?.flags.contains(.unreadable) == true)
      #expect(report?.raw == text)
    }
  }

  @Test func legacyUnitsCountIsFlagged() throws {
    let report = UsageNormaliser.langfuse(details: nil, legacy: ["input": "x", "output": 3, "unit": "CHARACTERS"])
    #expect(report?.usage == Usage([.characters: 3]) && report?.flags == .unreadable)
  }

  @Test func mapWithNothingReadableStillSaysThatUsageCame() throws {
    let report = UsageNormaliser.langfuse(details: ["input": "abc"], legacy: nil)
    #expect(report?.usage.isEmpty == true && report?.flags == .unreadable)
    #expect(report?.raw == #"{"input":"abc"}"#)
  }

  @Test func detailsWinOverOlderUsageEvenWhenUnreadable() throws {
    let report = UsageNormaliser.langfuse(details: ["input": "abc"], legacy: ["input": 9, "unit": "TOKENS"])
    #expect(report?.usage.isEmpty == true && report?.flags == .unreadable)
  }

  @Test func lifetimesInAMapAreRead() throws {
    let text = #"{"input":5,"output":10,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4}}"#
    let report = UsageNormaliser.langfuse(details: try JSON.parse(text), legacy: nil)
    #expect(report?.usage == Usage([.input: 5, .cacheWrite: 3, .cacheWrite1h: 4, .output: 10]))
    #expect(report?.flags == [])
  }

  @Test func foreignKeysAndNullAreNoCounts() throws {
    for text in [
      #"{"input":5,"output":10,"cost":0.1,"speed":1.5,"tier":"default"}"#, #"{"input":5,"output":10,"total":null}"#,
    ] {
      #expect(UsageNormaliser.langfuse(details: try JSON.parse(text), legacy: nil)?.flags == [])
    }
    #expect(UsageNormaliser.langfuse(details: ["input": .null, "cost": "1.5"], legacy: nil) == nil)
  }

  @Test func longObjectIsCutToWhatWasReadAndWhatWasNot() throws {
    let filler = String(repeating: "x", count: 3000)
    let report = UsageNormaliser.langfuse(
      details: ["input": "abc", "output": 10, "filler": .string(filler)], legacy: nil)
    #expect(report?.raw == #"{"output":10,"unreadable":{"input":"abc"}}"#)
  }

  @Test func unparsableUsageDetailsStayAnAttribute() throws {
    let facts = Spans.facts([Attribute("langfuse.observation.usage_details", #"{"input": 12"#)])
    #expect(facts.usage == nil)
    #expect(facts.left("langfuse.observation.usage_details") == .string(#"{"input": 12"#))
  }
}
