import Domain
import HTML

/// The pages about what calls cost.
enum CostTab: PageTab {
  case breakdown, endpoints

  static var section: Section { .costs }
  static var group: String { "Costs" }
  var label: String {
    switch self {
    case .breakdown: "Breakdown"
    case .endpoints: "Endpoints"
    }
  }
  var path: String {
    switch self {
    case .breakdown: Route.costs
    case .endpoints: Route.endpoints
    }
  }
  var permission: Permission? { .seeMoney }
}

/// Cost by any two dimensions: a chart over time, and a table of which every row leads one level deeper, in the end to the traces.
public struct CostsPage: Sendable {
  public enum Answer: Sendable {
    case table(PivotSource)
    /// No sums are kept for the question; the sentence says what would be accepted.
    case refused(String)
  }

  public var frame: PageFrame
  /// Its address names what the rows are by.
  public var bar: SharedBar
  public var answer: Answer

  public init(frame: PageFrame, bar: SharedBar, answer: Answer) {
    self.frame = frame
    self.bar = bar
    self.answer = answer
  }

  /// What `address` asks for; the page begins with the first dimension that is not fixed yet.
  public static func by(_ address: PageAddress) -> [CostDimension] {
    address.by.isEmpty ? [CostDrill.first(address.filter)] : address.by
  }

  /// Steps of its chart and of its trends.
  public static func starts(_ overTime: CostReport, frame: PageFrame, address: PageAddress) -> [Timestamp] {
    let range = address.range.resolved(now: frame.now, zone: frame.moneyZone)
    return frame.moneyZone.steps(of: range, by: overTime.query.interval ?? .day)
  }

  private var address: PageAddress { bar.address }

  public func render() -> HTML {
    let work = WorkFrame(frame: frame, address: address, canChange: false)
    return work.page("Costs", tab: CostTab.breakdown, bar: bar.render(frame), "\(controls)\(content)")
  }

  private var controls: HTML { CostControls(frame: frame, address: address, by: Self.by(address)).html }

  private var content: HTML {
    switch answer {
    case .refused(let sentence):
      return """
        <p class="notice"><b>Not kept.</b> \(sentence)</p><p class="actions"><a class="button" href="\(url: shorter.url)">\
        Show the last 7 days</a></p>
        """
    case .table(let source):
      guard source.rows.total.calls > 0 || (source.rows.previousTotal?.calls ?? 0) > 0 else { return nothing }
      return table(source)
    }
  }

  private var shorter: PageAddress { address.with { $0.range = .preset(.last7Days) } }

  private var nothing: HTML {
    """
    \(EmptyState(
      title: "No calls in this range", text: "There are calls at other times or outside these filters, or none has arrived yet.",
      action: ("Show the last 90 days without filters", widened.url)))
    """
  }

  private var widened: PageAddress {
    var wide = PageAddress(path: Route.costs)
    wide.range = .preset(.last90Days)
    return wide
  }

  private func table(_ source: PivotSource) -> HTML {
    let starts = Self.starts(source.overTime, frame: frame, address: address)
    let pivot = PivotTable(source, address: address, starts: starts)
    let styles = styles(source, pivot)
    let isOpen = starts.last.map { frame.moneyZone.next(after: $0, by: source.overTime.query.interval ?? .day) > frame.now } ?? false
    return """
      \(CostOverTime(
        frame: frame, address: address, report: source.overTime, styles: styles, measure: address.measure, leads: { $0 },
        leadsValue: { CostDrill.deeper(address, by: source.by, values: [$0]) }))
      \(PivotRows(frame: frame, address: address, pivot: pivot, styles: styles, lastIsOpen: isOpen))
      """
  }

  /// Chart and table share their colours.
  private func styles(_ source: PivotSource, _ pivot: PivotTable) -> [DimensionValue: SeriesStyle] {
    let ranked = source.rows.rows.sorted {
      (address.measure.amount($0.measures) ?? .zero, $1.values[0].label) > (address.measure.amount($1.measures) ?? .zero, $0.values[0].label)
    }
    return SeriesStyle.assign(ranked.compactMap(\.values.first))
  }
}
