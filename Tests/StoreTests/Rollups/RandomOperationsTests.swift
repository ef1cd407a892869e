import Domain
import Foundation
import Postgres
import Testing

@testable import Store

/// Design §3.11: sums are what calls make of them, whatever happened to the calls.
///
/// The long form is one course: QUIPU_RANDOM_OPERATIONS=100000, another one by QUIPU_RANDOM_SEED. It compares ten times on its way.
@Suite struct RandomOperationsTests {
  private struct Form {
    var seeds: [UInt64] = [1, 2, 3, 4]
    var operations = 300
    /// In one transaction.
    var most = 5
    var checks = 1
    /// Before today: few, so that the same sums change again and again, in two months.
    var days: [Int64] = [0, 1, 2, 3, 19, 20, 21, 37, 38]
  }

  private static let form: Form = {
    func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
    guard let operations = number("QUIPU_RANDOM_OPERATIONS") else { return Form() }
    return Form(seeds: [UInt64(number("QUIPU_RANDOM_SEED") ?? 1)], operations: operations, most: 60, checks: 10, days: Array(0..<39))
  }()

  @Test(arguments: form.seeds)
  func rebuiltSumsAndChargesEqualThoseMadeStepByStep(seed: UInt64) async throws {
    let form = Self.form
    // So few that combinations of declared keys fold.
    let fixture = try await WriteFixture.make().admitting(newSets: 1)
    var operations = RandomOperations(seed: seed, days: form.days, fixture)
    for check in 1...form.checks {
      var steps = 0
      while operations.count < form.operations * check / form.checks {
        try await operations.run(most: form.most)
        steps += 1
        // The test's server has no autovacuum, and every operation leaves dead rows in `deltas`.
        if steps % 250 == 0 { try await fixture.pool.run { _ = try $0.execute("vacuum analyze") } }
      }
      // Every day is summed, and then some are different.
      try await fixture.foldAll()
      try await fixture.sumAll()
      try await operations.regroup(form.most)
      try await operations.run(most: 1)
      try await expectSumsOfCalls(fixture, "seed \(seed), \(operations.count) operations")
    }
    let rows = try await fixture.number("select count(*) from observations where is_call")
    #expect(rows > form.operations / 5)
    for column in ["avoided_cost_pico", "reported_cost_pico", "rate_id", "extra_1", "user_group_id", "first_cost_pico"] {
      #expect(
        try await fixture.number("select count(*) from observations where \(unescaped: column) <> '0'") > 0, "\(column)")
    }
    for values in ["= '(other)'", "like 'plan%'"] {
      #expect(try await fixture.number("select count(*) from observations where extra_3 \(unescaped: values)") > 0, "\(values)")
    }
  }

  private func expectSumsOfCalls(_ fixture: WriteFixture, _ place: String) async throws {
    // Some days and months are summed, some are marked.
    try await fixture.foldAll()
    try await fixture.expectChargesOfEveryDimension()
    let folded = try await fixture.state()
    try await fixture.expectChargesOfEveryDimension()
    try await damage(fixture)
    try await RollupRebuild(pool: fixture.pool).run()
    let difference = WriteFixture.difference(folded, try await fixture.state())
    #expect(difference.isEmpty, "\(place): \(difference.prefix(6).joined(separator: "\n"))")
    for table in WriteFixture.sums { #expect(folded[table]?.isEmpty == false, "\(table) has rows") }
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
