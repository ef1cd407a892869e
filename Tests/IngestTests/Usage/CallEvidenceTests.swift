import Domain
import Ingest
import Testing
import Wire

/// What chooses among prices, and what says that there is nothing to pay.
@Suite struct CallEvidenceTests {
  private static let call = [
    Attribute("gen_ai.operation.name", "chat"), Attribute("gen_ai.request.model", "m"),
    Attribute("gen_ai.usage.input_tokens", 5), Attribute("gen_ai.usage.output_tokens", 3),
  ]
  private func facts(_ more: [Attribute], scope: String = "", resource: [Attribute] = []) -> ObservationFacts {
    Spans.facts(Self.call + more, scope: scope, resource: resource)
  }

  // MARK: Region

  @Test(arguments: [
    "cloud.region", "aws.region", "gcp.location", "gen_ai.request.region", "gen_ai.usage.inference_geo",
    "langfuse.observation.metadata.aws_region",
  ]) func regionIsReadFromTheSpan(_ key: String) {
    #expect(facts([Attribute(key, "eu-west-1")]).region == "eu-west-1")
  }

  @Test func regionIsTheServedOneBeforeTheAskedOne() {
    let facts = facts([
      Attribute("cloud.region", "us-east-1"), Attribute("gen_ai.request.region", "eu"),
      Attribute("gen_ai.response.inference_geo", "us"),
    ])
    #expect(facts.region == "us")
  }

  @Test func applicationsOwnRegionIsNotTheProviders() {
    #expect(facts([], resource: [Attribute("cloud.region", "eu-west-1")]).region == nil)
    #expect(facts([Attribute("langfuse.observation.metadata.region", "eu")]).region == nil)
    #expect(facts([Attribute("metadata", #"{"region":"eu"}"#)]).region == nil)
  }

