import Domain
import Hummingbird
import Pages
import Store

/// Teams as settings: what finance needs to know about each.
struct StructureTeamPages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, TeamListPage(work: parts.frame(), teams: try await backend.teams.list(scope: parts.scope)).render())
  }

  func new(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, try await page(parts, TeamInput()).render())
  }

  func edit(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let id: TeamID = try context.id("team", of: "team")
    guard let team = try await backend.teams.find(id, scope: parts.scope) else { throw Failure.notFound("no team of this number") }
    return .page(.ok, try await page(parts, TeamInput(team)).render())
  }

  func save(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    var input = TeamInput()
    input.id = try form.id("id")
    (input.name, input.owner, input.parent) = (form.typed("name"), form.typed("owner"), form.typed("parent"))
    (input.costCentre, input.glAccount) = (form.typed("costCentre"), form.typed("glAccount"))
    (input.validFrom, input.validTo) = (form.typed("validFrom"), form.typed("validTo"))
    do {
      let draft = TeamDraft(
        name: input.name, costCentre: form.text("costCentre"), glAccount: form.text("glAccount"), owner: form.text("owner"),
        parent: try form.id("parent"), validFrom: form.text("validFrom"), validTo: form.text("validTo"))
      _ = try await backend.teams.save(
        draft, as: input.id, placesTeams: parts.visit.access.allows(.manageMembers), scope: parts.scope, by: parts.actor)
      return .seeOther(Route.settingsTeams)
    } catch {
      return .page(.badRequest, try await page(parts, input, problem: try PriceParts.sentence(error)).render())
    }
  }

  private func page(_ parts: WorkParts, _ input: TeamInput, problem: String? = nil) async throws -> TeamFormPage {
    let path = input.id.map(Route.settingsTeam) ?? Route.newTeam
    return TeamFormPage(work: parts.frame(problem, at: path), draft: input, teams: try await backend.teams.list(scope: parts.scope))
  }
}
