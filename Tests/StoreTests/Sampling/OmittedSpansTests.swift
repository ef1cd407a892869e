import Domain
import Postgres
import Testing

@testable import Store

/// Spans that are left out: which, what still hangs on them, and what brings them back.
@Suite struct OmittedSpansTests {
  private let ancestor = ObservationID(1)

  @Test func callsWhatStandsAboveThemAndErrorsStay() async throws {
    let (fixture, writer) = try await WriteFixture.sampled(spans: 0)
    let p = fixture.project
    try await fixture.write(
      [
        .step(1, in: p), .step(2, under: 1, in: p), .call(3, of: 1, in: p) { $0.parent = ObservationID(2) }, .step(4, under: 3, in: p),
        .step(5, under: 1, in: p), .step(6, under: 5, in: p), .step(7, under: 1, in: p) { $0.level = .error },
      ], by: writer)
    #expect(try await fixture.ids() == [1, 2, 3, 7])
    #expect(try await fixture.number("select sampled_spans from traces") == 3)
    #expect(try await fixture.number("select observations from traces") == 7)
  }

  @Test func lateCallUnderAnOmittedSpanHasItsContextAndItsSpanBack() async throws {
    let (fixture, writer) = try await WriteFixture.sampled(spans: 0)
    let p = fixture.project
    let steps: [ObservationFacts] = [
      .step(1, in: p) { $0.endpointHint = "/summarise" }, .step(2, under: 1, in: p) { $0.session = "s1" }, .step(9, under: 1, in: p),
    ]
    try await fixture.write(steps, by: writer)
    #expect(try await fixture.ids() == [])
    try await fixture.write([.call(3, of: 1, in: p) { $0.parent = ObservationID(2) }], by: writer)
    #expect(try await fixture.ids() == [1, 2, 3])
    let call = try #require(try await fixture.observations(of: TraceID(high: 7, low: 1)).last)
    #expect(call.decision.endpoint == "/summarise")
    #expect(call.decision.session == "s1")
    #expect(try await fixture.number("select sampled_spans from traces") == 1)
    let (endpoint, session) = ("/summarise", "s1")
    #expect(try await fixture.number("select count(*) from observations where id = 2 and endpoint = \(endpoint) and session_id = \(session)") == 1)
  }

  @Test func sendingItAgainChangesNothing() async throws {
    let (fixture, writer) = try await WriteFixture.sampled(payloads: 0, spans: 0)
    let p = fixture.project
    let sent: [ObservationFacts] = [.step(1, in: p) { $0.bodies = [Self.body(.attributes, "{\"a\":1}")] }, .call(2, of: 1, in: p)]
    try await fixture.write(sent, by: writer)
    let state: SQL = """
      select md5(string_agg(x, ',')) from (
        select xmin::text || ctid::text || t::text as x from traces t union all select xmin::text || o::text from observations o
        union all select xmin::text || s::text from omitted_spans s union all select p.block_id::text from payloads p order by 1
      ) t
      """
    let read = { try await fixture.pool.run { c in try c.first(state) { try $0.string(0) } } }
    let before = try await read()
    try await fixture.write(sent.reversed(), by: writer)
    #expect(try await read() == before)
  }

  @Test func errorThatComesLaterBringsTheSpansBack() async throws {
    let (fixture, writer) = try await WriteFixture.sampled(spans: 0) { $0.errors = true }
    let p = fixture.project
    try await fixture.write([.step(1, in: p), .step(2, under: 1, in: p) { $0.statusMessage = "slow" }, .call(3, of: 1, in: p)], by: writer)
    #expect(try await fixture.ids() == [3])
    try await fixture.write([.step(4, in: p) { $0.level = .error }], by: writer)
    #expect(try await fixture.ids() == [1, 2, 3, 4])
    #expect(try await fixture.observations(of: TraceID(high: 7, low: 1))[1].facts.statusMessage == "slow")
    #expect(try await fixture.number("select count(*) from omitted_spans") == 0)
    #expect(try await fixture.number("select count(*) from traces where omitted_on is null and sampled_spans is null") == 1)
  }

  @Test func scoreBringsThemBackAndDecidesNothingElse() async throws {
    let (fixture, writer) = try await WriteFixture.sampled(spans: 0) { $0.scored = true }
    let p = fixture.project
    try await fixture.write([.step(1, in: p) { $0.environment = "prod" }, .call(3, of: 1, in: p)], by: writer)
    #expect(try await fixture.ids() == [3])
    let score = Score.one(of: 1, in: p)
    let submission = fixture.submission(scores: [score]) { _ in Issue.record("nothing was said about the trace") }
    _ = try await writer.write([submission])[0].get()
    #expect(try await fixture.ids() == [1, 3])
    #expect(try await fixture.observations(of: TraceID(high: 7, low: 1))[0].decision.environment == "prod")
  }

