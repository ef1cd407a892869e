import Domain
import Postgres
import Testing

@testable import Store

/// The promise: whatever sampling leaves out, no total moves (design §3.3).
@Suite struct SampledTotalsTests {
  @Test(arguments: [21, 22, 23] as [UInt64], [0, 10_000, 500_000] as [Int32])
  func rowsAndTotalsOfCallsAreThoseOfAProjectThatKeepsAll(seed: UInt64, share: Int32) async throws {
    let reference = try await WriteFixture.make()
    let traffic = RandomTraffic(seed: seed, traces: 40, project: reference.project)
    let messages = withPlainSpans(traffic.messages)
    _ = try await reference.writer.write([reference.submission(messages)])[0].get()
    let expected = try await reference.unsampledState()

    let (sampled, writer) = try await WriteFixture.sampled(payloads: share, spans: share, noise: ["instr*"]) { $0.users = ["user3"] }
    var random = SeededNumbers(seed: seed)
    try await send((messages + messages).shuffled(using: &random), by: writer, in: sampled)
    #expect(WriteFixture.difference(try await sampled.unsampledState(), expected) == [])
    try await expectTreesToHold(sampled, reference, isNothingKept: share == 0)
  }

  @Test(arguments: [31, 32] as [UInt64])
  func traceTooLargeToBeReadWholeCountsTheSame(seed: UInt64) async throws {
    let reference = try await WriteFixture.make()
    let traffic = RandomTraffic(seed: seed, traces: 30, project: reference.project)
    let messages = withPlainSpans(traffic.messages)
    _ = try await reference.writer.write([reference.submission(messages)])[0].get()
    let expected = try await reference.unsampledState()

    let (sampled, _) = try await WriteFixture.sampled(payloads: 0, spans: 0)
    let door = ObservationDoor(pool: sampled.pool, partitions: sampled.partitions, clock: { WriteFixture.noon }, settledAtOnceMax: 3)
    var random = SeededNumbers(seed: seed)
    try await send((messages + messages).shuffled(using: &random), by: GroupWriter(door: door), in: sampled)
    let queue = SettleQueue(pool: sampled.pool, door: door)
    _ = try await queue.settleDue(at: WriteFixture.noon.adding(seconds: 3600), decide: FixedPrices.decide)
    #expect(WriteFixture.difference(try await sampled.unsampledState(), expected) == [])
  }

  @Test func rebuiltSumsAreThoseThatWereKept() async throws {
    let (sampled, writer) = try await WriteFixture.sampled(payloads: 0, spans: 0)
    let traffic = RandomTraffic(seed: 5, traces: 30, project: sampled.project)
    let messages = withPlainSpans(traffic.messages)
    try await send(messages, by: writer, in: sampled)
    let kept = try await sampled.unsampledState()
    try await RollupRebuild(pool: sampled.pool).run()
    #expect(WriteFixture.difference(try await sampled.unsampledState(), kept) == [])
  }

  /// Half of the observations are steps without usage, as in real traces.
  private func withPlainSpans(_ messages: [RandomTraffic.Message]) -> [RandomTraffic.Message] {
    messages.map { message in
      guard case .observation(var facts) = message, facts.id.rawValue % 2 == 1, let stamp = facts.stamps.latest else { return message }
      (facts.kind, facts.usage, facts.level, facts.responseID) = (facts.kind == .agent ? .agent : .span, nil, nil, nil)
      facts.stampAll(stamp)
      return .observation(facts)
    }
  }

  private func send(_ messages: [RandomTraffic.Message], by writer: GroupWriter, in fixture: WriteFixture) async throws {
    for start in stride(from: 0, to: messages.count, by: 3) {
      let part = messages[start..<min(start + 3, messages.count)]
      _ = try await writer.write([fixture.submission(part)])[0].get()
    }
  }

  /// Rows and omitted spans are together the rows of a project that keeps all, and no row has lost the one above it.
  private func expectTreesToHold(_ sampled: WriteFixture, _ reference: WriteFixture, isNothingKept: Bool) async throws {
    let all = try await reference.number("select count(*) from observations where is_arrived")
    let rows = try await sampled.number("select count(*) from observations where is_arrived")
    let omitted = try await sampled.number("select sum(coalesce(sampled_spans, 0) + coalesce(noise_spans, 0)) from traces")
    #expect(rows + omitted == all)
    if isNothingKept { #expect(omitted > 10) }
    #expect(try await sampled.number("select coalesce(sum(sampled + noise), 0) from omitted_span_changes") == omitted)
    #expect(try await sampled.number("select coalesce(sum(spans), 0) from omitted_spans") == omitted)
    let parents: SQL = """
      select count(*) from observations o
      where o.parent_id is not null and exists (select from observations p where p.trace_id = o.trace_id and p.id = o.parent_id)
      """
    let orphansBefore = try await reference.number("select count(*) from observations o where is_arrived") - (try await reference.number("\(parents) and o.is_arrived"))
    let orphans = try await sampled.number("select count(*) from observations o where is_arrived") - (try await sampled.number("\(parents) and o.is_arrived"))
    #expect(orphans <= orphansBefore)
  }
}
