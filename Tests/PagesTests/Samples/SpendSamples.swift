import Domain
import HTML

@testable import Pages

/// Pages of costs, teams, users and endpoints, full and empty.
enum SpendSamples {
  static func value(_ name: String?, _ none: String = "Unallocated", colour: Int16? = nil) -> DimensionValue {
    DimensionValue(value: name, label: name ?? none, colour: name == nil ? nil : colour)
  }
  static let teams = OverviewSample.teams.enumerated().map { (value($1.0, colour: Int16($0)), $1.1) }
  static let models = OverviewSample.models.map { (value($0.0), $0.1) }
  static let endpoints = [("/answer", 44.0), ("/summarise", 31), ("(other)", 22), (nil, 3)].map { (value($0.0, "No endpoint"), $0.1) }

  static func range(_ address: PageAddress) -> TimeRange { address.range.resolved(now: Sample.now, zone: Sample.zone) }

  static func values(_ dimension: CostDimension) -> [(DimensionValue, Double)] {
    switch dimension {
    case .team: teams
    case .endpoint: endpoints
    default: models
    }
  }

  /// As the store answers: nothing is folded, every row has the period before.
  static func source(_ address: PageAddress) -> PivotSource {
    let by = CostsPage.by(address), range = range(address)
    var rows = OverviewSample.report(by[0], range, values(by[0]))
    if address.compares { rows = compared(rows) }
    var source = PivotSource(by: by, rows: rows, overTime: OverviewSample.overTime(by[0], range, values(by[0])))
    guard by.count > 1 else { return source }
    source.parts = pairs(by, range, compares: address.compares)
    return source
  }

  static func compared(_ report: CostReport) -> CostReport {
    var report = report
    for i in report.rows.indices {
      var before = report.rows[i].measures
      before.cost = before.cost.map { USD(pico: $0.pico * Int128(70 + i * 9) / 100) }
      before.calls = before.calls * 8 / 10
      report.rows[i].previous = before
    }
    report.previousTotal = report.rows.reduce(Measures()) { $0 + ($1.previous ?? Measures()) }
    return report
  }

  static func pairs(_ by: [CostDimension], _ range: TimeRange, compares: Bool) -> CostReport {
    let weights = values(by[1]).reduce(0) { $0 + $1.1 }
    let rows = values(by[0]).flatMap { first in
      values(by[1]).map { second in
        CostRow(values: [first.0, second.0], start: nil, measures: OverviewSample.measures(first.1 * second.1 / weights, name: ""))
      }
    }
    let report = CostReport(
      query: CostQuery(range: range, timeZone: Sample.zone.name, groupBy: by), rows: rows, total: rows.reduce(Measures()) { $0 + $1.measures },
      source: "spend_hour")
    guard compares else { return report }
    var paired = report
    for i in paired.rows.indices {
      let place = values(by[0]).firstIndex { $0.0 == paired.rows[i].values[0] } ?? 0
      var before = paired.rows[i].measures
      before.cost = before.cost.map { USD(pico: $0.pico * Int128(66 + place * 9) / 100) }
      paired.rows[i].previous = before
    }
    return paired
  }

  static func frame() -> PageFrame {
    var frame = Sample.frame
    frame.declared = [.extra1: "Tenant"]
    return frame
  }

  static func costs(_ query: String, answer: CostsPage.Answer? = nil) -> CostsPage {
    let address = PageAddress(path: "/costs", query: query)
    return CostsPage(frame: frame(), bar: Sample.bar(address), answer: answer ?? .table(source(address)))
  }

  static var emptyCosts: CostsPage {
    let address = PageAddress(path: "/costs")
    let none = OverviewSample.report(.team, range(address), [])
    return costs("", answer: .table(PivotSource(by: [.team], rows: none, overTime: none)))
  }

  static var daily: CostReport {
    let range = MonthForecasts.range(now: Sample.now, zone: Sample.zone)
    var report = OverviewSample.overTime(.team, range, teams)
    report.query.interval = .day
    return report
  }
  static let forecasts = MonthForecasts(daily, now: Sample.now, zone: Sample.zone)

  static var missing: CostReport {
    let rows = [(("pk-gateway", "Gateway"), nil as String?, 4.0), (("pk-gateway", "Gateway"), "Trial", 2)].map { key, group, weight in
      CostRow(
        values: [DimensionValue(value: key.0, label: key.1), value(group, "No group")], start: nil, measures: OverviewSample.measures(weight, name: ""))
    }
    return CostReport(
      query: CostQuery(range: range(PageAddress(path: "/teams")), timeZone: Sample.zone.name, groupBy: [.key, .userGroup]), rows: rows,
      total: rows.reduce(Measures()) { $0 + $1.measures }, source: "spend_group_hour")
  }

  static func team(_ name: String, _ id: Int32) -> Team {
    var team = Team(id: TeamID(id), name: name, colour: Int16(id - 1))
    team.costCentre = "CC-4\(id)0"
    return team
  }

  static func teamsPage(_ query: String = "") -> TeamsPage {
    let address = PageAddress(path: "/teams", query: query)
    return TeamsPage(
      frame: Sample.frame, bar: Sample.bar(address), teams: [team("Support", 1), team("Contracts", 2), team("Search", 3), team("Growth", 4), team("Legal", 5)],
      report: compared(OverviewSample.report(.team, range(address), teams)), overTime: OverviewSample.overTime(.team, range(address), teams),
      forecasts: forecasts, missing: missing)
  }

