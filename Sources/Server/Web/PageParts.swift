import Domain
import Hummingbird
import Pages
import Store

/// What every page of a signed-in member is made from.
struct PageParts {
  let backend: Backend
  let visit: Visit
  private(set) var address: PageAddress
  let frame: PageFrame

  /// - Throws: `Failure` 401 outside the signed-in routes.
  init(_ request: Request, _ context: Context, _ backend: Backend) throws {
    guard let visit = context.visit else { throw Failure.unauthorized("sign in first") }
    self.backend = backend
    self.visit = visit
    let names = CostNames(backend.directory.current.declaredKeys)
    try names.checkDeclared(QueryParameters(request))
    address = PageAddress(path: request.uri.path, query: request.uri.query ?? "", declared: names.declared)
    let zone = ClockZone(visit.organisation.timeZone)
    frame = PageFrame(
      organisation: visit.organisation.name, member: visit.member.email, access: visit.access, csrf: visit.csrfToken, theme: Theme.of(request),
      assets: backend.assets.links, viewerZone: zone, moneyZone: zone, now: Timestamp.now,
      declared: backend.directory.current.declaredKeys.reduce(into: [:]) { names, key in
        if let dimension = key.dimension { names[dimension] = key.label }
      })
  }

  /// For a form: the same, of the page at `place` (path and query).
  func at(_ place: String) -> PageParts {
    let halves = place.split(separator: "?", maxSplits: 1)
    var parts = self
    parts.address = PageAddress(path: halves.first.map(String.init) ?? "/", query: halves.count > 1 ? halves[1] : "",
      declared: CostNames(backend.directory.current.declaredKeys).declared)
    return parts
  }

  /// The address's range. A range up to now takes the whole current hour, so that rollups answer it alone.
  var range: TimeRange {
    let range = address.range.resolved(now: frame.now, zone: frame.moneyZone)
    guard range.to >= frame.now.adding(seconds: -60), range.to <= frame.now else { return range }
    let nextHour = frame.moneyZone.startOfHour(range.to).adding(seconds: 3600)
    return TimeRange(from: range.from, to: nextHour) ?? range
  }

  /// The shared bar: what can be picked is what the member may see. Environments are those of the range, whatever else is filtered.
  func bar() async throws -> SharedBar {
    let projects = try await backend.accounts.projects(scope: visit.scope)
    let filter = address.filter.filter { $0.key == .project }
    let environments = try await costs([.environment], filter: filter, measures: [.calls]).rows.compactMap { $0.values.first }
    return SharedBar(
      address: address, projects: projects.map { .init(value: $0.slug, label: $0.name) },
      environments: environments.compactMap { value in value.value.map { .init(value: $0, label: value.label) } })
  }

  /// Buckets are asked for where they are shown: each is summed in every row.
  func costs(
    _ groupBy: [CostDimension], interval: CostInterval? = nil, range: TimeRange? = nil, filter: CostFilter? = nil,
    measures: Set<CostMeasure> = CostMeasure.basic
  ) async throws -> CostReport {
    let query = CostQuery(
      range: range ?? self.range, timeZone: visit.organisation.timeZone, interval: interval, groupBy: groupBy,
      filter: filter ?? address.filter, measures: measures)
    return try await backend.reports.run(query, scope: visit.scope, organisation: visit.organisation)
  }
}

extension Theme {
  static let cookieName = "quipu_theme"

  static func of(_ request: Request) -> Theme {
    request.cookies[cookieName].flatMap { Theme(rawValue: $0.value) } ?? .system
  }
}
