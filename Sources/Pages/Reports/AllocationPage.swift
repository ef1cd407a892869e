import Domain
import HTML

/// The cost allocation report by team: on screen a page to work with, on paper a document to sign.
public struct AllocationPage: Sendable {
  public var work: WorkFrame
  public var choice: AllocationChoice
  /// nil: it could not be made, and the frame says why.
  public var report: AllocationReport?
  /// For the picker, newest first.
  public var months: [Statement]
  /// Of a month in its booked view.
  public var bridge: StatementBridge?
  /// Own lines as the calls stand now, of a closed month in its booked view.
  public var now: [AllocationLine]?

  public init(
    work: WorkFrame, choice: AllocationChoice, report: AllocationReport?, months: [Statement], bridge: StatementBridge? = nil,
    now: [AllocationLine]? = nil
  ) {
    self.work = work
    self.choice = choice
    self.report = report
    self.months = months
    self.bridge = bridge
    self.now = now
  }

  public func render() -> HTML {
    work.page(
      "Cost allocation", tab: ReportTab.allocation, bar: "<div class=\"bar\">\(viewSwitch)\(picker)</div>\(chips)",
      "\(work.problemNote)\(report, some: document)")
  }

  private func document(_ report: AllocationReport) -> HTML {
    """
    <article class="report">
    \(ReportHead(report: report, work: work))
    \(downloads)
    \(if: report.lines.allSatisfy { $0.calls == 0 && $0.exact.effective.pico == 0 }, nothing)
    \(breakdowns)\(AllocationTable(report: report, choice: choice, now: now))
    \(SharedLines(lines: report.lines.filter { $0.kind == .shared && !$0.isGone }))
    \(CorrectionLines(lines: report.lines.filter { $0.kind == .adjustment && !$0.isGone }, filter: choice.filter))
    \(bridge, some: { BridgeTable(bridge: $0, month: report.period.month ?? "").html })
    \(ReportFoot(report: report))
    </article>
    """
  }

  private var nothing: HTML {
    guard choice.filter.isEmpty else {
      return "<p class=\"notice\"><b>No calls in this period with this filter.</b> <a href=\"\(url: choice.with { $0.filter = [:] }.url)\">Show all</a></p>"
    }
    return """
    <p class="notice"><b>No calls in this period.</b> Choose another month above\(if: work.frame.allows(.seeRequests), """
      , or connect an application on the <a href="\(url: Route.connect)">Connect</a> page
      """).</p>
    """
  }

  /// Booked or used; other periods than months are never booked.
  private var viewSwitch: HTML {
    guard choice.month != nil else { return "" }
    return """
      <div class="switch" role="group" aria-label="View">\([ReportView.bookedMonth, .usageMonth], { view in
        "<a href=\"\(url: choice.with { $0.view = view }.url)\"\(if: view == choice.view, " aria-current=\"true\"")>\(ReportWords.view(view))</a>"
      })</div>
      """
  }

  private var picker: HTML {
    let label = report.map { CalendarWords.period($0.period) } ?? choice.month.map(CalendarWords.month) ?? "Period"
    return """
      <details class="menu"><summary aria-label="Period">\(label)</summary><div class="sheet months"><ul>\(months, { month in
        """
        <li><a href="\(url: choice.with { $0.month = month.period.month; $0.from = nil; $0.to = nil }.url)"\
        \(if: month.period.month == choice.month, " aria-current=\"true\"")>\(CalendarWords.period(month.period)) <span class="note">\(ReportWords.state(month.state))</span></a></li>
        """
      })</ul><form method="get" action="\(Route.allocation)">
      <label>From<input type="date" name="from" value="\(report?.period.firstDay)" required></label>
      <label>To, included<input type="date" name="to" value="\(report.map { CalendarWords.before($0.period.endDay) })" required></label><button>Show</button></form>
      <p class="note">Days begin in \(work.zone.name). Other periods than months show calls as they stand.</p></div></details>
      """
  }

  private var chips: HTML {
    let kept = CostDimension.allCases.flatMap { dimension in (choice.filter[dimension] ?? []).map { (dimension, $0) } }
    if kept.isEmpty { return "" }
    return """
      <ul class="chips" aria-label="Filters">\(kept, { dimension, value in
        let label = value.isEmpty ? DimensionWords.none(dimension) : value
        let name = ReportWords.dimension(dimension, report?.declared ?? [])
        let target = choice.with { $0.filter[dimension] = $0.filter[dimension]?.filter { $0 != value } }
        return """
          <li><span class="what">\(name)</span> \(label) <a href="\(url: target.url)" aria-label="Remove filter \(name) \(label)">×</a></li>
          """
      })</ul>
      """
  }

  private var downloads: HTML {
    guard work.frame.allows(.export) else { return "" }
    return """
    <p class="actions downloads"><span class="note">Download</span>\
    \(Self.files, { "<a class=\"button\" href=\"\(url: choice.file($0.format, dialect: $0.dialect))\" download>\($0.label)</a>" })\
    <span class="note">all with the same lines and totals; or print this page</span></p>
    """
  }

  private static let files: [(label: String, format: String, dialect: String?)] = [
    ("CSV", "csv", nil), ("CSV for Excel in Europe", "csv", "excel"), ("XLSX", "xlsx", nil), ("JSON", "json", nil), ("FOCUS 1.2", "focus", nil),
  ]

  private var breakdowns: HTML {
    let extras = (report?.declared ?? []).compactMap(\.dimension)
    return """
      <p class="line breakdowns"><span class="note">Break teams down by</span>\
      <a href="\(url: choice.with { $0.breakdown = [] }.url)"\(if: choice.breakdown.isEmpty, " aria-current=\"true\"")>nothing</a>\
      \(AllocationChoice.breakdowns + extras, { dimension in
        """
        <a href="\(url: choice.with { $0.breakdown = [dimension] }.url)"\(if: choice.breakdown == [dimension], " aria-current=\"true\"")>\
        \(ReportWords.dimension(dimension, report?.declared ?? []).lowercased())</a>
        """
      })</p>
      """
  }
}
