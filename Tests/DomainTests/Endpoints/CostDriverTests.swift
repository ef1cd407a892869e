import Domain
import Testing

@Suite struct CostDriverTests {
  private func measures(calls: Int64, tokens: Int64, dollars: Double, unpriced: Int64 = 0) -> Measures {
    var m = Measures()
    m.calls = calls
    m.unpricedCalls = unpriced
    m.usage[.input] = tokens
    m.cost = USD(dollars)
    return m
  }

  private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-9 }

  @Test func theThreeCausesMultiplyToTheWhole() throws {
    let now = ["large": measures(calls: 60, tokens: 120_000, dollars: 1.4), "small": measures(calls: 40, tokens: 20_000, dollars: 0.01)]
    let before = ["large": measures(calls: 10, tokens: 9_000, dollars: 0.1), "small": measures(calls: 90, tokens: 70_000, dollars: 0.04)]
    let driver = try #require(CostDriver(now, against: before))
    #expect(near(driver.cost, driver.tokens * driver.mix * driver.price))
    #expect(driver.tokens > 1 && driver.mix > 1 && driver.price > 1)
  }

  @Test func longerPromptsAreTokens() throws {
    let driver = try #require(
      CostDriver(["m": measures(calls: 10, tokens: 40_000, dollars: 0.4)], against: ["m": measures(calls: 10, tokens: 10_000, dollars: 0.1)]))
    #expect(driver.main == .tokens && near(driver.tokens, 4) && near(driver.mix, 1) && near(driver.price, 1))
  }

  @Test func aDearerModelIsMix() throws {
    let before = ["small": measures(calls: 10, tokens: 10_000, dollars: 0.01), "large": measures(calls: 1, tokens: 1_000, dollars: 0.01)]
    let now = ["large": measures(calls: 11, tokens: 11_000, dollars: 0.11)]
    let driver = try #require(CostDriver(now, against: before))
    #expect(driver.main == .mix && near(driver.tokens, 1) && near(driver.price, 1))
  }

  @Test func aDearerTokenOfTheSameModelIsPrice() throws {
    let driver = try #require(
      CostDriver(["m": measures(calls: 10, tokens: 10_000, dollars: 0.3)], against: ["m": measures(calls: 10, tokens: 10_000, dollars: 0.1)]))
    #expect(driver.main == .price && near(driver.price, 3))
  }

  @Test func whatHardlyMovedHasNoCause() throws {
    let one = ["m": measures(calls: 10, tokens: 10_000, dollars: 0.1)]
    #expect(try #require(CostDriver(one, against: one)).main == nil)
  }

  @Test func unpricedModelsAreLeftOut() throws {
    let one = ["m": measures(calls: 10, tokens: 10_000, dollars: 0.1)]
    var own = one
    own["own"] = measures(calls: 5, tokens: 900_000, dollars: 0, unpriced: 5)
    #expect(try #require(CostDriver(own, against: one)).main == nil)
    #expect(CostDriver(["own": measures(calls: 5, tokens: 9, dollars: 0, unpriced: 5)], against: one) == nil)
    #expect(CostDriver([:], against: one) == nil)
  }

  @Test func boundsBelongToTheBand() throws {
    let band = try #require(OperationType.standard.first { $0.name == "Content generation" })
    let costs = ["0.019999999999", "0.02", "0.05", "0.050000000001"].compactMap { USD(decimal: $0) }
    #expect(costs.map(band.place) == [.under, .within, .within, .over])
  }
}
