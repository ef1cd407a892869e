import Domain
import Ingest
import Testing
import Wire

@Suite struct GenAIConventionTests {
  @Test func threeGenerationsOfNamesReadAlike() {
    let generations: [[Attribute]] = [
      [
        Attribute("gen_ai.system", "openai"), Attribute("gen_ai.operation.name", "chat"),
        Attribute("gen_ai.usage.prompt_tokens", 100), Attribute("gen_ai.usage.completion_tokens", 9),
        Attribute("gen_ai.usage.cache_read_input_tokens", 40),
        Attribute("gen_ai.usage.cache_creation_input_tokens", 10),
      ],
      [
        Attribute("gen_ai.provider.name", "openai"), Attribute("gen_ai.operation.name", "chat"),
        Attribute("gen_ai.usage.input_tokens", 100), Attribute("gen_ai.usage.output_tokens", 9),
        Attribute("gen_ai.usage.cache_read.input_tokens", 40),
        Attribute("gen_ai.usage.cache_creation.input_tokens", 10),
      ],
      [
        Attribute("gen_ai.provider.name", "openai"), Attribute("gen_ai.operation.name", "chat"),
        Attribute("gen_ai.usage.input_tokens", "100"), Attribute("gen_ai.usage.output_tokens", 9),
        Attribute("gen_ai.usage.cache_read.input_tokens", 40), Attribute("gen_ai.usage.cache_write.input_tokens", 10),
      ],
    ]
    for attributes in generations {
      let facts = Spans.facts(attributes)
      #expect(facts.kind == .generation && facts.provider == "openai")
      #expect(facts.usage?.usage == Usage([.input: 50, .cacheRead: 40, .cacheWrite: 10, .output: 9]))
      #expect(facts.body(.attributes) == nil, "everything was read")
    }
  }

  @Test(arguments: [
    ("chat", ObservationKind.generation), ("text_completion", .generation), ("generate_content", .generation),
    ("embeddings", .embedding), ("retrieval", .retriever), ("execute_tool", .tool), ("invoke_agent", .agent),
    ("create_agent", .agent), ("invoke_workflow", .chain), ("search_memory", .span), ("vectordb", .retriever),
    ("moderation", .guardrail), ("mcp_tools_call", .tool),
  ]) func operationGivesTheKind(_ operation: String, _ kind: ObservationKind) {
    #expect(Spans.facts([Attribute("gen_ai.operation.name", operation)]).kind == kind)
  }

  @Test func withoutOperationModelOrToolTellsTheKind() {
    #expect(Spans.facts([Attribute("gen_ai.request.model", "m")]).kind == .generation)
    #expect(Spans.facts([Attribute("gen_ai.usage.input_tokens", 3)]).kind == .generation)
    #expect(Spans.facts([Attribute("gen_ai.tool.name", "t")]).kind == .tool)
    #expect(Spans.facts([Attribute("http.route", "/x")]).kind == .span)
  }

  @Test(arguments: [
    ("gemini", "gcp.gemini"), ("vertex_ai", "gcp.vertex_ai"), ("az.ai.openai", "azure.ai.openai"), ("xai", "x_ai"),
    ("mistralai", "mistral_ai"), ("OpenAI", "openai"), ("aws", "aws.bedrock"), ("openai.chat", "openai"),
    ("somebody", "somebody"),
  ]) func providersAreSpeltAsNow(_ sent: String, _ provider: String) {
    #expect(Spans.facts([Attribute("gen_ai.system", sent)]).provider == provider)
  }

