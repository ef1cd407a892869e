import HTML

/// "420 µs", "840 ms", "12.4 s", "2 min 05 s", "1 h 04 min"; the microseconds on hover.
public struct DurationText: HTMLConvertible, Sendable {
  public let text: String
  public let exact: String

  public init(microseconds: Int64) { self.init(microseconds: microseconds, unknown: "") }

  /// "–" while something has not ended.
  public init(microseconds: Int64?, unknown reason: String) {
    text = microseconds.map { Self.short(max(0, $0)) } ?? "–"
    exact = microseconds.map { Digits.grouped(max(0, $0)) + "\u{A0}µs" } ?? reason
  }

  public var html: HTML { "<span title=\"\(exact)\">\(text)</span>" }

  static func short(_ microseconds: Int64) -> String {
    let ms = Double(microseconds) / 1000
    switch microseconds {
    case ..<1000: return "\(microseconds)\u{A0}µs"
    case ..<10_000: return Digits.fixed(ms, places: 1) + "\u{A0}ms"
    case ..<999_500: return Digits.fixed(ms, places: 0) + "\u{A0}ms"
    case ..<59_950_000: return Digits.fixed(ms / 1000, places: microseconds < 9_995_000 ? 2 : 1) + "\u{A0}s"
    case ..<3_599_500_000: return pair((microseconds + 500_000) / 1_000_000, "min", "s")
    default: return pair(microseconds / 60_000_000, "h", "min")
    }
  }

  private static func pair(_ total: Int64, _ large: String, _ small: String) -> String {
    let rest = String(total % 60)
    return "\(Digits.grouped(total / 60))\u{A0}\(large) \(rest.count == 1 ? "0" : "")\(rest)\u{A0}\(small)"
  }
}
