import Domain
import Hummingbird
import Pages
import Store

/// What teams spend: all of them, and one.
struct TeamSpendPages {
  let backend: Backend

  /// Of a team's tables.
  private static let measures = CostMeasure.basic.union(CostMeasure.tokens)

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PageParts(request, context, backend)
    async let overTime = parts.costs([.team], interval: PageAddress.interval(for: parts.range))
    async let daily = parts.costs([.team], interval: .day, range: MonthForecasts.range(now: parts.frame.now, zone: parts.frame.moneyZone))
    let report = try await parts.compared([.team])
    let named = Set(report.rows.compactMap { $0.values.first?.value })
    let hasUnallocated = report.rows.contains { $0.values.first?.value == nil }
    let page = TeamsPage(
      frame: parts.frame, bar: try await parts.bar(), teams: try await teams(parts).filter { !parts.visit.scope.isOfProjects || named.contains($0.name) }, report: report, overTime: try await overTime,
      forecasts: MonthForecasts(try await daily, now: parts.frame.now, zone: parts.frame.moneyZone),
      missing: hasUnallocated ? try await missing(parts) : nil)
    return .page(.ok, page.render())
  }

  func team(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PageParts(request, context, backend)
    let name = try context.decoded("team"), all = try await teams(parts)
    // "-" is Unallocated; a team whose name is dashes has one more.
    let wanted = name.allSatisfy { $0 == "-" } ? String(name.dropLast()) : name
    let team = all.first { $0.name == wanted }
    guard team != nil || wanted.isEmpty else { throw Failure.notFound("there is no team \(wanted)") }
    var filter = parts.address.filter
    filter[.team] = [wanted]
    let within = filter
    let forecastRange = MonthForecasts.range(now: parts.frame.now, zone: parts.frame.moneyZone)
    async let overTime = parts.costs([.model], interval: PageAddress.interval(for: parts.range), filter: within)
    async let daily = parts.costs([.team], interval: .day, range: forecastRange, filter: within)
    async let everybody = parts.costs([])
    let models = try await parts.compared([.model], filter: within, measures: Self.measures)
    if let team, parts.visit.scope.isOfProjects, models.total.calls == 0, try await !holdsProject(team, parts) {
      throw Failure.notFound("there is no team \(wanted)")
    }
    var tables: [CostReport] = []
    for dimension in [CostDimension.endpoint, .userGroup] {
      if let table = try await parts.costsIfKept([dimension], filter: within, measures: Self.measures) { tables.append(table) }
    }
    let forecasts = MonthForecasts(try await daily, now: parts.frame.now, zone: parts.frame.moneyZone)
    let page = TeamPage(
      frame: parts.frame, bar: try await parts.bar(), team: team, parent: team?.parent.flatMap { id in all.first { $0.id == id } },
      models: models, tables: tables, overTime: try await overTime, everybody: try await everybody.total.cost,
      forecast: forecasts[team?.name], missing: team == nil && models.total.calls > 0 ? try await missing(parts) : nil)
    return .page(.ok, page.render())
  }

  /// Who sees projects knows the teams that these are of, and those that spend there.
  private func holdsProject(_ team: Team, _ parts: PageParts) async throws -> Bool {
    try await backend.accounts.projects(scope: parts.visit.scope).contains { $0.team == team.id }
  }

  private func teams(_ parts: PageParts) async throws -> [Team] { try await backend.accounts.teams(scope: parts.visit.scope) }

  /// Keys and groups of the calls without an owner.
  private func missing(_ parts: PageParts) async throws -> CostReport? {
    var filter = parts.address.filter
    filter[.team] = [""]
    return try await parts.costsIfKept([.key, .userGroup], filter: filter)
  }
}

extension AccessScope {
  /// Money of some projects, whoever owns it.
  var isOfProjects: Bool { teams == .all && projects != .all }
}

extension PageParts {
  /// With the period before beside it.
  func compared(_ groupBy: [CostDimension], filter: CostFilter? = nil, measures: Set<CostMeasure> = CostMeasure.basic) async throws
    -> CostReport
  {
    let query = CostQuery(
      range: range, timeZone: visit.organisation.timeZone, groupBy: groupBy, filter: filter ?? address.filter,
      measures: measures)
    return try await backend.reports.run(query, comparing: .previous, scope: visit.scope, organisation: visit.organisation)
  }

  /// nil where no sums are kept for the question.
  func costsIfKept(_ groupBy: [CostDimension], filter: CostFilter, measures: Set<CostMeasure> = CostMeasure.basic) async throws
    -> CostReport?
  {
    do {
      return try await costs(groupBy, filter: filter, measures: measures)
    } catch is CostQueryRefusal {
      return nil
    }
  }
}
