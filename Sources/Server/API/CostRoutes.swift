import Domain
import Hummingbird
import Store

/// `GET /api/v1/costs`: the same question and answer as the pages. A key that may administrate gets the organisation, like its reports.
struct CostRoutes {
  let backend: Backend

  func costs(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let declared = try await backend.declaredKeys.list(scope: grant.moneyScope)
    let asked = try CostRequest(QueryParameters(request), organisation: grant.organisation, declared: declared)
    var report = try await backend.reports.run(
      asked.query, comparing: asked.comparison, scope: grant.moneyScope, organisation: grant.organisation)
    report.declared = declared
    switch asked.format {
    case .json: return .json(.ok, CostJSON.report(report, asked.figures))
    case .csv: return .download("costs.csv", "text/csv; charset=utf-8", CostCSV.text(report, asked.figures))
    }
  }
}
