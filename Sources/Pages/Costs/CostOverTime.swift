import Domain
import HTML

/// A measure over time, stacked by one dimension; the legend is also the readout, the same numbers are a table one click away.
struct CostOverTime: HTMLConvertible {
  let frame: PageFrame
  let address: PageAddress
  /// By one dimension and by time.
  let report: CostReport
  let styles: [DimensionValue: SeriesStyle]
  var measure = CostFigure.cost
  /// Where a step leads; to its traces unless something else is said.
  var leads: ((PageAddress) -> PageAddress)?
  /// Where a value of the legend leads.
  var leadsValue: ((DimensionValue) -> PageAddress)?
  /// Beside the title.
  var controls: HTML = ""

  private var zone: ClockZone { frame.moneyZone }
  private var range: TimeRange { address.range.resolved(now: frame.now, zone: zone) }
  private var interval: CostInterval { report.query.interval ?? .day }
  private var dimension: CostDimension { report.query.groupBy.first ?? .model }

  var html: HTML {
    let starts = zone.steps(of: range, by: interval)
    let series = StackedSeries(report, starts: starts, styles: styles, measure: measure)
    let steps = starts.map(step)
    let title = "\(measure.label) by \(Self.word(interval))"
    let chart = StackedBarChart(
      title: "\(title), stacked by \(frame.name(dimension).lowercased())", series: series, steps: steps, measure: measure)
    return """
      <section class="chart" id="cost" data-chart><div class="chart-head"><h2>\(title)</h2>
      <p class="readout" data-readout aria-live="polite">\(measure.isMoney ? "US dollars" : measure.label), \
      \(address.range.label(now: frame.now, zone: zone).lowercasedFirst)</p>\(controls)</div>
      \(if: series.isEmpty, "<p class=\"note\">\(nothing)</p>")\
      \(if: !series.isEmpty, chart.render() + legend(series) + table(series, steps))</section>
      """
  }

  private var nothing: String {
    measure.isMoney ? "Nothing in this range has a known cost above zero." : "Nothing in this range."
  }

  private static func word(_ interval: CostInterval) -> String { interval.rawValue }
  private static func column(_ interval: CostInterval) -> String {
    switch interval {
    case .hour: "Hour"
    case .day: "Day"
    case .month: "Month"
    }
  }

  private func step(_ start: Timestamp) -> StackedBarChart.Step {
    let end = zone.next(after: start, by: interval)
    let c = zone.civil(start)
    let (tick, label) =
      switch interval {
      case .hour: (c.clock, "\(c.dayAndMonth) \(c.clock)")
      case .day: (c.dayAndMonth, "\(c.dayAndMonth) \(c.year)")
      case .month: ("\(c.monthName) \(c.year)", "\(c.monthName) \(c.year)")
      }
    let target = (leads?(address) ?? address.traces).with {
      $0.range = .custom(from: .instant(max(start, range.from)), to: .instant(min(end, range.to)))
    }
    return StackedBarChart.Step(tick: tick, label: label, address: target.url, isIncomplete: end > frame.now)
  }

  /// Heaviest first.
  private func legend(_ series: StackedSeries) -> HTML {
    """
    <ul class="legend">\(series.layers, { layer in
      """
      <li>\(layer.style.swatch) \(legendName(layer)) <span class="v" data-v>\(measure.text(layer.total))</span></li>
      """
    })</ul>
    """
  }

  private func legendName(_ layer: StackedSeries.Layer) -> HTML {
    guard let value = layer.value else { return "<span class=\"name\">\(layer.label)</span>" }
    let target = leadsValue?(value) ?? address.traces.keeping(dimension, value.value)
    return "<a class=\"name\" href=\"\(url: target.url)\">\(layer.label)</a>"
  }

  private func table(_ series: StackedSeries, _ steps: [StackedBarChart.Step]) -> HTML {
    let layers = series.layers
    return """
      <details class="figures"><summary>Show as table</summary><div class="scroll"><table data-steps><thead><tr>\
      <th scope="col">\(Self.column(interval))</th><th scope="col" class="n">Total</th>\
      \(layers, { "<th scope=\"col\" class=\"n\">\($0.label)</th>" })</tr></thead><tbody>\(steps.indices, { i in
        """
        <tr><th scope="row"><a href="\(url: steps[i].address)">\(steps[i].label)</a>\(if: steps[i].isIncomplete, " <span class=\"note\">not over yet</span>")</th>\
        <td class="n">\(measure.text(series.total(at: i)))</td>\(layers, { "<td class=\"n\">\(measure.text($0.amounts[i]))</td>" })</tr>
        """
      })</tbody></table></div></details>
      """
  }
}

extension String {
  /// "Last 30 days" inside a sentence.
  var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
