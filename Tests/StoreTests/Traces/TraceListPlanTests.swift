import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct TraceListPlanTests {
  private func plan(_ query: TraceQuery, _ fixture: ReportFixture) async throws -> String {
    let scope = fixture.scope
    return try await fixture.pool.transaction { c in
      guard let list = try TraceListSQL.make(query, cursor: nil, limit: 51, scope: scope, c) else { return "" }
      return try c.query("explain \(list.statement)") { try $0.string(0) }.joined(separator: "\n")
    }
  }

  /// A call every 15 minutes of October, each in a trace of its own, and many bare traces.
  private func seeded() async throws -> ReportFixture {
    let fixture = try await ReportFixture.make()
    let first = instant("2026-10-01T00:00:00Z")
    try await fixture.insert(
      (0..<2900).map { i in
        var call = fixture.call(at: first.adding(seconds: Int64(i) * 900), trace: UInt64(i + 1), id: 1)
        call.decision.model = i % 200 == 0 ? "rare" : "gpt-5"
        return call
      })
    try await fixture.pool.run { c in
      try c.execute(
        """
        insert into traces (project_id, trace_id, started_at, received_at)
        select \(fixture.projects[0].id), gen_random_uuid(), timestamptz '2026-10-01' + i * interval '2 minutes', now()
        from generate_series(1, 20000) i
        """)
      try c.executeScript("analyze")
    }
    return fixture
  }

  @Test func theNewestComeFromTheIndexByTime() async throws {
    let plan = try await plan(TraceQuery(range: range("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z")), seeded())
    #expect(plan.contains("traces_time"))
    #expect(!plan.contains("Seq Scan on traces"))
  }

  @Test func aFilterByCallsReadsOnlyPartitionsOfTheRange() async throws {
    var query = TraceQuery(range: range("2026-10-10T00:00:00Z", "2026-10-12T00:00:00Z"))
    query.filter = [.model: ["rare"]]
    let plan = try await plan(query, seeded())
    #expect(plan.contains("observations_20261010"))
    #expect(plan.contains("observations_20261011"))
    #expect(!plan.contains("observations_20261009"))
    #expect(!plan.contains("observations_20261012"))
    #expect(!plan.contains("Seq Scan on traces"))
  }

  @Test func aFullPageDoesNotLookBeforeTheRange() async throws {
    let fixture = try await seeded()
    let scope = fixture.scope
    let midnight = instant("2026-10-10T00:00:00Z")
    try await fixture.insert(
      (-1...1).map { fixture.call(at: midnight.adding(seconds: $0), trace: 9999, id: UInt64($0 + 2)) })
    let query = TraceQuery(range: range("2026-10-10T00:00:00Z", "2026-10-12T00:00:00Z"))
    func plan(limit: Int) async throws -> [String] {
      try await fixture.pool.transaction { c in
        guard let list = try TraceListSQL.make(query, cursor: nil, limit: limit, scope: scope, c) else { return [] }
        return try c.query("explain (analyze, costs off, timing off) \(list.statement)") { try $0.string(0) }
      }
    }
    func observationScansRun(_ plan: [String]) -> Bool {
      plan.contains { $0.contains("on observations_") && !$0.contains("never executed") }
    }
    #expect(observationScansRun(try await plan(limit: 5000)))
    #expect(!observationScansRun(try await plan(limit: 51)))
  }

  @Test func aSessionComesFromItsIndex() async throws {
    let fixture = try await seeded()
    try await fixture.pool.run { c in
      try c.execute("update traces set session_id = 's' || (extract(epoch from started_at)::bigint / 600)")
      try c.executeScript("analyze traces")
    }
    var query = TraceQuery(range: range("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"))
    query.session = "s3000000"
    #expect(try await plan(query, fixture).contains("traces_session"))
  }
}
