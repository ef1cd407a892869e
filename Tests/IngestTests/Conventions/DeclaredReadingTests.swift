import Domain
import Testing
import Wire

@testable import Ingest

/// Values of declared keys, in every convention's spelling.
@Suite struct DeclaredReadingTests {
  private static let keys = ["tenant", "team.cost_center", "feature.flag", "k8s.namespace.name"]

  private func context(_ keys: [String] = keys) -> IngestContext {
    var context = Fixture.context
    context.declaredKeys = keys
    return context
  }

  private func batch(_ spans: [OTLPSpan], resource: [Attribute] = [], keys: [String] = keys) -> IngestBatch {
    OTLPNormaliser.batch(
      [OTLPResourceSpans(resource: resource, scopes: [OTLPScopeSpans(scope: OTLPScope(name: ""), spans: spans)])], context(keys))
  }

  private func declared(_ attributes: [Attribute], resource: [Attribute] = []) -> DeclaredValues {
    batch([Spans.span(attributes)], resource: resource).observations[0].declared
  }

  @Test(arguments: [
    Attribute("tenant", "acme"), Attribute("langfuse.observation.metadata.tenant", "acme"),
    Attribute("langfuse.metadata.tenant", "acme"), Attribute("langfuse.observation.metadata", #"{"a":1,"tenant":"acme"}"#),
    Attribute("langfuse.metadata", #"{"tenant":"acme"}"#), Attribute("metadata", #"{"tenant":"acme"}"#),
    Attribute("metadata", .map([Attribute("tenant", "acme")])), Attribute("traceloop.association.properties.tenant", "acme"),
    Attribute("ai.telemetry.metadata.tenant", "acme"),
  ]) func everyConventionsSpellingIsRead(attribute: Attribute) {
    let read = declared([attribute])
    #expect(read["tenant"] == "acme", "\(attribute.key)")
    #expect(read.entries.count == 1)
    #expect(batch([Spans.span([attribute])], keys: []).observations[0].declared.isEmpty)
  }

  @Test func contentIsNeverReadWhoeverDeclaredIt() {
    let attributes = [
      Attribute("gen_ai.input.messages", "secret"), Attribute("gen_ai.prompt", "secret"), Attribute("input.value", "secret"),
      Attribute("langfuse.observation.metadata.prompt", "secret"), Attribute("metadata", #"{"messages":"secret"}"#), Attribute("tenant", "acme"),
      Attribute("langfuse.trace.metadata", #"{"prompt":"secret"}"#),
    ]
    let keys = ["gen_ai.input.messages", "gen_ai.prompt", "input.value", "prompt", "messages", "metadata", "tenant", "langfuse.trace.metadata"]
    let read = batch([Spans.span(attributes)], resource: [Attribute("gen_ai.prompt", "secret")], keys: keys)
    #expect(read.observations[0].declared.entries.map(\.value) == ["acme"])
    #expect(read.traces.allSatisfy { $0.declared.isEmpty })
  }

  /// A convention that maps one more attribute to content has it refused as a dimension too.
  @Test func whatConventionsReadAsContentIsContentByName() {
    let slots: Set<Slot> = [
      .inputDocument, .outputDocument, .inputMessages, .outputMessages, .systemInstructions, .inputValue, .outputValue, .inputText, .outputText,
      .traceInput, .traceOutput, .statusMessage, .exceptionMessage, .providerMetadata, .parameters, .metadata, .traceMetadata,
    ]
    let named: Set<Slot> = [.requestModel, .provider, .user, .session, .endpoint, .environment, .service, .promptName, .promptVersion, .toolName, .httpRoute]
    for convention in MappingTable.conventions {
      for (key, slot) in convention.keys where slots.contains(slot) { #expect(ContentNames.isContent(key), "\(key)") }
      for (key, slot) in convention.keys where named.contains(slot) { #expect(!ContentNames.isContent(key), "\(key)") }
      for (prefix, kind) in convention.prefixes where ![.metadata, .traceMetadata, .usage, .tokenCount].contains(kind) {
        #expect(ContentNames.isContent(prefix + "0.x"), "\(prefix)")
      }
    }
  }

  @Test func theSpansStampIsTheValues() {
    let facts = batch([Spans.span([Attribute("tenant", "acme")])]).observations[0]
    #expect(facts.declared.entries.first?.stamp == facts.stamps[.name])
  }

  @Test func valuesKeepTheirJSONTextAndOthersAreIgnored() {
    func read(_ value: AnyValue) -> String? { declared([Attribute("tenant", value)])["tenant"] }
    #expect(read(.int(-7)) == "-7")
    #expect(read(.double(2.5)) == "2.5")
    #expect(read(.bool(true)) == "true")
    for value in [AnyValue.string(" \t"), .string(""), .array([.string("a")]), .map([]), .empty, .double(.infinity), .bytes([1])] {
      #expect(read(value) == nil, "\(value)")
    }
    func inDocument(_ json: String) -> String? { declared([Attribute("metadata", "{\"tenant\":\(json)}")])["tenant"] }
    #expect(inDocument("12.50") == "12.50" && inDocument("false") == "false" && inDocument("\"a\\u0000b\"") == "a\u{FFFD}b")
    #expect(inDocument("null") == nil && inDocument("[1]") == nil && inDocument("{}") == nil && inDocument("\"\"") == nil)
  }

  @Test func longValuesAreCutAtAWholeCharacter() throws {
    let read = try #require(declared([Attribute("tenant", String(repeating: "日", count: 90))])["tenant"])
    #expect(read == String(repeating: "日", count: 66))
    #expect(declared([Attribute("tenant", String(repeating: "x", count: 200))])["tenant"]?.utf8.count == 200)
  }

  @Test func dottedKeysAreReadPlainlyElseAsAPath() {
    #expect(declared([Attribute("team.cost_center", "plain")])["team.cost_center"] == "plain")
    #expect(declared([Attribute("langfuse.observation.metadata.team.cost_center", "m")])["team.cost_center"] == "m")
    #expect(declared([Attribute("metadata", #"{"team":{"cost_center":4711}}"#)])["team.cost_center"] == "4711")
    #expect(declared([Attribute("metadata", #"{"team":{"cost_center":1},"team.cost_center":2}"#)])["team.cost_center"] == "2")
    #expect(declared([Attribute("langfuse.observation.metadata.team", #"{"cost_center":"json"}"#)])["team.cost_center"] == "json")
    #expect(declared([Attribute("metadata", #"{"team":"{\"cost_center\":\"text\"}"}"#)])["team.cost_center"] == "text")
    #expect(declared([Attribute("metadata", #"{"team":[{"cost_center":"list"}]}"#)])["team.cost_center"] == nil)
    #expect(batch([Spans.span([Attribute("metadata", #"{".":{"":1}}"#)])], keys: [".", "..", "a."]).observations[0].declared.isEmpty)
  }

  @Test func theSpansOwnWordGoesBeforeMetadataAndThatBeforeTheResource() {
    let resource = [Attribute("tenant", "resource"), Attribute("k8s.namespace.name", "shop")]
    let metadata = Attribute("metadata", #"{"tenant":"metadata"}"#)
    #expect(declared([], resource: resource)["tenant"] == "resource")
    #expect(declared([], resource: resource)["k8s.namespace.name"] == "shop")
    #expect(declared([metadata], resource: resource)["tenant"] == "metadata")
    #expect(declared([metadata, Attribute("tenant", "own")], resource: resource)["tenant"] == "own")
    // A value that isn't kept says nothing.
    #expect(declared([metadata, Attribute("tenant", .array([]))], resource: resource)["tenant"] == "metadata")
  }

  @Test(arguments: [
    Attribute("langfuse.trace.metadata.tenant", "acme"), Attribute("langfuse.trace.metadata", #"{"tenant":"acme"}"#),
  ]) func metadataOfTheTraceIsTheTraces(attribute: Attribute) {
    let read = batch([Spans.span([attribute])])
    #expect(read.traces[0].declared["tenant"] == "acme")
    #expect(read.observations[0].declared.isEmpty)
    #expect(batch([Spans.span([attribute])], keys: ["other"]).traces[0].declared.isEmpty)
  }

  @Test func laterCopyOfASpanWinsInAnyOrder() throws {
    func copy(_ value: String?, _ end: UInt64, _ hash: UInt64) -> ObservationFacts {
      batch([Spans.span(value.map { [Attribute("tenant", $0)] } ?? [], end: end, hash: hash)]).observations[0]
    }
    let copies = [copy("early", Spans.start + 1_000_000, 9), copy("late", Spans.start + 9_000_000, 1), copy(nil, Spans.start + 99_000_000, 3)]
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0, 1, 0]] {
      var merged = copies[order[0]]
      for i in order.dropFirst() { merged.merge(copies[i]) }
      #expect(merged.declared["tenant"] == "late")
      #expect(merged.declared.entries.count == 1)
    }
  }

  // MARK: The batch protocol

  private func events(_ events: [String]) throws -> MergedBatch {
    MergedBatch([try decodeEvents(events, context()).batch])
  }

  @Test func metadataOfEventsIsRead() throws {
    let read = try events([
      batchEvent("e1", "trace-create", #"{"id":"t","metadata":{"tenant":"acme","team":{"cost_center":7}}}"#),
      batchEvent("e2", "generation-create", #"{"id":"o","traceId":"t","metadata":{"tenant":true,"feature":{"flag":"x"},"k8s.namespace.name":"n"}}"#),
      batchEvent("e3", "span-create", #"{"id":"p","traceId":"t","metadata":["tenant"]}"#),
    ])
    #expect(read.trace("t")?.declared["tenant"] == "acme")
    #expect(read.trace("t")?.declared["team.cost_center"] == "7")
    let call = try #require(read.observation("o"))
    #expect(call.declared["tenant"] == "true" && call.declared["feature.flag"] == "x" && call.declared["k8s.namespace.name"] == "n")
    #expect(call.declared.entries.allSatisfy { $0.stamp == call.stamps[.scope] })
    #expect(read.observation("p")?.declared.isEmpty == true)
    #expect(try MergedBatch([decodeEvents([batchEvent("e1", "trace-create", #"{"id":"t","metadata":{"tenant":"a"}}"#)]).batch]).trace("t")?.declared.isEmpty == true)
  }

  @Test func laterEventWinsKeyByKeyInAnyOrder() throws {
    let sent = [
      batchEvent("e1", "span-create", #"{"id":"o","traceId":"t","metadata":{"tenant":"first","feature.flag":"kept"}}"#, at: 1),
      batchEvent("e2", "span-update", #"{"id":"o","traceId":"t","metadata":{"tenant":"second"}}"#, at: 2),
      batchEvent("e3", "span-update", #"{"id":"o","traceId":"t","metadata":{"other":1}}"#, at: 3),
      batchEvent("e4", "trace-create", #"{"id":"t","metadata":{"tenant":"old"}}"#, at: 4),
      batchEvent("e5", "trace-create", #"{"id":"t","metadata":{"tenant":"new"}}"#, at: 5),
    ]
    for order in [sent, sent.reversed(), [sent[2], sent[4], sent[0], sent[3], sent[1], sent[0], sent[4]]] {
      let read = try events(order)
      #expect(read.observation("o")?.declared["tenant"] == "second")
      #expect(read.observation("o")?.declared["feature.flag"] == "kept")
      #expect(read.trace("t")?.declared["tenant"] == "new")
    }
  }

  // MARK: What SDKs really sent

  private func captured(_ name: String, _ keys: [String], reversed: Bool) throws -> (own: Set<String>, traces: Set<String>) {
    var batches = try Fixture(name: name).bodies("otel_v1_traces").map { OTLPNormaliser.batch(try Fixture.spans($0), context(keys)) }
    if reversed { batches.reverse() }
    let merged = MergedBatch(batches)
    func said(_ values: some Sequence<DeclaredValues>) -> Set<String> {
      Set(values.flatMap(\.entries).map { "\($0.key)=\($0.value)" })
    }
    return (said(merged.observations.values.map(\.declared)), said(merged.traces.values.map(\.declared)))
  }

  @Test(arguments: [false, true]) func valuesOfCapturedTracesAreRead(reversed: Bool) throws {
    let langfuse = try captured("langfuse-4.18.0", ["tenant", "feature", "tier", "ls_provider"], reversed: reversed)
    #expect(langfuse.own == ["ls_provider=openai", "feature=search"])
    #expect(langfuse.traces == ["tenant=acme", "tier=gold"])
    let litellm = try captured("litellm-1.106.2-langfuse", ["tenant", "requester_metadata.tenant", "usage_object.total_tokens"], reversed: reversed)
    #expect(litellm.own == ["usage_object.total_tokens=155", "usage_object.total_tokens=159", "usage_object.total_tokens=9"])
    #expect(litellm.traces == ["tenant=acme"])
  }

  @Test(arguments: [false, true]) func valuesOfCapturedEventsAreRead(reversed: Bool) throws {
    var events = try capturedEvents("langfuse-2.60.10")
    if reversed { events.reverse() }
    let read = MergedBatch([try decodeEvents(events, context(["tenant", "ls_provider", "feature", "tier", "team"])).batch])
    func said(_ values: some Sequence<DeclaredValues>) -> Set<String> {
      Set(values.flatMap(\.entries).map { "\($0.key)=\($0.value)" })
    }
    #expect(said(read.observations.values.map(\.declared)) == ["ls_provider=openai", "feature=search"])
    #expect(said(read.traces.values.map(\.declared)) == ["tenant=acme"])
  }
}
