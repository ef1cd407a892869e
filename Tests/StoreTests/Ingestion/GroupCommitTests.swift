import Domain
import Postgres
import Testing

@testable import Store

@Suite struct GroupCommitTests {
  @Test func ofTwentyConcurrentRequestsOnlyTheOneWithABadRowIsNotAcknowledgedInFull() async throws {
    let fixture = try await WriteFixture.make()
    var limits = GroupCommit.Limits()
    limits.writersMax = 1
    let commit = GroupCommit(door: fixture.door, limits: limits)
    let results = try await withThrowingTaskGroup(of: (UInt64, IngestResult).self) { tasks in
      for request in 1...20 as ClosedRange<UInt64> {
        let calls = (1...3).map { id in
          ObservationFacts.call(id, of: request, in: fixture.project) {
            // The database refuses this character; here it slipped through the sanitiser.
            if request == 13, id == 2 { $0.name = "a\u{0}b" }
          }
        }
        let submission = fixture.submission(calls)
        tasks.addTask { (request, try await commit.submit(submission)) }
      }
      return try await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    #expect(results.count == 20)
    for (request, result) in results where request != 13 {
      #expect(result == IngestResult(accepted: 3, rejections: []))
    }
    #expect(results[13]?.accepted == 2)
    #expect(results[13]?.rejections.map(\.index) == [1])
    #expect(results[13]?.rejections.map(\.reason) == [.refusedByDatabase])
    #expect(try await fixture.number("select count(*) from observations") == 59)
    try await fixture.foldAll()
    #expect(try await fixture.number("select sum(calls) from spend_hour") == 59)
  }

  @Test func aValueThatNoColumnHoldsFailsAlone() async throws {
    let fixture = try await WriteFixture.make()
    let dear: Decide = { snapshot in
      FixedPrices.decide(&snapshot)
      for i in snapshot.observations.indices where snapshot.observations[i].facts.id.rawValue == 2 {
        snapshot.observations[i].decision.cost.cost = USD(pico: Int128(Int64.max) + 1)
      }
    }
    let result = try await fixture.send((1...4).map { .call($0, of: $0, in: fixture.project) }, decide: dear)
    #expect(result.accepted == 3)
    #expect(result.rejections.map(\.index) == [1])
  }

  @Test func aCancelledCallerHarmsNobody() async throws {
    let fixture = try await WriteFixture.make()
    let commit = GroupCommit(door: fixture.door)
    let submissions = (1...12 as ClosedRange<UInt64>).map {
      fixture.submission([.call(1, of: $0, in: fixture.project)])
    }
    let tasks = submissions.map { submission in Task { try await commit.submit(submission) } }
    for i in stride(from: 0, to: 12, by: 2) { tasks[i].cancel() }
    for task in tasks { #expect(try await task.value.accepted == 1) }
    #expect(try await fixture.number("select count(*) from traces") == 12)
  }

  @Test func aRequestOfAProjectThatIsGoneFailsAloneAndTheOthersAreWritten() async throws {
    let fixture = try await WriteFixture.make()
    var stranger = fixture.submission([.call(1, of: 1, in: fixture.project)])
    stranger.context.project = ProjectID(999)
    let results = await fixture.writer.write([stranger, fixture.submission([.call(1, of: 2, in: fixture.project)])])
    #expect(throws: UnknownProject(project: ProjectID(999))) { try results[0].get() }
    #expect(try results[1].get().accepted == 1)
    #expect(try await fixture.number("select count(*) from observations") == 1)
  }

  @Test func aRequestThatIsLostWithItsConnectionFailsAndCanBeSentAgain() async throws {
    let fixture = try await WriteFixture.make()
    let commit = GroupCommit(door: fixture.door)
    try await fixture.pool.run { try $0.executeScript("alter table observations rename to hidden") }
    await #expect(throws: DatabaseError.self) {
      try await commit.submit(fixture.submission([.call(1, of: 1, in: fixture.project)]))
    }
    try await fixture.pool.run { try $0.executeScript("alter table hidden rename to observations") }
    #expect(try await commit.submit(fixture.submission([.call(1, of: 1, in: fixture.project)])).accepted == 1)
    #expect(try await fixture.number("select count(*) from traces") == 1)
  }
}
