import Domain
import Postgres
import Testing

@testable import Store

@Suite struct RollupTests {
  @Test(arguments: [11, 12, 13] as [UInt64])
  func rebuildingEqualsFolding(seed: UInt64) async throws {
    let fixture = try await WriteFixture.make()
    let traffic = RandomTraffic(seed: seed, traces: 40, project: fixture.project)
    for (i, message) in traffic.messages.enumerated() {
      _ = try await fixture.writer.write([fixture.submission([message])])[0].get()
      // Folds see changes of calls that are already in totals.
      if i % 9 == 0 { _ = try await Fold(pool: fixture.pool).run() }
    }
    let folded = try await fixture.state()
    #expect(folded["spend_hour"]?.count ?? 0 > 10)
    // Rows that a rebuild must remove or put right.
    try await fixture.pool.run { connection in
      try connection.execute("update spend_hour set calls = calls + 1, cost_pico = 0")
      try connection.execute("delete from spend_user_day where model = 'large'")
      try connection.execute("update spend_endpoint_hour set endpoint = endpoint || '?'")
      try connection.execute("update spend_group_hour set list_cost_pico = 7, contracted_cost_pico = 7, key_id = 9")
      try connection.execute("update charges_day set cost_pico = 0")
      try connection.execute("update spend_user_month set avoided_cost_pico = 1")
    }
    try await RollupRebuild(pool: fixture.pool).run()
    #expect(try await fixture.state() == folded)
  }

  @Test func rebuildingARangeLeavesTheRestAlone() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([
      .call(1, of: 1, in: fixture.project), .call(2, of: 1, in: fixture.project, atSeconds: -4 * 86_400),
    ])
    try await fixture.foldAll()
    try await fixture.pool.run { _ = try $0.execute("update spend_hour set calls = 50") }
    let today = try #require(TimeRange(from: WriteFixture.noon, to: WriteFixture.noon.adding(seconds: 1)))
    try await RollupRebuild(pool: fixture.pool).run(today)
    #expect(try await fixture.number("select sum(calls) from spend_hour") == 51)
    let frozen = try #require(TimeRange(from: WriteFixture.frozenBefore.adding(seconds: -1), to: WriteFixture.noon))
    await #expect(throws: RebuildRefused.self) { try await RollupRebuild(pool: fixture.pool).run(frozen) }
  }

  @Test func rebuildingBesideWritersLosesNothing() async throws {
    let fixture = try await WriteFixture.make()
    let writing = Task {
      for i in 1...60 as ClosedRange<UInt64> { try await fixture.send([.call(1, of: i, in: fixture.project)]) }
    }
    let folding = Task { for _ in 0..<40 { _ = try await Fold(pool: fixture.pool).run() } }
    for _ in 0..<5 { try await RollupRebuild(pool: fixture.pool).run() }
    try await writing.value
    try await folding.value
    try await fixture.foldAll()
    #expect(try await fixture.number("select sum(calls) from spend_hour") == 60)
    #expect(try await fixture.number("select sum(calls) from spend_user_day") == 60)
  }

  @Test func twoFoldsAtOnceCountEveryDeltaOnce() async throws {
    let fixture = try await WriteFixture.make()
    for i in 1...30 as ClosedRange<UInt64> { try await fixture.send([.call(1, of: i, in: fixture.project)]) }
    let fold = Fold(pool: fixture.pool)
    #expect(try await fold.backlogAge() > 0)
    async let first = fold.run()
    async let second = fold.run()
    #expect(try await first + second == 120, "one row for each rollup")
    #expect(try await fold.backlogAge() == 0)
    #expect(try await fixture.number("select sum(calls) from spend_hour") == 30)
  }

  @Test func hoursAndDaysBeginWhereTheOrganisationsClockSaysSo() async throws {
    let fixture = try await WriteFixture.make()
    // Noon UTC is 17:30 in Kolkata; its day began at 18:30 UTC the day before.
    try await fixture.send([.call(1, of: 1, in: fixture.project)])
    try await fixture.foldAll()
    let hour = WriteFixture.noon.adding(seconds: -1800)
    let day = WriteFixture.noon.adding(seconds: -63_000)
    #expect(try await fixture.number("select count(*) from spend_hour where hour = \(hour)") == 1)
    #expect(try await fixture.number("select count(*) from spend_user_day where day_start = \(day)") == 1)
  }

  @Test func aCallCountsInTheHistogramPlaceOfItsDuration() async throws {
    let fixture = try await WriteFixture.make()
    let microseconds: [Int64] = [0, 50_000, 50_001, 2_000_000, 300_000_000, 300_000_001]
    try await fixture.send(
      microseconds.enumerated().map { i, duration in
        .call(UInt64(i + 1), of: UInt64(i + 1), in: fixture.project) {
          $0.endedAt = WriteFixture.noon.adding(microseconds: duration)
        }
      })
    try await fixture.foldAll()
    let places = MeasureColumns.latency.joined(separator: ", ")
    func counts() async throws -> [Int64] {
      try await fixture.pool.run { connection in
        try connection.first("select \(unescaped: places) from spend_hour") { row in
          try MeasureColumns.latency.indices.map { try row.int64($0) }
        } ?? []
      }
    }
    let expected: [Int: Int64] = [0: 2, 1: 1, 8: 1, 18: 1, 19: 1]
    #expect(try await counts() == MeasureColumns.latency.indices.map { expected[$0] ?? 0 })
    try await RollupRebuild(pool: fixture.pool).run()
    #expect(try await counts() == MeasureColumns.latency.indices.map { expected[$0] ?? 0 })
  }

  @Test(arguments: WriteFixture.sums + ["deltas", "traces", "observations"])
  func tablesHaveTheUsageColumnsOfTheSharedList(table: String) async throws {
    let fixture = try await WriteFixture.make()
    let columns = try await fixture.pool.run { connection in
      try connection.query(
        """
        select attname::text from pg_attribute where attrelid = to_regclass(\(table))
          and attnum > 0 and not attisdropped
          and (attname like 'usage\\_%' or attname like 'latency\\_%')
            and attname not in ('usage_rule', 'usage_raw', 'usage_flags')
        order by attnum
        """
      ) { try $0.string(0) }
    }
    #expect(columns == MeasureColumns.usage + (["spend_hour", "spend_day", "spend_month", "spend_to_date", "deltas"].contains(table) ? MeasureColumns.latency : []))
  }
}
