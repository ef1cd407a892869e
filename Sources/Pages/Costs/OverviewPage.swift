import Domain
import HTML

/// One page that answers "what do we spend, on what, and is it changing".
public struct OverviewPage: Sendable {
  public var frame: PageFrame
  public var bar: SharedBar
  public var total: Measures
  /// Of the period of equal length before.
  public var previous: Measures
  /// By time and one dimension, `bar.address.stack`.
  public var overTime: CostReport
  /// By team, model, endpoint and environment, without time.
  public var tables: [CostDimension: CostReport]
  /// By endpoint, for the period before.
  public var previousEndpoints: CostReport?
  /// Something was ever received: decides between "nothing yet" and "nothing in this range".
  public var hasAnyData: Bool

  /// The tables, in the order of the page.
  public static let tableDimensions: [CostDimension] = [.team, .model, .endpoint, .environment]

  public init(
    frame: PageFrame, bar: SharedBar, total: Measures, previous: Measures, overTime: CostReport,
    tables: [CostDimension: CostReport], previousEndpoints: CostReport?, hasAnyData: Bool
  ) {
    self.frame = frame
    self.bar = bar
    self.total = total
    self.previous = previous
    self.overTime = overTime
    self.tables = tables
    self.previousEndpoints = previousEndpoints
    self.hasAnyData = hasAnyData
  }

  public func render() -> HTML {
    frame.page("Overview", section: .overview, address: bar.address, bar: bar.render(frame), content)
  }

  private var content: HTML {
    if frame.reachesNothing { return NothingOpen(frame: frame).html }
    guard hasAnyData else {
      return """
        \(EmptyState(
          title: "Costs will be here",
          text: "As soon as an application sends its first trace, this page shows what its calls cost, by team and model.",
          action: frame.action(.seeRequests, "Connect an application", Route.connect)))
        """
    }
    guard total.calls > 0 else {
      return """
        \(EmptyState(
          title: "No calls in this range",
          text: "There are calls at other times or outside these filters.",
          action: ("Show the last 90 days without filters", widened.url)))
        """
    }
    let styles = Dictionary(uniqueKeysWithValues: [CostDimension.team, .model].map { ($0, self.styles($0)) })
    return """
      \(OverviewTiles(page: self))
      \(CostOverTime(frame: frame, address: bar.address, report: overTime, styles: styles[bar.address.stack] ?? [:], controls: stackSwitch))
      <div class="tables">\(Self.tableDimensions, { dimension in
        tables[dimension].map { report in
          MeasureTable(
            dimension: dimension, report: report, address: bar.address, styles: styles[dimension] ?? [:]
          ).html
        } ?? ""
      })</div>
      """
  }

  private var stackSwitch: HTML {
    """
    <p class="switch" role="group" aria-label="Stack by">\([CostDimension.model, .team], { dimension in
      """
      <a href="\(url: bar.address.with { $0.stack = dimension }.url)#cost"\(if: dimension == bar.address.stack, " aria-current=\"true\"")>\
      \(DimensionWords.name(dimension))</a>
      """
    })</p>
    """
  }

  private var widened: PageAddress {
    var address = PageAddress(path: Route.overview)
    address.range = .preset(.last90Days)
    return address
  }

  /// Chart and table of a dimension share their colours.
  private func styles(_ dimension: CostDimension) -> [DimensionValue: SeriesStyle] {
    var weights: [DimensionValue: USD] = [:]
    let reports = [tables[dimension], overTime.query.groupBy == [dimension] ? overTime : nil]
    for report in reports.compactMap({ $0 }) {
      for row in report.rows {
        guard let value = row.values.first else { continue }
        weights[value, default: .zero] += row.measures.cost ?? .zero
      }
    }
    return SeriesStyle.assign(weights.sorted { ($0.value, $1.key.label) > ($1.value, $0.key.label) }.map(\.key))
  }

  var range: TimeRange { bar.address.range.resolved(now: frame.now, zone: frame.moneyZone) }
}
