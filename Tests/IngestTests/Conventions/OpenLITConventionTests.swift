import Domain
import Ingest
import Testing
import Wire

@Suite struct OpenLITConventionTests {
  private let scope = "openlit.instrumentation.openai"
  private let answer = #"[{"role":"assistant","parts":[{"type":"text","content":"twelve chars"}]}]"#

  private func stream(_ output: Int64, _ more: [Attribute] = [], content: Bool = true) -> ObservationFacts {
    var attributes = [
      Attribute("gen_ai.operation.name", "chat"), Attribute("gen_ai.request.stream", .bool(true)),
      Attribute("gen_ai.usage.input_tokens", 46), Attribute("gen_ai.usage.output_tokens", output),
    ]
    if content { attributes.append(Attribute("gen_ai.output.messages", answer)) }
    return Spans.facts(attributes + more, scope: scope)
  }

  @Test func streamEstimateIsToldByItsLengthAndMissingCacheCounts() {
    #expect(stream(6).usage?.flags == .estimatedBySender)
    #expect(stream(7).usage?.flags == [], "a count that is not half the characters")
    #expect(
      stream(6, [Attribute("gen_ai.usage.cache_read.input_tokens", 0)]).usage?.flags == [], "the provider sent usage")
    #expect(stream(6, content: false).usage?.flags == [], "without content it can't be told")
    #expect(
      Spans.facts([
        Attribute("gen_ai.request.stream", .bool(true)), Attribute("gen_ai.usage.output_tokens", 6),
        Attribute("gen_ai.output.messages", answer),
      ]).usage?.flags == [], "another emitter")
  }

  @Test func zeroCostMeansNoPriceAndStaysAnAttribute() {
    let zero = Spans.facts([Attribute("gen_ai.usage.cost", .double(0))], scope: scope)
    #expect(zero.reportedCost == nil && zero.left("gen_ai.usage.cost") != nil)
    let cost = Spans.facts([Attribute("gen_ai.usage.cost", .double(0.00039500000000000006))], scope: scope)
    #expect(cost.reportedCost == ReportedCost(amount: USD(pico: 395_000_000), source: .instrumentation))
  }

  @Test func costThatAProviderStatesIsTheProviders() {
    let facts = Spans.facts([
      Attribute("gen_ai.usage.cost", .double(0.5)), Attribute("gen_ai.provider.name", "openrouter"),
    ])
    #expect(facts.reportedCost?.source == .provider)
  }

  @Test func emitterIsKnownWithoutAScope() {
    let facts = Spans.facts([Attribute("telemetry.sdk.name", "openlit"), Attribute("gen_ai.usage.input_tokens", 4)])
    #expect(facts.usage?.rule == "openlit-inclusive")
  }
}
