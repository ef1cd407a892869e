import Domain

/// A negotiated factor, exact.
struct Factor: Sendable, Hashable {
  /// In 10⁻⁹.
  let nano: Int128
  let decimal: String

  /// nil when the text is no decimal from 0 to 100 with at most 9 decimal places.
  init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } }),
      parts.count == 1 || parts[1].count <= 9, let pico = DecimalText.scaled(text, scaleDigits: 12), pico <= 100 * USD.scale
    else { return nil }
    nano = pico / 1000
    decimal = USD(pico: pico).decimal
  }

  static let one: Int128 = 1_000_000_000
}

/// a ÷ b, half even; for b > 0.
func quotientHalfEven(_ a: Int128, _ b: Int128) -> Int128 {
  let (whole, rest) = a.quotientAndRemainder(dividingBy: b)
  return rest * 2 > b || (rest * 2 == b && whole % 2 == 1) ? whole + 1 : whole
}

extension Rate {
  /// Pico-USD per smallest unit under a factor: the listed decimal times the factor, rounded once.
  func picoPerUnit(times factor: Factor?, of unit: PriceUnit) -> Int64 {
    guard let factor, factor.nano != Factor.one else { return picoPerUnit }
    let divisor = Int128(unit.quantity) * 1_000_000 * Factor.one
    if let listed = DecimalText.scaled(decimal, scaleDigits: 18) {
      let (product, overflow) = listed.multipliedReportingOverflow(by: factor.nano)
      if !overflow { return Int64(clamping: quotientHalfEven(product, divisor)) }
    }
    // Only prices near the largest that a rate can hold come here: their last digit is far below what is charged.
    return Int64(clamping: quotientHalfEven(Int128(picoPerUnit) * factor.nano, Factor.one))
  }
}
