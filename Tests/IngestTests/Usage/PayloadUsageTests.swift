import Domain
import Ingest
import Testing
import Wire

/// Usage that only a provider's answer tells.
@Suite struct PayloadUsageTests {
  private func facts(_ key: String, _ text: String, _ more: [Attribute] = [], model: String = "gpt-4o") -> ObservationFacts {
    Spans.facts(
      [Attribute("gen_ai.operation.name", "chat"), Attribute("gen_ai.request.model", model), Attribute(key, text)] + more)
  }

  static let answer = """
    {"id":"c1","object":"chat.completion","model":"gpt-4o","service_tier":"flex","choices":[{"message":{"role":"assistant",\
    "content":"hi"}}],"usage":{"prompt_tokens":120,"completion_tokens":35,"total_tokens":155,"prompt_tokens_details":\
    {"cached_tokens":64}}}
    """
  static let expected = Usage([.input: 56, .cacheRead: 64, .output: 35])

  @Test(arguments: [
    "llm.response", "gen_ai.response", "output.value", "langfuse.observation.output", "raw_response",
    "traceloop.entity.output", "gen_ai.completion", "response", "gen_ai.response.body",
  ]) func answerInAnAttributeTellsUsage(_ key: String) {
    let facts = facts(key, Self.answer)
    #expect(facts.usage?.usage == Self.expected && facts.usage?.flags == [])
    #expect(facts.serviceTier == "flex")
  }

  @Test(arguments: [
    #"{"response":ANSWER}"#, #"{"raw":ANSWER,"text":"x"}"#, "[ANSWER]", #"{"llm_output":{"token_usage":USAGE}}"#,
    #"{"response_metadata":{"token_usage":USAGE}}"#, #"{"generations":[[{"message":{"kwargs":{"usage":USAGE}}}]]}"#,
    #"{"message":{"usage":USAGE}}"#, "USAGE", #"{"result":{"usage":USAGE}}"#,
  ]) func wrappersAreOpened(_ text: String) {
    let usage = #"{"prompt_tokens":120,"completion_tokens":35,"total_tokens":155,"prompt_tokens_details":{"cached_tokens":64}}"#
    let document = replacing("USAGE", by: usage, in: replacing("ANSWER", by: Self.answer, in: text))
    #expect(facts("output.value", document).usage?.usage == Self.expected, "\(text)")
  }

  @Test func structuredUsageAttributeIsRead() {
    let usage = AnyValue.map([Attribute("input_tokens", 10), Attribute("output_tokens", 4)])
    let facts = Spans.facts([Attribute("gen_ai.request.model", "m"), Attribute("gen_ai.usage", usage)])
    #expect(facts.usage?.usage == Usage([.input: 10, .output: 4]))
    #expect(self.facts("message.usage", #"{"input_tokens":10,"output_tokens":4}"#).usage?.usage == facts.usage?.usage)
  }

  @Test func attributesCountsWin() {
    let facts = facts("output.value", Self.answer, [Attribute("gen_ai.usage.input_tokens", 7)])
    #expect(facts.usage?.usage == Usage([.input: 7]))
  }

  @Test func zeroCountsGiveWayToAnAnswersOwn() {
    let zeros = [Attribute("gen_ai.usage.input_tokens", 0), Attribute("gen_ai.usage.output_tokens", 0)]
    #expect(facts("output.value", Self.answer, zeros).usage?.usage == Self.expected)
    #expect(facts("output.value", "plain text", zeros).usage?.usage.isEmpty == true)
  }

  @Test func agentsAndChainsAnswersAreNotCalls() {
    for operation in ["invoke_agent", "invoke_workflow"] {
      let facts = Spans.facts([Attribute("gen_ai.operation.name", operation), Attribute("output.value", Self.answer)])
      #expect(facts.usage == nil)
    }
  }

  // MARK: Streams

  @Test func lastChunkOfAStreamTellsUsage() {
    let chunks = """
      [{"object":"chat.completion.chunk","choices":[{"delta":{"content":"a"}}],"usage":null},\
      {"object":"chat.completion.chunk","choices":[{"delta":{"content":"b"}}]},\
      {"object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}]
      """
    #expect(facts("output.value", chunks).usage?.usage == Usage([.input: 9, .output: 2]))
  }

