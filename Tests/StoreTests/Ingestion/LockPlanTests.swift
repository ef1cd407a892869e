import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct LockPlanTests {
  /// A connection keeps the plan it made when the service was new.
  @Test func tracesAreLookedUpByKeyEvenWhenPlannedOnAnEmptyTable() async throws {
    let fixture = try await WriteFixture.make()
    let keys = (1...3).map { TraceKey(project: fixture.project, trace: TraceID(high: 1, low: UInt64($0))) }
    let rows = keys.map {
      TraceRow(
        facts: TraceFacts(project: $0.project, id: $0.trace), receivedAt: WriteFixture.noon, summary: TraceSummary([]))
    }
    for statement in [TraceColumns.lock(keys), TraceColumns.update(rows)] {
      let plan = try await fixture.pool.transaction { connection in
        try DoorTransaction.prefersLookups(connection)
        return try connection.query("explain \(statement)") { try $0.string(0) }.joined(separator: "\n")
      }
      #expect(plan.contains("traces_pkey"), "\(plan)")
      #expect(!plan.contains("traces_time"), "\(plan)")
    }
  }
}
