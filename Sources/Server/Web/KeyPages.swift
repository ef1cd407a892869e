import Domain
import Hummingbird
import Pages
import Store

/// Keys as settings: made, changed, given a new secret, revoked; and what each did.
struct KeyPages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let desk = KeyDesk(backend: backend, visit: parts.visit)
    let projects = try await desk.projects()
    try? await backend.keyUses.flush()
    let names = try await names(parts)
    let keys = try await desk.keys(projects).map { view($0.listed, $0.place.project, names) }
    return .page(.ok, KeyListPage(work: parts.frame(), keys: keys, makesKeys: projects.contains { $0.rights.makesKeys }).render())
  }

  func new(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    var draft = KeyInput()
    draft.project = QueryParameters(request).typed("project")
    return .page(.ok, try await form(parts, draft).render())
  }

  func make(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let draft = KeyInput(form: form)
    do {
      let created = try await KeyDesk(backend: backend, visit: parts.visit).make(try draft.new(form, parts))
      try await backend.directory.refresh()
      return secret(parts, created, isRotation: false)
    } catch {
      return .page(.badRequest, try await self.form(parts, draft, problem: try Self.sentence(error)).render())
    }
  }

  func key(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, try await page(parts, try context.id("key", of: "key")).render())
  }

  func change(_ request: Request, _ context: Context) async throws -> Response {
    try await changing(request, context) { parts, form, desk, found in
      let draft = KeyInput(form: form)
      let change = try draft.change(found.listed.key, parts, bounds: found.place.rights.managesAll)
      if change.loosensContent(of: found.listed.key), !parts.visit.access.mayLoosenContent(of: found.place.project.id) {
        throw Failure.forbidden("more would be kept of the key's content than now, and you may not read it")
      }
      _ = try await backend.accounts.changeKey(found.listed.key.id, to: change, scope: parts.scope, by: desk.actor)
      return nil
    }
  }

  func rotate(_ request: Request, _ context: Context) async throws -> Response {
    try await changing(request, context) { parts, form, desk, found in
      guard found.place.rights.opens(found.listed.key) else {
        throw Failure.forbidden("this key opens more than you may see, so its new secret is not for you")
      }
      let hours = try form.number("overlap", 0...Int(AccountStore.overlapHoursMax)) ?? 0
      let rotated = try await backend.accounts.rotateKey(
        found.listed.key.id, overlapHours: Int32(clamping: hours), scope: parts.scope, by: desk.actor)
      guard let rotated else { throw Failure(.conflict, "not_accepted", "the key is revoked") }
      return secret(parts, rotated, isRotation: true)
    }
  }

  func endPrevious(_ request: Request, _ context: Context) async throws -> Response {
    try await changing(request, context) { parts, _, desk, found in
      _ = try await backend.accounts.endPreviousSecret(found.listed.key.id, scope: parts.scope, by: desk.actor)
      return nil
    }
  }

  func revoke(_ request: Request, _ context: Context) async throws -> Response {
    try await changing(request, context) { parts, _, desk, found in
      _ = try await backend.accounts.revokeKey(found.listed.key.id, scope: parts.scope, by: desk.actor)
      return nil
    }
  }

  /// For whoever edits prices: it decides what calls cost.
  func trust(_ request: Request, _ context: Context) async throws -> Response {
    try await changing(request, context) { parts, form, desk, found in
      guard parts.visit.access.allows(.editPrices) else { throw Failure.forbidden("your role does not decide what sent costs are worth") }
      let trust = try form.choice("trust", CostTrust.self)
      try await backend.priceStore.setCostTrust(trust, key: found.listed.key.id, scope: parts.scope, by: desk.actor.name)
      return nil
    }
  }

  // MARK: - What they share

  private typealias Found = (listed: ListedKey, place: KeyProject)

  /// Does it and returns to the key's page, or to the page that `work` gives.
  private func changing(
    _ request: Request, _ context: Context, _ work: (WorkParts, QueryParameters, KeyDesk, Found) async throws -> Response?
  ) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let id: KeyID = try context.id("key", of: "key")
    let desk = KeyDesk(backend: backend, visit: parts.visit)
    let found = try await desk.key(id)
    do {
      let answer = try await work(parts, form, desk, found)
      backend.keys.forget()
      return answer ?? .seeOther(Route.key(id))
    } catch {
      let draft = form.has("name") ? KeyInput(form: form) : nil
      return .page(.badRequest, try await page(parts, id, draft, problem: try Self.sentence(error)).render())
    }
  }

  private func page(_ parts: WorkParts, _ id: KeyID, _ draft: KeyInput? = nil, problem: String? = nil) async throws -> KeyPage {
    let desk = KeyDesk(backend: backend, visit: parts.visit)
    let report = try await KeyReport(
      try await desk.key(id).listed.key, backend, scope: parts.scope, organisation: parts.organisation, now: parts.now)
    let (listed, place) = try await desk.key(id)
    var view = view(listed, place.project, try await names(parts))
    view.reach = try await backend.accounts.reach(of: listed.key, in: place.project)
    var page = KeyPage(
      work: parts.frame(problem, at: Route.key(id)), view: view, span: KeyReport.span,
      draft: draft ?? KeyInput(listed.key, day: parts.day), canOpen: place.rights.opens(listed.key), canBound: place.rights.managesAll)
    (page.days, page.routes, page.addresses) = (report.days, report.routes, report.addresses)
    page.isOwnMoney = parts.scope.teams != .all
    (page.total, page.countedSince) = (report.total, report.activity.countedSince)
    return page
  }

  private func form(_ parts: WorkParts, _ draft: KeyInput, problem: String? = nil) async throws -> KeyFormPage {
    let desk = KeyDesk(backend: backend, visit: parts.visit)
    let projects = try await desk.projects().filter { $0.rights.makesKeys }
    guard !projects.isEmpty else { throw Failure.forbidden("you make no keys for any project") }
    return KeyFormPage(
      work: parts.frame(problem, at: Route.newKey), draft: draft, projects: projects, teams: try await desk.teams(projects),
      groups: try await desk.groups(projects))
  }

  private func secret(_ parts: WorkParts, _ created: CreatedKey, isRotation: Bool) -> Response {
    let page = KeySecretPage(
      work: parts.frame(at: Route.key(created.key.id)), key: created.key, secret: created.pair.secretKey, baseURL: backend.baseURL,
      isRotation: isRotation)
    return .page(.ok, page.render())
  }

  private func names(_ parts: WorkParts) async throws -> StructureNames {
    let scope = parts.scope
    return try await backend.structureNames(
      AccessScope(organisation: scope.organisation, teams: .all, projects: scope.projects, readsContent: false))
  }

  private func view(_ listed: ListedKey, _ project: Project, _ names: StructureNames) -> KeyView {
    var view = KeyView(key: listed.key, project: project.name, projectSlug: project.slug)
    if case .default(let team) = listed.key.team { view.team = names.team(team)?.name }
    if case .fixed(let team) = listed.key.team { view.team = names.team(team)?.name }
    if case .only(let teams) = listed.key.money.teams { view.moneyTeams = names.teams.filter { teams.contains($0.id) }.map(\.name) }
    view.userGroup = names.group(listed.key.userGroup)?.name
    (view.lastUsedAt, view.lastUsedAddress) = (listed.lastUsedAt, listed.lastUsedAddress)
    (view.revokedBy, view.costTrust) = (listed.revokedBy, listed.costTrust)
    return view
  }

  /// What a person may not give is said beside the form, as what was mistyped.
  private static func sentence(_ error: any Error) throws -> String {
    if let failure = error as? Failure, failure.status == .forbidden {
      return try PriceParts.sentence(Failure.badRequest(failure.message))
    }
    return try PriceParts.sentence(error)
  }
}

