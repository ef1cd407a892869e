import Domain
import Hummingbird
import Pages
import Store

/// User groups and declared dimensions as settings.
struct GroupPages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, try await page(parts).render())
  }

  private func page(_ parts: WorkParts, problem: String? = nil) async throws -> UserGroupPage {
    let rules = try await backend.rules.list(scope: parts.scope).map(\.rule).filter { $0.userGroup != nil }
    return UserGroupPage(
      work: parts.frame(problem, at: Route.groups),
      groups: try await backend.userGroups.list(scope: parts.scope).map { UserGroupView(group: $0.group, members: $0.members) },
      teams: try await backend.teams.list(scope: parts.scope), rules: rules)
  }

  /// Adds a group, gives one another team, or removes it.
  func save(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    do {
      let team = try form.id("team", as: TeamID.self)
      if let id = try form.id("id", as: UserGroupID.self) {
        guard let known = try await backend.userGroups.find(id, scope: parts.scope) else { throw Failure.notFound("the group is not there any more") }
        if form.text("do") == "remove" {
          try await backend.userGroups.remove(id, scope: parts.scope, by: parts.actor)
        } else {
          _ = try await backend.userGroups.save(id, name: known.group.name, team: team, scope: parts.scope, by: parts.actor)
        }
      } else {
        _ = try await backend.userGroups.create(name: form.typed("name"), team: team, scope: parts.scope, by: parts.actor)
      }
      return .seeOther(Route.groups)
    } catch {
      var page = try await page(parts, problem: try PriceParts.sentence(error))
      if !form.has("id") { (page.name, page.team) = (form.typed("name"), form.typed("team")) }
      return .page(.badRequest, page.render())
    }
  }

  func upload(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let form = try await request.formData()
    try parts.check(request, csrf: form.text("csrf"))
    let text = form.bytes("file") ?? form.bytes("text") ?? []
    do {
      if text.isEmpty { throw Failure.badRequest("choose a file, or paste its text") }
      let result = try await backend.userGroups.importList(text, scope: parts.scope, by: parts.actor)
      var page = try await page(parts)
      page.outcome = GroupUploadOutcome(
        changed: result.changed, unchanged: result.unchanged, newGroups: result.created,
        refused: result.problems.map { .init(number: $0.line, problem: $0.message) }, refusedCount: result.problemCount)
      return .page(.ok, page.render())
    } catch {
      var page = try await page(parts, problem: try PriceParts.sentence(error))
      page.text = form.text("text") ?? ""
      return .page(.badRequest, page.render())
    }
  }
}

struct DimensionPages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let declared = try await backend.declaredKeys.list(scope: parts.scope)
    return .page(.ok, DimensionPage(work: parts.frame(changing: .manageContent), declared: declared).render())
  }

  func declare(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    do {
      _ = try await backend.declaredKeys.declare(
        form.typed("key"), label: form.text("label"), isDimension: form.text("dimension") == "1", scope: parts.scope, by: parts.actor)
      return .seeOther(Route.dimensions)
    } catch {
      let page = DimensionPage(
        work: parts.frame(try PriceParts.sentence(error), changing: .manageContent), declared: try await backend.declaredKeys.list(scope: parts.scope), key: form.typed("key"),
        label: form.typed("label"), isDimension: form.text("dimension") == "1")
      return .page(.badRequest, page.render())
    }
  }
}
