import Domain
import Hummingbird
import Pages
import Store

/// What projects keep of prompts and answers, as settings; and the files that were taken out of bodies.
struct ContentPages {
  let backend: Backend
  private static let daysCounted = 30

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    var rows: [ContentRulesList.Row] = []
    for project in try await backend.accounts.projects(scope: parts.scope) where Self.mayChange(project, parts.visit) {
      let rules = try await backend.contentRules.rules(of: project.id, scope: parts.scope)?.rules ?? ContentRules()
      let masked = try await counts(project, parts).reduce(into: Int64(0)) { $0 &+= $1.count }
      rows.append(.init(project: project, rules: rules, counted: masked))
    }
    return .page(.ok, ContentRulesList(work: parts.frame(), rows: rows).render())
  }

  func rules(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let project = try await project(context, parts)
    return .page(.ok, try await page(project, parts).render())
  }

  func save(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let project = try await project(context, parts)
    let draft = ContentDraft(form)
    do {
      let rules = try draft.rules()
      try ContentFilters.check(rules)
      try await backend.contentRules.save(
        rules, project: project.id, mayLoosen: parts.visit.access.mayLoosenContent(of: project.id), scope: parts.scope, by: parts.actor)
      try await backend.content.refresh()
      return .seeOther(Route.contentRules(project.slug))
    } catch {
      return .page(.badRequest, try await page(project, parts, draft: draft, problem: try PriceParts.sentence(error)).render())
    }
  }

  /// What the rules as typed, saved or not, leave of a text.
  func preview(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let project = try await project(context, parts)
    let draft = ContentDraft(form), text = form.text("text") ?? ""
    do {
      let rules = try draft.rules()
      try ContentFilters.check(rules)
      let outcome = try await backend.content.preview(text, by: rules, of: project.id)
      var page = try await page(project, parts, draft: draft)
      page.trial = ContentRulesPage.Trial(
        sent: text, left: outcome.text, found: outcome.tally.counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(ContentCount.init))
      return .page(.ok, page.render())
    } catch {
      return .page(.badRequest, try await page(project, parts, draft: draft, problem: try PriceParts.sentence(error)).render())
    }
  }

  /// A picture or document of a body.
  func media(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let slug = try context.decoded("project")
    guard let project = try await backend.accounts.project(slug: slug, scope: parts.scope) else { throw Failure.notFound("no project \(slug)") }
    let id = try context.decoded("id")
    let answer = try await backend.mediaAnswer(id, project: project.id, scope: parts.scope)
    try await PayloadReads(backend).note("file \(id) of project \(slug)", by: parts.visit)
    return answer
  }

  private func page(
    _ project: Project, _ parts: WorkParts, draft: ContentDraft? = nil, problem: String? = nil
  ) async throws -> ContentRulesPage {
    guard let saved = try await backend.contentRules.rules(of: project.id, scope: parts.scope) else {
      throw Failure.notFound("no project \(project.slug)")
    }
    return ContentRulesPage(
      work: parts.frame(problem, at: Route.contentRules(project.slug)), project: project, draft: draft ?? ContentDraft(saved.rules),
      saved: saved.rules, changedAt: saved.changedAt, changedBy: saved.changedBy, counts: try await counts(project, parts))
  }

  private func counts(_ project: Project, _ parts: WorkParts) async throws -> [ContentCount] {
    try await backend.contentRules.counts(of: project.id, days: Self.daysCounted, now: parts.now, scope: parts.scope)
  }

  private func project(_ context: Context, _ parts: WorkParts) async throws -> Project {
    let slug = try context.decoded("project")
    guard let project = try await backend.accounts.project(slug: slug, scope: parts.scope), Self.mayChange(project, parts.visit) else {
      throw Failure.notFound("no project \(slug) whose content rules are yours to set")
    }
    return project
  }

  /// Leads set what projects of their own teams keep.
  static func mayChange(_ project: Project, _ visit: Visit) -> Bool {
    switch visit.access.extent(.manageContent) {
    case .all: return true
    case .own:
      guard case .only(let teams) = visit.scope.teams else { return false }
      return teams.contains(project.team)
    case .none: return false
    }
  }
}

extension ContentDraft {
  init(_ form: QueryParameters) {
    self.init(
      level: form.text("level") ?? "", kinds: Set(form.all("kind")), isHashed: form.text("hashed") == "1",
      masksIdentifiers: form.text("identifiers") == "1", patterns: form.text("patterns") ?? "", kilobytes: form.typed("kilobytes"))
  }

  /// - Throws: `Failure` 400 naming the field.
  func rules() throws -> ContentRules {
    guard let level = ContentLevel(name: level) else { throw Failure.badRequest("choose a level") }
    guard let size = Int(kilobytes.filter { $0 != " " }), size > 0, size <= 1 << 20 else {
      throw Failure.badRequest("longest field is \"\(kilobytes)\": expected a number of kilobytes from 4 to 65536")
    }
    return ContentRules(
      level: level, kinds: Set(kinds.compactMap(MaskKind.init(rawValue:))), isHashed: isHashed, masksIdentifiers: masksIdentifiers,
      patterns: try patternLines(), bodyBytesMax: size << 10)
  }

  /// A line each: a name, "=", the expression.
  private func patternLines() throws -> [MaskPattern] {
    try patterns.split(whereSeparator: \.isNewline).map(String.init).filter { !$0.allSatisfy(\.isWhitespace) }.map { line in
      guard let equals = line.firstIndex(of: "=") else {
        throw Failure.badRequest("the pattern \"\(line)\" has no name: expected name = expression")
      }
      let name = line[..<equals].filter { !$0.isWhitespace }
      let text = line[line.index(after: equals)...].drop(while: \.isWhitespace)
      return MaskPattern(name: String(name), text: String(text))
    }
  }
}
