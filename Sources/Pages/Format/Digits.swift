/// Number texts shared by the formats; pure integer arithmetic, so what is shown is what is stored.
enum Digits {
  /// "12,345,678".
  static func grouped(_ number: some BinaryInteger) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (i, digit) in digits.enumerated() {
      if i > 0, (digits.count - i) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// `value` rounded to `places` decimals, half away from zero; "–" for what is infinite, NaN or beyond 19 digits.
  static func fixed(_ value: Double, places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    guard value.isFinite, abs(value) * scale < 9e18 else { return "–" }
    let scaled = Int64((abs(value) * scale).rounded())
    let sign = value < 0 && scaled != 0 ? "-" : ""
    guard places > 0 else { return sign + String(scaled) }
    let fraction = String(scaled % Int64(scale))
    return sign + String(scaled / Int64(scale)) + "." + String(repeating: "0", count: places - fraction.count)
      + fraction
  }

  /// Three significant digits: "1.24", "12.4", "124".
  static func three(_ value: Double) -> String {
    let size = abs(value)
    return fixed(value, places: size < 9.995 ? 2 : size < 99.95 ? 1 : 0)
  }

  /// A typographic minus in place of a hyphen.
  static func signed(_ text: String) -> String { text.hasPrefix("-") ? "−" + text.dropFirst() : text }
}
