import Domain
import Postgres
import Testing

@testable import Store

/// Held blocks: read while they wait, kept or dropped by what their traces have in the end.
@Suite struct PayloadSweepTests {
  private let due = WriteFixture.noon.adding(seconds: 600 + 900)

  private func call(_ id: UInt64, of trace: UInt64, in project: ProjectID, change: (inout ObservationFacts) -> Void = { _ in }) -> ObservationFacts {
    .call(id, of: trace, in: project) {
      $0.bodies = [OmittedSpansTests.body(.input, "question \(trace)-\(id)")]
      change(&$0)
    }
  }

  private func bodies(_ fixture: WriteFixture, _ trace: UInt64, _ id: UInt64) async throws -> Bodies {
    let rows = try await fixture.observations(of: TraceID(high: 7, low: trace))
    let row = try #require(rows.first { $0.facts.id.rawValue == id })
    return try await PayloadReader(pool: fixture.pool).bodies(of: row.facts.parts, project: fixture.project, trace: row.facts.trace)
  }

  private func found(_ text: String, _ fixture: WriteFixture) async throws -> [TraceID] {
    let range = try #require(TimeRange(from: WriteFixture.noon.adding(seconds: -3600), to: WriteFixture.noon.adding(seconds: 3600)))
    var query = TraceQuery(range: range)
    query.text = text
    return try await TraceSearch(pool: fixture.pool).run(query, scope: WriteFixture.everything).found.map(\.trace.id)
  }

  private func held(_ fixture: WriteFixture) async throws -> Int64 {
    try await fixture.number("select count(*) from payloads where retention_days = 0")
  }

  @Test func blocksAreReadAndFoundWhileTheyWaitAndAfterTheyMoved() async throws {
    let (fixture, writer) = try await WriteFixture.sampled(payloads: 0) { $0.errors = true }
    let p = fixture.project
    try await fixture.write([call(1, of: 1, in: p), call(1, of: 2, in: p)], by: writer)
    #expect(try await held(fixture) == 2)
    #expect(try await bodies(fixture, 1, 1).input == "question 1-1")
    #expect(try await found("\"question 1-1\"", fixture) == [TraceID(high: 7, low: 1)])
    let sweep = PayloadSweep(pool: fixture.pool, partitions: fixture.partitions, tracesAtOnce: 1)
    #expect(try await sweep.sweepDue(now: due.adding(seconds: -1)) == 0)
    // The error comes late, still in time.
    try await fixture.write([.step(9, of: 1, in: p) { $0.level = .error }], by: writer)
    #expect(try await sweep.sweepDue(now: due) == 1)
    #expect(try await sweep.sweepDue(now: due) == 0)

    #expect(try await bodies(fixture, 1, 1) == Bodies(input: "question 1-1"))
    #expect(try await found("\"question 1-1\"", fixture) == [TraceID(high: 7, low: 1)])
    let dropped = try await bodies(fixture, 2, 1)
    #expect(dropped.input == nil)
    #expect(dropped.sampled?.share == SamplingShare.none)
    #expect(dropped.sampled?.environment == "default")
    #expect(dropped.sampled?.isPartly == false)
    #expect(try await found("\"question 2-1\"", fixture) == [])
    #expect(try await fixture.number("select count(*) from pg_inherits where inhparent = 'payloads_0'::regclass") == 1, "the slot after")
    #expect(try await fixture.number("select count(*) from payload_signatures") == 1)
    let rules = try await fixture.pool.run { c in try c.query("select rule, traces, blocks from sampling_sweeps order by 1") { [try $0.int64(0), try $0.int64(1), try $0.int64(2)] } }
    #expect(rules == [[0, 1, 1], [2, 1, 1]])
  }

  @Test func whatTheHashKeepsIsWrittenAtOnceAndAsMuchAsTheShareSays() async throws {
    let (fixture, writer) = try await WriteFixture.sampled(payloads: 300_000)
    let p = fixture.project
    try await fixture.write((1...400 as ClosedRange<UInt64>).map { call(1, of: $0, in: p) }, by: writer)
    let kept = 400 - (try await held(fixture))
    // 400 draws of 0.3: five standard deviations are 46.
    #expect((74...166).contains(kept))
    _ = try await PayloadSweep(pool: fixture.pool, partitions: fixture.partitions).sweepDue(now: due)
    #expect(try await fixture.number("select count(*) from payloads") == kept)
  }

