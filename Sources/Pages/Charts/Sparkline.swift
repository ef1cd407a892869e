import Domain
import HTML

/// A line as high as a row: how something went, without an axis. The numbers stand in the chart's table and in the file.
struct Sparkline: HTMLConvertible {
  /// By step of time, from zero.
  var amounts: [USD]
  /// The last step is not over: left out, so that the line doesn't seem to fall.
  var lastIsIncomplete = false
  static let width = 72.0, height = 20.0

  var html: HTML {
    let shown = lastIsIncomplete && amounts.count > 2 ? amounts.dropLast() : amounts[...]
    guard shown.count > 1, let top = shown.map(\.pico).max(), top > 0 else { return "<svg class=\"spark\" aria-hidden=\"true\"></svg>" }
    let pitch = Self.width / Double(shown.count - 1)
    let points = zip(0..., shown).map { i, amount -> HTML in
      let y = 1.5 + (Self.height - 3) * (1 - Double(max(0, amount.pico)) / Double(top))
      return "\(xy: pitch * Double(i)),\(xy: y) "
    }
    return """
      <svg class="spark" viewBox="0 0 72 20" preserveAspectRatio="none" aria-hidden="true"><polygon points="0,20 \(points, { $0 })72,20" />\
      <polyline points="\(points, { $0 })" /></svg>
      """
  }
}