  @Test func anthropicsStreamTellsInputFirstAndOutputLast() {
    let chunks = """
      [{"type":"message_start","message":{"usage":{"input_tokens":25,"cache_read_input_tokens":100,\
      "cache_creation_input_tokens":0,"output_tokens":1}}},{"type":"content_block_delta","delta":{"text":"a"}},\
      {"type":"message_delta","usage":{"output_tokens":15}},{"type":"message_stop"}]
      """
    #expect(
      facts("output.value", chunks, model: "claude-sonnet-4-5").usage?.usage
        == Usage([.input: 25, .cacheRead: 100, .output: 15]))
  }

  @Test func geminisStreamAndBedrocksAreRead() {
    let gemini = """
      [{"candidates":[{}],"usageMetadata":{"promptTokenCount":8,"totalTokenCount":8}},{"candidates":[{}],"usageMetadata":\
      {"promptTokenCount":8,"candidatesTokenCount":5,"thoughtsTokenCount":3,"totalTokenCount":16}}]
      """
    #expect(
      facts("output.value", gemini, model: "gemini-2.5-pro").usage?.usage
        == Usage([.input: 8, .output: 5, .reasoning: 3]))
    let bedrock = """
      [{"messageStart":{"role":"assistant"}},{"contentBlockDelta":{"delta":{"text":"a"}}},{"messageStop":{}},\
      {"metadata":{"usage":{"inputTokens":3,"outputTokens":12,"totalTokens":13231,"cacheReadInputTokens":13216}}}]
      """
    #expect(
      facts("output.value", bedrock).usage?.usage == Usage([.input: 3, .cacheRead: 13_216, .output: 12]))
  }

  /// sglang#3743: unknown, not zero.
  @Test func streamThatEndsInZerosHasNoUsage() {
    let chunks = """
      [{"object":"chat.completion.chunk","choices":[{"delta":{"content":"a"}}],"usage":null},\
      {"object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}]
      """
    #expect(facts("output.value", chunks).usage?.usage.isEmpty == true)
    #expect(facts("output.value", #"[{"object":"chat.completion.chunk","choices":[{"delta":{}}]}]"#).usage == nil)
  }

  @Test func listOfMessagesIsNotOneCall() {
    let messages = """
      [{"type":"ai","usage_metadata":{"input_tokens":1,"output_tokens":2,"total_tokens":3}},\
      {"type":"ai","usage":{"input_tokens":10,"output_tokens":20}}]
      """
    #expect(facts("langfuse.observation.output", #"{"messages":\#(messages)}"#).usage == nil)
  }

  // MARK: Providers

  @Test(arguments: [
    (#"{"model":"llama3","done":true,"prompt_eval_count":26,"eval_count":290}"#, Usage([.input: 26, .output: 290])),
    (#"{"pages":[{}],"usage_info":{"pages_processed":3,"doc_size_bytes":9}}"#, Usage([.pages: 3])),
    (#"{"text":"hi","usage":{"type":"duration","seconds":12}}"#, Usage([.milliseconds: 12_000])),
    (#"{"task":"transcribe","duration":8.47,"text":"hi"}"#, Usage([.milliseconds: 8470])),
    (
      #"{"text":"hi","usage":{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":4,"audio_tokens":10},"output_tokens":5,"total_tokens":19}}"#,
      Usage([.input: 4, .inputAudio: 10, .output: 5])
    ),
    (#"{"results":[],"meta":{"billed_units":{"search_units":2}}}"#, Usage([.searches: 2])),
    (
      #"{"interaction":1,"usage":{"total_input_tokens":100,"total_output_tokens":20,"total_thought_tokens":7,"total_cached_tokens":40,"total_tool_use_tokens":5,"total_tokens":132}}"#,
      Usage([.input: 65, .cacheRead: 40, .output: 20, .reasoning: 7])
    ),
    (
      #"{"amazon-bedrock-invocationMetrics":{"inputTokenCount":8,"outputTokenCount":4,"invocationLatency":7}}"#,
      Usage([.input: 8, .output: 4])
    ),
    (
      #"{"data":[{}],"usage":{"total_tokens":50,"input_tokens":50,"output_tokens":0,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}}"#,
      Usage([.input: 10, .inputImage: 40])
    ),
  ]) func eachProvidersAnswerIsUnderstood(_ text: String, _ usage: Usage) {
    let facts = facts("output.value", text)
    #expect(facts.usage?.usage == usage && facts.usage?.flags == [], "\(text)")
  }

  @Test func openRoutersCostIsTheProviders() throws {
    let text =
      #"{"usage":{"prompt_tokens":10,"completion_tokens":5,"cost":0.00014,"is_byok":false,"cost_details":{"upstream_inference_cost":null}}}"#
    #expect(facts("output.value", text).reportedCost == ReportedCost(amount: try #require(USD(decimal: "0.00014")), source: .provider))
    let own =
      #"{"usage":{"prompt_tokens":10,"completion_tokens":5,"cost":0.00001,"is_byok":true,"cost_details":{"upstream_inference_cost":0.0002}}}"#
    #expect(facts("output.value", own).reportedCost?.amount == USD(decimal: "0.00021"))
    #expect(facts("output.value", #"{"usage":{"prompt_tokens":10,"completion_tokens":5,"cost":9}}"#).reportedCost == nil)
    let ticks = #"{"usage":{"prompt_tokens":10,"completion_tokens":5,"cost_in_usd_ticks":1234}}"#
    #expect(facts("output.value", ticks).reportedCost?.amount == USD(decimal: "0.0000001234"))
  }

  // MARK: Searches

  @Test func openAIsSearchItemsAreCountedOnceEach() {
    let output = """
      {"object":"response","output":[{"type":"web_search_call","status":"completed","action":{"type":"search"}},\
      {"type":"web_search_call","status":"completed","action":{"type":"open_page"}},{"type":"web_search_call"},\
      {"type":"web_search_call","status":"failed"},{"type":"message"}]USAGE}
      """
    let alone = replacing("USAGE", by: #","usage":{"input_tokens":5,"output_tokens":3}"#, in: output)
    #expect(facts("output.value", alone).usage?.usage == Usage([.input: 5, .output: 3, .searches: 2]))
    let counts = [Attribute("gen_ai.usage.input_tokens", 5), Attribute("gen_ai.usage.output_tokens", 3)]
    let beside = facts("langfuse.observation.output", replacing("USAGE", by: "", in: output), counts)
    #expect(beside.usage?.usage == Usage([.input: 5, .output: 3, .searches: 2]))
  }

  @Test func searchToolOfferedAndNotCalledIsNoSearch() {
    let text = #"{"output":[{"type":"message"}],"tools":[{"type":"web_search"}],"usage":{"input_tokens":5,"output_tokens":3}}"#
    #expect(facts("output.value", text).usage?.usage == Usage([.input: 5, .output: 3]))
  }

  @Test func geminiBillsQueriesFromThreeOnAndPromptsBefore() {
    let text = """
      {"candidates":[{"groundingMetadata":{"webSearchQueries":["a","b"]}}],"usageMetadata":{"promptTokenCount":5,\
      "candidatesTokenCount":3,"totalTokenCount":8}}
      """
    #expect(facts("output.value", text, model: "gemini-3-pro-preview").usage?.usage[.searches] == 2)
    #expect(facts("output.value", text, model: "gemini-2.5-flash").usage?.usage[.searches] == 1)
  }

  // MARK: Hostile

  @Test(arguments: [
    #"{"usage":"#, #"{"usage":null}"#, #"{"usage":[]}"#, #"{"usage":{"prompt_tokens":null}}"#, "[tokens", "{}", "[]",
    #"{"usage":{"usage":{"usage":{}}}}"#, #""tokens""#, #"{"eval_count":{}}"#, #"[[[[[[[[[[[[{"usage":{"input_tokens":1}}]]]]]]]]]]]]"#,
  ]) func whatIsNoAnswerTellsNothing(_ text: String) {
    let usage = facts("output.value", text).usage
    #expect(usage == nil || usage?.usage.isEmpty == true, "\(text)")
  }

  @Test func wrongCountsInAnAnswerAreFlagged() {
    let facts = facts("output.value", #"{"usage":{"prompt_tokens":"many","completion_tokens":5}}"#)
    #expect(facts.usage?.usage == Usage([.output: 5]) && facts.usage?.flags == .unreadable)
  }

  // MARK: Batch protocol

  @Test func eventsOutputTellsUsageAndGivesWayToTold() throws {
    func event(_ id: String, _ type: String, _ time: String, _ members: String) -> String {
      #"{"id":"\#(id)","type":"\#(type)","timestamp":"\#(time)","body":{"id":"o1","traceId":"t1",\#(members)}}"#
    }
    let told = event("e1", "generation-create", "2026-11-22T13:42:23Z", #""usageDetails":{"input":7,"output":1}"#)
    let answered = event("e2", "generation-update", "2026-11-22T13:42:24Z", #""output":\#(Self.answer)"#)
    let alone = MergedBatch([try decodeEvents([answered]).batch])
    #expect(alone.observations.values.first?.usage?.usage == Self.expected)
    #expect(alone.observations.values.first?.serviceTier == "flex")
    for order in [[told, answered], [answered, told]] {
      let merged = MergedBatch(try order.map { try decodeEvents([$0]).batch })
      #expect(merged.observations.values.first?.usage?.usage == Usage([.input: 7, .output: 1]))
    }
  }

  @Test func answerBesideToldUsageTellsTheServedTierAndSearches() throws {
    let output =
      #"{"object":"response","service_tier":"default","output":[{"type":"web_search_call"}],"usage":{"input_tokens":9,"output_tokens":9}}"#
    let event = """
      {"id":"e1","type":"generation-create","timestamp":"2026-11-22T13:42:23Z","body":{"id":"o1","traceId":"t1",\
      "usageDetails":{"input":7,"output":1},"modelParameters":{"service_tier":"priority"},"output":\(output)}}
      """
    let facts = try #require(try decodeEvents([event]).batch.observations.first)
    #expect(facts.serviceTier == "default" && facts.usage?.usage == Usage([.input: 7, .output: 1, .searches: 1]))
    let span = self.facts(
      "langfuse.observation.output", output,
      [Attribute("gen_ai.usage.input_tokens", 7), Attribute("openai.request.service_tier", "flex")])
    #expect(span.serviceTier == "default" && span.usage?.usage == Usage([.input: 7, .searches: 1]))
  }

  private func replacing(_ word: String, by other: String, in text: String) -> String {
    var result = "", rest = text[...]
    while !rest.isEmpty {
      if rest.hasPrefix(word) {
        result += other
        rest = rest.dropFirst(word.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }
}
