import Domain
import Hummingbird
import Store
import Wire

/// `/api/v1/user-groups`: groups of end users, and who is in them.
struct UserGroupRoutes {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let groups = try await backend.userGroups.list(scope: grant.scope)
    let names = try await backend.structureNames(grant.scope)
    return .json(.ok, ["userGroups": .array(groups.map { StructureJSON.group($0.group, members: $0.members, names) })])
  }

  func add(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let (input, names) = try await input(request, grant)
    let team = try input.text("team").map { try names.team($0, "team") }
    let group = try await backend.userGroups.create(name: try input.required("name"), team: team, scope: grant.adminScope, by: grant.actor)
    try await backend.directory.refresh()
    return .json(.created, StructureJSON.group(group, members: 0, names))
  }

  /// Fields that are not sent stay; a null team takes it away.
  func change(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let known = try await found(context, grant.adminScope)
    let (input, names) = try await input(request, grant)
    let team = try input.has("team") ? input.text("team").map { try names.team($0, "team") } : known.group.team
    let group = try await backend.userGroups.save(
      known.group.id, name: try input.text("name") ?? known.group.name, team: team, scope: grant.adminScope, by: grant.actor)
    try await backend.directory.refresh()
    return .json(.ok, StructureJSON.group(group, members: known.members, names))
  }

  func remove(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let id = UserGroupID(try context.number("id", "user group"))
    try await backend.userGroups.remove(id, scope: grant.adminScope, by: grant.actor)
    try await backend.directory.refresh()
    return Response(status: .noContent)
  }

  /// A page of user ids; `next` is the `after` of the following one. Members are the organisation's, not one project's.
  func members(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let parameters = QueryParameters(request)
    try parameters.allow(["after", "limit"])
    let limit = try parameters.number("limit", 1...10_000) ?? 1000
    let id = try await found(context, grant.adminScope).group.id
    let users = try await backend.userGroups.members(of: id, after: parameters.text("after"), limit: limit, scope: grant.adminScope)
    return .json(
      .ok, ["users": .array(users.map(JSONValue.string)), "next": users.count == limit ? PriceJSON.text(users.last) : .null])
  }

  /// `{"users": […]}`: exactly these are in the group then.
  func setMembers(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let id = UserGroupID(try context.number("id", "user group"))
    let value = try await request.json(upTo: Request.fileMaxBytes)
    let input = try StructureInput(value, zone: grant.organisation.timeZone, fields: ["users"])
    guard input.has("users") else { throw Failure.badRequest("users is missing") }
    let changed = try await backend.userGroups.setMembers(of: id, try input.texts("users"), scope: grant.adminScope, by: grant.actor)
    return .json(.ok, ["changed": PriceJSON.number(changed)])
  }

  /// CSV with the columns user and group. Lines that can't be taken are told and cost nothing else.
  func importList(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let outcome = try await backend.userGroups.importList(try await request.bytes(), scope: grant.adminScope, by: grant.actor)
    return .json(.ok, StructureJSON.imported(outcome))
  }

  private func input(_ request: Request, _ grant: KeyGrant) async throws -> (StructureInput, StructureNames) {
    let value = try await request.json(upTo: 1 << 20)
    let input = try StructureInput(value, zone: grant.organisation.timeZone, fields: ["name", "team"])
    return (input, try await backend.structureNames(grant.adminScope))
  }

  private func found(_ context: Context, _ scope: AccessScope) async throws -> UserGroupSummary {
    let id = UserGroupID(try context.number("id", "user group"))
    guard let group = try await backend.userGroups.find(id, scope: scope) else { throw Failure.notFound("no user group of this number") }
    return group
  }
}