  @Test func structuredMessagesAndJSONTextGiveOneDocument() throws {
    let text =
      #"[{"role":"user","parts":[{"type":"text","content":"hi"}]},{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"f","arguments":{"a":1}}]},{"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"ok"}]}]"#
    let part = { (members: [(String, AnyValue)]) in AnyValue.map(members.map { Attribute($0.0, $0.1) }) }
    let structured = AnyValue.array([
      part([
        ("role", .string("user")), ("parts", .array([part([("type", .string("text")), ("content", .string("hi"))])])),
      ]),
      part([
        ("role", .string("assistant")),
        (
          "parts",
          .array([
            part([
              ("type", .string("tool_call")), ("id", .string("c1")), ("name", .string("f")),
              ("arguments", part([("a", .int(1))])),
            ])
          ])
        ),
      ]),
      part([
        ("role", .string("tool")),
        (
          "parts",
          .array([
            part([
              ("type", .string("tool_call_response")), ("id", .string("c1")), ("response", .string("ok")),
            ])
          ])
        ),
      ]),
    ])
    let fromText = Spans.facts([Attribute("gen_ai.input.messages", text)]).body(.input)
    #expect(fromText == Spans.facts([Attribute("gen_ai.input.messages", structured)]).body(.input))
    #expect(
      fromText
        == #"[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":{"a":1}}}]},{"role":"tool","content":"ok","tool_call_id":"c1"}]"#
    )
  }

  @Test func systemInstructionsStandInFrontOnce() {
    let system = Attribute("gen_ai.system_instructions", #"[{"type":"text","content":"Be terse."}]"#)
    let user = #"{"role":"user","parts":[{"type":"text","content":"hi"}]}"#
    let whole = #"[{"role":"system","content":"Be terse."},{"role":"user","content":"hi"}]"#
    #expect(Spans.facts([system, Attribute("gen_ai.input.messages", "[\(user)]")]).body(.input) == whole)
    let own = #"{"role":"system","parts":[{"type":"text","content":"Be terse."}]}"#
    #expect(Spans.facts([system, Attribute("gen_ai.input.messages", "[\(own),\(user)]")]).body(.input) == whole)
    let different = Spans.facts([
      system, Attribute("gen_ai.input.messages", #"[{"role":"system","parts":[{"type":"text","content":"Else."}]}]"#),
    ])
    #expect(different.left("gen_ai.system_instructions") != nil, "instructions that differ are not lost")
  }

  @Test func indexedPromptsBecomeMessages() {
    let facts = Spans.facts([
      Attribute("gen_ai.prompt.1.role", "user"), Attribute("gen_ai.prompt.1.content", "hi"),
      Attribute("gen_ai.prompt.0.role", "system"), Attribute("gen_ai.prompt.0.content", "Be terse."),
      Attribute("gen_ai.completion.0.role", "assistant"), Attribute("gen_ai.completion.0.finish_reason", "tool_calls"),
      Attribute("gen_ai.completion.0.tool_calls.0.id", "c1"), Attribute("gen_ai.completion.0.tool_calls.0.name", "f"),
      Attribute("gen_ai.completion.0.tool_calls.0.arguments", "{}"),
    ])
    #expect(facts.body(.input) == #"[{"role":"system","content":"Be terse."},{"role":"user","content":"hi"}]"#)
    #expect(
      facts.body(.output)
        == #"[{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}],"finish_reason":"tool_calls"}]"#
    )
    #expect(facts.body(.attributes) == nil)
  }

  @Test func hugeIndexCostsNothing() {
    let facts = Spans.facts([
      Attribute("gen_ai.prompt.999999999999.content", "hi"), Attribute("gen_ai.prompt.-5.x", "y"),
    ])
    #expect(facts.body(.input)?.contains("hi") == true)
  }

  @Test func spanEventsTellContent() {
    let events = [
      OTLPEvent(timeNanoseconds: 1, name: "gen_ai.user.message", attributes: [Attribute("content", "hi")]),
      OTLPEvent(
        timeNanoseconds: 2, name: "gen_ai.choice",
        attributes: [
          Attribute("index", 0), Attribute("finish_reason", "stop"), Attribute("message", #"{"content":"yo"}"#),
        ]),
      OTLPEvent(timeNanoseconds: 3, name: "other", attributes: [Attribute("k", "v")]),
    ]
    let facts = Spans.facts([Attribute("gen_ai.operation.name", "chat")], events: events)
    #expect(facts.body(.input) == #"[{"role":"user","content":"hi"}]"#)
    #expect(facts.body(.output) == #"[{"role":"assistant","content":"yo","finish_reason":"stop"}]"#)
    #expect(facts.json(.attributes)?["events"]?.arrayValue?.count == 1)
  }

  @Test func streamWithoutUsageHasNone() {
    #expect(
      Spans.facts([Attribute("gen_ai.operation.name", "chat"), Attribute("gen_ai.request.model", "m")]).usage == nil)
  }

  @Test func firstTokenIsStartPlusSecondsAndZeroIsNone() {
    let at = { (attributes: [Attribute]) in Spans.facts(attributes).firstTokenAt }
    let start = Timestamp(nanoseconds: Spans.start)
    #expect(
      at([Attribute("gen_ai.response.time_to_first_chunk", .double(0.25))]) == start.adding(microseconds: 250_000))
    #expect(at([Attribute("gen_ai.server.time_to_first_token", .double(0))]) == nil)
    #expect(at([Attribute("gen_ai.server.time_to_first_token", .double(.nan))]) == nil)
    #expect(
      at([Attribute("gen_ai.server.time_to_first_token", .double(1)), Attribute("gen_ai.request.stream", .bool(false))])
        == nil)
    #expect(at([Attribute("ai.response.msToFirstChunk", .double(250))]) == start.adding(microseconds: 250_000))
  }

  @Test func servedTierWinsOverTheAskedOne() {
    let facts = Spans.facts([
      Attribute("openai.request.service_tier", "auto"), Attribute("gen_ai.openai.response.service_tier", "flex"),
    ])
    #expect(facts.serviceTier == "flex")
    #expect(facts.json(.attributes) == nil || facts.left("gen_ai.openai.response.service_tier") == nil)
  }
}
