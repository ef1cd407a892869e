/// Splits shared costs among teams.
public enum PoolSplit {
  /// One team's part.
  public struct Part: Sendable, Hashable {
    /// nil: what no team can be charged.
    public var team: TeamID?
    public var amount: USD
    public var driver: Int128
    public var driverTotal: Int128
  }

  /// Whole pico-USD a month; nil when the hours or the product aren't exact.
  public static func amount(_ amount: CostPool.Amount) -> USD? {
    switch amount {
    case .monthly(let usd): return usd
    case .hourly(let usd, let text):
      guard let hours = exactMillionths(text), hours >= 0, hours <= 744_000_000 else { return nil }
      let (product, isTooMuch) = usd.pico.multipliedReportingOverflow(by: hours)
      return isTooMuch || product % 1_000_000 != 0 ? nil : USD(pico: product / 1_000_000)
    }
  }

  /// A decimal with at most six digits after the point, in millionths; nil for more or for no number.
  public static func exactMillionths(_ text: String) -> Int128? {
    DecimalText.exactly(text, scaleDigits: 6)
  }

  /// Parts that add up to the pool's amount, in whole cents but for the first, by rising team; teams with a driver of zero or less are
  /// left out. When no team is left the whole is one part without a team. `costs` is the teams' own effective cost of the month,
  /// `valid` the teams that can own cost in it.
  public static func parts(of pool: CostPool, amount: USD, costs: [TeamID: USD], valid: [TeamID]) -> [Part] {
    let drivers: [TeamID: Int128] =
      switch pool.method {
      case .proportionalCost: costs.mapValues(\.pico)
      case .even: Dictionary(valid.map { ($0, 1) }, uniquingKeysWith: { a, _ in a })
      case .fixedPercent: pool.percentages.compactMapValues(exactMillionths)
      }
    let kept = drivers.filter { $0.value > 0 }.sorted { $0.key < $1.key }
    let total = kept.reduce(Int128(0)) { $0 + $1.value }
    guard let amounts = LargestRemainder.split(amount, by: kept.map(\.value)) else {
      return [Part(team: nil, amount: amount, driver: 0, driverTotal: 0)]
    }
    return zip(kept, amounts).map { Part(team: $0.key, amount: $1, driver: $0.value, driverTotal: total) }
  }
}
