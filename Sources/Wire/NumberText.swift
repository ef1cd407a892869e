/// A number by its decimal text: exact, so nothing passes through Double on the way.
struct NumberText {
  private var negative: Bool
  /// Significant decimal digits (0...9), without leading and trailing zeros; empty means zero.
  private var digits: [UInt8]
  /// Power of ten of the last digit.
  private var exponent: Int

  /// nil unless the whole of `text` is a number by the grammar of RFC 8259.
  init?(_ text: String) {
    var bytes = text
    let parsed = bytes.withUTF8 { NumberText.parse(UnsafeRawBufferPointer($0)) }
    guard let parsed else { return nil }
    self = parsed
  }

  private init(negative: Bool, digits: [UInt8], exponent: Int) {
    let leading = digits.prefix { $0 == 0 }.count
    let trailing = leading == digits.count ? 0 : digits.reversed().prefix { $0 == 0 }.count
    self.digits = Array(digits[leading..<(digits.count - trailing)])
    self.exponent = self.digits.isEmpty ? 0 : exponent + trailing
    self.negative = negative
  }

  private static func parse(_ bytes: UnsafeRawBufferPointer) -> NumberText? {
    guard let end = JSONNumber.end(of: bytes, from: 0), end == bytes.count else { return nil }
    var digits: [UInt8] = []
    var fraction = 0
    var inFraction = false
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "."): inFraction = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        let power = exponent(bytes.part((index + 1)..<bytes.count))
        return NumberText(negative: bytes[0] == 45, digits: digits, exponent: power - fraction)
      case 48...57:
        digits.append(byte - 48)
        if inFraction { fraction += 1 }
      default: break
      }
    }
    return NumberText(negative: bytes[0] == 45, digits: digits, exponent: -fraction)
  }

  /// Clamped to ±1,000,000: beyond any number that could be wanted, and far from overflow.
  private static func exponent(_ bytes: UnsafeRawBufferPointer) -> Int {
    var value = 0
    for byte in bytes where byte >= 48 && byte <= 57 {
      value = min(value * 10 + Int(byte - 48), 1_000_000)
    }
    return bytes.first == 45 ? -value : value
  }

  /// The value as an integer; nil when it has a fraction or does not fit.
  func whole<Integer: FixedWidthInteger>(_: Integer.Type = Integer.self) -> Integer? {
    guard !digits.isEmpty else { return 0 }
    guard exponent >= 0, exponent < 20, digits.count <= 20 else { return nil }
    var value: Integer = 0
    for index in 0..<(digits.count + exponent) {
      let digit = Integer(index < digits.count ? digits[index] : 0)
      let (shifted, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (next, carried) =
        negative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
      guard !overflowed, !carried else { return nil }
      value = next
    }
    return value
  }

  /// Without exponent: `3.42e-05` is `0.0000342`. nil beyond 400 places, which no amount needs.
  var plain: String? {
    guard !digits.isEmpty else { return "0" }
    guard exponent > -400, exponent < 400, digits.count < 400 else { return nil }
    var text = digits.map { $0 + 48 }
    if exponent >= 0 {
      text += [UInt8](repeating: 48, count: exponent)
    } else {
      let missing = 1 - exponent - text.count
      if missing > 0 { text = [UInt8](repeating: 48, count: missing) + text }
      text.insert(UInt8(ascii: "."), at: text.count + exponent)
    }
    return (negative ? "-" : "") + String(decoding: text, as: UTF8.self)
  }
}

/// The number grammar of RFC 8259.
enum JSONNumber {
  /// Where the number that starts at `start` ends; nil if there is none.
  static func end(of bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var index = start
    func isDigit() -> Bool { index < bytes.count && bytes[index] &- 48 < 10 }
    func isOne(of first: UInt8, _ second: UInt8) -> Bool {
      index < bytes.count && (bytes[index] == first || bytes[index] == second)
    }
    if isOne(of: 45, 45) { index += 1 }
    guard isDigit() else { return nil }
    if bytes[index] == 48 { index += 1 } else { while isDigit() { index += 1 } }
    if isOne(of: 46, 46) {
      index += 1
      guard isDigit() else { return nil }
      while isDigit() { index += 1 }
    }
    if isOne(of: UInt8(ascii: "e"), UInt8(ascii: "E")) {
      index += 1
      if isOne(of: 43, 45) { index += 1 }
      guard isDigit() else { return nil }
      while isDigit() { index += 1 }
    }
    return index
  }

  static func isValid(_ text: String) -> Bool {
    var bytes = text
    return bytes.withUTF8 { end(of: UnsafeRawBufferPointer($0), from: 0) == $0.count }
  }

  /// A finite double; nil for anything that is not a JSON number or overflows.
  static func double(_ text: String) -> Double? {
    guard isValid(text), let value = Double(text), value.isFinite else { return nil }
    return value
  }
}
