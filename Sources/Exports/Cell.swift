import Domain

/// One value of a table, whatever file it goes to.
public enum Cell: Sendable, Hashable {
  /// Not known, or not meant here.
  case empty
  /// People's words: neutralised where a spreadsheet could take them for a formula.
  case text(String)
  /// Words of ours whose form a standard fixes (JSON in FOCUS columns); never begins with what starts a formula.
  case verbatim(String)
  case integer(Int64)
  /// Digits, a point, digits; a minus sign in front: exact, of any length.
  case decimal(String)
}

extension Cell {
  /// `text`, or empty for nil and for "".
  public static func text(orEmpty text: String?) -> Cell { text.map { $0.isEmpty ? .empty : .text($0) } ?? .empty }
  public static func integer(orEmpty number: Int64?) -> Cell { number.map(Cell.integer) ?? .empty }
  /// US dollars to the pico-dollar, without zeros at the end.
  public static func exact(_ amount: USD?) -> Cell { amount.map { .decimal($0.decimal) } ?? .empty }
  /// US dollars with two digits after the point.
  public static func cents(_ amount: USD?) -> Cell { amount.map { .decimal(Decimals.cents($0)) } ?? .empty }
}

/// Decimal texts of exact numbers; no floating point.
public enum Decimals {
  /// `value` ÷ 10^digits, without zeros at the end of the fraction: (1500, 3) is "1.5".
  public static func text(_ value: Int128, digits: Int) -> String {
    var (magnitude, places) = (value.magnitude, max(0, digits))
    while places > 0, magnitude % 10 == 0 { (magnitude, places) = (magnitude / 10, places - 1) }
    return fixed(magnitude, places, isNegative: value < 0)
  }

  /// Two digits after the point, rounded half even.
  public static func cents(_ amount: USD) -> String {
    let cents = USD(pico: halfEven(amount.pico, by: USD.scale / 100))
    return fixed(cents.pico.magnitude, 2, isNegative: cents.pico < 0)
  }

  /// a ÷ b with up to `digits` after the point, rounded half up by magnitude; nil when b is zero or the quotient is absurd.
  public static func ratio(_ a: Int128, _ b: Int128, digits: Int) -> String? {
    guard b != 0, (0...18).contains(digits) else { return nil }
    let scale = (0..<digits).reduce(UInt128(1)) { power, _ in power * 10 }
    let wide = a.magnitude.multipliedFullWidth(by: scale)
    guard wide.high < b.magnitude else { return nil }
    let (quotient, remainder) = b.magnitude.dividingFullWidth(wide)
    let rounded = remainder >= b.magnitude - remainder ? quotient.addingReportingOverflow(1).partialValue : quotient
    guard let value = Int128(exactly: rounded) else { return nil }
    return text((a < 0) == (b < 0) ? value : -value, digits: digits)
  }

  private static func fixed(_ magnitude: UInt128, _ places: Int, isNegative: Bool) -> String {
    let digits = String(magnitude)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let point = padded.index(padded.endIndex, offsetBy: -places)
    return (isNegative ? "-" : "") + padded[..<point] + (places > 0 ? "." + padded[point...] : "")
  }

  private static func halfEven(_ value: Int128, by unit: Int128) -> Int128 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: unit)
    let twice = remainder.magnitude * 2
    let isUp = twice > unit.magnitude || (twice == unit.magnitude && quotient % 2 != 0)
    return isUp ? quotient + (value < 0 ? -1 : 1) : quotient
  }
}
