import Domain
import HTML

/// Cost over time, stacked by model or team; the legend is also the readout, the same numbers are a table one click away.
struct CostOverTime: HTMLConvertible {
  let page: OverviewPage
  let styles: [DimensionValue: SeriesStyle]

  private var address: PageAddress { page.bar.address }
  private var zone: ClockZone { page.frame.moneyZone }
  private var interval: CostInterval { page.overTime.query.interval ?? .day }

  var html: HTML {
    let starts = zone.steps(of: page.range, by: interval)
    let series = StackedSeries(page.overTime, starts: starts, styles: styles)
    let steps = starts.map(step)
    let chart = StackedBarChart(
      title: "Cost by \(Self.word(interval)), stacked by \(address.stack.rawValue)", series: series, steps: steps)
    return """
      <section class="chart" id="cost" data-chart><div class="chart-head"><h2>Cost by \(Self.word(interval))</h2>
      <p class="readout" data-readout aria-live="polite">US dollars, \
      \(address.range.label(now: page.frame.now, zone: zone).lowercasedFirst)</p>\(stackSwitch)</div>
      \(if: series.isEmpty, "<p class=\"note\">Nothing in this range has a known cost above zero.</p>")\
      \(if: !series.isEmpty, chart.render() + legend(series) + table(series, steps))</section>
      """
  }

  private static func word(_ interval: CostInterval) -> String { interval.rawValue }
  private static func column(_ interval: CostInterval) -> String {
    switch interval {
    case .hour: "Hour"
    case .day: "Day"
    case .month: "Month"
    }
  }

  private var stackSwitch: HTML {
    """
    <p class="switch" role="group" aria-label="Stack by">\([CostDimension.model, .team], { dimension in
      """
      <a href="\(url: address.with { $0.stack = dimension }.url)#cost"\(if: dimension == address.stack, " aria-current=\"true\"")>\
      \(DimensionWords.name(dimension))</a>
      """
    })</p>
    """
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
    let target = address.traces.with {
      $0.range = .custom(from: .instant(max(start, page.range.from)), to: .instant(min(end, page.range.to)))
    }
    return StackedBarChart.Step(tick: tick, label: label, address: target.url, isIncomplete: end > page.frame.now)
  }

  /// Heaviest first.
  private func legend(_ series: StackedSeries) -> HTML {
    """
    <ul class="legend">\(series.layers, { layer in
      """
      <li>\(layer.style.swatch) \(legendName(layer)) <span class="v" data-v>\(MoneyText(layer.total))</span></li>
      """
    })</ul>
    """
  }

  private func legendName(_ layer: StackedSeries.Layer) -> HTML {
    guard let value = layer.value else { return "<span class=\"name\">\(layer.label)</span>" }
    let target = address.traces.keeping(address.stack, value.value)
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
        <td class="n">\(MoneyText(series.total(at: i)))</td>\(layers, { "<td class=\"n\">\(MoneyText($0.amounts[i]))</td>" })</tr>
        """
      })</tbody></table></div></details>
      """
  }
}

extension String {
  /// "Last 30 days" inside a sentence.
  var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
