import Domain
import Testing
import Wire

@testable import Ingest

@Suite struct BatchDecoderTests {
  @Test func theExampleOfTheContractIsAnsweredAsItSays() throws {
    let result = try decodeBatch(
      """
      {"batch":[{"id":"e1","timestamp":"2026-08-01T10:00:00.000Z","type":"trace-create","body":{"id":"t1","name":"chat",\
      "userId":"u1","tags":["a"]}},{"id":"e2","timestamp":"2026-08-01T10:00:00.100Z","type":"generation-create","body":\
      {"id":"g1","traceId":"t1","model":"gpt-4o","startTime":"2026-08-01T10:00:00.100Z","endTime":"2026-08-01T10:00:01.000Z",\
      "usageDetails":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,"prompt_tokens_details":\
      {"cached_tokens":40}}}},{"id":"e3","timestamp":"bad","type":"span-create","body":{}}]}
      """)
    let reply = result.reply
    #expect(JSON.serialise(reply["successes"] ?? .null) == #"[{"id":"e1","status":201},{"id":"e2","status":201}]"#)
    let error = reply["errors"]?[0]
    #expect(error?["id"]?.stringValue == "e3")
    #expect(error?["status"]?.intValue == 400)
    #expect(error?["message"]?.stringValue == "Invalid request data")
    #expect(error?["error"]?.stringValue?.hasPrefix("timestamp:") == true)
    let generation = result.batch.observations[0]
    #expect(generation.usage?.usage == Usage([.input: 60, .cacheRead: 40, .output: 20]))
    #expect(generation.startedAt == clock(0).adding(microseconds: 100_000))
    #expect(generation.endedAt == clock(1))
    #expect(result.batch.traces.map(\.externalID) == ["t1"])
    #expect(result.batch.traces[0].tags == ["a"])
    #expect((result.batch.accepted, result.batch.rejections.count) == (2, 1))
    #expect(result.batch.rejections[0].index == 2)
    #expect((result.batch.traceItems, result.batch.observationItems) == ([0], [1]))
  }

  @Test(arguments: [
    "", "[]", "7", "{}", #"{"batch":{}}"#, #"{"batch":null}"#, #"{"batch":[]"#, #"{"batch":[]} x"#,
    #"{"batch":[{"id":"a",]}"#,
  ]) func aBodyThatIsNoBatchIsRefusedWhole(body: String) {
    #expect(throws: BatchFailure.self) { try decodeBatch(body) }
  }

  @Test func anEmptyBatchAndMetadataAreTaken() throws {
    #expect(try decodeBatch(#"{"metadata":{"sdk_name":"x"},"batch":[]}"#).events.isEmpty)
  }

