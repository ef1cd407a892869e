import Domain
import HTTPTypes
import Hummingbird
import Pages
import Store

/// Signing in and out, and the choice of light or dark. The second factor is in `SecondFactorPages`.
struct SignInPages {
  let backend: Backend
  private var limits: SignInLimits { SignInLimits(backend: backend) }

  init(backend: Backend) { self.backend = backend }

  func form(_ request: Request, _ context: Context) async throws -> Response {
    if try await WebSession(backend: backend).visit(request) != nil { return .seeOther(Route.overview) }
    return try await page(.ok, request, next: QueryParameters(request).text("next"))
  }

  func signIn(_ request: Request, _ context: Context) async throws -> Response {
    let form = try await request.form()
    let email = form.text("email") ?? "", next = form.text("next")
    do {
      try FormToken.check(request, sent: form.text("csrf"), expected: request.cookies[FormToken.cookieName]?.value)
    } catch {
      return try await page(.forbidden, request, email: email, next: next, problem: .expired)
    }
    if try await limits.isLimited(email, request, context) {
      return try await page(.tooManyRequests, request, email: email, next: next, problem: .limited(seconds: limits.windowSeconds))
    }
    let known = try await backend.accounts.credentials(email: email)
    let matches = await Passwords.verify(form.text("password") ?? "", known?.passwordHash)
    guard matches, let known, !known.isDisabled else {
      try await limits.tellFailure(email)
      return try await page(.unauthorized, request, email: email, next: next, problem: .wrongCredentials)
    }
    if known.hasSecondFactor || known.needsSecondFactor {
      return try await SecondFactorPages(backend: backend).begin(known, next: Self.local(next))
    }
    return try await finish(known.member, next: next, by: "password", request, context)
  }

  /// Everything was right: a new session.
  func finish(_ member: Member, next: String?, by means: String, _ request: Request, _ context: Context) async throws -> Response {
    var response = Response.seeOther(Self.local(next))
    response.setCookie(try await begin(member, by: means, request, context))
    return response
  }

  /// The cookie of a new session, told in the audit log.
  func begin(_ member: Member, by means: String, _ request: Request, _ context: Context) async throws -> Cookie {
    try await limits.forget(member.email, request, context)
    let cookie = try await WebSession(backend: backend).start(member, request)
    try await AuditLog(pool: backend.pool).record(
      AuditEvent("signed in", "member \(member.email)", detail: ["by": means]), by: member.email, in: member.organisation)
    return cookie
  }

  /// A provider's word stands for both factors: what more it asks of people is set there.
  func provedByProvider(
    _ member: Member, _ provider: SignInProvider, next: String?, _ request: Request, _ context: Context
  ) async throws -> Response {
    try await finish(member, next: next, by: "provider \(provider.name)", request, context)
  }

  /// Why a provider's word was not enough.
  func refused(_ status: HTTPResponse.Status, _ request: Request, next: String?, _ words: String) async throws -> Response {
    try await page(status, request, next: next, problem: .provider(words))
  }

  func signOut(_ request: Request, _ context: Context) async throws -> Response {
    let session = WebSession(backend: backend)
    guard let visit = try await session.visit(request) else { return .seeOther(Route.signIn) }
    try FormToken.check(request, sent: try await request.form().text("csrf"), expected: visit.csrfToken)
    var response = Response.seeOther(Route.signIn)
    response.setCookie(try await session.end(visit))
    try await AuditLog(pool: backend.pool).record(
      AuditEvent("signed out", "member \(visit.member.email)"), by: visit.member.email, in: visit.organisation.id)
    return response
  }

  /// Keeps the chosen theme for a year; it is no secret and changes nothing else, but is checked like every form.
  func theme(_ request: Request, _ context: Context) async throws -> Response {
    let form = try await request.form()
    guard let visit = try await WebSession(backend: backend).visit(request) else { return .seeOther(Route.signIn) }
    try FormToken.check(request, sent: form.text("csrf"), expected: visit.csrfToken)
    var response = Response.seeOther(Self.local(form.text("return")))
    let theme = form.text("theme").flatMap(Theme.init(rawValue:)) ?? .system
    response.setCookie(Cookie(name: Theme.cookieName, value: theme.rawValue, maxAge: 365 * 86_400, path: "/", sameSite: .lax))
    return response
  }

  func page(
    _ status: HTTPResponse.Status, _ request: Request, email: String = "", next: String?, problem: SignInPage.Problem? = nil
  ) async throws -> Response {
    let (token, cookie) = FormToken.current(request)
    let page = SignInPage(
      assets: backend.assets.links, theme: Theme.of(request), csrf: token, email: email, next: Self.local(next), problem: problem,
      providers: try await backend.signIns.enabledProviders().map { ProviderLink(id: $0.id, name: $0.name) })
    var response = Response.page(status, page.render())
    if let cookie { response.setCookie(cookie) }
    return response
  }

  /// Only addresses of this service: "//host" and "/\host" lead elsewhere, also with control characters that browsers drop.
  static func local(_ next: String?) -> String {
    guard let next, next.hasPrefix("/"), !next.hasPrefix("//"),
      next.utf8.allSatisfy({ $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "\\") })
    else { return "/" }
    // Browsers resolve dots, also escaped ones: out of the base path they would lead to a neighbour.
    let path = next.prefix { $0 != "?" && $0 != "#" }.lowercased()
    let segments = path.split(separator: "/").map { $0.split(separator: "%2e", omittingEmptySubsequences: false).joined(separator: ".") }
    return segments.contains("..") ? "/" : next
  }
}

/// How often a password or a code may be tried.
struct SignInLimits {
  let backend: Backend
  let windowSeconds = 900
  /// From one address against one e-mail; the wider limits are looser, so that a stranger's tries do not lock people out.
  private let failuresMaxByPair = 8
  private let failuresMaxByAddress = 60
  private let failuresMaxByEmail = 200

  /// Counts the try as failed first, so that many at once can't all pass before one is counted. Tells the audit log once a window.
  func isLimited(_ email: String, _ request: Request, _ context: Context) async throws -> Bool {
    let address = context.address(request, proxies: backend.settings.proxies)
    try await backend.accounts.recordLoginAttempt(email: email, address: address, succeeded: false)
    let failures = try await backend.accounts.recentFailures(email: email, address: address, seconds: windowSeconds)
    let isOver = failures.byPair > failuresMaxByPair || failures.byAddress > failuresMaxByAddress || failures.byEmail > failuresMaxByEmail
    if isOver { try await tell("sign-in limited", email, onceInSeconds: windowSeconds) }
    return isOver
  }

  /// It was the member: what failed before counts no longer.
  func forget(_ email: String, _ request: Request, _ context: Context) async throws {
    let address = context.address(request, proxies: backend.settings.proxies)
    try await backend.accounts.recordLoginAttempt(email: email, address: address, succeeded: true)
  }

  /// The same for an unknown e-mail and a wrong password, also in time.
  func tellFailure(_ email: String) async throws { try await tell("sign-in failed", email, onceInSeconds: 60) }

  private func tell(_ action: String, _ email: String, onceInSeconds seconds: Int) async throws {
    try await AuditLog(pool: backend.pool).recordOfStranger(AuditEvent(action, "member \(String(email.lowercased().prefix(254)))"), onceInSeconds: seconds)
  }
}
