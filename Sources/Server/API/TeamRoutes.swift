import Domain
import HTTPTypes
import Hummingbird
import Store
import Wire

/// `/api/v1/teams`: who owns cost.
struct TeamRoutes {
  let backend: Backend
  private static let fields = ["name", "costCentre", "glAccount", "owner", "parent", "validFrom", "validTo"]

  /// A key that may not administrate reads numbers and names alone.
  func list(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let names = try await backend.structureNames(grant.scope)
    let isWhole = grant.key.scopes.contains(.admin)
    return .json(.ok, ["teams": .array(names.teams.map { isWhole ? StructureJSON.team($0, names) : StructureJSON.name($0) })])
  }

  func add(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let input = try await input(request, grant)
    let draft = try Self.draft(input, TeamDraft(name: try input.required("name")), try await backend.structureNames(grant.adminScope))
    return try await answer(.created, try await backend.teams.save(draft, scope: grant.adminScope, by: grant.actor), grant)
  }

  /// Fields that are not sent stay; null or an empty text clears one.
  func change(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let id = TeamID(try context.number("id", "team"))
    let input = try await input(request, grant)
    guard let known = try await backend.teams.find(id, scope: grant.adminScope) else { throw Failure.notFound("no team of this number") }
    let draft = try Self.draft(input, TeamDraft(known), try await backend.structureNames(grant.adminScope))
    return try await answer(.ok, try await backend.teams.save(draft, as: id, scope: grant.adminScope, by: grant.actor), grant)
  }

  private func input(_ request: Request, _ grant: KeyGrant) async throws -> StructureInput {
    try StructureInput(try await request.json(upTo: 1 << 20), zone: grant.organisation.timeZone, fields: Self.fields)
  }

  private func answer(_ status: HTTPResponse.Status, _ team: Team, _ grant: KeyGrant) async throws -> Response {
    try await backend.directory.refresh()
    return .json(status, StructureJSON.team(team, try await backend.structureNames(grant.adminScope)))
  }

  private static func draft(_ input: StructureInput, _ known: TeamDraft, _ names: StructureNames) throws -> TeamDraft {
    var draft = known
    if input.has("name") { draft.name = try input.required("name") }
    if input.has("costCentre") { draft.costCentre = try input.text("costCentre") }
    if input.has("glAccount") { draft.glAccount = try input.text("glAccount") }
    if input.has("owner") { draft.owner = try input.text("owner") }
    if input.has("parent") { draft.parent = try input.text("parent").map { try names.team($0, "parent") } }
    if input.has("validFrom") { draft.validFrom = try input.text("validFrom") }
    if input.has("validTo") { draft.validTo = try input.text("validTo") }
    return draft
  }
}

extension Context {
  /// A number in the path. - Throws: `Failure` 404.
  func number(_ name: String, _ what: String) throws -> Int32 {
    guard let number = Int32(try decoded(name)) else { throw Failure.notFound("no \(what) of this number") }
    return number
  }
}
