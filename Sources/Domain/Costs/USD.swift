/// An exact amount of US dollars in whole pico-USD (10⁻¹²). Per call it fits Int64 (±9.2 million USD); sums use the full width.
public struct USD: Sendable, Hashable, Comparable {
  public var pico: Int128

  public init(pico: Int128) { self.pico = pico }
  public static let zero = USD(pico: 0)
  /// Pico-USD in one USD.
  public static let scale: Int128 = 1_000_000_000_000

  public static func < (a: Self, b: Self) -> Bool { a.pico < b.pico }
  public static func + (a: Self, b: Self) -> USD { USD(pico: a.pico &+ b.pico) }
  public static func - (a: Self, b: Self) -> USD { USD(pico: a.pico &- b.pico) }
  public static func += (a: inout Self, b: Self) { a = a + b }

  /// A decimal text ("0.00057", "1.8e-07", "-3"); rounded half even to whole pico-USD. nil when it is no finite decimal or exceeds ±10¹⁸ USD.
  public init?(decimal text: String) {
    guard let value = DecimalText.scaled(text, scaleDigits: 12) else { return nil }
    self.pico = value
  }

  /// As `init(decimal:)`, and nil for what is finer than a pico-dollar.
  public init?(exactDecimal text: String) {
    guard let value = DecimalText.exactly(text, scaleDigits: 12) else { return nil }
    self.pico = value
  }

  /// A double as its shortest decimal form, as design §3.6 reads costs that SDKs send.
  public init?(_ double: Double) {
    guard double.isFinite else { return nil }
    self.init(decimal: double.description)
  }

  /// Full precision without trailing zeros: "0.00057", "12", "-0.5".
  public var decimal: String {
    let magnitude = pico.magnitude
    let whole = magnitude / UInt128(Self.scale)
    let fraction = String(magnitude % UInt128(Self.scale))
    let padded = String(repeating: "0", count: 12 - fraction.count) + fraction
    let trimmed = String(padded.reversed().drop { $0 == "0" }.reversed())
    return (pico < 0 ? "-" : "") + String(whole) + (trimmed.isEmpty ? "" : "." + trimmed)
  }
}

extension USD: CustomStringConvertible {
  public var description: String { decimal }
}

/// Decimal texts as scaled integers, without floating point.
public enum DecimalText {
  /// `text` × 10^scaleDigits, rounded half even. nil when it is not a decimal number or exceeds 10³⁰ after scaling.
  public static func scaled(_ text: String, scaleDigits: Int) -> Int128? {
    guard let (negative, digits, exponent) = parts(text) else { return nil }
    let shift = exponent + scaleDigits
    guard let magnitude = shift >= 0 ? grown(digits, by: shift) : rounded(digits, dropping: -shift) else { return nil }
    return negative ? -magnitude : magnitude
  }

  /// `text` × 10^scaleDigits; nil also when it isn't whole.
  public static func exactly(_ text: String, scaleDigits: Int) -> Int128? {
    guard let (_, digits, exponent) = parts(text) else { return nil }
    let dropped = -(exponent + scaleDigits)
    guard dropped <= 0 || digits.suffix(dropped).allSatisfy({ $0 == 0 }) else { return nil }
    return scaled(text, scaleDigits: scaleDigits)
  }

  /// Sign, significant digits without leading zeros, and the power of ten of the last digit.
  private static func parts(_ text: String) -> (Bool, [UInt8], Int)? {
    var rest = Array(text.utf8)[...]
    let negative = rest.first == UInt8(ascii: "-")
    if negative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    var digits: [UInt8] = []
    var exponent = 0
    var seenDigit = false, seenPoint = false
    while let c = rest.first {
      if c == UInt8(ascii: "."), !seenPoint {
        seenPoint = true
      } else if (48...57).contains(c) {
        seenDigit = true
        if !(digits.isEmpty && c == 48) { digits.append(c - 48) }
        if seenPoint { exponent -= 1 }
      } else {
        break
      }
      rest = rest.dropFirst()
    }
    guard seenDigit, digits.count <= 400 else { return nil }
    if rest.isEmpty { return (negative, digits, exponent) }
    guard rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E"),
      let written = Int(String(decoding: rest.dropFirst(), as: UTF8.self)), (-999...999).contains(written)
    else { return nil }
    return (negative, digits, exponent + written)
  }

  private static func grown(_ digits: [UInt8], by zeros: Int) -> Int128? {
    if digits.isEmpty { return 0 }
    guard digits.count + zeros <= 30 else { return nil }
    let value = digits.reduce(Int128(0)) { $0 * 10 + Int128($1) }
    return (0..<zeros).reduce(value) { v, _ in v * 10 }
  }

  private static func rounded(_ digits: [UInt8], dropping count: Int) -> Int128? {
    let kept = digits.count > count ? Array(digits[..<(digits.count - count)]) : []
    guard kept.count <= 30 else { return nil }
    let value = kept.reduce(Int128(0)) { $0 * 10 + Int128($1) }
    guard digits.count >= count, let first = digits.dropFirst(kept.count).first else { return value }
    let isTie = first == 5 && digits.dropFirst(kept.count + 1).allSatisfy { $0 == 0 }
    let up = first > 5 || (first == 5 && !isTie) || (isTie && value % 2 == 1)
    return up ? value + 1 : value
  }
}