/// Projects as settings.
struct ProjectPages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, try await page(parts).render())
  }

  /// Makes one, or changes name and team of one.
  func save(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    do {
      guard let team: TeamID = try form.id("team") else { throw Failure.badRequest("choose a team") }
      if let id: ProjectID = try form.id("id") {
        let changed = try await backend.accounts.changeProject(id, name: form.typed("name"), team: team, scope: parts.scope, by: parts.actor)
        guard changed != nil else { throw Failure.notFound("the project is not there any more") }
      } else {
        _ = try await backend.accounts.createProject(
          name: form.typed("name"), slug: form.text("slug"), team: team, scope: parts.scope, by: parts.actor)
      }
      backend.keys.forget()
      try await backend.directory.refresh()
      return .seeOther(Route.projects)
    } catch {
      var page = try await page(parts, problem: try PriceParts.sentence(error))
      if !form.has("id") { (page.name, page.slug, page.team) = (form.typed("name"), form.typed("slug"), form.typed("team")) }
      return .page(.badRequest, page.render())
    }
  }

  private func page(_ parts: WorkParts, problem: String? = nil) async throws -> ProjectListPage {
    let teams = try await backend.teams.list(scope: parts.scope)
    let keys = try await backend.accounts.keys(scope: parts.scope).filter { $0.key.isValid(at: parts.now) }
    let counts = Dictionary(grouping: keys, by: \.key.project).mapValues(\.count)
    let views = try await backend.accounts.projects(scope: parts.scope).map { project in
      ProjectView(project: project, team: teams.first { $0.id == project.team }?.name ?? "", keys: counts[project.id] ?? 0)
    }
    return ProjectListPage(work: parts.frame(problem, at: Route.projects), projects: views, teams: teams)
  }
}
