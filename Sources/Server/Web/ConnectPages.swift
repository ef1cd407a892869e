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
    let desk = KeyDesk(backend: backend, visit: parts.visit)
    let seen = try await desk.keys(try await desk.projects()).map(\.listed.key)
    let keys = seen.filter { key in key.revokedAt == nil && chosen.contains { $0.id == key.project } }
    await backend.requests.flush()
    let one = chosen.count == 1 && projects.count > 1 ? chosen.first?.id : nil
    let requests = try await RequestList(pool: backend.pool).run(project: one, withoutProject: one == nil, limit: 100, scope: scope)
    var page = ConnectPage(
      frame: parts.frame, address: parts.address, baseURL: backend.baseURL, projects: projects, keys: keys, requests: requests)
    page.seenKeys = Set(seen.map(\.publicKey))
    return .page(.ok, page.render())
  }
}
