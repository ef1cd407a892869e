import Domain
import HTML

/// What the report is about: everything that a reader of the paper needs to know.
struct ReportHead: HTMLConvertible {
  let report: AllocationReport
  let work: WorkFrame

  var html: HTML {
    """
    <header class="report-head"><div><p class="org-name">\(report.organisation)</p><h2>Cost allocation by team, \(CalendarWords.period(report.period))</h2>\
    <dl class="facts">\(facts, { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" })</dl></div>
    <p class="report-total"><span class="note">Total, US dollars</span><span class="figure">\(ReportMoney(report.total, \.effective))</span>\
    \(if: report.total.unpricedCalls > 0, "<span class=\"amber\">\(CountText(report.total.unpricedCalls)) calls without a price, counted as nothing</span>")</p></header>
    """
  }

  private var facts: [(String, HTML)] {
    var facts: [(String, HTML)] = [
      ("Period", "\(CalendarWords.day(report.period.firstDay)) – \(CalendarWords.day(CalendarWords.before(report.period.endDay))), \(report.period.timeZone)"),
      ("View", "\(ReportWords.view(report.view))\(if: report.view == .usageMonth, ", calls as they stand")"),
    ]
    if let statement = report.statement { facts.append(("Statement", self.statement(statement))) }
    facts.append(("Prices", "\(report.priceSet)"))
    facts.append(("Generated", "\(stamp(report.generatedAt))"))
    if let part = report.part { facts.append(("Part", "only what you may see: \(part)")) }
    if !report.filter.isEmpty { facts.append(("Only", "\(filter)")) }
    return facts
  }

  private func statement(_ statement: Statement) -> HTML {
    let name = "<a href=\"\(url: Route.statement(report.period.month ?? ""))\">\(ReportWords.state(statement.state))</a>" as HTML
    if statement.state == .before { return "\(name): its calls are corrections of later months" }
    guard statement.state == .closed else { return statement.state == .ready ? "\(name) since \(stamp(statement.closableFrom))" : "\(name), can be closed from \(stamp(statement.closableFrom))" }
    return "\(name)\(statement.closedAt, some: { " \(stamp($0))" })\(statement.closedBy, some: { " by \($0)" })\(statement.sha256, some: { " · SHA-256 <code title=\"\($0)\">\($0.prefix(12))…</code>" })"
  }

  /// With the year: paper is read later.
  private func stamp(_ time: Timestamp) -> HTML {
    let civil = work.zone.civil(time)
    return "<time datetime=\"\(TimeText.rfc3339(time))\" title=\"\(work.zone.name)\">\(civil.dayAndMonth) \(civil.year) \(civil.clock)</time>"
  }

  private var filter: String {
    CostDimension.allCases.compactMap { dimension in
      report.filter[dimension].map { values in
        let words = values.map { $0.isEmpty ? DimensionWords.none(dimension) : $0 }.joined(separator: ", ")
        return "\(ReportWords.dimension(dimension, report.declared)) \(words)"
      }
    }.joined(separator: "; ")
  }
}

/// Below the last line on paper: who signs, and what proves that the paper is the statement.
struct ReportFoot: HTMLConvertible {
  let report: AllocationReport

  var html: HTML {
    """
    <footer class="report-foot"><p class="signatures"><span>Prepared by, date</span><span>Approved by, date</span></p>
    <p class="proof">\(report.organisation) · \(CalendarWords.period(report.period)) · \(ReportWords.view(report.view)) · \
    \(report.statement?.sha256.map { "SHA-256 \($0)" } ?? "not closed: amounts may still change")</p></footer>
    """
  }
}
