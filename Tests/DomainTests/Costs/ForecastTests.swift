import Domain
import Testing

@Suite struct ForecastTests {
  /// Weeks of Monday … Sunday, dollars a day.
  private func weeks(_ count: Int, _ dollars: [Int]) -> [Forecast.Day] {
    (0..<count * 7).map { Forecast.Day(weekday: $0 % 7, cost: usd(dollars[$0 % 7])) }
  }
  private func usd(_ dollars: Int) -> USD { USD(pico: Int128(dollars) * USD.scale) }
  private let usual = [10, 10, 10, 10, 10, 2, 1]

  @Test func leftDaysCostTheMedianOfTheirWeekday() throws {
    // Monday after five weeks: 4 so far today, 104 this month, then Tuesday, Saturday, Sunday.
    let forecast = try #require(
      Forecast(spent: usd(104), today: .init(weekday: 0, cost: usd(4)), left: [1, 5, 6], history: weeks(5, usual)))
    #expect(forecast.cost == usd(104 + 6 + 10 + 2 + 1))
    #expect(forecast.days == 35 && forecast.spent == usd(104))
  }

  @Test func oneDearDayDoesNotRepeatItself() throws {
    var history = weeks(5, usual)
    history[21].cost = usd(5000)
    let forecast = try #require(Forecast(spent: usd(0), today: .init(weekday: 6, cost: usd(1)), left: [0], history: history))
    #expect(forecast.cost == usd(10))
  }

  @Test func todayCostsAtLeastWhatItHasCost() throws {
    let forecast = try #require(
      Forecast(spent: usd(50), today: .init(weekday: 6, cost: usd(50)), left: [], history: weeks(4, usual)))
    #expect(forecast.cost == usd(50))
  }

  @Test func lessThanAWeekSaysNothing() {
    let days = Array(weeks(1, usual).prefix(6))
    #expect(Forecast(spent: usd(9), today: .init(weekday: 6, cost: usd(1)), left: [0], history: days) == nil)
    let silent = weeks(5, [0, 0, 0, 0, 0, 0, 0]) + days
    #expect(Forecast(spent: usd(9), today: .init(weekday: 6, cost: usd(1)), left: [0], history: silent) == nil)
  }

  @Test func whatIsOlderThanSixWeeksIsForgotten() throws {
    let history = weeks(4, [900, 900, 900, 900, 900, 900, 900]) + weeks(6, usual)
    let forecast = try #require(Forecast(spent: usd(0), today: .init(weekday: 0, cost: usd(10)), left: [1], history: history))
    #expect(forecast.cost == usd(10) && forecast.days == Forecast.daysMax)
  }

  @Test func evenNumbersOfDaysTakeTheMiddle() throws {
    let history = weeks(1, [4, 4, 4, 4, 4, 4, 4]) + weeks(1, [8, 8, 8, 8, 8, 8, 8])
    let forecast = try #require(Forecast(spent: usd(0), today: .init(weekday: 0, cost: usd(9)), left: [1, 2], history: history))
    #expect(forecast.cost == usd(12))
  }
}