  @Test func laterUsageMakesAnOmittedSpanACallWithAllThatWasSaidOfIt() async throws {
    let (fixture, writer) = try await WriteFixture.sampled(spans: 0)
    let p = fixture.project
    try await fixture.write([.step(1, in: p) { ($0.name, $0.environment) = ("first", "prod") }], by: writer)
    #expect(try await fixture.ids() == [])
    var update = ObservationFacts(project: p, trace: TraceID(high: 7, low: 1), id: ancestor)
    update.usage = UsageReport(usage: Usage([.input: 10]), rule: "test", raw: "{}")
    update.stampAll(Stamp(time: .max, rank: 0, hash: 9))
    try await fixture.write([update], by: writer)
    let row = try #require(try await fixture.observations(of: TraceID(high: 7, low: 1)).first)
    #expect(row.decision.isCall && row.facts.name == "first" && row.decision.environment == "prod")
    #expect(row.startedAt == WriteFixture.noon.adding(seconds: 1))
  }

  @Test func noiseIsLeftOutOfKeptTracesAndOnlyPlainSpansAreNoise() async throws {
    let (fixture, writer) = try await WriteFixture.sampled(noise: ["@opentelemetry/instrumentation-*", "fs"])
    let p = fixture.project
    let http = "@opentelemetry/instrumentation-http"
    try await fixture.write(
      [
        .step(1, in: p) { $0.scope = http }, .call(2, of: 1, in: p) { ($0.parent, $0.scope) = (ObservationID(1), http) },
        .step(3, in: p) { $0.scope = http }, .step(4, under: 3, in: p) { ($0.kind, $0.scope) = (.tool, http) },
        .step(5, in: p) { $0.scope = "FS" }, .step(6, in: p) { $0.scope = "fsevents" }, .step(7, under: 2, in: p) { $0.scope = http },
      ], by: writer)
    #expect(try await fixture.ids() == [1, 2, 3, 4, 6])
    #expect(try await fixture.number("select noise_spans from traces") == 2)
  }

  @Test func evidenceIsReadBackAsItWas() throws {
    let zstd = Zstd()
    let key = TraceKey(project: ProjectID(3), trace: TraceID(high: 1, low: 2))
    var facts = ObservationFacts(project: key.project, trace: key.trace, id: ObservationID(0xFFFF_0000_0000_0001))
    (facts.externalID, facts.parent, facts.kind, facts.name, facts.level) = ("x-é", ObservationID(9), .tool, "n", .warning)
    (facts.statusMessage, facts.startedAt, facts.endedAt) = ("m", WriteFixture.noon, WriteFixture.noon.adding(seconds: 3))
    (facts.firstTokenAt, facts.requestModel, facts.responseModel, facts.provider) = (WriteFixture.noon, "a", "b", "c")
    (facts.serviceTier, facts.region, facts.responseID, facts.prompt, facts.environment) = ("d", "e", "f", "g@1", "h")
    (facts.service, facts.release, facts.version, facts.user, facts.session) = ("i", "j", "k", "l", "")
    (facts.endpointHint, facts.serverRoute, facts.scope, facts.key) = ("/a", "/b", String(repeating: "s", count: 300), KeyID(7))
    facts.declared.say("tenant", "acme", Stamp(time: 1, rank: 2, hash: 3))
    facts.parts = [StoredPart(kind: .attributes, block: 99, offset: 0, length: 5, stamp: Stamp(time: 4, rank: 0, hash: 5))]
    facts.stampAll(Stamp(time: 4, rank: 0, hash: 5))
    var note = ContentNote(stamp: Stamp(time: 4, rank: 0, hash: 5), level: .metadataOnly, isByKey: true)
    (note.leftOut, note.masked) = ([.input], [ContentNote.Masked(.metadata, "email", 2)])
    facts.notes = ContentNotes([note])
    let bare = ObservationFacts(project: key.project, trace: key.trace, id: ObservationID(2))
    let rows = [facts, bare].map { TraceChanger.filed($0, receivedAt: WriteFixture.noon.adding(seconds: 60)) }
    let frame = try OmittedSpans.encode([(rows[0], .noise), (rows[1], .sampled)], zstd)
    let read = try frame.withUnsafeBytes { try OmittedSpans.decode($0, of: key, zstd) }
    #expect(read.map(\.row) == rows)
    #expect(read.map(\.reason) == [.noise, .sampled])
    #expect(throws: RowDamaged.self) { try Array(frame.dropLast()).withUnsafeBytes { try OmittedSpans.decode($0, of: key, zstd) } }
  }

  static func body(_ kind: BodyKind, _ text: String) -> BodyPart {
    BodyPart(kind: kind, text: text, stamp: Stamp(time: 0, rank: 0, hash: 0))
  }
}
