/// A share of traces in whole millionths, so that every process compares the same numbers.
public struct SamplingShare: Sendable, Hashable, Comparable {
  /// 0 … 1,000,000.
  public let millionths: Int32

  /// Clamped to 0 … 1,000,000.
  public init(millionths: Int32) { self.millionths = min(max(millionths, 0), Self.whole) }

  public static let whole: Int32 = 1_000_000
  public static let all = SamplingShare(millionths: whole)
  public static let none = SamplingShare(millionths: 0)

  /// From a percentage with at most four decimals ("2.5", "0.0001"); nil for anything else.
  public init?(percent text: String) {
    guard text.utf8.count <= 20, text.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }), let millionths = DecimalText.exactly(text, scaleDigits: 4), (0...Int128(Self.whole)).contains(millionths) else {
      return nil
    }
    self.init(millionths: Int32(millionths))
  }

  /// "2.5".
  public var percent: String {
    let whole = millionths / 10_000, rest = millionths % 10_000
    if rest == 0 { return String(whole) }
    var digits = String(rest)
    digits = String(repeating: "0", count: 4 - digits.utf8.count) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(whole).\(digits)"
  }

  public static func < (a: Self, b: Self) -> Bool { a.millionths < b.millionths }
}
