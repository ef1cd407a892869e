import Domain
import Postgres
import Testing

@testable import Store

@Suite struct ChargeSumsTests {
  private func marks(_ fixture: WriteFixture) async throws -> Int64 {
    try await fixture.number("select count(*) from charge_days_to_sum")
  }

  /// Columns of the relation that don't depend on who interned first.
  private func rows(_ fixture: WriteFixture) async throws -> [String] {
    let columns = (["project_id", "day"] + ChargeColumns.dimensions + ["rate_id"] + ChargeColumns.measures)
      .joined(separator: ", ")
    return try await fixture.lines("select \(unescaped: columns) from \(fixture.charges) c")
  }

  @Test func aMarkedDayAndASummedOneGiveTheSameRows() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([
      .call(1, of: 1, in: fixture.project), .call(2, of: 1, in: fixture.project, model: "large"),
      .call(3, of: 2, in: fixture.project) { $0.serviceTier = "batch" },
      .call(4, of: 3, in: fixture.project, atSeconds: -3 * 86_400),
    ])
    try await fixture.foldAll()
    let marked = try await rows(fixture)
    #expect(marked.count == 4)
    #expect(try await fixture.number("select count(*) from charges_day") == 0)
    #expect(try await marks(fixture) == 2)
    while try await ChargeSums(pool: fixture.pool).sumNext(restSeconds: 0) {}
    #expect(try await marks(fixture) == 0)
    #expect(try await fixture.number("select count(*) from charges_day") == 4)
    #expect(try await rows(fixture) == marked)
    try await fixture.expectChargesOfEveryDimension()
  }

  @Test func aSummedDayIsNotReadFromItsCalls() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([.call(1, of: 1, in: fixture.project)])
    try await fixture.foldAll()
    while try await ChargeSums(pool: fixture.pool).sumNext(restSeconds: 0) {}
    try await fixture.pool.run { _ = try $0.execute("update charges_day set calls = 70") }
    #expect(try await fixture.number("select sum(calls) from \(fixture.charges) c") == 70)
    // A call that comes late marks it again.
    try await fixture.send([.call(2, of: 1, in: fixture.project)])
    try await fixture.foldAll()
    #expect(try await fixture.number("select sum(calls) from \(fixture.charges) c") == 2)
  }

  @Test func aDayThatIsMarkedWhileItIsSummedStaysMarked() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([.call(1, of: 1, in: fixture.project)])
    try await fixture.foldAll()
    let sums = ChargeSums(pool: fixture.pool)
    // Holds the sum up after it has looked at the mark, until there is another.
    let holding = Task {
      try await fixture.pool.transaction { c in
        try c.execute("lock table charges_day in access exclusive mode")
        for _ in 0..<2000 where try c.first("select max(marks) from charge_days_to_sum", { try $0.int64(0) }) == 1 {
          try c.execute("select pg_sleep(0.01)")
        }
      }
    }
    try await wait(fixture, for: "granted and mode = 'AccessExclusiveLock' and relation = 'charges_day'::regclass")
    let sum = Task { try await sums.sumNext(restSeconds: 0) }
    try await wait(fixture, for: "not granted and relation = 'charges_day'::regclass")
    try await fixture.send([.call(2, of: 1, in: fixture.project)])
    try await fixture.foldAll()
    try await holding.value
    #expect(try await sum.value)
    #expect(try await marks(fixture) == 1)
    #expect(try await fixture.number("select sum(calls) from \(fixture.charges) c") == 2)
    #expect(try await sums.sumNext(restSeconds: 0))
    #expect(try await marks(fixture) == 0)
    #expect(try await fixture.number("select sum(calls) from \(fixture.charges) c") == 2)
  }

  private func wait(_ fixture: WriteFixture, for lock: String) async throws {
    while try await fixture.number("select count(*) from pg_locks where \(unescaped: lock)") == 0 {
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  @Test func todayAndDaysThatDoNotRestAreNotSummed() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([.call(1, of: 1, in: fixture.project)])
    try await fixture.foldAll()
    let sums = ChargeSums(pool: fixture.pool)
    #expect(try await !sums.sumNext(restSeconds: 3600))
    try await fixture.pool.run { c in
      _ = try c.execute("update charge_days_to_sum set day = (now() at time zone \(WriteFixture.zone))::date")
    }
    #expect(try await !sums.sumNext(restSeconds: 0))
  }

  @Test func aCloseSumsWhatIsMarkedOfItsDays() async throws {
    let fixture = try await WriteFixture.make()
    let project = fixture.project
    try await fixture.send([
      .call(1, of: 1, in: project), .call(2, of: 1, in: project, atSeconds: -86_400),
      .call(3, of: 1, in: project, atSeconds: -5 * 86_400),
    ])
    let last = Int32(WriteFixture.noon.microseconds / 86_400_000_000)
    let summed = try await fixture.pool.transaction(TransactionOptions(isolation: .repeatableRead), attempts: 5) { c in
      try c.execute("select pg_advisory_xact_lock(\(AdvisoryLock.fold))")
      while try Fold.fold(c) > 0 {}
      return try ChargeSums.sum(projects: [project], from: last - 1, to: last + 1, on: c)
    }
    #expect(summed == 2)
    #expect(try await fixture.number("select sum(calls) from charges_day") == 2)
    #expect(try await marks(fixture) == 1)
    #expect(try await fixture.number("select sum(calls) from \(fixture.charges) c") == 3)
  }

  @Test func aRequestThatWasNotCountedIsChargedAndAStatedCostHasNoUnitPrices() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([
      .call(1, of: 1, in: fixture.project) { $0.kind = .embedding },
      .call(2, of: 2, in: fixture.project) {
        $0.usage = nil
        $0.reportedCost = ReportedCost(amount: USD(pico: 77), source: .sender)
      },
      .call(3, of: 3, in: fixture.project) {
        $0.reportedCost = ReportedCost(amount: USD(pico: 200_000), source: .sender)
      },
    ])
    try await fixture.foldAll()
    let charges = fixture.charges
    #expect(try await fixture.number("select requests_charged from \(charges) c where kind = 3") == 1)
    #expect(try await fixture.number("select usage_requests from \(charges) c where kind = 3") == 0, "as spend_hour counts it")
    #expect(try await fixture.number("select contracted_cost_pico from \(charges) c where kind = 3") == 127_000)
    #expect(try await fixture.number("select contracted_cost_pico from \(charges) c where rate_id = 0") == 77)
    let stated: SQL = "select cost_pico - contracted_cost_pico from \(charges) c where rate_id <> 0 and kind = 1"
    #expect(try await fixture.number(stated) == 80_000)
    try await fixture.expectChargesOfEveryDimension()
  }

  @Test func theRelationReadsOnlyPartitionsOfMarkedDays() async throws {
    let fixture = try await WriteFixture.make()
    for i in 0..<20 as Range<UInt64> {
      try await fixture.send([.call(i + 1, of: i + 1, in: fixture.project, atSeconds: Int64(i) * -86_400)])
    }
    try await fixture.foldAll()
    while try await ChargeSums(pool: fixture.pool).sumNext(restSeconds: 0) {}
    try await fixture.send([.call(50, of: 2, in: fixture.project, atSeconds: -5 * 86_400)])
    try await fixture.foldAll()
    let sql = SQL("explain (analyze, costs off, timing off) select sum(calls) from ") + fixture.charges + " c"
    let plan = try await fixture.pool.run { c in try c.query(sql.uncached()) { try $0.string(0) } }
    let read = plan.filter { $0.contains("on observations_") && !$0.contains("never executed") }
    #expect(!read.isEmpty && read.count <= 3, "\(plan.joined(separator: "\n"))")
  }
}
