import Domain
import HTTPTypes
import Hummingbird
import Pages
import Store

/// Who may call a route.
enum RouteAccess: Sendable, Hashable {
  /// Anybody: signing in, health, files of pages.
  case open
  /// Whoever holds an API key with any of these scopes; empty: any key. What stands for an act on pages takes also that the member who made
  /// the key has its permission now, of the whole organisation; a key that no member made goes by its scopes.
  case key(Set<KeyScope>, Permission? = nil)
  /// Any signed-in member: what belongs to oneself.
  case member
  /// A signed-in member of whom a role has the permission. Whose data, says the scope.
  case permitted(Permission)
  /// The same, of the whole organisation: what can't be cut down to own teams and projects.
  case permittedForAll(Permission)
}

extension RouteAccess {
  /// What a member sees by the route: a role that opens it in one project opens it there alone.
  func scope(of access: MemberAccess) -> AccessScope {
    switch self {
    case .permitted(let permission), .permittedForAll(let permission): access.scope(for: permission)
    case .open, .key, .member: access.scope
    }
  }

  /// Whether a signed-in member passes; keys are asked otherwise.
  func admits(_ access: MemberAccess) -> Bool {
    switch self {
    case .open, .member: true
    case .key: false
    case .permitted(let permission): access.allows(permission)
    case .permittedForAll(let permission): access.extent(permission) == .all
    }
  }
}

/// A line of the route table.
struct RouteRow: Sendable, Hashable {
  var method: HTTPRequest.Method
  /// As registered: `:name` stands for one part, `**` for the rest.
  var path: String
  var access: RouteAccess
}

/// Where routes are registered: none without saying who may call it, and nobody else gets through. The rows are what the matrix test
/// and the OpenAPI document are held against.
final class RouteTable {
  typealias Handler = @Sendable (Request, Context) async throws -> Response

  private let router: Router<Context>
  private let backend: Backend
  private(set) var rows: [RouteRow] = []

  init(_ router: Router<Context>, _ backend: Backend) {
    self.router = router
    self.backend = backend
  }

  func get(_ path: String, _ access: RouteAccess, use handler: @escaping Handler) { on(.get, path, access, handler) }
  func post(_ path: String, _ access: RouteAccess, use handler: @escaping Handler) { on(.post, path, access, handler) }
  func put(_ path: String, _ access: RouteAccess, use handler: @escaping Handler) { on(.put, path, access, handler) }
  func patch(_ path: String, _ access: RouteAccess, use handler: @escaping Handler) { on(.patch, path, access, handler) }
  func delete(_ path: String, _ access: RouteAccess, use handler: @escaping Handler) { on(.delete, path, access, handler) }

  private func on(_ method: HTTPRequest.Method, _ path: String, _ access: RouteAccess, _ handler: @escaping Handler) {
    rows.append(RouteRow(method: method, path: path, access: access))
    let door = AccessDoor(backend: backend, access: access)
    let (backend, uses, route) = (backend, backend.keyUses, "\(method.rawValue) /\(path)")
    router.on(RouterPath(path), method: method) { request, context in
      var context = context
      do {
        if let answer = try await door.admit(request, &context) { return answer }
        let answer = try await handler(request, context)
        try await backend.recordDownload(answer, request, context)
        uses.count(context.grant, route, request, context, isRefused: answer.status.code >= 400)
        return answer
      } catch {
        uses.count(context.grant, route, request, context, isRefused: true)
        throw error
      }
    }
  }
}

/// The one place that decides who passes to a route.
struct AccessDoor: Sendable {
  let backend: Backend
  let access: RouteAccess

  /// An answer instead of the route's: people who are not signed in are sent to where they can.
  /// - Throws: `Failure` 401 or 403.
  func admit(_ request: Request, _ context: inout Context) async throws -> Response? {
    switch access {
    case .open: return nil
    case .key(let scopes, let permission):
      let grant = try await backend.keys.presented(request)
      context.grant = grant
      try grant.require(oneOf: scopes)
      try await backend.keyUses.admit(grant)
      if let permission { try await askMaker(of: grant, permission) }
      return nil
    case .member, .permitted, .permittedForAll:
      guard var visit = try await WebSession(backend: backend).visit(request) else { return Self.toSignIn(request) }
      visit.scope = access.scope(of: visit.access)
      context.visit = visit
      guard access.admits(visit.access) else {
        throw Failure(.forbidden, Failure.closedDoor, "your role, \(RoleWords.name(visit.member.role)), has no access to this page")
      }
      return nil
    }
  }

  /// Nobody does by a key what is closed to them on pages, and what hangs on a role ends with it.
  private func askMaker(of grant: KeyGrant, _ permission: Permission) async throws {
    let isTheirs = try await backend.accounts.maker(of: grant.key).allow { $0.extent(permission) == .all }
    guard isTheirs else {
      throw Failure(.forbidden, Failure.makersDoor, "this key may not do this: it is not open to the member who made the key")
    }
  }

  private static func toSignIn(_ request: Request) -> Response {
    let here = request.uri.description
    return .seeOther("/sign-in" + (here == "/" || request.method != .get ? "" : "?next=" + FormToken.escaped(here)))
  }
}