  static var emptyTeams: TeamsPage {
    var page = teamsPage()
    page.teams = []
    page.report = OverviewSample.report(.team, range(page.bar.address), [])
    page.overTime = page.report
    page.missing = nil
    return page
  }

  static func teamPage(_ name: String?) -> TeamPage {
    let address = PageAddress(path: Route.team(name)), range = range(address)
    var support = team("Support", 1)
    support.owner = "grace@meridian.example"
    support.glAccount = "6420"
    support.validFrom = "2026-01-01"
    return TeamPage(
      frame: Sample.frame, bar: Sample.bar(address), team: name == nil ? nil : support, parent: name == nil ? nil : team("Growth", 4),
      models: compared(OverviewSample.report(.model, range, models)), tables: [OverviewSample.report(.endpoint, range, endpoints)],
      overTime: OverviewSample.overTime(.model, range, models), everybody: Sample.usd("9000"), forecast: forecasts[name],
      missing: name == nil ? missing : nil)
  }

  static func users(_ query: String = "", answer: UsersPage.Answer? = nil) -> UsersPage {
    let groups = [
      UserGroupSpend(
        group: "Enterprise", activeUsers: 31, calls: 9120, unpricedCalls: 0, cost: Sample.usd("412.2"), topTenthCost: Sample.usd("151"), lastDay: "2026-11-22"),
      UserGroupSpend(
        group: nil, activeUsers: 12, calls: 840, unpricedCalls: 7, cost: Sample.usd("18.4"), topTenthCost: Sample.usd("9.9"), lastDay: "2026-11-21"),
    ]
    let total = UserGroupSpend(
      group: nil, activeUsers: 43, calls: 9960, unpricedCalls: 7, cost: Sample.usd("430.6"), topTenthCost: Sample.usd("160.2"), lastDay: "2026-11-22")
    let users = (0..<30).map { user($0) }
    let address = PageAddress(path: "/users", query: query)
    return UsersPage(frame: Sample.frame, bar: Sample.bar(address), answer: answer ?? .users(groups: groups, total: total, users: users, found: 43))
  }

  private static func user(_ i: Int) -> UserSpend {
    let cost: USD? = i == 29 ? nil : Sample.usd(String(40 - i))
    return UserSpend(
      user: "user\(i).with-a-name@example.com", group: i % 3 == 0 ? nil : "Enterprise", calls: Int64(500 - i),
      unpricedCalls: i == 2 ? 7 : 0, cost: cost, lastDay: i == 0 ? "2026-11-22" : "2026-11-2\(i % 2)")
  }

  static func call(_ tokens: Int64, _ dollars: String, calls: Int64 = 1000) -> Measures {
    var m = Measures()
    m.calls = calls
    m.usage[.input] = tokens * calls
    m.cost = Sample.usd(dollars)
    return m
  }

  static func endpointReport(_ rows: [(String?, String, Measures)]) -> CostReport {
    let rows = rows.map { CostRow(values: [value($0.0, "No endpoint"), value($0.1)], start: nil, measures: $0.2) }
    return CostReport(
      query: CostQuery(range: range(PageAddress(path: "/endpoints")), timeZone: Sample.zone.name, groupBy: [.endpoint, .model]), rows: rows,
      total: rows.reduce(Measures()) { $0 + $1.measures }, source: "spend_endpoint_hour")
  }

  static let endpointLines = EndpointLine.lines(
    endpointReport([
      ("/summarise", "large", call(9000, "95")), ("/draft", "large", call(3000, "31")), ("/classify", "small", call(400, "1")),
      ("/translate", "small", call(900, "2")), (nil, "small", call(900, "2")),
    ]),
    before: endpointReport([("/summarise", "large", call(4500, "47")), ("/draft", "large", call(3000, "31"))]),
    types: OperationType.standard,
    assignments: ["/summarise": "Content generation", "/draft": "Content generation", "/classify": "Classification"])

  static func endpointsPage(_ lines: [EndpointLine] = endpointLines, canChange: Bool = true, problem: String? = nil) -> EndpointsPage {
    let address = PageAddress(path: "/endpoints")
    return EndpointsPage(
      work: WorkFrame(frame: Sample.frame, address: address, canChange: canChange, problem: problem), bar: Sample.bar(address), lines: lines,
      types: OperationType.standard, draft: problem == nil ? nil : OperationDraft(name: "Speech", low: "1", high: "0"))
  }

  static let all: [(name: String, html: HTML)] = [
    ("costs", costs("").render()), ("costs-pairs", costs("by=team,model&columns=listCost,avoidedCost,latencyP95Milliseconds").render()),
    ("costs-tokens", costs("by=model&measure=totalTokens&compare=0&all=rows&range=7d").render()), ("costs-empty", emptyCosts.render()),
    ("costs-refused", costs("by=user,endpoint", answer: .refused("No sums are kept by endpoint, user together.")).render()),
    ("teams", teamsPage().render()), ("teams-empty", emptyTeams.render()), ("team", teamPage("Support").render()),
    ("team-unallocated", teamPage(nil).render()), ("users", users().render()), ("users-found", users("q=name&userGroup=Enterprise").render()),
    ("users-empty", users(answer: .users(groups: [], total: nil, users: [], found: 0)).render()),
    ("users-refused", users("environment=production", answer: .refused("Accepted: a filter without environment.")).render()),
    ("endpoints", endpointsPage().render()), ("endpoints-empty", endpointsPage([]).render()),
    ("endpoints-read", endpointsPage(canChange: false).render()), ("endpoints-problem", endpointsPage(problem: "A band goes up.").render()),
  ]
}
