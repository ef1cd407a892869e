import Domain
import Foundation
import Postgres
import Testing

@testable import Store

/// Design §3.11: sums are what calls make of them, whatever happened to the calls.
@Suite struct RandomOperationsTests {
  /// Operations in all; the long form is asked for by QUIPU_RANDOM_OPERATIONS=100000, another course by QUIPU_RANDOM_SEED.
  private static let count = number("QUIPU_RANDOM_OPERATIONS") ?? 2000
  private static let seed = number("QUIPU_RANDOM_SEED") ?? 1
  private static let checks = 2

  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

  @Test func rebuiltSumsAndChargesEqualThoseMadeStepByStep() async throws {
    let fixture = try await WriteFixture.make()
    var operations = RandomOperations(seed: UInt64(Self.seed), fixture)
    for _ in 0..<Self.checks {
      for i in 1...max(1, Self.count / Self.checks) {
        try await operations.run()
        // The test's server has no autovacuum, and every operation leaves dead rows in `deltas`.
        if i % 1000 == 0 { try await fixture.pool.run { _ = try $0.execute("vacuum analyze") } }
      }
      // Some days and months are summed, some are marked.
      try await fixture.foldAll()
      try await fixture.expectChargesOfEveryDimension()
      let folded = try await fixture.state()
      try await fixture.expectChargesOfEveryDimension()
      try await damage(fixture)
      try await RollupRebuild(pool: fixture.pool).run()
      let difference = WriteFixture.difference(folded, try await fixture.state())
      #expect(difference.isEmpty, "\(difference.prefix(6).joined(separator: "\n"))")
      for table in WriteFixture.sums { #expect(folded[table]?.isEmpty == false, "\(table) has rows") }
    }
    let rows = try await fixture.number("select count(*) from observations where is_call")
    #expect(rows > Self.count / 4)
    for column in ["avoided_cost_pico", "reported_cost_pico", "rate_id", "extra_1", "user_group_id", "first_cost_pico"] {
      #expect(
        try await fixture.number("select count(*) from observations where \(unescaped: column) <> '0'") > 0, "\(column)")
    }
  }

  private func damage(_ fixture: WriteFixture) async throws {
    try await fixture.pool.run { c in
      for table in WriteFixture.sums {
        try c.execute("update \(unescaped: table) set calls = calls + 1, list_cost_pico = 1, avoided_cost_pico = 2")
      }
      try c.execute("delete from spend_group_hour where key_id = 2")
      try c.execute("delete from charges_day where calls > 2")
    }
  }
}
