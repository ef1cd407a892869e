import Domain
import HTML

/// What each team spends, how that goes, and what it will come to.
public struct TeamsPage: Sendable {
  public var frame: PageFrame
  public var bar: SharedBar
  public var teams: [Team]
  /// By team, with the period before.
  public var report: CostReport
  /// By team and time.
  public var overTime: CostReport
  public var forecasts: MonthForecasts
  /// Of unallocated calls, by key and user group; nil: there are none, or it can't be told.
  public var missing: CostReport?

  public init(
    frame: PageFrame, bar: SharedBar, teams: [Team], report: CostReport, overTime: CostReport, forecasts: MonthForecasts,
    missing: CostReport?
  ) {
    self.frame = frame
    self.bar = bar
    self.teams = teams
    self.report = report
    self.overTime = overTime
    self.forecasts = forecasts
    self.missing = missing
  }

  private var address: PageAddress { bar.address }

  public func render() -> HTML {
    frame.page("Teams", section: .teams, address: address, bar: bar.render(frame), content)
  }

  private var content: HTML {
    guard !rows.isEmpty else {
      return """
        \(EmptyState(
          title: "Teams will be here", text: "Every call is charged to one team. Make a team, and say by its keys or by rules what is its.",
          action: frame.action(.editTeams, "Make a team", Route.newTeam)))
        """
    }
    return """
      <svg class="hidden" aria-hidden="true">\(StackedBarChart.hatch)</svg><div class="scroll"><table class="rows teams"><thead><tr>\(headers)</tr>\(totalRow)</thead><tbody>\(rows, { row($0) })</tbody></table></div>
      <p class="more note">\(ForecastText.method(frame))</p>
      \(missing.map { MissingEvidence(frame: frame, report: $0, address: address).html })
      """
  }

  private var headers: HTML {
    let heads = [
      SortHeader(label: "Team"), SortHeader(label: "Trend", folds: true), SortHeader(label: "Calls", isNumber: true, folds: true),
      SortHeader(label: "Per request", isNumber: true, folds: true), SortHeader(label: "Cost", isNumber: true), SortHeader(label: "Share", isNumber: true),
      SortHeader(label: "Change", isNumber: true, folds: true), SortHeader(label: "This month", isNumber: true, folds: true),
      SortHeader(label: "Forecast", isNumber: true, folds: true),
    ]
    return "\(heads, { $0.render(address, current: "") })"
  }

  /// One team; `team` is nil for Unallocated.
  private struct Line {
    var value: DimensionValue
    var team: Team?
    var measures: Measures
    var previous: Measures?
  }

  /// Unallocated first when it is not empty, then by cost; teams that spent nothing last.
  private var rows: [Line] {
    let byName = Dictionary(teams.map { ($0.name, $0) }) { first, _ in first }
    var lines = report.rows.map { row in
      Line(value: row.values[0], team: row.values[0].value.flatMap { byName[$0] }, measures: row.measures, previous: row.previous)
    }
    let seen = Set(lines.map(\.value.value))
    var nothing = Measures()
    nothing.cost = .zero
    lines += teams.filter { !seen.contains($0.name) && !isOver($0) }.map {
      Line(value: DimensionValue(value: $0.name, label: $0.name, colour: $0.colour), team: $0, measures: nothing)
    }
    return lines.sorted { a, b in
      if (a.value.value == nil) != (b.value.value == nil) { return a.value.value == nil }
      return (a.measures.cost ?? .zero, b.value.label) > (b.measures.cost ?? .zero, a.value.label)
    }
  }

  /// Ended before the range and this month: what spent nothing then says nothing.
  private func isOver(_ team: Team) -> Bool {
    let first = min(address.range.resolved(now: frame.now, zone: frame.moneyZone).from, MonthForecasts.range(now: frame.now, zone: frame.moneyZone).from)
    return team.validTo.map { $0 <= frame.moneyZone.civil(first).date } ?? false
  }

