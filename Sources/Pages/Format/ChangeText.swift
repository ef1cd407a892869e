import Domain
import HTML

/// A change against the period before, in neutral words: "+12 %", "−3.4 %", "no change", "new".
public struct ChangeText: Sendable, Equatable {
  public let text: String

  public init(from old: Double?, to new: Double?) {
    text = Self.relative(old, new)
  }

  public init(from old: USD?, to new: USD?) {
    self.init(from: old.map { Double($0.pico) }, to: new.map { Double($0.pico) })
  }

  /// For shares (0…1): the difference in percentage points.
  public init(pointsFrom old: Double?, to new: Double?) {
    guard let old, let new else {
      text = "–"
      return
    }
    let points = Digits.fixed((new - old) * 100, places: 1)
    text =
      points == "0.0" ? "no change" : (points.hasPrefix("-") ? Digits.signed(points) : "+" + points) + "\u{A0}points"
  }

  private static func relative(_ old: Double?, _ new: Double?) -> String {
    guard let new, let old else { return "–" }
    if old == 0 { return new == 0 ? "no change" : "new" }
    let percent = (new - old) / abs(old) * 100
    if !percent.isFinite || abs(percent) > 1e6 {
      return percent < 0 ? "less than −1,000,000\u{A0}%" : "over +1,000,000\u{A0}%"
    }
    let number = Digits.fixed(percent, places: abs(percent) < 9.95 ? 1 : 0)
    if number == "0.0" { return "no change" }
    let grouped = abs(percent) >= 1000 ? Digits.grouped(Int64(percent.rounded())) : number
    return (percent < 0 ? Digits.signed(grouped) : "+" + grouped) + "\u{A0}%"
  }
}

/// A share of a whole: "37.2 %", "<0.1 %", "100 %".
public struct ShareText: HTMLConvertible, Sendable {
  public let text: String
  /// 0…100, for the bar.
  public let percent: Double

  public init(_ part: Double, of whole: Double) {
    percent = whole > 0 ? min(100, max(0, part / whole * 100)) : 0
    if whole <= 0 {
      text = "–"
    } else if percent > 0, percent < 0.1 {
      text = "<0.1\u{A0}%"
    } else {
      text = Digits.fixed(percent, places: percent > 99.94 ? 0 : 1) + "\u{A0}%"
    }
  }

  public var html: HTML { "\(text)" }
}
