import Domain
import HTML

/// An amount as people read it, the exact digits on hover: "$1,234.57"; under a cent four significant digits, never "$0.00" for something.
public struct MoneyText: HTMLConvertible, Sendable {
  public let text: String
  /// Every digit, "$0.000342".
  public let exact: String

  public init(_ amount: USD) {
    text = Self.short(amount)
    let decimal = amount.decimal
    exact = decimal.hasPrefix("-") ? "−$" + decimal.dropFirst() : "$" + decimal
  }

  /// "–" with the reason on hover.
  public init(unknown reason: String) {
    text = "–"
    exact = reason
  }

  /// The amount, or "–" with the reason when it is unknown.
  public init(_ amount: USD?, unknown reason: @autoclosure () -> String) {
    if let amount { self.init(amount) } else { self.init(unknown: reason()) }
  }

  public var html: HTML {
    text == exact ? "\(text)" : "<span title=\"\(exact)\">\(text)</span>"
  }

  private static func short(_ amount: USD) -> String {
    let sign = amount.pico < 0 ? "−$" : "$"
    let magnitude = amount.pico.magnitude
    if magnitude == 0 { return "$0" }
    let cent = UInt128(USD.scale / 100)
    if magnitude < cent { return sign + belowOneCent(magnitude) }
    let cents = rounded(magnitude, to: cent)
    let rest = String(cents % 100)
    return sign + Digits.grouped(cents / 100) + "." + (rest.count == 1 ? "0" : "") + rest
  }

  /// Four significant digits, at most the twelve places that exist.
  private static func belowOneCent(_ pico: UInt128) -> String {
    var unit: UInt128 = 1
    while pico / unit >= 10_000 { unit *= 10 }
    let places = 12 - (String(unit).count - 1)
    var digits = String(rounded(pico, to: unit))
    digits = String(repeating: "0", count: max(0, places - digits.count)) + digits
    return "0." + digits
  }

  /// `value ÷ unit`, half to even.
  private static func rounded(_ value: UInt128, to unit: UInt128) -> UInt128 {
    let whole = value / unit
    let twice = (value % unit) * 2
    return twice > unit || (twice == unit && whole % 2 == 1) ? whole + 1 : whole
  }
}