  @Test(arguments: ["cost", "duration", "user", "tag", "endpoint", "score"])
  func everyRuleKeepsWhatItNames(rule: String) async throws {
    let (fixture, writer) = try await WriteFixture.sampled(payloads: 0) { keep in
      switch rule {
      case "cost": keep.costAbove = USD(pico: 200_000)
      case "duration": keep.durationAboveMilliseconds = 5000
      case "user": keep.users = ["ann2"]
      case "tag": keep.tags = ["gold"]
      case "endpoint": keep.endpoints = ["/chat"]
      default: keep.scored = true
      }
    }
    let p = fixture.project
    var trace = TraceFacts(project: p, id: TraceID(high: 7, low: 1))
    (trace.user, trace.tags, trace.endpointHint) = ("ann2", ["gold"], "/chat")
    trace.stampAll(Stamp(time: 1, rank: 0, hash: 1))
    let score = Score.one(of: 1, in: p)
    let large = call(1, of: 1, in: p) { ($0.requestModel, $0.endedAt) = ("large", WriteFixture.noon.adding(seconds: 6)) }
    try await fixture.write([large, call(1, of: 2, in: p)], traces: [trace], scores: [score], by: writer)
    _ = try await PayloadSweep(pool: fixture.pool, partitions: fixture.partitions).sweepDue(now: due)
    #expect(try await bodies(fixture, 1, 1).input == "question 1-1")
    #expect(try await bodies(fixture, 2, 1).sampled != nil)
    let kept = try await fixture.pool.run { c in try c.first("select rule from sampling_sweeps where rule > 0") { SweepRule(rawValue: try $0.int16(0)) } }
    #expect(kept??.reason?.rawValue == rule)
  }

  @Test func bodiesOfOmittedSpansGoUnlessTheSpansCameBack() async throws {
    let (fixture, writer) = try await WriteFixture.sampled(spans: 0) { $0.errors = true }
    let p = fixture.project
    for trace in [1, 2] as [UInt64] {
      let step = ObservationFacts.step(2, of: trace, in: p) { $0.bodies = [OmittedSpansTests.body(.output, "tool \(trace)")] }
      try await fixture.write([call(1, of: trace, in: p), step], by: writer)
    }
    #expect(try await held(fixture) == 2, "calls' blocks are kept at once")
    try await fixture.write([.step(3, of: 1, in: p) { $0.level = .error }], by: writer)
    _ = try await PayloadSweep(pool: fixture.pool, partitions: fixture.partitions).sweepDue(now: due)
    #expect(try await bodies(fixture, 1, 2).output == "tool 1")
    #expect(try await fixture.number("select count(*) from payloads") == 3)
    #expect(try await bodies(fixture, 2, 1).input == "question 2-1")
  }

  @Test func environmentsHaveTheirOwnSettings() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.sample(payloads: 0)
    let scope = WriteFixture.everything
    try await fixture.sampling.save(.everything, of: fixture.project, environment: "prod", scope: scope, by: "ann@acme.test")
    let writer = fixture.freshWriter()
    let p = fixture.project
    try await fixture.write([call(1, of: 1, in: p) { $0.environment = "prod" }, call(1, of: 2, in: p) { $0.environment = "dev" }], by: writer)
    #expect(try await held(fixture) == 1)
    try await fixture.sampling.end("prod", of: p, scope: scope, by: "bob@acme.test")
    try await fixture.write([call(1, of: 3, in: p) { $0.environment = "prod" }], by: fixture.freshWriter())
    #expect(try await held(fixture) == 2)
    let history = try await fixture.sampling.history(p, scope: scope)
    #expect(history.map(\.isEnd) == [true, false, false])
    #expect(history.map(\.createdBy) == ["bob@acme.test", "ann@acme.test", "ann@acme.test"])
    #expect(try await fixture.sampling.current(scope: scope).map(\.environment) == [nil])
    #expect(try await fixture.number("select count(*) from audit_entries where action like 'sampling%'") == 3)
  }

  @Test func previewTellsWhatSettingsWouldKeep() async throws {
    let fixture = try await WriteFixture.make()
    let p = fixture.project
    let traces = (1...20 as ClosedRange<UInt64>).flatMap { trace in
      [call(1, of: trace, in: p) { $0.level = trace <= 5 ? .error : nil }, ObservationFacts.step(2, of: trace, in: p)]
    }
    try await fixture.write(traces, by: GroupWriter(door: fixture.door))
    var policy = SamplingPolicy(payloads: .none, spans: .none)
    policy.keep.errors = true
    let reports = SamplingReports(pool: fixture.pool)
    let now = WriteFixture.noon.adding(seconds: 3600)
    let preview = try await reports.preview(policy, of: p, environment: nil, now: now, scope: WriteFixture.everything)
    #expect(preview.traces == 20)
    #expect(preview.kept == [.error: 5])
    #expect(preview.payloadBytes > preview.payloadBytesKept && preview.payloadBytesKept > 0)
    #expect((preview.spans, preview.calls, preview.spansOmitted) == (40, 20, 15))
    let other = try await reports.preview(policy, of: p, environment: "prod", now: now, scope: WriteFixture.everything)
    #expect(other.traces == 0)
    var foreign = WriteFixture.everything
    foreign.traces = .none
    await #expect(throws: SamplingRefusal.self) { _ = try await reports.preview(policy, of: p, environment: nil, now: now, scope: foreign) }
    await #expect(throws: SamplingRefusal.self) { try await fixture.sampling.save(policy, of: p, environment: nil, scope: foreign, by: "x") }
  }
}
