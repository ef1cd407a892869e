import Domain
import HTML

/// Stacked bars over time as SVG. Horizontal places are percentages and vertical ones pixels, so the drawing follows the width of
/// the page and its letters never shrink. Works without script; the script only moves the figures of a step into the legend.
struct StackedBarChart {
  struct Step {
    /// On the axis.
    var tick: String
    /// In the readout and the table.
    var label: String
    /// The traces behind it.
    var address: String
    /// It has not ended: drawn hatched.
    var isIncomplete: Bool
  }

  var title: String
  var series: StackedSeries
  /// As many as `series.starts`.
  var steps: [Step]
  var height = 200.0
  var measure = CostFigure.cost
  static let labelLimit = 7

  var scale: TickScale { TickScale(covering: series.maximum) }

  func render() -> HTML {
    let scale = scale
    return """
      <div class="plot"><svg class="ys" height="\(xy: height + 32)" aria-hidden="true">\(scale.ticks, { tick in
        "<text x=\"100%\" y=\"\(xy: y(tick, scale) + 4)\">\(measure.tick(tick))</text>"
      })</svg><svg class="bars" height="\(xy: height + 32)" role="img" aria-label="\(title)"><title>\(title)</title>\
      \(Self.hatch)
      \(scale.ticks, { gridLine($0, scale) })\(steps.indices, { column($0, scale) })\(axisLabels)</svg></div>
      """
  }

  /// Lines of the paper's colour laid over a fill.
  static let hatch: HTML = """
    <defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
    <rect class="hatch" width="2.200" height="5" /></pattern></defs>
    """

  private func y(_ amount: USD, _ scale: TickScale) -> Double { 8 + height * (1 - scale.fraction(amount)) }

  private func gridLine(_ tick: USD, _ scale: TickScale) -> HTML {
    let y = y(tick, scale)
    return "<line class=\"\(tick.pico == 0 ? "base" : "grid")\" x1=\"0\" x2=\"100%\" y1=\"\(xy: y)\" y2=\"\(xy: y)\" />"
  }

  private func column(_ step: Int, _ scale: TickScale) -> HTML {
    let pitch = 100 / Double(max(1, steps.count))
    let width = min(pitch * (steps.count > 45 ? 0.82 : 0.72), 6)
    let x = pitch * (Double(step) + 0.5) - width / 2
    var below = USD.zero
    var rects: HTML = ""
    for layer in series.layers where layer.amounts[step].pico > 0 {
      let top = y(below + layer.amounts[step], scale)
      let size = y(below, scale) - top
      below += layer.amounts[step]
      rects += rect(layer.style.fillClass, x, top, width, size)
      if layer.style.isHatched { rects += rect(nil, x, top, width, size) }
    }
    if steps[step].isIncomplete, below.pico > 0 {
      rects += rect(nil, x, y(below, scale), width, y(.zero, scale) - y(below, scale))
    }
    return """
      <a class="step" href="\(url: steps[step].address)" data-step="\(step)"><title>\(steps[step].label): \
      \(measure.words(below))\
      \(if: steps[step].isIncomplete, ", not over yet")</title>\
      <rect class="hit" x="\(xy: pitch * Double(step))%" y="0" width="\(xy: pitch)%" height="\(xy: height + 8)" />\
      \(rects)</a>
      """
  }

  private func rect(_ fill: String?, _ x: Double, _ y: Double, _ width: Double, _ height: Double) -> HTML {
    let paint: HTML = fill.map { "class=\"\($0)\"" } ?? "fill=\"url(#hatch)\""
    return "<rect \(paint) x=\"\(xy: x)%\" y=\"\(xy: y)\" width=\"\(xy: width)%\" height=\"\(xy: max(0, height))\" />"
  }

  private var labelStride: Int { max(1, (steps.count + Self.labelLimit - 1) / Self.labelLimit) }

  private var axisLabels: HTML {
    let pitch = 100 / Double(max(1, steps.count))
    // Counted from the last step, so that "today" always has its label.
    let shown = steps.indices.filter { (steps.count - 1 - $0) % labelStride == 0 }
    return "\(shown, { axisLabel($0, pitch) })"
  }

  /// The last one ends with the axis instead of reaching over it.
  private func axisLabel(_ step: Int, _ pitch: Double) -> HTML {
    let isEnd = step == steps.count - 1 && steps.count > 14
    // Every second one gives way on phones.
    let isAlternate = (steps.count - 1 - step) / labelStride % 2 == 1
    let x = isEnd ? 100 : pitch * (Double(step) + 0.5)
    return
      "<text class=\"x\(if: isEnd, " end")\(if: isAlternate, " alt")\" x=\"\(xy: x)%\" y=\"\(xy: height + 27)\">\(steps[step].tick)</text>"
  }
}
