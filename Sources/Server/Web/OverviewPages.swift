import Domain
import Hummingbird
import Pages

/// The overview: what is spent, on what, and whether it changes.
struct OverviewPages {
  let backend: Backend

  func overview(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PageParts(request, context, backend)
    async let overTime = parts.costs([parts.address.stack], interval: PageAddress.interval(for: parts.range))
    async let previous = parts.costs([], range: parts.range.previous, measures: Self.measures)
    async let previousEndpoints = parts.costs([.endpoint], range: parts.range.previous)
    var tables: [CostDimension: CostReport] = [:]
    for dimension in OverviewPage.tableDimensions { tables[dimension] = try await parts.costs([dimension], measures: Self.measures) }
    let total = tables[.team]?.total ?? Measures()
    let page = OverviewPage(
      frame: parts.frame, bar: try await parts.bar(), total: total, previous: try await previous.total,
      overTime: try await overTime, tables: tables, previousEndpoints: try await previousEndpoints,
      hasAnyData: try await hasAnyData(parts, total))
    return .page(.ok, page.render())
  }

  /// Of the tables and tiles.
  private static let measures = CostMeasure.basic.union(CostMeasure.tokens)

  private func hasAnyData(_ parts: PageParts, _ total: Measures) async throws -> Bool {
    if total.calls > 0 { return true }
    return try await backend.traces.hasAny(scope: parts.visit.scope)
  }
}
