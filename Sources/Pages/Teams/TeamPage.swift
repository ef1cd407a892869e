import Domain
import HTML

/// One team, or what is charged to none: what it spends on what, and for whom.
public struct TeamPage: Sendable {
  public var frame: PageFrame
  /// Its address has no filter by team: that is the page's path.
  public var bar: SharedBar
  /// nil: Unallocated.
  public var team: Team?
  public var parent: Team?
  /// Of the team, with the period before in `previousTotal`; by model.
  public var models: CostReport
  /// By endpoint and by user group, where they can be told.
  public var tables: [CostReport]
  /// By model and time.
  public var overTime: CostReport
  /// Of everybody in the range.
  public var everybody: USD?
  public var forecast: Forecast?
  public var missing: CostReport?

  public init(
    frame: PageFrame, bar: SharedBar, team: Team?, parent: Team?, models: CostReport, tables: [CostReport], overTime: CostReport,
    everybody: USD?, forecast: Forecast?, missing: CostReport?
  ) {
    self.frame = frame
    self.bar = bar
    self.team = team
    self.parent = parent
    self.models = models
    self.tables = tables
    self.overTime = overTime
    self.everybody = everybody
    self.forecast = forecast
    self.missing = missing
  }

  private var address: PageAddress { bar.address }
  private var total: Measures { models.total }
  /// The team's share of another page.
  private func of(_ path: String) -> PageAddress { address.going(to: path).keeping(.team, team?.name) }
  private var costs: PageAddress { of(Route.costs).with { $0.by = [.endpoint, .model] } }

  public func render() -> HTML {
    frame.page(team?.name ?? "Unallocated", section: .teams, address: address, bar: bar.render(frame), "\(facts)\(content)")
  }

  private var facts: HTML {
    """
    <p class="line team-line">\(team.map(Self.facts), some: { facts in "\(facts, { "<span>\($0)</span>" })" })\
    \(parent, some: { "<span>part of <a href=\"\(url: address.going(to: Route.team($0.name)).url)\">\($0.name)</a></span>" })\
    <a href="\(url: costs.url)">Costs</a><a href="\(url: of(Route.traces).url)">Traces</a>\
    <a href="\(url: Route.allocation)">Allocation report</a>\
    \(frame.allows(.editTeams) ? team : nil, some: { "<a href=\"\(url: Route.settingsTeam($0.id))\">Settings</a>" })</p>
    """
  }

  private static func facts(_ team: Team) -> [String] {
    var facts: [String] = []
    if let centre = team.costCentre { facts.append("Cost centre \(centre)") }
    if let account = team.glAccount { facts.append("GL account \(account)") }
    if let owner = team.owner { facts.append("Owner \(owner)") }
    if let from = team.validFrom { facts.append("since \(CalendarWords.day(from))") }
    if let to = team.validTo { facts.append("until \(CalendarWords.day(CalendarWords.before(to)))") }
    return facts
  }

  private var content: HTML {
    guard total.calls > 0 else {
      return """
        \(EmptyState(
          title: "No calls in this range",
          text: team == nil ? "Every call here has an owner." : "Nothing was charged to this team. Its keys and the rules say what is.",
          action: team == nil ? ("All teams", address.going(to: Route.teams).url) : frame.action(.editRules, "See the rules", Route.rules)))
        """
    }
    return """
      \(tiles)
      \(CostOverTime(
        frame: frame, address: address, report: overTime, styles: styles, leads: { _ in of(Route.traces) },
        leadsValue: { of(Route.traces).keeping(.model, $0.value) }))
      <div class="tables">\([models] + tables, { report in
        let dimension = report.query.groupBy.first ?? .model
        return MeasureTable(
          dimension: dimension, report: report, address: address, styles: dimension == .model ? styles : [:],
          within: of(Route.costs)).html
      })</div>
      \(missing.map { MissingEvidence(frame: frame, report: $0, address: address).html })
      <p class="more note">\(ForecastText.method(frame))</p>
      """
  }

  private var styles: [DimensionValue: SeriesStyle] {
    SeriesStyle.assign(
      models.rows.sorted { ($0.measures.cost ?? .zero, $1.values[0].label) > ($1.measures.cost ?? .zero, $0.values[0].label) }.map { $0.values[0] })
  }

  private var tiles: HTML {
    let before = models.previousTotal
    func change(_ value: (Measures) -> USD?) -> String? { before.map { ChangeText(from: value($0), to: value(total)).text } }
    let traces = of(Route.traces)
    let share = ShareText(Double(total.cost?.pico ?? 0), of: Double(everybody?.pico ?? 0))
    let unpriced = UnpricedNote(count: total.unpricedCalls, address: traces).html
    let all: [FigureTile] = [
      FigureTile(
        name: "Cost", figure: MoneyText(total), address: traces.url, change: before.map { "\(change { $0.cost ?? .zero } ?? "") against \(beforeWords($0))" },
        note: "\(CountText(total.calls)) calls\(if: !unpriced.isEmpty, ", \(unpriced)")", isMain: true),
      FigureTile(
        name: "Forecast", figure: ForecastText(forecast: forecast), address: costs.url,
        note: forecast.map { "\(MoneyText($0.spent)) so far in \(frame.moneyZone.monthWord(frame.now))" } ?? "not enough data"),
      FigureTile(
        name: "Cost per request", figure: MoneyText(total.costPerRequest, fine: true, unknown: "No call has a full price"), address: costs.url,
        change: change(\.costPerRequest)),
      FigureTile(
        name: "Share", figure: PlainFigure(share.text, unknown: ""), address: address.going(to: Route.teams).url,
        note: "of \(MoneyText(everybody, unknown: "No call has a known price"))"),
      FigureTile(name: "Tokens", figure: TokenText(total.usage.totalTokens), address: costs.with { $0.measure = .totalTokens }.url),
    ]
    return "<section class=\"tiles\" aria-label=\"Totals\">\(all, { $0.html })</section>"
  }

  private func beforeWords(_ before: Measures) -> String { before.calls > 0 ? address.range.before : "nothing before" }
}
