import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct RequestLogTests {
  private func record(_ project: ProjectID?, _ second: Int64, sender: String = "curl") -> RequestRecord {
    RequestRecord(
      receivedAt: instant("2026-11-01T00:00:00Z").adding(seconds: second), project: project, publicKey: "pk-lf-1",
      path: "/v1/traces", sender: sender, status: 200, accepted: 3, refused: 2,
      reasons: ["tooOld": 2, "a \"b\"\\\n": 1], bytes: 900)
  }

  private func log(_ pool: ConnectionPool, waitingMax: Int = 5000) -> RequestLog {
    RequestLog(pool: pool, logger: TestDatabase.quietLogger, waitingMax: waitingMax)
  }

  @Test func whatWasRecordedIsListedNewestFirst() async throws {
    let fixture = try await ReportFixture.make()
    let log = log(fixture.pool)
    let project = fixture.projects[0].id
    for second in 0..<5 { await log.record(record(project, Int64(second))) }
    await log.record(record(fixture.projects[1].id, 9))
    await log.record(record(nil, 10))
    await log.flush()
    #expect(await log.waitingCount == 0)
    let list = RequestList(pool: fixture.pool)
    let own = try await list.run(project: project, limit: 3, scope: fixture.scope)
    #expect(own.map(\.receivedAt) == [4, 3, 2].map { instant("2026-11-01T00:00:00Z").adding(seconds: $0) })
    #expect(own[0].reasons == ["tooOld": 2, "a \"b\"\\ ": 1])
    #expect(
      own[0].sender == "curl" && own[0].status == 200 && own[0].accepted == 3 && own[0].refused == 2
        && own[0].bytes == 900)
    #expect(try await list.run(scope: fixture.scope).count == 6)
    #expect(try await list.run(withoutProject: true, scope: fixture.scope).count == 7)
    var scope = fixture.scope
    scope.traces = .only([fixture.projects[1].id])
    #expect(try await list.run(withoutProject: true, scope: scope).count == 1)
    #expect(try await list.run(project: project, scope: scope).isEmpty)
  }

  @Test func aFullBatchIsWrittenWithoutWaiting() async throws {
    let fixture = try await ReportFixture.make()
    let log = log(fixture.pool)
    for second in 0..<RequestLog.batchMax { await log.record(record(fixture.projects[0].id, Int64(second))) }
    var count = 0
    for _ in 0..<1000 where count < RequestLog.batchMax {
      count = try await RequestList(pool: fixture.pool).run(limit: 1000, scope: fixture.scope).count
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(count == RequestLog.batchMax)
  }

  @Test func withoutADatabaseTheOldestAreDroppedAndCounted() async throws {
    let fixture = try await ReportFixture.make()
    let away = ConnectionPool(url: fixture.database.url, logger: TestDatabase.quietLogger)
    await away.close()
    let log = log(away, waitingMax: 10)
    for second in 0..<25 { await log.record(record(nil, Int64(second))) }
    await log.flush()
    #expect(await log.waitingCount == 10)
    #expect(await log.dropped == 15)
  }

  @Test func textsThatNoColumnCanHoldAreRepaired() async throws {
    let fixture = try await ReportFixture.make()
    let log = log(fixture.pool)
    await log.record(record(fixture.projects[0].id, 1, sender: "a\0b" + String(repeating: "é", count: 300)))
    await log.flush()
    let sender = try await RequestList(pool: fixture.pool).run(scope: fixture.scope).first?.sender
    #expect(sender == "ab" + String(repeating: "é", count: 118))
    #expect(await log.dropped == 0)
  }

  @Test func stoppingWritesWhatIsLeft() async throws {
    let fixture = try await ReportFixture.make()
    let log = log(fixture.pool)
    let running = Task { await log.run() }
    await log.record(record(fixture.projects[0].id, 1))
    running.cancel()
    await running.value
    #expect(try await RequestList(pool: fixture.pool).run(scope: fixture.scope).count == 1)
  }

  @Test func linesOlderThanAWeekAreRemoved() async throws {
    let fixture = try await ReportFixture.make()
    let log = log(fixture.pool)
    for second in 0..<3 { await log.record(record(fixture.projects[0].id, Int64(second))) }
    await log.flush()
    try await fixture.pool.run { c in
      try c.execute("update request_log set received_at = now() - interval '6 days 23 hours'")
      try c.execute(
        "update request_log set received_at = now() - interval '8 days' where id = (select min(id) from request_log)")
    }
    let list = RequestList(pool: fixture.pool)
    #expect(try await list.removeOld() == 1)
    #expect(try await list.run(scope: fixture.scope).count == 2)
  }
}
