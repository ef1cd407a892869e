import Domain
import Postgres
import Testing

@testable import Store

/// Design §3.2: any order, any repetition, any split into requests and groups: the same rows and totals.
@Suite struct OnceTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func everyOrderRepetitionAndSplitGivesTheSameRowsAndTotals(seed: UInt64) async throws {
    let reference = try await WriteFixture.make()
    let traffic = RandomTraffic(seed: seed, traces: 25, project: reference.project)
    try await send(traffic.messages, sizes: [traffic.messages.count], to: reference)
    let expected = try await reference.state()
    #expect(try await reference.number("select count(*) from observations where shadowed_by is not null") > 0)
    #expect(try await reference.number("select sum(calls) from spend_hour") > 20)
    let bodies = try await allBodies(reference)

    var random = SeededNumbers(seed: seed &+ 100)
    let split = try await WriteFixture.make()
    try await send(traffic.messages, sizes: [1, 2, 5], to: split)
    expectEqual(try await split.state(), expected)
    #expect(try await allBodies(split) == bodies)
    // Once more, shuffled.
    try await send(traffic.messages.shuffled(using: &random), sizes: [7, 1], to: split)
    expectEqual(try await split.state(), expected)

    let shuffled = try await WriteFixture.make()
    let twice = (traffic.messages + traffic.messages).shuffled(using: &random)
    try await send(twice, sizes: [3, 11, 1], to: shuffled)
    expectEqual(try await shuffled.state(), expected)
    #expect(try await allBodies(shuffled) == bodies)
  }

  @Test func concurrentRequestsAboutTheSameTracesGiveTheSameRowsAndTotals() async throws {
    let reference = try await WriteFixture.make()
    let traffic = RandomTraffic(seed: 77, traces: 12, project: reference.project)
    try await send(traffic.messages, sizes: [traffic.messages.count], to: reference)
    let expected = try await reference.state()

    let fixture = try await WriteFixture.make()
    var random = SeededNumbers(seed: 5)
    let shuffled = (traffic.messages + traffic.messages).shuffled(using: &random)
    // Three processes, each with its own group commit.
    let commits = (0..<3).map { _ in GroupCommit(door: fixture.door) }
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for (i, start) in stride(from: 0, to: shuffled.count, by: 4).enumerated() {
        let submission = fixture.submission(shuffled[start..<min(start + 4, shuffled.count)])
        tasks.addTask { _ = try await commits[i % 3].submit(submission) }
      }
      try await tasks.waitForAll()
    }
    expectEqual(try await fixture.state(), expected)
  }

  @Test func twoWritersOfDifferentVersionsMakeOneRowAndOneTotal() async throws {
    let fixture = try await WriteFixture.make()
    for round in 1...10 as ClosedRange<UInt64> {
      let early = ObservationFacts.call(round, of: round, in: fixture.project)
      let late = ObservationFacts.call(round, of: round, in: fixture.project) {
        $0.endedAt = WriteFixture.noon.adding(seconds: 9)
        $0.usage?.usage[.input] = 1000
      }
      async let first = fixture.send([early])
      async let second = fixture.send([late])
      _ = try await (first, second)
    }
    try await fixture.foldAll()
    #expect(try await fixture.number("select count(*) from observations") == 10)
    #expect(try await fixture.number("select sum(calls) from spend_hour") == 10)
    #expect(try await fixture.number("select sum(usage_input) from spend_hour") == 10_000)
  }

  private func expectEqual(
    _ state: [String: [String]], _ expected: [String: [String]], at location: SourceLocation = #_sourceLocation
  ) {
    let difference = WriteFixture.difference(state, expected)
    #expect(difference == [], sourceLocation: location)
  }

  private func send(_ messages: [RandomTraffic.Message], sizes: [Int], to fixture: WriteFixture) async throws {
    var rest = messages[...]
    var i = 0
    while !rest.isEmpty {
      let part = rest.prefix(sizes[i % sizes.count])
      _ = try await fixture.writer.write([fixture.submission(part)])[0].get()
      rest = rest.dropFirst(part.count)
      i += 1
    }
  }

  private func allBodies(_ fixture: WriteFixture) async throws -> [String: Bodies] {
    let reader = PayloadReader(pool: fixture.pool)
    var all: [String: Bodies] = [:]
    let traces = try await fixture.pool.run { connection in
      try connection.query("select trace_id, parts from traces") {
        (try $0.traceID(0), try $0.bytesOrNil(1).map { StoredParts.decode($0) } ?? [])
      }
    }
    for (trace, parts) in traces {
      all[trace.hex] = try await reader.bodies(of: parts, project: fixture.project, trace: trace)
      for row in try await fixture.observations(of: trace) {
        all["\(trace) \(row.facts.id)"] = try await reader.bodies(
          of: row.facts.parts, project: fixture.project, trace: trace)
      }
    }
    return all
  }
}
