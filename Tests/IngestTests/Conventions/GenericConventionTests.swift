import Domain
import Ingest
import Testing
import Wire

@Suite struct GenericConventionTests {
  @Test func whatNobodyReadsIsKeptUnderClearKeys() {
    let span = OTLPSpan(
      traceID: Spans.trace, spanID: Spans.bytes(1), traceState: "ot=th:8", name: "x",
      startNanoseconds: Spans.start, endNanoseconds: Spans.start + 1,
      attributes: [Attribute("custom.flag", .bool(true)), Attribute("team", .map([Attribute("id", 7)]))],
      events: [OTLPEvent(timeNanoseconds: 5, name: "tick", attributes: [Attribute("k", "v")])],
      links: [OTLPLink(traceID: Spans.trace, spanID: Spans.bytes(9))])
    let scope = OTLPScope(name: "lib", version: "1.2")
    let batch = OTLPNormaliser.batch(
      [
        OTLPResourceSpans(
          resource: [Attribute("service.name", "web"), Attribute("host.name", "h1")],
          scopes: [OTLPScopeSpans(scope: scope, spans: [span])])
      ], Fixture.context)
    #expect(
      batch.observations[0].body(.attributes)
        == #"{"attributes":{"custom.flag":true,"team":{"id":7}},"events":[{"name":"tick","timeUnixNano":"5","attributes":{"k":"v"}}],"links":[{"traceId":"07070707070707070707070707070707","spanId":"0000000000000009","attributes":{}}],"traceState":"ot=th:8","scope":{"name":"lib","version":"1.2"},"resource":{"host.name":"h1"}}"#
    )
    #expect(batch.observations[0].service == "web" && batch.observations[0].scope == "lib")
  }

  @Test func aliasThatDisagreesIsNotLost() {
    let facts = Spans.facts([Attribute("user.id", "ann"), Attribute("enduser.id", "bob"), Attribute("llm.user", "ann")])
    #expect(facts.user == "ann" && facts.left("enduser.id") == "bob" && facts.left("llm.user") == nil)
  }

  @Test func routeCountsOnServersOnlyAndNeverBesideUsage() {
    let route = Attribute("http.route", "/summarise")
    #expect(Spans.facts([route], kind: 2).serverRoute == "/summarise")
    #expect(Spans.facts([route], kind: 3).serverRoute == nil)
    #expect(Spans.facts([route, Attribute("gen_ai.usage.input_tokens", 3)], kind: 2).serverRoute == nil)
    #expect(Spans.facts([Attribute("url.path", "/p")], kind: 2).serverRoute == "/p")
    #expect(Spans.facts([Attribute("http.target", "/p?q=1")], kind: 2).serverRoute == "/p")
  }

  @Test func addressIsNoEndpointOfTheApplication() {
    let facts = Spans.facts([Attribute("endpoint", "https://api.example/v1"), Attribute("metadata", #"{"feature":"search"}"#)])
    #expect(facts.endpointHint == "search" && facts.left("endpoint") != nil)
    #expect(Spans.facts([Attribute("endpoint", "/summarise")]).endpointHint == "/summarise")
  }

  @Test func errorTakesItsMessageFromStatusElseException() {
    let event = OTLPEvent(timeNanoseconds: 1, name: "exception", attributes: [Attribute("exception.message", "boom")])
    let fromEvent = Spans.facts([], events: [event], status: 2)
    #expect(fromEvent.level == .error && fromEvent.statusMessage == "boom")
    #expect(Spans.facts([], events: [event], status: 2, message: "sent").statusMessage == "sent")
    #expect(Spans.facts([], status: 1).level == nil)
  }

  @Test func openLLMetryAssociationsTellPersonAndMetadata() {
    let facts = Spans.facts([
      Attribute("traceloop.association.properties.user_id", "ann"),
      Attribute("traceloop.association.properties.tenant", "acme"),
      Attribute("traceloop.span.kind", "workflow"), Attribute("traceloop.entity.input", "{\"q\":1}"),
    ])
    #expect(facts.user == "ann" && facts.kind == .chain && facts.body(.input) == "{\"q\":1}")
    #expect(facts.json(.metadata)?["tenant"] == "acme")
  }

  @Test func vercelInnerSpansAreTheCalls() {
    #expect(
      Spans.facts(
        [Attribute("ai.operationId", "ai.generateText.doGenerate"), Attribute("ai.model.id", "m")], scope: "ai"
      ).kind == .generation)
    #expect(
      Spans.facts([Attribute("ai.operationId", "ai.generateText"), Attribute("ai.model.id", "m")], scope: "ai").kind
        == .chain)
  }

  @Test func scrubbedAndBlankPersonsAreNobody() {
    let facts = Spans.facts([Attribute("session_id", "[Scrubbed due to 'session']"), Attribute("user.id", "  ")])
    #expect(facts.session == nil && facts.user == nil)
  }

  @Test func unnamedServiceIsNotSaid() {
    let facts = Spans.facts([], resource: [Attribute("service.name", "unknown_service:python")])
    #expect(facts.service == nil && facts.json(.attributes)?["resource"]?["service.name"] == "unknown_service:python")
  }

  @Test func longNamesAreCutAtACharactersBorder() {
    let facts = Spans.facts([Attribute("user.id", String(repeating: "ü", count: 600))])
    #expect(facts.user?.utf8.count == 512)
  }

  @Test(arguments: [
    (AnyValue.array([.string("b"), .string("a"), .string("b")]), ["a", "b"]), (.string(#"["x","y"]"#), ["x", "y"]),
    (.string("one, two"), ["one", "two"]), (.string("solo"), ["solo"]), (.array([]), []),
  ]) func tagsComeInEveryForm(_ sent: AnyValue, _ tags: [String]) {
    #expect(Spans.batch([Spans.span([Attribute("tag.tags", sent)])]).traces[0].tags == tags)
  }
}
