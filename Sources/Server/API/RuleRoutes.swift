import Domain
import Hummingbird
import Store
import Wire

/// `/api/v1/attribution-rules` and `/api/v1/declared-keys`: what calls are attributed by.
struct RuleRoutes {
  let backend: Backend

  /// By position; with `ended=1` also those that have ended.
  func list(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let parameters = QueryParameters(request)
    try parameters.allow(["ended"])
    let records = try await backend.rules.list(scope: grant.scope, endedToo: try parameters.flag("ended"))
    let names = try await backend.structureNames(grant.scope)
    return .json(.ok, ["rules": .array(records.map { StructureJSON.record($0, names) })])
  }

  func add(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let (input, names) = try await input(request, grant, fields: RuleDraft.fields + ["position"])
    let rule = try await backend.rules.save(
      try RuleDraft(input, names), at: try input.number("position"), scope: grant.adminScope, by: grant.actor)
    return try await answer(.created, rule, names)
  }

  /// Ends the rule and puts another in its place: the answer has another id.
  func replace(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let id = RuleID(try context.number("id", "rule"))
    let (input, names) = try await input(request, grant, fields: RuleDraft.fields)
    let rule = try await backend.rules.save(try RuleDraft(input, names), replacing: id, scope: grant.adminScope, by: grant.actor)
    return try await answer(.ok, rule, names)
  }

  func end(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    try await backend.rules.end(RuleID(try context.number("id", "rule")), scope: grant.adminScope, by: grant.actor)
    try await backend.directory.refresh()
    return Response(status: .noContent)
  }

  func move(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let id = RuleID(try context.number("id", "rule"))
    let (input, names) = try await input(request, grant, fields: ["position"])
    guard let position = try input.number("position") else { throw Failure.badRequest("position is missing") }
    let records = try await backend.rules.move(id, to: position, scope: grant.adminScope, by: grant.actor)
    try await backend.directory.refresh()
    return .json(.ok, ["rules": .array(records.map { StructureJSON.record($0, names) })])
  }

  /// A rule as for `add`, with `replacing` the number of the one whose place it takes. Nothing is written.
  func preview(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let (input, names) = try await input(request, grant, fields: RuleDraft.fields + ["position", "replacing"])
    let preview = try await backend.preview(
      try RuleDraft(input, names), replacing: try input.number("replacing").map { RuleID($0) }, at: try input.number("position"),
      scope: grant.adminScope)
    return .json(.ok, StructureJSON.preview(preview))
  }

  func keys(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let keys = try await backend.declaredKeys.list(scope: grant.scope)
    return .json(.ok, ["declaredKeys": .array(keys.map(StructureJSON.key))])
  }

  /// `{"key", "label", "dimension": true}`; of a declared key the label, or that it becomes a dimension.
  func declare(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let (input, _) = try await input(request, grant, fields: ["key", "label", "dimension"])
    let key = try await backend.declaredKeys.declare(
      try input.required("key"), label: try input.text("label"), isDimension: try input.flag("dimension") ?? false,
      scope: grant.adminScope, by: grant.actor)
    try await backend.directory.refresh()
    return .json(.created, StructureJSON.key(key))
  }

  private func input(_ request: Request, _ grant: KeyGrant, fields: [String]) async throws -> (StructureInput, StructureNames) {
    let input = try StructureInput(try await request.json(upTo: 4 << 20), zone: grant.organisation.timeZone, fields: fields)
    return (input, try await backend.structureNames(grant.adminScope))
  }

  private func answer(_ status: HTTPResponse.Status, _ rule: AttributionRule, _ names: StructureNames) async throws -> Response {
    try await backend.directory.refresh()
    return .json(status, StructureJSON.plain(rule, names))
  }
}
