import Domain

/// The arithmetic of a case's `how`: "12304 cacheWrite × 3.75 per million". Lines without "×" are words.
enum SumLines {
  private static let units: [String: Int128] = [
    "one": 1, "thousand": 1000, "million": 1_000_000, "hour": 3_600_000, "second": 1000,
  ]

  /// The sum of all lines, exact; nil when there is no line of arithmetic.
  static func sum(_ lines: [String]) throws -> USD? {
    let amounts = try lines.filter { $0.contains("×") }.map(amount)
    return amounts.isEmpty ? nil : amounts.reduce(.zero, +)
  }

  struct Unreadable: Error, CustomStringConvertible {
    let description: String
  }

  private static func amount(_ line: String) throws -> USD {
    let parts = line.split(separator: "×").map { $0.split(separator: " ").map(String.init) }
    guard let last = parts.last, let per = last.firstIndex(of: "per"), last.count > per + 1,
      let divisor = units[last[per + 1]]
    else { throw Unreadable(description: "no unit: \(line)") }
    var value = Int128(1)
    for part in parts {
      guard let number = part.first, let scaled = DecimalText.scaled(number, scaleDigits: 6) else {
        throw Unreadable(description: "no number: \(line)")
      }
      value *= scaled
    }
    // Each factor brought a million: back to pico-dollars.
    let scale = Int128(1_000_000)
    for _ in 0..<max(0, parts.count - 2) { value = try divided(value, by: scale, line) }
    return USD(pico: try divided(value, by: divisor, line))
  }

  private static func divided(_ value: Int128, by divisor: Int128, _ line: String) throws -> Int128 {
    let (whole, rest) = value.quotientAndRemainder(dividingBy: divisor)
    if rest != 0 { throw Unreadable(description: "no whole pico-dollar: \(line)") }
    return whole
  }
}
