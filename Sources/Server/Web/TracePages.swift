import Domain
import Hummingbird
import Foundation
import Pages
import Pricing
import Store

/// The trace list, one trace, and the pane of one observation.
struct TracePages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PageParts(request, context, backend)
    var query = try TraceQuery(QueryParameters(parts.address.fields), range: parts.range)
    query.filter = parts.address.filter
    let scope = parts.visit.scope
    let search: TraceSearchPage?
    let found: TracePage
    if query.text == nil {
      search = nil
      found = try await backend.traces.list(query, scope: scope)
    } else {
      let page = try await backend.traces.search(query, scope: scope)
      search = page
      if page.searchedBodies, !page.found.isEmpty { try await PayloadReads(backend).note("search among traces", by: parts.visit) }
      found = TracePage(traces: page.found.map(\.trace), next: page.next)
    }
    let names = parts.address.with { $0.filter[.model] = nil; $0.filter[.endpoint] = nil }.filter
    async let models = Self.report(parts, [.model], names)
    async let endpoints = Self.report(parts, [.endpoint], names)
    async let total = query.isOfCosts ? Self.report(parts, [], query.filter)?.total : nil
    async let visible = query.isOfCosts ? Self.visible(parts, query.filter) : nil
    let page = TraceListPage(
      frame: parts.frame, bar: try await parts.bar(), traces: found.traces, next: found.next, total: try await total,
      visible: try await visible,
      models: try await Self.values(models), endpoints: try await Self.values(endpoints),
      hasAnyData: try await found.traces.isEmpty ? backend.traces.hasAny(scope: parts.visit.scope) : true,
      search: search.map(SearchOutcome.init))
    return .page(.ok, page.render())
  }

  /// The cost report of the list's range: its total is the number that led to the list. nil when no table answers it;
  /// the list itself needs none.
  private static func report(
    _ parts: PageParts, _ groupBy: [CostDimension], _ filter: CostFilter
  ) async throws -> CostReport? {
    do {
      // The total's tokens are shown, the others' are not.
      return try await parts.costs(
        groupBy, filter: filter, measures: groupBy.isEmpty ? CostMeasure.basic.union(CostMeasure.tokens) : CostMeasure.basic)
    } catch is CostQueryRefusal {
      return nil
    }
  }

  /// nil for whoever may see all traces.
  private static func visible(_ parts: PageParts, _ filter: CostFilter) async throws -> VisibleCalls? {
    guard parts.visit.scope.traces != .all else { return nil }
    do {
      return try await parts.backend.reports.visible(
        parts.range, filter: filter, scope: parts.visit.scope, organisation: parts.visit.organisation)
    } catch is CostQueryRefusal {
      return nil
    }
  }

  private static func values(_ report: CostReport?) -> [String] {
    report?.rows.compactMap { $0.values.first?.value } ?? []
  }

  func trace(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PageParts(request, context, backend)
    let slug = try context.decoded("project"), id = try context.decoded("trace")
    guard let detail = try await backend.traces.detail(id, project: slug, scope: parts.visit.scope) else {
      throw Failure.notFound("no trace \(id) in the project \(slug)")
    }
    let project = try await backend.accounts.project(slug: slug, scope: parts.visit.scope)
    let pane = try await pane(parts, detail)
    var address = parts.address
    switch pane {
    case .observation(let shown):
      address.observation = shown.observation.displayID
      try await PayloadReads(backend).note("trace \(slug)/\(id) observation \(shown.observation.displayID)", shown.content, by: parts.visit)
    case .trace(let content):
      if detail.tellsContent {
        try await PayloadReads(backend).note("trace \(slug)/\(id)", by: parts.visit)
      } else {
        try await PayloadReads(backend).note("trace \(slug)/\(id)", content, by: parts.visit)
      }
    }
    var page = TraceDetailPage(
      frame: parts.frame, address: address, projectName: project?.name ?? slug, detail: detail, pane: pane)
    page.level = backend.content.level(of: detail.item.project)
    return .page(.ok, page.render())
  }

  /// The pane alone for the script, else a redirect to the page with the observation selected.
  func observation(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PageParts(request, context, backend)
    let slug = try context.decoded("project"), id = try context.decoded("trace")
    let observation = try context.decoded("observation")
    guard QueryParameters(request).has("partial") else {
      return .seeOther(Route.trace(project: slug, trace: id) + "?observation=" + FormToken.escaped(observation))
    }
    let found = try await backend.traces.observation(observation, trace: id, project: slug, scope: parts.visit.scope)
    guard let found else { throw Failure.notFound("no observation \(observation) in the trace \(id)") }
    var pane = ObservationPane(
      zone: parts.frame.viewerZone, found: found.detail, content: Self.state(found.observation, found.detail.bodies),
      explanation: CostExplanationView(backend.prices.current.explain(found.observation), of: found.observation))
    pane.reader = parts.visit.member.role.contentAccess
    pane.level = backend.content.level(of: found.observation.facts.project)
    try await PayloadReads(backend).note("trace \(slug)/\(id) observation \(observation)", pane.content, by: parts.visit)
    return .page(.ok, pane.render())
  }

  /// A trace by id alone, as some SDKs link it.
  func find(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PageParts(request, context, backend)
    let id = try context.decoded("trace")
    guard let project = try await backend.traces.find(id, scope: parts.visit.scope) else { throw Failure.notFound("no trace \(id)") }
    return .seeOther(Route.trace(project: project.slug, trace: id))
  }

  private func pane(_ parts: PageParts, _ detail: TraceDetail) async throws -> TraceDetailPage.Pane {
    if let id = parts.address.observation, let pane = try await observationPane(parts, detail, id) { return .observation(pane) }
    guard detail.hasInput || detail.hasOutput || detail.observations.isEmpty, parts.address.observation == nil else {
      return try await firstPane(parts, detail)
    }
    guard let bodies = try await backend.traces.traceBodies(detail.item, scope: parts.visit.scope) else { return .trace(.withheld) }
    let isGone = (detail.hasInput || detail.hasOutput) && bodies == Bodies()
    return .trace(isGone ? .expired : .visible(bodies))
  }

  /// Nothing chosen and no content on the trace itself: the first root is shown.
  private func firstPane(_ parts: PageParts, _ detail: TraceDetail) async throws -> TraceDetailPage.Pane {
    guard let first = detail.observations.first(where: { $0.facts.parent == nil }) ?? detail.observations.first,
      let pane = try await observationPane(parts, detail, first.displayID)
    else { return .trace(.visible(Bodies())) }
    return .observation(pane)
  }

  private func observationPane(_ parts: PageParts, _ detail: TraceDetail, _ id: String) async throws -> ObservationPane? {
    guard let found = detail.observations.first(where: { $0.displayID == id || $0.facts.id.hex == id }) else { return nil }
    let bodies = try await backend.traces.bodies(found, trace: detail.item.displayID, scope: parts.visit.scope)
    return ObservationPane(
      zone: parts.frame.viewerZone, detail: detail, id: found.facts.id, content: Self.state(found, bodies),
      explanation: CostExplanationView(backend.prices.current.explain(found), of: found))
  }

  private static func state(_ observation: Observation, _ bodies: Bodies?) -> ContentState {
    guard let bodies else { return .withheld }
    let isGone = !observation.facts.parts.isEmpty && bodies == Bodies()
    return isGone ? .expired : .visible(bodies)
  }
}

extension ObservationPane {
  init(zone: ClockZone, found: ObservationDetail, content: ContentState, explanation: CostExplanationView?) {
    func reference(_ o: ObservationName) -> Reference { Reference(id: o.id, name: o.name ?? o.kind.rawValue) }
    self.init(
      zone: zone, observation: found.observation, content: content, explanation: explanation, team: found.team?.name,
      shadower: found.shadower.map(reference), shadows: found.shadows.map(reference), scores: found.scores)
  }
}
