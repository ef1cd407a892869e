import Domain
import Hummingbird
import Pages
import Store

/// Sampling of projects as settings.
struct SamplingPages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let settings = try await backend.sampling.current(scope: parts.scope)
    var rows: [SamplingList.Row] = []
    for project in try await backend.accounts.projects(scope: parts.scope) where ContentPages.mayChange(project, parts.visit) {
      let noise = try await backend.sampling.noise(project.id, limit: 1, scope: parts.scope).first
      rows.append(.init(project: project, settings: settings.filter { $0.project == project.id }, noiseScopes: noise?.scopes.count ?? 0))
    }
    return .page(.ok, SamplingList(work: parts.frame(), rows: rows).render())
  }

  func project(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let project = try await project(context, parts)
    return .page(.ok, try await page(project, parts, environment: QueryParameters(request).text("environment")).render())
  }

  func save(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let project = try await project(context, parts)
    let draft = SamplingDraft(form)
    do {
      let environment = draft.environment.isEmpty ? nil : draft.environment
      try await backend.sampling.save(try draft.policy(), of: project.id, environment: environment, scope: parts.scope, by: parts.actor)
      return .seeOther(Route.sampling(project.slug, environment: environment))
    } catch {
      return .page(.badRequest, try await page(project, parts, draft: draft, problem: try PriceParts.sentence(error)).render())
    }
  }

  /// What the settings as typed would keep of the last day; nothing is saved.
  func preview(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let project = try await project(context, parts)
    let draft = SamplingDraft(form)
    do {
      var page = try await page(project, parts, draft: draft)
      page.preview = try await backend.samplingReports.preview(
        try draft.policy(), of: project.id, environment: draft.environment.isEmpty ? nil : draft.environment, now: parts.now, scope: parts.scope)
      return .page(.ok, page.render())
    } catch {
      return .page(.badRequest, try await page(project, parts, draft: draft, problem: try PriceParts.sentence(error)).render())
    }
  }

  func end(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let project = try await project(context, parts)
    try await backend.sampling.end(form.typed("environment"), of: project.id, scope: parts.scope, by: parts.actor)
    return .seeOther(Route.sampling(project.slug))
  }

  func noise(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let project = try await project(context, parts)
    do {
      let scopes = form.all("scope").filter { !$0.isEmpty } + SamplingInput.lines(form.typed("others"))
      // What a pattern covers needs no line of its own.
      let patterns = NoiseFilter(scopes: scopes.filter { $0.hasSuffix("*") })
      try await backend.sampling.saveNoise(
        scopes.filter { $0.hasSuffix("*") || !patterns.names($0) }, of: project.id, scope: parts.scope, by: parts.actor)
      return .seeOther(Route.sampling(project.slug) + "#noise")
    } catch {
      return .page(.badRequest, try await page(project, parts, problem: try PriceParts.sentence(error)).render())
    }
  }

  private func page(
    _ project: Project, _ parts: WorkParts, environment: String? = nil, draft: SamplingDraft? = nil, problem: String? = nil
  ) async throws -> SamplingPage {
    let scope = parts.scope
    let settings = try await backend.sampling.current(scope: scope).filter { $0.project == project.id }
    let known = settings.first { $0.environment == environment } ?? settings.first { $0.environment == nil }
    async let history = backend.sampling.history(project.id, limit: 30, scope: scope)
    async let noise = backend.sampling.noise(project.id, limit: 1, scope: scope)
    async let scopes = backend.samplingReports.scopes(project.id, now: parts.now, scope: scope)
    async let activity = backend.samplingReports.activity(project.id, now: parts.now, scope: scope)
    let met = try await parts.parts.costs([.environment], filter: [.project: [project.slug]]).rows.compactMap { $0.values.first?.value }
    return SamplingPage(
      work: parts.frame(problem, at: Route.sampling(project.slug)), project: project,
      draft: draft ?? SamplingDraft(known?.policy ?? .everything, environment: environment), settings: settings, history: try await history,
      noise: try await noise, scopes: try await scopes, activity: try await activity,
      environments: Set(met).union(settings.compactMap(\.environment)).sorted())
  }

  /// Leads set what projects of their own teams keep.
  private func project(_ context: Context, _ parts: WorkParts) async throws -> Project {
    let slug = try context.decoded("project")
    guard let project = try await backend.accounts.project(slug: slug, scope: parts.scope), ContentPages.mayChange(project, parts.visit) else {
      throw Failure.notFound("no project \(slug) whose sampling is yours to set")
    }
    return project
  }
}
