import Domain
import HTTPTypes
import Hummingbird
import Pages
import Store
import Wire

/// `/api/v1/keys`: keys of the whole organisation, for keys that may administrate. A key that reads content is made and given a new secret
/// only by one of the same project that reads it too. What a key makes answers to the key's own maker.
struct KeyRoutes {
  let backend: Backend
  private static let bounds = ["name", "expiresAt", "contentPolicy", "requestsPerMinute", "spansPerMinute", "requestBytesMax"]
  private static let fields = ["project", "scopes", "environment", "team", "teamIs", "userGroup"] + bounds

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try await grant(request, context)
    let parameters = QueryParameters(request)
    try parameters.allow(["project"])
    try? await backend.keyUses.flush()
    let projects = try await backend.accounts.projects(scope: grant.adminScope)
    let wanted = try parameters.text("project").map { try Self.project($0, projects) }
    let keys = try await backend.accounts.keys(project: wanted?.id, scope: grant.adminScope)
    let names = try await backend.structureNames(grant.adminScope)
    return .json(.ok, ["keys": .array(keys.map { KeyJSON.key($0, projects, names) })])
  }

  /// With what it did in the last days.
  func one(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try await grant(request, context)
    let found = try await found(context, grant)
    let report = try await KeyReport(
      found.key, backend, scope: grant.adminScope, organisation: grant.organisation, now: Timestamp.now)
    guard case .object(var object) = try await json(try await self.found(context, grant), grant) else { throw KeyDesk.unknown }
    object.members.append(JSONMember(key: "activity", value: KeyJSON.activity(report)))
    return .json(.ok, .object(object))
  }

  /// The secret is in this answer and nowhere else.
  func make(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try await grant(request, context)
    let input = try await input(request, grant, Self.fields)
    let projects = try await backend.accounts.projects(scope: grant.adminScope)
    let names = try await backend.structureNames(grant.adminScope)
    var new = try KeyJSON.new(input, projects, names)
    new.money = grant.key.money
    try Self.check(new.scopes, new.project, by: grant)
    let created = try await backend.accounts.createKey(new, scope: grant.adminScope, by: grant.keyActor)
    try await backend.directory.refresh()
    return .json(.created, KeyJSON.created(created, projects, names))
  }

  /// Fields that are not sent stay; null clears one.
  func change(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try await grant(request, context)
    let found = try await found(context, grant)
    let input = try await input(request, grant, Self.bounds)
    let change = try KeyJSON.change(input, found.key)
    if change.loosensContent(of: found.key) {
      let mayLoosen = try await backend.accounts.maker(of: grant.key).allow { $0.mayLoosenContent(of: found.key.project) }
      guard mayLoosen else { throw Failure.forbidden("more would be kept of the key's content than now, and who made this key may not read it") }
    }
    let changed = try await backend.accounts.changeKey(found.key.id, to: change, scope: grant.adminScope, by: grant.keyActor)
    guard changed != nil else { throw Self.revoked }
    backend.keys.forget()
    return .json(.ok, try await json(try await self.found(context, grant), grant))
  }

  /// `{"overlapHours": 24}`: the old secret is taken that much longer.
  func rotate(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try await grant(request, context)
    let found = try await found(context, grant)
    try Self.check(found.key.scopes, found.key.project, by: grant)
    let hours = try await input(request, grant, ["overlapHours"]).number("overlapHours") ?? 0
    let rotated = try await backend.accounts.rotateKey(
      found.key.id, overlapHours: hours, scope: grant.adminScope, by: grant.keyActor)
    guard let rotated else { throw Self.revoked }
    backend.keys.forget()
    let projects = try await backend.accounts.projects(scope: grant.adminScope)
    return .json(.ok, KeyJSON.created(rotated, projects, try await backend.structureNames(grant.adminScope)))
  }

  func revoke(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try await grant(request, context)
    let found = try await found(context, grant)
    guard try await backend.accounts.revokeKey(found.key.id, scope: grant.adminScope, by: grant.keyActor) else { throw Self.revoked }
    backend.keys.forget()
    return Response(status: .noContent)
  }

  func projects(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try await grant(request, context)
    let names = try await backend.structureNames(grant.adminScope)
    let projects = try await backend.accounts.projects(scope: grant.adminScope)
    return .json(.ok, ["projects": .array(projects.map { KeyJSON.project($0, names) })])
  }

  func makeProject(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try await grant(request, context)
    let input = try await input(request, grant, ["name", "slug", "team"])
    let names = try await backend.structureNames(grant.adminScope)
    let project = try await backend.accounts.createProject(
      name: try input.required("name"), slug: try input.text("slug"), team: try names.team(try input.required("team"), "team"),
      scope: grant.adminScope, by: grant.actor)
    try await backend.directory.refresh()
    return .json(.created, KeyJSON.project(project, names))
  }

  // MARK: - What they share

  private static let revoked = Failure(.conflict, "not_accepted", "the key is revoked")

  private func grant(_ request: Request, _ context: Context) async throws -> KeyGrant {
    if let grant = context.grant { return grant }
    return try await backend.keys.grant(request, scope: .admin)
  }

  /// Nobody opens more by a new key than by their own.
  private static func check(_ scopes: Set<KeyScope>, _ project: ProjectID, by grant: KeyGrant) throws {
    guard scopes.contains(.read), !grant.scope.readsContent(of: project) else { return }
    throw Failure.forbidden("a key with the scope read opens content; it is made by one with that scope of the same project, or by a member")
  }

  /// By number, or by public key.
  private func found(_ context: Context, _ grant: KeyGrant) async throws -> ListedKey {
    let name = try context.decoded("key")
    let found =
      if let number = Int32(name) {
        try await backend.accounts.key(KeyID(number), scope: grant.adminScope)
      } else {
        try await backend.accounts.key(publicKey: name, scope: grant.adminScope)
      }
    guard let found else { throw Failure.notFound("no key of this number or public key") }
    return found
  }

  private func json(_ listed: ListedKey, _ grant: KeyGrant) async throws -> JSONValue {
    let projects = try await backend.accounts.projects(scope: grant.adminScope)
    return KeyJSON.key(listed, projects, try await backend.structureNames(grant.adminScope))
  }

  private func input(_ request: Request, _ grant: KeyGrant, _ fields: [String]) async throws -> StructureInput {
    try StructureInput(try await request.json(upTo: 1 << 20), zone: grant.organisation.timeZone, fields: fields)
  }

  /// By slug, else by number.
  static func project(_ text: String, _ projects: [Project]) throws -> Project {
    let found = projects.first { $0.slug == text } ?? Int32(text).flatMap { number in projects.first { $0.id.rawValue == number } }
    guard let found else { throw Failure.badRequest("project is \"\(text.prefix(100))\": expected the slug or the number of a project") }
    return found
  }
}

extension KeyGrant {
  /// The key, with the member who answers for it.
  fileprivate var keyActor: KeyActor { KeyActor(actor, member: key.maker) }
}
