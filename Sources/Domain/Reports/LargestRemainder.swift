/// Rounding in which the parts add up.
public enum LargestRemainder {
  /// Rounds each part to a multiple of `unit` so that they add up to `total` rounded half even; the parts with the largest remainders
  /// are raised, of equal ones the first. *Shape:* as `parts`; negative parts are fine. `total`, when it is rounded already, is a
  /// multiple of `unit` next below or above their sum.
  public static func round(_ parts: [USD], to unit: Int128 = 10_000_000_000, total: USD? = nil) -> [USD] {
    let whole = total.map { $0.pico / unit } ?? halfEven(parts.reduce(USD.zero) { $0 + $1 }.pico, unit)
    let floors = parts.map { floored($0.pico, unit) }
    let missing = whole - floors.reduce(0) { $0 + $1 }
    let order = parts.indices.sorted { a, b in
      let (x, y) = (parts[a].pico - floors[a] * unit, parts[b].pico - floors[b] * unit)
      return x == y ? a < b : x > y
    }
    var units = floors
    for i in order.prefix(Int(max(0, min(missing, Int128(parts.count))))) { units[i] += 1 }
    return units.map { USD(pico: $0 * unit) }
  }

  /// Splits `amount` by whole-number weights into multiples of `unit` that add up to it; what is less than a unit goes to the first.
  /// nil when no weight is above zero.
  public static func split(_ amount: USD, by weights: [Int128], unit: Int128 = 10_000_000_000) -> [USD]? {
    let sum = weights.reduce(Int128(0)) { $0 + max(0, $1) }
    guard sum > 0 else { return nil }
    let whole = floored(amount.pico, unit)
    var units: [Int128] = []
    var remainders: [Int128] = []
    for weight in weights.map({ max(0, $0) }) {
      let (part, rest) = product(whole, weight, over: sum)
      units.append(part)
      remainders.append(rest)
    }
    let missing = whole - units.reduce(0) { $0 + $1 }
    let order = weights.indices.sorted { remainders[$0] == remainders[$1] ? $0 < $1 : remainders[$0] > remainders[$1] }
    for i in order.prefix(Int(max(0, min(missing, Int128(weights.count))))) { units[i] += 1 }
    var parts = units.map { USD(pico: $0 * unit) }
    let rest = amount.pico - whole * unit
    if rest != 0, let first = weights.indices.first(where: { weights[$0] > 0 }) { parts[first].pico += rest }
    return parts
  }

  private static func floored(_ value: Int128, _ unit: Int128) -> Int128 {
    let quotient = value / unit
    return value % unit < 0 ? quotient - 1 : quotient
  }

  private static func halfEven(_ value: Int128, _ unit: Int128) -> Int128 {
    let floor = floored(value, unit)
    let rest = (value - floor * unit) * 2
    if rest == unit { return floor % 2 == 0 ? floor : floor + 1 }
    return rest > unit ? floor + 1 : floor
  }

  /// whole × weight / sum with its remainder, in full width.
  private static func product(_ whole: Int128, _ weight: Int128, over sum: Int128) -> (Int128, Int128) {
    let isNegative = whole < 0
    let wide = whole.magnitude.multipliedFullWidth(by: weight.magnitude)
    guard wide.high < sum.magnitude else { return (0, 0) }
    let (quotient, remainder) = sum.magnitude.dividingFullWidth(wide)
    guard let part = Int128(exactly: quotient), let rest = Int128(exactly: remainder) else { return (0, 0) }
    if !isNegative { return (part, rest) }
    return rest == 0 ? (-part, 0) : (-part - 1, sum - rest)
  }
}
