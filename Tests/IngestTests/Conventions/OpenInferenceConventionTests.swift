import Domain
import Ingest
import Testing
import Wire

@Suite struct OpenInferenceConventionTests {
  private let scope = "openinference.instrumentation.openai"

  @Test(arguments: [
    ("LLM", ObservationKind.generation), ("EMBEDDING", .embedding), ("CHAIN", .chain), ("RETRIEVER", .retriever),
    ("RERANKER", .retriever), ("TOOL", .tool), ("AGENT", .agent), ("GUARDRAIL", .guardrail), ("EVALUATOR", .evaluator),
  ]) func spanKindGivesTheKind(_ sent: String, _ kind: ObservationKind) {
    #expect(Spans.facts([Attribute("openinference.span.kind", sent)]).kind == kind)
  }

  @Test func flattenedMessagesBecomeAChat() {
    let facts = Spans.facts(
      [
        Attribute("openinference.span.kind", "LLM"),
        Attribute("llm.input_messages.0.message.role", "user"),
        Attribute("llm.input_messages.0.message.contents.0.message_content.type", "text"),
        Attribute("llm.input_messages.0.message.contents.0.message_content.text", "what is this"),
        Attribute("llm.input_messages.0.message.contents.1.message_content.type", "image"),
        Attribute("llm.input_messages.0.message.contents.1.message_content.image.image.url", "http://x/y.png"),
        Attribute("llm.output_messages.0.message.role", "assistant"),
        Attribute("llm.output_messages.0.message.tool_calls.0.tool_call.id", "c1"),
        Attribute("llm.output_messages.0.message.tool_calls.0.tool_call.function.name", "f"),
        Attribute("llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments", "{}"),
        Attribute("input.value", "{\"whole\":1}"),
      ], scope: scope)
    #expect(
      facts.body(.input)
        == #"[{"role":"user","content":[{"type":"text","text":"what is this"},{"type":"image_url","image_url":{"url":"http://x/y.png"}}]}]"#
    )
    #expect(
      facts.body(.output)
        == #"[{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}]"#
    )
    #expect(facts.left("input.value") == "{\"whole\":1}", "the whole request says more than the messages")
  }

  @Test func chainsKeepTheirValues() {
    let facts = Spans.facts([
      Attribute("openinference.span.kind", "CHAIN"), Attribute("input.value", "weather"),
      Attribute("output.value", "__REDACTED__"),
    ])
    #expect(facts.body(.input) == "weather" && facts.body(.output) == "__REDACTED__")
  }

  @Test func embeddingVectorsAreDroppedAndSaidSo() {
    let facts = Spans.facts(
      [
        Attribute("openinference.span.kind", "EMBEDDING"),
        Attribute("embedding.embeddings.0.embedding.text", "weather"),
        Attribute("embedding.embeddings.0.embedding.vector", .array([.double(0.5), .double(0.25)])),
        Attribute("output.value", #"{"data":[{"embedding":[0.5,0.25],"index":0}],"model":"m"}"#),
      ], scope: scope)
    #expect(facts.body(.input) == "weather")
    #expect(facts.body(.output) == #"{"data":[{"embedding":"[2 numbers dropped]","index":0}],"model":"m"}"#)
    #expect(facts.json(.attributes)?["dropped"]?["embeddingVectors"]?.intValue == 2)
    #expect(!facts.bodies.contains { $0.text.contains("0.25") })
  }

  @Test func askedModelComesFromTheParameters() {
    let facts = Spans.facts([
      Attribute("openinference.span.kind", "LLM"), Attribute("llm.model_name", "gpt-4o-2024-08-06"),
      Attribute("llm.invocation_parameters", #"{"model":"gpt-4o","service_tier":"flex"}"#),
    ])
    #expect(facts.requestModel == "gpt-4o" && facts.responseModel == "gpt-4o-2024-08-06" && facts.serviceTier == "flex")
  }

  @Test func responseIDComesFromTheWholeResponse() {
    let attributes = [
      Attribute("openinference.span.kind", "LLM"),
      Attribute("output.value", #"{"id":"chatcmpl-1","choices":[],"service_tier":"default"}"#),
    ]
    #expect(Spans.facts(attributes, scope: scope).responseID == "chatcmpl-1")
    let plain = [Attribute("openinference.span.kind", "LLM"), Attribute("output.value", #"{"id":"order-7"}"#)]
    #expect(Spans.facts(plain, scope: scope).responseID == nil, "any document may have an id")
  }

  @Test func costOfAnInstrumentationIsKeptBeside() {
    let facts = Spans.facts([
      Attribute("llm.cost.prompt", .double(0.001)), Attribute("llm.cost.completion", .double(0.002)),
    ])
    #expect(facts.reportedCost == ReportedCost(amount: USD(pico: 3_000_000_000), source: .instrumentation))
  }

  @Test func metadataTextIsTheMetadata() {
    let facts = Spans.facts([Attribute("metadata", #"{"tenant":"acme","feature":"search"}"#)])
    #expect(facts.body(.metadata) == #"{"tenant":"acme","feature":"search"}"# && facts.endpointHint == "search")
  }
}