  @Test func eachBadEventIsRefusedAlone() throws {
    let good = batchEvent("good", "trace-create", #"{"id":"t"}"#)
    let bad = [
      ("7", "id"), ("[]", "id"),
      (#"{"id":"","timestamp":"2026-08-01T10:00:00Z","type":"trace-create","body":{}}"#, "id"),
      (#"{"id":"a\rb","timestamp":"2026-08-01T10:00:00Z","type":"trace-create","body":{}}"#, "id"),
      (#"{"id":"x","type":"trace-create","body":{}}"#, "timestamp"),
      (#"{"id":"x","timestamp":"2026-08-01T10:00:00Z","body":{}}"#, "type"),
      (batchEvent("x", "trace-delete", "{}"), "type"), (batchEvent("x", "dataset-run-item-create", "{}"), "type"),
      (batchEvent("x", "session-create", "{}"), "type"), (batchEvent("x", "trace-create", "[]"), "body"),
      (batchEvent("x", "span-update", #"{"traceId":"t"}"#), "id"), (batchEvent("x", "span-create", #"{"id":5}"#), "id"),
      (batchEvent("x", "span-create", #"{"name":5}"#), "name"),
      (batchEvent("x", "span-create", #"{"startTime":5}"#), "startTime"),
      (batchEvent("x", "span-create", #"{"endTime":"yesterday"}"#), "endTime"),
      (batchEvent("x", "span-create", #"{"level":"LOUD"}"#), "level"),
      (batchEvent("x", "trace-create", #"{"public":"yes"}"#), "public"),
      (batchEvent("x", "trace-create", #"{"tags":"a"}"#), "tags"),
      (batchEvent("x", "trace-create", #"{"tags":["a",1]}"#), "tags"),
      (batchEvent("x", "generation-create", #"{"usageDetails":[1]}"#), "usageDetails"),
      (batchEvent("x", "generation-create", #"{"usage":3}"#), "usage"),
      (batchEvent("x", "generation-create", #"{"costDetails":"1"}"#), "costDetails"),
      (batchEvent("x", "generation-create", #"{"promptName":"p","promptVersion":1.5}"#), "promptVersion"),
      (batchEvent("x", "observation-create", #"{"id":"o"}"#), "type"),
    ]
    for (event, field) in bad {
      let result = try decodeEvents([event, good])
      #expect(result.events.map(\.status) == [400, 201], "\(event)")
      #expect(result.events[0].error?.hasPrefix(field + ":") == true, "\(event): \(result.events[0].error ?? "-")")
      #expect(result.batch.traces.count == 1 && result.batch.observations.isEmpty)
    }
  }

  @Test func anEventNestedTooDeepIsRefusedAlone() throws {
    let deep = String(repeating: "[", count: 400) + String(repeating: "]", count: 400)
    let result = try decodeEvents([
      batchEvent("deep", "trace-create", "{\"input\":\(deep)}"), batchEvent("good", "trace-create", #"{"id":"t"}"#),
    ])
    #expect(result.events.map(\.status) == [400, 201])
  }

  @Test func aRefusalAfterDecodingIsAnsweredForItsEvent() throws {
    var result = try decodeEvents([
      batchEvent("a", "trace-create", #"{"id":"t"}"#), batchEvent("b", "span-create", #"{"id":"s","traceId":"t"}"#),
    ])
    result.refuse(Rejection(index: 1, reason: .tooOld, detail: "startTime: is too old"))
    #expect(result.events.map(\.status) == [201, 400])
    #expect(result.events[1].error == "startTime: is too old")
    #expect(result.batch.accepted == 1)
  }

  @Test(arguments: [
    ("span-create", ObservationKind.span), ("generation-create", .generation), ("event-create", .event),
    ("agent-create", .agent),
    ("tool-create", .tool), ("chain-create", .chain), ("retriever-create", .retriever),
    ("evaluator-create", .evaluator),
    ("embedding-create", .embedding), ("guardrail-create", .guardrail), ("span-update", .span),
    ("generation-update", .generation),
  ]) func everyTypeNamesItsKind(type: String, kind: ObservationKind) throws {
    let result = try decodeEvents([batchEvent("e", type, #"{"id":"o","traceId":"t"}"#)])
    #expect(result.batch.observations.map(\.kind) == [kind])
  }

  @Test func aLegacyObservationNamesItsKindItself() throws {
    let result = try decodeEvents([
      batchEvent("e", "observation-update", #"{"id":"o","traceId":"t","type":"GENERATION"}"#)
    ])
    #expect(result.batch.observations[0].kind == .generation)
  }

  @Test func aSpanUpdateDoesNotMakeAnAgentASpan() throws {
    let events = [
      batchEvent("1", "agent-create", #"{"id":"o","traceId":"t"}"#, at: 1),
      batchEvent("2", "span-update", #"{"id":"o","traceId":"t","name":"n"}"#, at: 2),
    ]
    for order in [events, events.reversed()] {
      #expect(MergedBatch([try decodeEvents(order).batch]).observation("o")?.kind == .agent)
    }
  }

  @Test func aLogIsTakenAndKeptNowhere() throws {
    let result = try decodeEvents([batchEvent("e", "sdk-log", #"{"log":{"a":1}}"#)])
    #expect(result.events.map(\.status) == [201])
    #expect(result.batch.traces.isEmpty && result.batch.observations.isEmpty && result.batch.scores.isEmpty)
  }

  @Test func everyFieldOfATraceIsRead() throws {
    let body = """
      {"id":"t","timestamp":"2026-08-01T12:00:03+02:00","name":"chat","externalId":"x-1","input":{"q":1},"output":"done","sessionId":"s",\
      "userId":"u","environment":"Langfuse-PROD","metadata":{"endpoint":"/ask","n":1},"release":"r","version":"v","public":true,\
      "tags":["b","a","b"],"unknown":{}}
      """
    let trace = try decodeEvents([batchEvent("e", "trace-create", body)]).batch.traces[0]
    #expect(trace.timestamp == clock(3))
    #expect([trace.name, trace.user, trace.session, trace.environment] == ["chat", "u", "s", "prod"])
    #expect([trace.release, trace.version, trace.endpointHint] == ["r", "v", "/ask"])
    #expect(trace.isPublic == true)
    #expect(trace.tags == ["a", "b"])
    #expect(trace.bodies.map(\.kind) == [.input, .output, .metadata, .attributes])
    #expect(
      trace.bodies.map(\.text) == [#"{"q":1}"#, #""done""#, #"{"endpoint":"/ask","n":1}"#, #"{"externalId":"x-1"}"#])
  }

  @Test func everyFieldOfAGenerationIsRead() throws {
    let body = """
      {"id":"g","traceId":"t","environment":"dev","name":"n","startTime":"2026-08-01T10:00:01Z","metadata":{"feature":"search"},\
      "input":[1, 2],"output":{"a":"b"},"level":"WARNING","statusMessage":"slow","parentObservationId":"p","version":"v",\
      "endTime":"2026-08-01T10:00:09Z","completionStartTime":"2026-08-01T10:00:02.5Z","model":"gpt-4o",\
      "modelParameters":{"temperature":0.20},"usageDetails":{"input":5,"output":3},"costDetails":{"input":1e-5,"output":0.00002},\
      "promptName":"greet","promptVersion":3}
      """
    let facts = try decodeEvents([batchEvent("e", "generation-create", body)]).batch.observations[0]
    #expect(
      facts.trace == TraceID.named("t").id && facts.externalID == "g" && facts.parent == ObservationID.named("p").id)
    #expect([facts.environment, facts.name, facts.statusMessage, facts.version] == ["dev", "n", "slow", "v"])
    #expect([facts.startedAt, facts.endedAt] == [clock(1), clock(9)])
    #expect(facts.firstTokenAt == clock(2).adding(microseconds: 500_000))
    #expect(facts.level == .warning)
    #expect(
      [facts.requestModel, facts.prompt, facts.endpointHint, facts.scope] == [
        "gpt-4o", "greet@3", "search", "langfuse",
      ])
    #expect(facts.usage?.usage == Usage([.input: 5, .output: 3]))
    #expect(facts.reportedCost?.amount.decimal == "0.00003" && facts.reportedCost?.source == .sender)
    #expect(facts.key == KeyID(2))
    #expect(facts.body(.input) == "[1, 2]")
    #expect(facts.body(.output) == #"{"a":"b"}"#)
    #expect(facts.body(.attributes) == #"{"modelParameters":{"temperature":0.20}}"#)
  }

  @Test(
    arguments: [
      (#""costDetails":{"input":1,"output":2,"total":2.5}"#, "2.5"),
      (#""costDetails":{"input":1,"cache_read":0.5}"#, "1.5"),
      (#""costDetails":{"input":-1,"output":2,"note":"x"}"#, "2"), (#""costDetails":{"total":0}"#, "0"),
      (#""usage":{"totalCost":0.3,"inputCost":1}"#, "0.3"), (#""usage":{"inputCost":0.1,"outputCost":0.2}"#, "0.3"),
      (#""usage":{"inputCost":1},"costDetails":{"total":4}"#, "4"), (#""costDetails":{}"#, nil),
      (#""usage":{"input":1}"#, nil),
    ] as [(String, String?)])
  func sentCostsAreSummedWhereNoTotalIsSent(fields: String, amount: String?) throws {
    let facts = try decodeEvents([batchEvent("e", "generation-create", "{\"id\":\"g\",\(fields)}")]).batch.observations[
      0]
    #expect(facts.reportedCost?.amount.decimal == amount)
  }

  @Test func theKeysEnvironmentWins() throws {
    var context = batchContext
    context.environment = "production"
    let result = try decodeEvents(
      [
        batchEvent("1", "trace-create", #"{"id":"t","environment":"dev"}"#),
        batchEvent("2", "span-create", #"{"id":"s"}"#),
        batchEvent("3", "score-create", #"{"traceId":"t","name":"n","value":1,"environment":"dev"}"#),
      ], context)
    #expect(Set(result.batch.traces.map(\.environment)) == ["production"])
    #expect(result.batch.observations[0].environment == "production")
    #expect(result.batch.scores[0].environment == "production")
  }

  @Test func metadataThatIsNoObjectStandsUnderMetadata() throws {
    let result = try decodeEvents([batchEvent("e", "span-create", #"{"id":"s","traceId":"t","metadata":["a"]}"#)])
    #expect(result.batch.observations[0].body(.metadata) == #"{"metadata":["a"]}"#)
  }

  @Test func anEndBeforeItsStartIsPulledUp() throws {
    let body = #"{"id":"s","startTime":"2026-08-01T10:00:05Z","endTime":"2026-08-01T10:00:01Z"}"#
    #expect(try decodeEvents([batchEvent("e", "span-create", body)]).batch.observations[0].endedAt == clock(5))
  }

  @Test func idsThatAreLeftOutAreMadeFromTheEventSoThatAResendMeetsThem() throws {
    let events = [batchEvent("e1", "trace-create", "{}"), batchEvent("e2", "span-create", "{}")]
    let first = try decodeEvents(events).batch, second = try decodeEvents(events).batch
    #expect(MergedBatch([first, second]) == MergedBatch([first]))
    #expect(first.observations.count == 1 && first.traces.count == 2)
  }

  @Test func anObservationWithoutTraceHasOneOfItsOwn() throws {
    let batch = try decodeEvents([
      batchEvent("1", "generation-create", #"{"id":"lonely","name":"solo"}"#, at: 1),
      batchEvent("2", "generation-update", #"{"id":"lonely","model":"m"}"#, at: 2),
    ]).batch
    let merged = MergedBatch([batch])
    #expect(merged.observations.count == 1 && merged.traces.count == 1)
    #expect(merged.trace("lonely")?.name == "solo")
    #expect(merged.observation("lonely")?.trace == TraceID.named("lonely").id)
  }

  @Test func anUpdateWithoutTraceFollowsTheOtherEventsOfItsObservation() throws {
    let batch = try decodeEvents([
      batchEvent("1", "generation-update", #"{"id":"g","model":"m"}"#),
      batchEvent("2", "generation-create", #"{"id":"g","traceId":"t"}"#),
    ]).batch
    #expect(Set(batch.observations.map(\.trace)) == [TraceID.named("t").id])
  }

  @Test func aTraceIdThatOnlyObservationsTellIsKept() throws {
    let batch = try decodeEvents([
      batchEvent("1", "span-create", #"{"id":"a","traceId":"my trace"}"#),
      batchEvent("2", "span-create", #"{"id":"b","traceId":"my trace"}"#),
      batchEvent("3", "span-create", #"{"id":"c","traceId":"0af7651916cd43dd8448eb211c80319c"}"#),
    ]).batch
    #expect(batch.traces.map(\.externalID) == ["my trace"])
    #expect(batch.traceItems == [0])
  }

  @Test(arguments: ["0", "{}"])
  func aRequestOfTooManyItemsIsRefusedWholeAndSaysSo(item: String) throws {
    func list(_ count: Int) -> String { "[" + Array(repeating: item, count: count).joined(separator: ",") + "]" }
    let most = LangfuseBatch.eventsMax
    for (body, isBatch) in [("{\"batch\":\(list(most + 1))}", true), (list(most + 1), false)] {
      let failure = #expect(throws: BatchFailure.self) {
        try Array(body.utf8).withUnsafeBytes { bytes in
          if isBatch { _ = try LangfuseBatch.decode(bytes, batchContext) } else { _ = try LangfuseScores.decode(bytes, batchContext) }
        }
      }
      #expect(failure?.isTooLarge == true)
      #expect(failure?.errors.first?.contains("100000") == true)
    }
    let result = try Array("{\"batch\":\(list(most))}".utf8).withUnsafeBytes { try LangfuseBatch.decode($0, batchContext) }
    #expect(result.events.count == most)
  }
}
