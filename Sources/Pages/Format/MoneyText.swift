import Domain
import HTML

/// An amount as people read it, the exact digits on hover: "$1,234.57"; under a cent four significant digits, never "$0.00" for something.
public struct MoneyText: HTMLConvertible, Sendable {
  public let text: String
  /// Every digit, "$0.000342".
  public let exact: String

  /// `fine` keeps four significant digits up to a dollar: for single calls and traces, where cents would hide the difference.
  public init(_ amount: USD, fine: Bool = false) {
    text = Self.short(amount, below: UInt128(fine ? USD.scale : USD.scale / 100))
    let decimal = amount.decimal
    exact = decimal.hasPrefix("-") ? "−$" + decimal.dropFirst() : "$" + decimal
  }

  /// "–" with the reason on hover.
  public init(unknown reason: String) {
    text = "–"
    exact = reason
  }

  /// The amount, or "–" with the reason when it is unknown.
  public init(_ amount: USD?, fine: Bool = false, unknown reason: @autoclosure () -> String) {
    if let amount { self.init(amount, fine: fine) } else { self.init(unknown: reason()) }
  }

  /// The known cost of many calls. When nothing but calls without a price is behind a zero, it is unknown, not "$0".
  init(_ measures: Measures, fine: Bool = false) {
    let isKnown = measures.unpricedCalls == 0 || measures.cost.map { $0.pico != 0 } ?? false
    self.init(isKnown ? measures.cost : nil, fine: fine, unknown: Self.reason(measures))
  }

  private static func reason(_ measures: Measures) -> String {
    guard measures.unpricedCalls > 0, measures.unpricedCalls < measures.calls else {
      return "No call here has a known price"
    }
    let rest = measures.calls &- measures.unpricedCalls
    return "\(Digits.grouped(measures.unpricedCalls)) of \(Digits.grouped(measures.calls)) calls have no known price; "
      + (rest == 1 ? "the other cost nothing" : "the other \(Digits.grouped(rest)) cost nothing")
  }

  /// An amount stands there, not "–".
  var isKnown: Bool { text != "–" }

  public var html: HTML {
    text == exact ? "\(text)" : "<span title=\"\(exact)\">\(text)</span>"
  }

  private static func short(_ amount: USD, below limit: UInt128) -> String {
    let sign = amount.pico < 0 ? "−$" : "$"
    let magnitude = amount.pico.magnitude
    if magnitude == 0 { return "$0" }
    if magnitude < limit { return sign + fourDigits(magnitude) }
    let cent = UInt128(USD.scale / 100)
    let cents = rounded(magnitude, to: cent)
    let rest = String(cents % 100)
    return sign + Digits.grouped(cents / 100) + "." + (rest.count == 1 ? "0" : "") + rest
  }

  /// Four significant digits, at most the twelve places that exist.
  private static func fourDigits(_ pico: UInt128) -> String {
    var unit: UInt128 = 1
    while pico / unit >= 10_000 { unit *= 10 }
    var number = rounded(pico, to: unit)
    // 9999.6 becomes 10000: one digit fewer behind the point.
    if number == 10_000 {
      number = 1000
      unit *= 10
    }
    let places = 12 - (String(unit).count - 1)
    var digits = String(number)
    digits = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return digits.dropLast(places) + "." + digits.suffix(places)
  }

  /// `value ÷ unit`, half to even.
  private static func rounded(_ value: UInt128, to unit: UInt128) -> UInt128 {
    let whole = value / unit
    let twice = (value % unit) * 2
    return twice > unit || (twice == unit && whole % 2 == 1) ? whole + 1 : whole
  }
}
