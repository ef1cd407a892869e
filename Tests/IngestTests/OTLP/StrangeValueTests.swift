import Domain
import Testing
import Wire

@testable import Ingest

/// Nothing that a sender puts under a known key may crash, be lost, or yield more than one observation.
@Suite struct StrangeValueTests {
  private static let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
  private static let values: [AnyValue] = [
    .empty, .bool(true), .int(.max), .int(.min), .int(-1), .double(.nan), .double(-.infinity), .double(1e300),
    .double(-0.0),
    .string(""), .string("\"\"\"\""), .string("9223372036854775807"), .string("1e400"), .string("[{\"role\":null}]"),
    .string(deep),
    .string("{\"total\":\"1e999\",\"input\":1e30,\"cost\":{}}"), .string("\u{0}\u{FFFD}👩‍👩‍👧"), .string("[[[1]]]"),
    .array([]),
    .array([.empty, .map([]), .array([.int(1)])]),
    .map([Attribute("parts", .array([.int(1), .map([])])), Attribute("parts", "x")]),
    .bytes([0, 255]),
  ]

  @Test(arguments: MappingTable.shared.byKey.keys.sorted()) func knownKeysTakeAnything(_ key: String) {
    for value in Self.values {
      for scope in ["openlit.instrumentation.anthropic", "openinference.instrumentation.openai", "langfuse-sdk", ""] {
        let usage = [Attribute("gen_ai.usage.output_tokens", 6), Attribute("openinference.span.kind", "LLM")]
        let batch = Spans.batch(
          [Spans.span([Attribute(key, value)] + usage)], scope: scope, resource: [Attribute(key, value)])
        #expect(batch.accepted == 1 && batch.traces.count == 1)
        for body in batch.observations[0].bodies where body.kind == .attributes || body.kind == .metadata {
          #expect(JSON.isValid(body.text), "\(key) \(value)")
        }
      }
    }
  }

  @Test(arguments: [
    "llm.input_messages.", "llm.input_messages.0", "llm.input_messages.0.message", "llm.input_messages..message.role",
    "llm.output_messages.-1.message.tool_calls.x.tool_call",
    "gen_ai.prompt.0.content.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0",
    "llm.prompts.0.prompt.text", "llm.choices.007.completion.text", "embedding.embeddings.vector", "gen_ai.usage.x",
    "llm.token_count.y", "langfuse.trace.metadata.", "langfuse.observation.metadata..",
    "traceloop.association.properties.a.b",
  ]) func prefixedKeysTakeAnything(_ key: String) {
    for value in Self.values {
      let batch = Spans.batch([
        Spans.span([Attribute(key, value), Attribute(key + ".role", value), Attribute(key, value)])
      ])
      #expect(batch.accepted == 1)
    }
  }

  @Test func paddedIndexesAreNotLost() {
    let facts = Spans.facts([
      Attribute("gen_ai.prompt.007.content", "seven"), Attribute("gen_ai.prompt.7.content", "other"),
    ])
    #expect(facts.body(.input) == #"[{"content":"seven"},{"content":"other"}]"#)
  }

  @Test func anyTimesAreTaken() {
    for (start, end) in [(UInt64.max, UInt64.max), (.max, 0), (5, 1), (0, .max)] {
      let batch = Spans.batch([
        Spans.span([Attribute("gen_ai.response.time_to_first_chunk", .double(999_999))], start: start, end: end)
      ])
      #expect(batch.observations[0].endedAt == (end == 0 ? nil : Timestamp(nanoseconds: end)))
    }
  }
}