  private var styles: [DimensionValue: SeriesStyle] { SeriesStyle.assign(rows.map(\.value)) }

  private var trends: [DimensionValue: [USD]] {
    let starts = CostsPage.starts(overTime, frame: frame, address: address)
    let place = Dictionary(uniqueKeysWithValues: starts.enumerated().map { ($1, $0) })
    var trends: [DimensionValue: [USD]] = [:]
    for row in overTime.rows {
      guard let start = row.start, let i = place[start] else { continue }
      trends[row.values[0], default: Array(repeating: .zero, count: starts.count)][i] += row.measures.cost ?? .zero
    }
    return trends
  }

  private var lastIsOpen: Bool {
    let starts = CostsPage.starts(overTime, frame: frame, address: address)
    return starts.last.map { frame.moneyZone.next(after: $0, by: overTime.query.interval ?? .day) > frame.now } ?? false
  }

  private var totalRow: HTML {
    let name: HTML = """
      <span class="cell"><a class="row" href="\(url: costs(nil).url)">Total</a>\
      \(UnpricedNote(count: report.total.unpricedCalls, address: address.traces))</span>
      """
    let trend = trends.values.reduce([]) { sum, next in sum.isEmpty ? next : zip(sum, next).map { $0 + $1 } }
    let spent = rows.reduce(USD.zero) { $0 + forecasts.spent($1.value.value) }
    return "<tr class=\"total\">\(cells(name, report.total, report.previousTotal, trend, spent, forecasts.total, hasBar: false))</tr>"
  }

  private func row(_ line: Line) -> HTML {
    let traces = address.traces.keeping(.team, line.value.value)
    let name: HTML = """
      <span class="cell">\(styles[line.value]?.swatch)<a class="row\(if: line.value.value == nil, " none")" \
      href="\(url: page(line.value.value).url)">\(line.value.label)</a>\
      \(if: line.value.value == nil && missing != nil, "<a class=\"above why-link\" href=\"#why\">why</a>")\
      \(line.team?.costCentre, some: { "<span class=\"note side\">\($0)</span>" })\
      \(UnpricedNote(count: line.measures.unpricedCalls, address: traces))</span>
      """
    return """
      <tr>\(cells(
        name, line.measures, line.previous, trends[line.value] ?? [], forecasts.spent(line.value.value), forecasts[line.value.value]))</tr>
      """
  }

  private func cells(
    _ name: HTML, _ measures: Measures, _ previous: Measures?, _ trend: [USD], _ spent: USD, _ forecast: Forecast?, hasBar: Bool = true
  ) -> HTML {
    let money = MoneyText(measures)
    let share = ShareText(
      measures.cost.map { Double($0.pico) } ?? 0, of: money.isKnown ? report.total.cost.map { Double($0.pico) } ?? 0 : 0)
    let change = report.previousTotal == nil ? "–" : ChangeText(from: previous?.cost ?? .zero, to: measures.cost ?? .zero).text
    return """
      <th scope="row">\(name)<small class="under">\(CountText(measures.calls)) calls · forecast \(ForecastText(forecast: forecast).text)</small></th>\
      <td class="fold">\(Sparkline(amounts: trend, lastIsIncomplete: lastIsOpen))</td><td class="n fold">\(CountText(measures.calls))</td>\
      <td class="n fold">\(CostFigure.costPerRequest.html(measures))</td><td class="n main">\(money)</td>\
      <td class="n with-share">\(if: hasBar, ShareBar(percent: share.percent).html)\(share)</td><td class="n fold">\(change)</td>\
      <td class="n fold">\(MoneyText(spent))</td><td class="n fold">\(ForecastText(forecast: forecast).html)</td>
      """
  }

  private func page(_ team: String?) -> PageAddress { address.going(to: Route.team(team)) }
  private func costs(_ team: String?) -> PageAddress { address.going(to: Route.costs).with { $0.by = [.team, .model] } }
}
