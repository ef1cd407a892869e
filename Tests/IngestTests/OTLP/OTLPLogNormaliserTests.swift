import Domain
import Ingest
import Testing
import Wire

@Suite struct OTLPLogNormaliserTests {
  private func record(
    _ name: String, _ body: [Attribute] = [], _ attributes: [Attribute] = [], time: UInt64 = 1, linked: Bool = true
  ) -> OTLPLogRecord {
    OTLPLogRecord(
      timeNanoseconds: time, body: .map(body), attributes: attributes, traceID: linked ? Spans.trace : [],
      spanID: linked ? Spans.bytes(1) : [], eventName: name, contentHash: time)
  }

  private func batch(_ records: [OTLPLogRecord]) -> IngestBatch {
    OTLPLogNormaliser.batch([OTLPResourceLogs(scopes: [OTLPScopeLogs(records: records)])], Fixture.context)
  }

  /// Merged in the order given, then read.
  private func read(_ records: [OTLPLogRecord]) -> (input: String?, output: String?, attributes: String?) {
    var facts = batch(Array(records.prefix(1))).observations[0]
    for record in records.dropFirst() { facts.merge(batch([record]).observations[0]) }
    return facts.content
  }

  @Test func contentWaitsForItsSpan() {
    let facts = batch([record("gen_ai.user.message", [Attribute("content", "hi")])]).observations[0]
    #expect(!facts.isArrived && facts.stamps.isEmpty && facts.id == ObservationID(1))
    #expect(facts.bodies.map(\.kind) == [.attributes])
  }

  @Test func anyOrderOfArrivalGivesOneChat() {
    let records = [
      record("gen_ai.system.message", [Attribute("content", "Be terse.")], time: 1000),
      record("gen_ai.user.message", [Attribute("content", "hi")], time: 2000),
      record(
        "gen_ai.choice",
        [
          Attribute("index", 0), Attribute("finish_reason", "stop"),
          Attribute("message", .map([Attribute("content", "yo")])),
        ], time: 3000),
    ]
    let forward = read(records)
    #expect(forward.input == #"[{"role":"system","content":"Be terse."},{"role":"user","content":"hi"}]"#)
    #expect(forward.output == #"[{"role":"assistant","content":"yo","finish_reason":"stop"}]"#)
    #expect(forward.attributes == nil)
    #expect(read(records.reversed()) == forward)
    #expect(read([records[1], records[1], records[0], records[2], records[0]]) == forward, "twice is once")
  }

  @Test func spansOwnContentStays() {
    let events = batch([record("gen_ai.user.message", [Attribute("content", "hi")])]).observations[0].bodies.map(\.text)
    let own = ChatContent.assemble(input: "own", output: nil, attributes: events)
    #expect(own.input == "own" && own.output == nil && own.attributes?.contains("contentEvents") == true)
  }

  @Test func attributesMergeKeyByKeyBesideEvents() {
    let read = ChatContent.assemble(
      input: nil, output: nil, attributes: [#"{"a":1,"b":1}"#, #"{"contentEvents":[]}"#, #"{"b":2}"#, "not json"])
    #expect(read.attributes == #"{"a":1,"b":2}"# && read.input == nil)
  }

  @Test func wholeMessageListsCountForTheirResponseOnly() {
    let details = record(
      "gen_ai.client.inference.operation.details", [],
      [
        Attribute("gen_ai.input.messages", #"[{"role":"user","parts":[{"type":"text","content":"hi"}]}]"#),
        Attribute("gen_ai.response.id", "r1"),
      ])
    let texts = batch([details]).observations[0].bodies.map(\.text)
    let ours = ChatContent.assemble(input: nil, output: nil, attributes: texts, responseID: "r1")
    #expect(ours.input == #"[{"role":"user","content":"hi"}]"# && ours.attributes == nil)
    let parent = ChatContent.assemble(input: nil, output: nil, attributes: texts, responseID: nil)
    #expect(parent.input == nil && parent.attributes?.contains("r1") == true)
  }

  @Test func restIsRefusedWithAReason() {
    var inBody = record("", [Attribute("event.name", "gen_ai.user.message"), Attribute("content", "hi")])
    inBody.timeNanoseconds = 0
    let records = [
      record("gen_ai.user.message", [Attribute("content", "hi")], linked: false), record("app.started"), record(""),
      inBody,
      record("", [Attribute("content", "hi")], [Attribute("event.name", "gen_ai.user.message")]),
    ]
    let batch = batch(records)
    #expect(batch.rejections.map(\.reason) == [.unlinked, .notSupported, .notSupported])
    #expect(batch.rejections.map(\.index) == [0, 1, 2] && batch.observationItems == [3, 4] && batch.accepted == 2)
  }

  @Test func eventOfAStreamDoesNotFillItsParent() throws {
    let (observations, _) = try Fixture(name: "openlit-1.45.0").normalised()
    let root = try #require(observations.values.first { $0.name == "pipeline" })
    #expect(root.content.input == nil && root.content.output == "done weather")
    #expect(root.content.attributes?.contains("chatcmpl-fake2") == true, "kept, not folded")
  }
}
