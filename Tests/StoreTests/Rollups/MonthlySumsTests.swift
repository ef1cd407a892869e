import Domain
import Postgres
import Testing

@testable import Store

@Suite struct MonthlySumsTests {
  @Test func aMonthIsSummedWhenItsDaysAreAndMarkedAgainByALateCall() async throws {
    let fixture = try await WriteFixture.make()
    // September's noon, and August.
    try await fixture.send([
      .call(1, of: 1, in: fixture.project), .call(2, of: 1, in: fixture.project, atSeconds: -2 * 86_400),
      .call(3, of: 2, in: fixture.project, atSeconds: -30 * 86_400),
    ])
    try await fixture.foldAll()
    let months = MonthlySums(pool: fixture.pool)
    #expect(try await fixture.number("select count(*) from months_to_sum") == 2)
    #expect(try await !months.sumNext(restSeconds: 0), "no month has all of its days")
    try await fixture.sumAll()
    #expect(try await fixture.number("select count(*) from months_to_sum") == 0)
    for (month, days) in MonthlySums.pairs.map({ ($0.months, $0.days) }) {
      let sums = try await fixture.lines(
        "select date_trunc('month', day)::date, model, sum(calls), sum(cost_pico), sum(list_cost_pico) from \(unescaped: days) group by 1, 2")
      #expect(
        try await fixture.lines("select month, model, sum(calls), sum(cost_pico), sum(list_cost_pico) from \(unescaped: month) group by 1, 2")
          == sums, "\(month)")
      #expect(sums.count == 2)
    }
    try await fixture.send([.call(4, of: 3, in: fixture.project, atSeconds: -30 * 86_400)])
    try await fixture.foldAll()
    #expect(try await fixture.number("select count(*) from months_to_sum") == 1)
    #expect(try await !months.sumNext(restSeconds: 3600))
    try await fixture.sumAll()
    #expect(try await fixture.number("select sum(calls) from spend_user_month") == 4)
  }
}
