import Domain
import Ingest
import Testing
import Wire

@Suite struct LangfuseConventionTests {
  @Test func costIsTheTotalElseTheSumOfItsParts() {
    let cost = { (text: String) in Spans.facts([Attribute("langfuse.observation.cost_details", text)]).reportedCost }
    #expect(
      cost(#"{"input":1.5e-05,"output":1.2e-05,"total":2.7e-05}"#)
        == ReportedCost(amount: USD(pico: 27_000_000), source: .sender))
    #expect(cost(#"{"input":1.5e-05,"output":1.2e-05}"#)?.amount == USD(pico: 27_000_000))
    #expect(cost(#"{"total":3.4200000000000005e-05}"#)?.amount == USD(pico: 34_200_000))
    #expect(cost(#"{"total":0}"#)?.amount == .zero, "an error's zero is a real zero")
    #expect(cost(#"{"total":-1}"#) == nil)
    #expect(cost(#"{"total":1e15}"#) == nil, "more than a call can cost")
    #expect(cost("{}") == nil)
  }

  @Test(arguments: [
    ("TRACE", ObservationLevel.debug), ("info", .default), ("WARN", .warning), ("FATAL", .error), ("ERROR", .error),
  ]) func levelAliases(_ sent: String, _ level: ObservationLevel) {
    #expect(Spans.facts([Attribute("langfuse.observation.level", sent)]).level == level)
  }

  @Test(arguments: [
    ("Production", "production"), ("langfuse-prod", "prod"), ("LANGFUSE_langfuse-x", "x"), ("langfuse", "default"),
    ("my env", "default"), ("", nil), (String(repeating: "a", count: 50), String(repeating: "a", count: 40)),
  ]) func environmentIsCleaned(_ sent: String, _ environment: String?) {
    #expect(Spans.facts([Attribute("langfuse.environment", sent)]).environment == environment)
  }

  @Test func keysEnvironmentWins() {
    let batch = Spans.batch([Spans.span([Attribute("langfuse.environment", "dev")])], environment: "prod")
    #expect(batch.observations[0].environment == "prod" && batch.traces[0].environment == "prod")
  }

  @Test func completionStartMayBeQuotedTwice() {
    let truth = Timestamp(microseconds: 1_795_355_033_956_234)
    for text in [
      "2026-11-22T13:43:53.956234Z", "\"2026-11-22T14:43:53.956234+01:00\"", #""\"2026-11-22T13:43:53.9562341Z\"""#,
    ] {
      #expect(Spans.facts([Attribute("langfuse.observation.completion_start_time", text)]).firstTokenAt == truth)
    }
    #expect(Spans.facts([Attribute("langfuse.observation.completion_start_time", "soon")]).firstTokenAt == nil)
  }

  @Test func metadataIsOneObjectAndKeepsWhatElseItTells() {
    let facts = Spans.facts([
      Attribute("langfuse.observation.metadata", #"{"a":1}"#),
      Attribute("langfuse.observation.metadata.feature", "search"),
      Attribute("langfuse.observation.metadata.list", "[1,2]"),
      Attribute("langfuse.observation.metadata.text", "{no json"),
      Attribute("langfuse.observation.metadata.langfuse_user_id", "ann"),
    ])
    #expect(
      facts.body(.metadata) == #"{"a":1,"feature":"search","list":[1,2],"text":"{no json","langfuse_user_id":"ann"}"#)
    #expect(facts.endpointHint == "search" && facts.user == "ann")
    #expect(facts.body(.attributes) == nil)
  }

  @Test func promptIsNameAndVersion() {
    let name = Attribute("langfuse.observation.prompt.name", "greet")
    #expect(Spans.facts([name, Attribute("langfuse.observation.prompt.version", 3)]).prompt == "greet@3")
    #expect(Spans.facts([name]).prompt == "greet")
  }

  @Test func langfuseTypeWinsOverOperation() {
    let facts = Spans.facts([
      Attribute("gen_ai.operation.name", "chat"), Attribute("langfuse.observation.type", "TOOL"),
    ])
    #expect(facts.kind == .tool)
  }

  @Test func modelParametersStayAndTellTheTier() {
    let facts = Spans.facts([
      Attribute("langfuse.observation.model.parameters", #"{"service_tier":"flex","temperature":1}"#)
    ])
    #expect(facts.serviceTier == "flex")
    #expect(facts.left("langfuse.observation.model.parameters") != nil)
  }
}
