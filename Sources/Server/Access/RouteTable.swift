import Domain
import HTTPTypes
import Hummingbird

/// Who may call a route.
enum RouteAccess: Sendable, Hashable {
  /// Anybody: signing in, health, files of pages.
  case open
  /// Whoever holds an API key with any of these scopes; empty: any key.
  case key(Set<KeyScope>)
  /// Any signed-in member: what belongs to oneself.
  case member
  /// A signed-in member of whom a role has the permission. Whose data, says the scope.
  case permitted(Permission)
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
    router.on(RouterPath(path), method: method) { request, context in
      var context = context
      if let answer = try await door.admit(request, &context) { return answer }
      return try await handler(request, context)
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
    case .key(let scopes):
      context.grant = try await backend.keys.grant(request, scopes: scopes)
      return nil
    case .member, .permitted:
      guard let visit = try await WebSession(backend: backend).visit(request) else { return Self.toSignIn(request) }
      context.visit = visit
      if case .permitted(let permission) = access, !visit.access.allows(permission) {
        throw Failure.forbidden("your role has no access to this page")
      }
      return nil
    }
  }

  private static func toSignIn(_ request: Request) -> Response {
    let here = request.uri.description
    return .seeOther("/sign-in" + (here == "/" || request.method != .get ? "" : "?next=" + FormToken.escaped(here)))
  }
}
