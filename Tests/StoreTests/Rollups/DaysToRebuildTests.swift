import Domain
import Postgres
import Testing

@testable import Store

@Suite struct DaysToRebuildTests {
  /// What a release without money, groups and months left behind.
  private func forget(_ fixture: WriteFixture) async throws {
    try await fixture.pool.run { c in
      for table in ["spend_hour", "spend_day", "spend_endpoint_hour", "spend_endpoint_day", "spend_user_day"] {
        try c.execute(
          "update \(unescaped: table) set list_cost_pico = 0, contracted_cost_pico = 0, avoided_cost_pico = 0")
      }
      try c.executeScript(
        """
        update spend_user_day set user_group_id = 0;
        truncate spend_group_hour, spend_group_day, spend_month, spend_endpoint_month, spend_group_month, spend_user_month, charges_day;
        insert into days_to_rebuild select distinct project_id, day from spend_day;
        insert into charge_days_to_sum select project_id, day from days_to_rebuild;
        insert into months_to_sum select distinct project_id, date_trunc('month', day)::date from days_to_rebuild
        """)
    }
  }

  @Test func whatAReleaseBeforeSummedIsMadeAgainWhileCallsArrive() async throws {
    let fixture = try await WriteFixture.make()
    let calls = (0..<30 as Range<UInt64>).map { i -> ObservationFacts in
      ObservationFacts.call(i + 1, of: i / 3 + 1, in: fixture.project, atSeconds: Int64(i) * -40_000) {
        $0.user = "user\(i % 5)"
        $0.key = KeyID(Int32(i % 3 + 1))
      }
    }
    try await fixture.send(Array(calls.prefix(29)))
    _ = try await fixture.state()
    try await forget(fixture)
    let days = try await fixture.number("select count(*) from days_to_rebuild")
    #expect(days > 5)
    // One call comes while days wait, to the oldest of them.
    try await fixture.send([calls[29]])
    try await fixture.foldAll()
    let rebuild = DaysToRebuild(pool: fixture.pool)
    for _ in 0..<days { #expect(try await rebuild.rebuildNext()) }
    #expect(try await !rebuild.rebuildNext())
    #expect(try await fixture.number("select count(*) from days_to_rebuild") == 0)
    let filled = try await fixture.state()

    try await RollupRebuild(pool: fixture.pool).run()
    #expect(WriteFixture.difference(try await fixture.state(), filled).isEmpty)
    #expect(try await fixture.number("select sum(list_cost_pico) from spend_group_month") == 30 * 120 * 1250)
    try await fixture.expectChargesOfEveryDimension()
  }

  @Test func aFrozenDayKeepsItsTotalsWithoutItsCalls() async throws {
    let fixture = try await WriteFixture.make()
    // Where the day of noon begins.
    let frozenBefore = WriteFixture.noon.adding(seconds: -63_000)
    try await fixture.send([.call(1, of: 1, in: fixture.project, atSeconds: -86_400), .call(2, of: 2, in: fixture.project)])
    _ = try await fixture.state()
    try await forget(fixture)
    try await fixture.pool.run { c in
      try c.execute("update projects set frozen_before = \(frozenBefore)")
      try c.execute("delete from observations where started_at < \(frozenBefore)")
    }
    while try await DaysToRebuild(pool: fixture.pool).rebuildNext() {}
    try await fixture.sumAll()
    for table in ["spend_hour", "spend_group_day", "spend_user_month", "spend_endpoint_day"] {
      #expect(try await fixture.number("select sum(calls) from \(unescaped: table)") == 2, "\(table)")
      #expect(try await fixture.number("select sum(contracted_cost_pico) from \(unescaped: table)") == 240_000, "\(table)")
    }
    // The frozen day's list price is not known any more: its cost stands for it.
    #expect(try await fixture.number("select sum(list_cost_pico) from spend_group_hour") == 120 * 1000 + 120 * 1250)
  }

  @Test func whatAProcessOfTheReleaseBeforeFoldsIsMadeAgain() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.send([.call(1, of: 1, in: fixture.project) { $0.key = KeyID(3) }])
    // As it would have written it: without the rollup by group, money and new dimensions.
    try await fixture.pool.run { c in
      try c.execute("delete from deltas where rollup = 4")
      try c.execute(
        """
        update deltas set version = 2, list_cost_pico = null, contracted_cost_pico = null, avoided_cost_pico = null,
          user_group_ids = null
        """)
    }
    try await fixture.foldAll()
    #expect(try await fixture.number("select sum(calls) from spend_user_day where user_group_id = 0") == 1)
    #expect(try await fixture.number("select count(*) from days_to_rebuild") == 1)
    #expect(try await fixture.number("select count(*) from spend_group_hour") == 0)
    while try await DaysToRebuild(pool: fixture.pool).rebuildNext() {}
    #expect(try await fixture.number("select key_id from spend_group_hour") == 3)
    #expect(try await fixture.number("select list_cost_pico from spend_hour") == 150_000)
  }
}
