import Domain
import Postgres
import Testing

@testable import Store

@Suite struct PartitionsTests {
  @Test func processesThatMakeTheSamePartitionsAtOnceAllSucceed() async throws {
    let fixture = try await WriteFixture.make()
    let places = Set((0..<4).map { Partitions.Place.observations(UTCDay(WriteFixture.noon).adding($0)) })
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for _ in 0..<4 {
        let process = Partitions(pool: fixture.pool)
        for _ in 0..<3 { tasks.addTask { try await process.ensure(places) } }
      }
      try await tasks.waitForAll()
    }
    let count = try await fixture.number("select count(*) from pg_inherits where inhparent = 'observations'::regclass")
    #expect(count == 4)
  }

  @Test func theDaysAheadAreReadyForEveryRetentionInUse() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.partitions.ensureAhead(days: 2, now: WriteFixture.noon)
    #expect(
      try await fixture.number("select count(*) from pg_inherits where inhparent = 'observations'::regclass") == 4)
    #expect(try await fixture.number("select count(*) from pg_inherits where inhparent = 'payloads_90'::regclass") == 4)
    #expect(try await fixture.number("select count(*) from pg_inherits where inhparent = 'payloads_7'::regclass") == 0)
  }

  @Test(
    arguments: [
      (0, "1970-01-01"), (-1, "1969-12-31"), (11_016, "2000-02-29"), (19_782, "2024-02-29"), (19_783, "2024-03-01"),
      (20_454, "2026-01-01"), (-719_162, "0001-01-01"),
    ] as [(Int32, String)])
  func daysAreWrittenAsDates(number: Int32, date: String) {
    #expect(UTCDay(number).iso == date)
    #expect(UTCDay(UTCDay(number).start) == UTCDay(number))
    #expect(UTCDay(UTCDay(number).start.adding(microseconds: -1)) == UTCDay(number).adding(-1))
  }
}
