import HTML

/// A large count to three significant digits ("1.24 M"), exact on hover; below a thousand as it is.
public struct TokenText: HTMLConvertible, Sendable {
  public let text: String
  /// "1,241,877".
  public let exact: String

  public init(_ count: Int64) {
    exact = Digits.signed(Digits.grouped(count))
    text = Digits.signed(Self.short(count))
  }

  public var html: HTML {
    text == exact ? "\(text)" : "<span title=\"\(exact)\">\(text)</span>"
  }

  private static func short(_ count: Int64) -> String {
    let value = Double(count)
    switch count.magnitude {
    case ..<1000: return String(count)
    case ..<999_500: return Digits.three(value / 1e3) + "\u{A0}k"
    case ..<999_500_000: return Digits.three(value / 1e6) + "\u{A0}M"
    case ..<999_500_000_000: return Digits.three(value / 1e9) + "\u{A0}B"
    default: return Digits.three(value / 1e12) + "\u{A0}T"
    }
  }
}

/// A count with every digit, "12,345".
public struct CountText: HTMLConvertible, Sendable {
  public let text: String
  public init(_ count: Int64) { text = Digits.signed(Digits.grouped(count)) }
  public var html: HTML { "\(text)" }
}
