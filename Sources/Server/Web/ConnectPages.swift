import Domain
import Hummingbird
import Pages
import Store

/// How to send traces here, and what came lately.
struct ConnectPages {
  let backend: Backend

  func connect(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try PageParts(request, context, backend)
    let scope = parts.visit.scope
    let projects = try await backend.accounts.projects(scope: scope)
    let chosen = projects.filter { parts.address.filter[.project]?.contains($0.slug) ?? true }
    var keys: [APIKey] = []
    for project in chosen {
      keys += try await backend.accounts.keys(project: project.id, scope: scope).map(\.key).filter { $0.revokedAt == nil }
    }
    await backend.requests.flush()
    let one = chosen.count == 1 && projects.count > 1 ? chosen.first?.id : nil
    let requests = try await RequestList(pool: backend.pool).run(project: one, withoutProject: one == nil, limit: 100, scope: scope)
    let page = ConnectPage(
      frame: parts.frame, address: parts.address, baseURL: backend.baseURL, projects: projects, keys: keys, requests: requests)
    return .page(.ok, page.render())
  }
}
