import Domain
import Hummingbird
import Store
import Wire

/// `/api/v1/content-rules/:project`: what a project keeps of content; `/api/v1/media/:id`: files that were taken out of bodies.
struct ContentRoutes {
  let backend: Backend
  private static let fields = ["level", "kinds", "hashed", "identifiers", "patterns", "bodyBytesMax"]
  private static let daysCounted = 30

  func rules(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let project = try await project(context, grant)
    return try await answer(project, grant)
  }

  /// Fields that are left out stay as they are.
  func change(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let project = try await project(context, grant)
    let input = try StructureInput(try await request.json(upTo: 256 << 10), zone: grant.organisation.timeZone, fields: Self.fields)
    let known = try await backend.contentRules.rules(of: project.id, scope: grant.adminScope)?.rules ?? ContentRules()
    let rules = try Self.rules(input, changing: known)
    try ContentFilters.check(rules)
    let mayLoosen = try await backend.accounts.maker(of: grant.key).allow { $0.mayLoosenContent(of: project.id) }
    try await backend.contentRules.save(rules, project: project.id, mayLoosen: mayLoosen, scope: grant.adminScope, by: grant.actor)
    try await backend.content.refresh()
    return try await answer(project, grant)
  }

  /// `{"text", …rules}`: what masking leaves of the text. Nothing is stored.
  func preview(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let project = try await project(context, grant)
    let input = try StructureInput(
      try await request.json(upTo: 2 << 20), zone: grant.organisation.timeZone, fields: Self.fields + ["text"])
    let known = try await backend.contentRules.rules(of: project.id, scope: grant.adminScope)?.rules ?? ContentRules()
    let rules = try Self.rules(input, changing: known)
    try ContentFilters.check(rules)
    let outcome = try await backend.content.preview(try input.required("text"), by: rules, of: project.id)
    let counts = outcome.tally.counts.map { ContentCount(what: $0.key, count: $0.value) }
    return .json(.ok, ["text": .string(outcome.text), "found": Self.json(counts)])
  }

  func media(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let id = try context.decoded("id")
    let answer = try await backend.mediaAnswer(id, project: grant.project.id, scope: grant.scope)
    try await PayloadReads(backend).note("file \(id)", by: grant)
    return answer
  }

  private func project(_ context: Context, _ grant: KeyGrant) async throws -> Project {
    let slug = try context.decoded("project")
    guard let project = try await backend.accounts.project(slug: slug, scope: grant.adminScope) else {
      throw Failure.notFound("no project \(slug)")
    }
    return project
  }

  private func answer(_ project: Project, _ grant: KeyGrant) async throws -> Response {
    guard let saved = try await backend.contentRules.rules(of: project.id, scope: grant.adminScope) else {
      throw Failure.notFound("no project \(project.slug)")
    }
    let counts = try await backend.contentRules.counts(
      of: project.id, days: Self.daysCounted, now: Timestamp.now, scope: grant.adminScope)
    let rules = saved.rules
    return .json(
      .ok,
      [
        "project": .string(project.slug), "level": .string(rules.level.name),
        "kinds": .array(rules.kinds.map(\.rawValue).sorted().map { .string($0) }), "hashed": .bool(rules.isHashed),
        "identifiers": .bool(rules.masksIdentifiers),
        "patterns": .array(rules.patterns.map { ["name": .string($0.name), "pattern": .string($0.text)] }),
        "bodyBytesMax": .number(String(rules.bodyBytesMax)), "changedAt": PriceJSON.time(saved.changedAt),
        "changedBy": PriceJSON.text(saved.changedBy), "last30Days": Self.json(counts),
      ])
  }

  private static func json(_ counts: [ContentCount]) -> JSONValue {
    .object(JSONObject(counts.sorted { $0.what < $1.what }.map { JSONMember(key: $0.what, value: .number(String($0.count))) }))
  }

  private static func rules(_ input: StructureInput, changing known: ContentRules) throws -> ContentRules {
    var rules = known
    if let name = try input.text("level") {
      guard let level = ContentLevel(name: name) else {
        throw Failure.badRequest("level is \"\(name)\": expected \(ContentLevel.allCases.map(\.name).joined(separator: ", "))")
      }
      rules.level = level
    }
    if input.has("kinds") { rules.kinds = Set(try input.texts("kinds").map(kind)) }
    if let isHashed = try input.flag("hashed") { rules.isHashed = isHashed }
    if let masks = try input.flag("identifiers") { rules.masksIdentifiers = masks }
    if let most = try input.number("bodyBytesMax") { rules.bodyBytesMax = Int(most) }
    if let patterns = input["patterns"] {
      guard let list = patterns.arrayValue else { throw Failure.badRequest("patterns is expected to be a list of {name, pattern}") }
      rules.patterns = try list.map(pattern)
    }
    return rules
  }

  private static func kind(_ name: String) throws -> MaskKind {
    guard let kind = MaskKind(rawValue: name) else {
      throw Failure.badRequest("kinds has \"\(name)\": expected \(MaskKind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return kind
  }

  private static func pattern(_ value: JSONValue) throws -> MaskPattern {
    guard let name = value["name"]?.stringValue, let text = value["pattern"]?.stringValue else {
      throw Failure.badRequest("patterns is expected to be a list of {name, pattern}")
    }
    return MaskPattern(name: name, text: text)
  }
}
