import Domain
import HTTPTypes
import Hummingbird
import Pages
import Store

/// Signing in and out, and the choice of light or dark.
struct SignInPages {
  let backend: Backend
  private let windowSeconds = 900
  /// From one address against one e-mail; the wider limits are looser, so that a stranger's tries do not lock people out.
  private let failuresMaxByPair = 8
  private let failuresMaxByAddress = 60
  private let failuresMaxByEmail = 200

  init(backend: Backend) { self.backend = backend }

  func form(_ request: Request, _ context: Context) async throws -> Response {
    if try await WebSession(backend: backend).visit(request) != nil { return .seeOther("/") }
    return page(.ok, request, next: QueryParameters(request).text("next"))
  }

  func signIn(_ request: Request, _ context: Context) async throws -> Response {
    let form = try await request.form()
    let email = form.text("email") ?? "", next = form.text("next")
    do {
      try FormToken.check(request, sent: form.text("csrf"), expected: request.cookies[FormToken.cookieName]?.value)
    } catch {
      return page(.forbidden, request, email: email, next: next, problem: .expired)
    }
    let address = context.address(request, proxies: backend.settings.proxies)
    try await backend.accounts.recordLoginAttempt(email: email, address: address, succeeded: false)
    if try await isLimited(email, address) {
      return page(.tooManyRequests, request, email: email, next: next, problem: .limited(seconds: windowSeconds))
    }
    let known = try await backend.accounts.credentials(email: email)
    let matches = await Passwords.verify(form.text("password") ?? "", known?.passwordHash)
    guard matches, let member = known?.member else {
      return page(.unauthorized, request, email: email, next: next, problem: .wrongCredentials)
    }
    try await backend.accounts.recordLoginAttempt(email: email, address: address, succeeded: true)
    var response = Response.seeOther(Self.local(next))
    response.setCookie(try await WebSession(backend: backend).start(member))
    return response
  }

  /// The attempt that asks is counted already.
  private func isLimited(_ email: String, _ address: String) async throws -> Bool {
    let failures = try await backend.accounts.recentFailures(email: email, address: address, seconds: windowSeconds)
    return failures.byPair > failuresMaxByPair || failures.byAddress > failuresMaxByAddress || failures.byEmail > failuresMaxByEmail
  }

  func signOut(_ request: Request, _ context: Context) async throws -> Response {
    let session = WebSession(backend: backend)
    guard let visit = try await session.visit(request) else { return .seeOther("/sign-in") }
    try FormToken.check(request, sent: try await request.form().text("csrf"), expected: visit.csrfToken)
    var response = Response.seeOther("/sign-in")
    response.setCookie(try await session.end(visit))
    return response
  }

  /// Keeps the chosen theme for a year; it is no secret and changes nothing else, but is checked like every form.
  func theme(_ request: Request, _ context: Context) async throws -> Response {
    let form = try await request.form()
    guard let visit = try await WebSession(backend: backend).visit(request) else { return .seeOther("/sign-in") }
    try FormToken.check(request, sent: form.text("csrf"), expected: visit.csrfToken)
    var response = Response.seeOther(Self.local(form.text("return")))
    let theme = form.text("theme").flatMap(Theme.init(rawValue:)) ?? .system
    response.setCookie(Cookie(name: Theme.cookieName, value: theme.rawValue, maxAge: 365 * 86_400, path: "/", sameSite: .lax))
    return response
  }

  private func page(
    _ status: HTTPResponse.Status, _ request: Request, email: String = "", next: String?, problem: SignInPage.Problem? = nil
  ) -> Response {
    let (token, cookie) = FormToken.current(request)
    let page = SignInPage(
      assets: backend.assets.links, theme: Theme.of(request), csrf: token, email: email, next: Self.local(next), problem: problem)
    var response = Response.page(status, page.render())
    if let cookie { response.setCookie(cookie) }
    return response
  }

  /// Only addresses of this service: "//host" and "/\host" lead elsewhere, also with control characters that browsers drop.
  static func local(_ next: String?) -> String {
    guard let next, next.hasPrefix("/"), !next.hasPrefix("//"),
      next.utf8.allSatisfy({ $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "\\") })
    else { return "/" }
    return next
  }
}
