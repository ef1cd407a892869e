import Domain
import Postgres
import Testing

@testable import Store

@Suite struct SumsToDateTests {
  /// Every day that holds has the sums of its month up to it, in every table.
  private func expectSums(_ fixture: WriteFixture) async throws {
    for triple in SumsToDate.triples {
      let sums = "sum(s.calls), sum(s.cost_pico), sum(s.list_cost_pico), sum(s.usage_input), sum(s.usage_output)"
      let expected = try await fixture.lines(
        """
        select d.day, s.project_id, s.team_id, s.model, \(unescaped: sums)
        from sums_to_date d join \(unescaped: triple.days) s on s.project_id = d.project_id and s.day <= d.day
          and s.day >= date_trunc('month', d.day::timestamp)
        where d.holds group by 1, 2, 3, 4 order by 1, 2, 3, 4
        """)
      let found = try await fixture.lines(
        """
        select d.day, s.project_id, s.team_id, s.model, \(unescaped: sums)
        from sums_to_date d join \(unescaped: triple.toDate) s using (project_id, day)
        where d.holds group by 1, 2, 3, 4 order by 1, 2, 3, 4
        """)
      #expect(found == expected, "\(triple.toDate)")
    }
  }

  @Test func aLateCallTakesItsDayAndTheLaterOnesOfItsMonthBack() async throws {
    let fixture = try await WriteFixture.make()
    // September's noon, days before it, and August.
    for (i, day) in [0, -1, -2, -5, -40].enumerated() {
      let facts = ObservationFacts.call(UInt64(i + 1), of: UInt64(i + 1), in: fixture.project, atSeconds: Int64(day) * 86_400)
      try await fixture.send([facts])
    }
    try await fixture.foldAll()
    #expect(try await !SumsToDate(pool: fixture.pool).sumNext(), "no day is summed")
    try await fixture.sumAll()
    #expect(try await fixture.number("select count(*) from sums_to_date where holds") == 5)
    #expect(try await fixture.number("select max(calls) from (select sum(calls) from spend_to_date group by day) t(calls)") == 4)
    try await expectSums(fixture)

    try await fixture.send([.call(9, of: 9, in: fixture.project, atSeconds: -2 * 86_400)])
    try await fixture.foldAll()
    #expect(try await fixture.number("select count(*) from sums_to_date where holds") == 2, "one before, and August's")
    #expect(try await !SumsToDate(pool: fixture.pool).sumNext(), "the day is marked")
    while try await DailySums(pool: fixture.pool).sumNext(restSeconds: 0) {}
    #expect(try await fixture.number("select count(*) from sums_to_date where holds") == 2)
    #expect(try await SumsToDate(pool: fixture.pool).sumNext())
    try await expectSums(fixture)
    try await fixture.sumAll()
    #expect(try await fixture.number("select count(*) from sums_to_date where holds") == 5)
    #expect(try await fixture.number("select max(calls) from (select sum(calls) from spend_to_date group by day) t(calls)") == 5)
    try await expectSums(fixture)
  }
}
