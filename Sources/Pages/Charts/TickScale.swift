import Domain

/// An axis from zero to a round top with three to five ticks, in exact money.
struct TickScale: Equatable {
  /// Ascending, the first is zero.
  let ticks: [USD]
  var top: USD { ticks.last ?? .zero }

  /// Covers `maximum`; an empty or negative maximum gives an axis up to one dollar.
  init(covering maximum: USD) {
    // The cap keeps the arithmetic below in range; it is 10²³ dollars.
    let wanted = maximum.pico > 0 ? min(maximum.pico, Int128.max / 1000) : USD.scale
    let step = Self.step(for: wanted)
    let count = (wanted + step - 1) / step
    ticks = (0...Int(count)).map { USD(pico: step * Int128($0)) }
  }

  /// The smallest of 1, 2, 5 × 10ⁿ that covers `maximum` in at most four steps.
  private static func step(for maximum: Int128) -> Int128 {
    var power: Int128 = 1
    while power < Int128.max / 100 {
      for factor in [1, 2, 5] as [Int128] where factor * power * 4 >= maximum { return factor * power }
      power *= 10
    }
    return maximum
  }

  /// 0 at zero, 1 at the top.
  func fraction(_ amount: USD) -> Double { top.pico > 0 ? Double(amount.pico) / Double(top.pico) : 0 }

  /// "$1,500", "$0.002": as many decimals as the step needs.
  static func label(_ amount: USD) -> String {
    let decimal = amount.decimal
    let parts = decimal.split(separator: ".", maxSplits: 1)
    guard let whole = parts.first, let number = Int64(whole) else { return "$" + decimal }
    guard parts.count == 2 else { return "$" + Digits.grouped(number) }
    let fraction = parts[1].count == 1 ? parts[1] + "0" : parts[1]
    return "$" + Digits.grouped(number) + "." + fraction
  }
}