  @Test(arguments: [
    ("bedrock-runtime.eu-west-1.amazonaws.com", "eu-west-1"),
    ("https://bedrock-runtime.us-east-2.amazonaws.com/model/x/converse", "us-east-2"),
    ("bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    ("europe-west4-aiplatform.googleapis.com:443", "europe-west4"), ("eu.api.openai.com", "eu"),
    ("api.openai.com", nil), ("https://api.openai.com/v1/?amazonaws.com", nil),
    ("aiplatform.googleapis.com", nil), ("bedrock.amazonaws.com", nil), ("", nil), ("///", nil),
  ] as [(String, String?)]) func hostTellsTheRegion(_ host: String, _ region: String?) {
    #expect(facts([Attribute("server.address", host)]).region == region)
    #expect(facts([Attribute("server.address", host)]).left("server.address") == (host.isEmpty ? "" : .string(host)))
  }

  @Test func metadataAndUsageTellTheRegion() {
    #expect(facts([Attribute("metadata", #"{"aws_region":"eu-central-1"}"#)]).region == "eu-central-1")
    let usage = #"{"input_tokens":5,"output_tokens":3,"inference_geo":"us"}"#
    #expect(Spans.facts([Attribute("langfuse.observation.usage_details", usage)]).region == "us")
    let placeholder = Attribute("gen_ai.response.inference_geo", "not_available")
    #expect(facts([placeholder]).region == nil)
  }

  @Test func regionIsStampedLikeOtherFields() {
    #expect(facts([Attribute("cloud.region", "x")]).stamps[.region] != nil && facts([]).stamps[.region] == nil)
  }

  // MARK: Tier

  @Test func servedTierHoldsWhateverWasAsked() {
    let asked = Attribute("openai.request.service_tier", "priority")
    #expect(facts([asked]).serviceTier == "priority")
    #expect(facts([asked, Attribute("openai.response.service_tier", "default")]).serviceTier == "default")
    let output = #"{"id":"r","object":"response","service_tier":"default","usage":{"input_tokens":1}}"#
    let inference = Spans.facts(
      [
        Attribute("openinference.span.kind", "LLM"), Attribute("output.value", output),
        Attribute("llm.invocation_parameters", #"{"service_tier":"priority"}"#), Attribute("llm.token_count.prompt", 1),
      ])
    #expect(inference.serviceTier == "default")
  }

  @Test(arguments: ["flex", "priority"]) func codexEchoesDefaultForTheTierItAskedFor(_ tier: String) {
    let tiers = [
      Attribute("gen_ai.request.service_tier", tier), Attribute("gen_ai.response.service_tier", "default"),
    ]
    #expect(facts(tiers).serviceTier == "default")
    #expect(facts(tiers, scope: "codex_otel").serviceTier == tier)
    #expect(facts(tiers, resource: [Attribute("service.name", "codex_cli_rs")]).serviceTier == tier)
    #expect(facts(tiers + [Attribute("codex.turn_id", "1")]).serviceTier == tier)
    let served = [Attribute("gen_ai.request.service_tier", tier), Attribute("gen_ai.response.service_tier", "scale")]
    #expect(facts(served, scope: "codex_otel").serviceTier == "scale")
  }

  @Test func batchIsATierOfItsOwn() {
    #expect(facts([Attribute("gen_ai.request.batch", .bool(true))]).serviceTier == "batch")
    #expect(facts([Attribute("gen_ai.batch.id", "b1"), Attribute("openai.response.service_tier", "default")]).serviceTier == "batch")
    #expect(facts([Attribute("gen_ai.request.batch", .bool(false))]).serviceTier == nil)
  }

  @Test(arguments: [
    (#"{"input_tokens":5,"output_tokens":3,"service_tier":"batch"}"#, "batch"),
    (#"{"input_tokens":5,"output_tokens":3,"service_tier":"standard","speed":"fast"}"#, "fast"),
    (#"{"promptTokenCount":5,"candidatesTokenCount":3,"trafficType":"ON_DEMAND_FLEX"}"#, "flex"),
    (#"{"promptTokenCount":5,"candidatesTokenCount":3,"trafficType":"PROVISIONED_THROUGHPUT"}"#, "provisioned_throughput"),
  ]) func usageObjectTellsTheTier(_ usage: String, _ tier: String) {
    #expect(Spans.facts([Attribute("langfuse.observation.usage_details", usage)]).serviceTier == tier)
  }

  @Test func parametersAndVercelsMetadataTellTheTier() throws {
    let event = """
      {"id":"e1","type":"generation-create","timestamp":"2026-11-22T13:42:23Z","body":{"id":"o1","traceId":"t1",\
      "usageDetails":{"input":7},"modelParameters":{"temperature":1,"service_tier":"priority"}}}
      """
    #expect(try decodeEvents([event]).batch.observations.first?.serviceTier == "priority")
    let vercel = Spans.facts(
      [
        Attribute("ai.operationId", "ai.generateText.doGenerate"), Attribute("ai.usage.inputTokens", 5),
        Attribute("ai.response.providerMetadata", #"{"openai":{"serviceTier":"priority"}}"#),
      ], scope: "ai")
    #expect(vercel.serviceTier == "priority")
  }

  // MARK: A cache's answer

  @Test(arguments: [
    Attribute("langfuse.observation.metadata.cache_hit", "true"), Attribute("cache_hit", .bool(true)),
    Attribute("gen_ai.response.cached", .bool(true)), Attribute("gptcache.hit", "True"),
    Attribute("http.response.header.helicone-cache", "HIT"), Attribute("metadata", #"{"cache_hit":true}"#),
    Attribute("langfuse.observation.metadata", #"{"cacheHit":"true"}"#),
  ]) func cachesAnswerIsFlaggedWithAndWithoutUsage(_ hit: Attribute) {
    #expect(facts([hit]).usage?.flags == .servedFromCache)
    let without = Spans.facts([Attribute("gen_ai.request.model", "m"), hit])
    #expect(without.usage?.flags == .servedFromCache && without.usage?.usage.isEmpty == true)
  }

  @Test func langChainsZeroCostIsACachesAnswer() {
    func flags(_ usage: String) -> UsageFlags? {
      Spans.facts([Attribute("langfuse.observation.usage_details", usage)]).usage?.flags
    }
    #expect(flags(#"{"input_tokens":10,"output_tokens":5,"total_cost":0}"#) == .servedFromCache)
    #expect(flags(#"{"input_tokens":10,"output_tokens":5,"total_cost":0.01}"#) == [])
  }

  @Test func missIsNoHit() {
    for miss in [Attribute("cache_hit", .bool(false)), Attribute("langfuse.observation.metadata.cache_hit", "None")] {
      #expect(facts([miss]).usage?.flags == [])
      #expect(Spans.facts([Attribute("gen_ai.request.model", "m"), miss]).usage == nil)
    }
  }

  @Test func eventsMetadataTellsCacheRegionAndBatch() throws {
    func facts(_ metadata: String) throws -> ObservationFacts {
      let event = """
        {"id":"e1","type":"generation-create","timestamp":"2026-11-22T13:42:23Z","body":{"id":"o1","traceId":"t1",\
        "model":"m","usageDetails":{"input":7,"output":1},"metadata":\(metadata)}}
        """
      return try #require(try decodeEvents([event]).batch.observations.first)
    }
    #expect(try facts(#"{"cache_hit":true}"#).usage?.flags == .servedFromCache)
    #expect(try facts(#"{"cache_hit":"True"}"#).usage?.flags == .servedFromCache)
    #expect(try facts(#"{"cache_hit":false}"#).usage?.flags == [])
    #expect(try facts(#"{"aws_region":"eu","region":"x","batch":true}"#).region == "eu")
    #expect(try facts(#"{"region":"eu","batch":true}"#).region == nil)
    #expect(try facts(#"{"region":"eu","batch":true}"#).serviceTier == "batch")
  }
}
