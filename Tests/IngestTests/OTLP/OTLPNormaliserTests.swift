import Domain
import Ingest
import Testing
import Wire

@Suite struct OTLPNormaliserTests {
  @Test func badIDsCostOnlyTheirOwnSpan() {
    var short = Spans.span(id: 2)
    short.spanID = [1, 2]
    var zero = Spans.span(id: 3)
    zero.traceID = [UInt8](repeating: 0, count: 16)
    let log = OTLPSpan(name: "a log record read as a span")
    let scopes = [
      OTLPScopeSpans(spans: [Spans.span(id: 1), short], refusals: [SpanRefusal(index: 1, reason: "broken")]),
      OTLPScopeSpans(spans: [zero, Spans.span(id: 4), log]),
    ]
    let batch = OTLPNormaliser.batch([OTLPResourceSpans(scopes: scopes)], Fixture.context)
    #expect(batch.accepted == 2 && batch.observationItems == [0, 4] && batch.traceItems == [0])
    #expect(batch.rejections.map(\.index) == [1, 2, 3, 5])
    #expect(batch.rejections.map(\.reason) == [.malformed, .invalidID, .invalidID, .missingID])
  }

  @Test func stampIsEndRankZeroAndHash() {
    let whole = Spans.batch([Spans.span(hash: 5)]).observations[0]
    #expect(whole.stamps.latest == Stamp(time: 1_795_355_002_000_000, rank: 0, hash: 5))
    let open = Spans.batch([Spans.span(end: 0, hash: 5)]).observations[0]
    #expect(open.stamps.latest == Stamp(time: .min, rank: 0, hash: 5) && open.endedAt == nil)
    let both = { (a: ObservationFacts, b: ObservationFacts) in
      var merged = a
      merged.merge(b)
      return merged.endedAt
    }
    #expect(both(whole, open) == whole.endedAt && both(open, whole) == whole.endedAt)
  }

  @Test func startOfZeroIsNotSaid() {
    #expect(Spans.batch([Spans.span(start: 0)]).observations[0].startedAt == nil)
  }

  @Test func spanIsNotItsOwnParent() {
    #expect(Spans.batch([Spans.span(id: 3, parent: 3)]).observations[0].parent == nil)
    #expect(Spans.batch([Spans.span(id: 3, parent: 4)]).observations[0].parent == ObservationID(4))
  }

  @Test func rootNamesTheTraceUnlessSomebodyDoes() {
    let root = Spans.span(id: 1, name: "GET /x", kind: 2, end: Spans.start + 9_000_000_000)
    let child = Spans.span([Attribute("langfuse.trace.name", "summarise")], id: 2, parent: 1)
    #expect(Spans.batch([root]).traces[0].name == "GET /x")
    #expect(Spans.batch([root, child]).traces[0].name == "summarise")
    #expect(Spans.batch([child, root]).traces[0].name == "summarise")
    #expect(Spans.batch([Spans.span(id: 2, parent: 1, name: "inner")]).traces[0].name == nil)
  }

  @Test func firstOfSeveralRootsNamesTheTrace() {
    let late = Spans.span(id: 1, name: "late", start: Spans.start + 5)
    let early = Spans.span(id: 2, name: "early", start: Spans.start - 5_000_000)
    #expect(Spans.batch([late, early]).traces[0].name == "early")
    #expect(Spans.batch([early, late]).traces[0].name == "early")
  }

  @Test func serverRootGivesTheTraceItsRoute() {
    let route = Attribute("http.route", "/summarise")
    #expect(Spans.batch([Spans.span([route], kind: 2)]).traces[0].serverRoute == "/summarise")
    #expect(Spans.batch([Spans.span([route], parent: 9, kind: 2)]).traces[0].serverRoute == nil)
  }

  @Test func traceMetadataRepeatedOnEverySpanIsOnePart() {
    let spans = (1...5).map { id in
      Spans.span(
        [Attribute("langfuse.trace.metadata.tenant", "acme"), Attribute("langfuse.trace.metadata.feature", "search")],
        id: UInt8(id), parent: 9, hash: UInt64(id))
    }
    let trace = Spans.batch(spans).traces[0]
    #expect(trace.bodies.map(\.text) == [#"{"tenant":"acme","feature":"search"}"#] && trace.endpointHint == "search")
  }

  @Test func differentTraceMetadataIsAllKeptInAnyOrder() {
    let spans = ["a", "b", "c"].enumerated().map { i, name in
      Spans.span([Attribute("langfuse.trace.metadata." + name, "1")], id: UInt8(i + 1), parent: 9, hash: UInt64(i))
    }
    let trace = Spans.batch(spans).traces[0]
    #expect(Set(trace.bodies.map(\.text)) == [#"{"a":"1"}"#, #"{"b":"1"}"#, #"{"c":"1"}"#])
    #expect(Spans.batch(spans.reversed()).traces[0] == trace)
  }

  @Test func agentKeepsItsAggregate() {
    let facts = Spans.facts([
      Attribute("gen_ai.operation.name", "invoke_agent"), Attribute("gen_ai.usage.input_tokens", 9),
    ])
    #expect(facts.kind == .agent && facts.usage?.usage == Usage([.input: 9]))
  }

  @Test func emptyRequestIsFine() {
    let batch = OTLPNormaliser.batch([], Fixture.context)
    #expect(batch.accepted == 0 && batch.observations.isEmpty && batch.rejections.isEmpty)
  }
}
