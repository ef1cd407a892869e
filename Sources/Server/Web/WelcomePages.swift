import Domain
import HTTPTypes
import Hummingbird
import Pages
import Store

/// Where links of invitation and reset lead.
struct WelcomePages {
  let backend: Backend

  func form(_ request: Request, _ context: Context) async throws -> Response {
    guard let (link, token) = try await link(context) else { return over(request) }
    return page(.ok, link, token, request)
  }

  /// Sets the password; the member then signs in with it, second factor included.
  func save(_ request: Request, _ context: Context) async throws -> Response {
    guard let (link, token) = try await link(context) else { return over(request) }
    let form = try await request.form(), password = form.text("password") ?? ""
    do {
      try FormToken.check(request, sent: form.text("csrf"), expected: request.cookies[FormToken.cookieName]?.value)
    } catch {
      return page(.forbidden, link, token, request, problem: "This page was open for too long. Nothing was changed; enter the password again.")
    }
    if let problem = PasswordRules.problem(password, again: form.text("again"), email: link.member.email) {
      return page(.badRequest, link, token, request, problem: problem)
    }
    guard let hash = await Passwords.hash(password) else { throw Failure(.internalServerError, "internal", "the password could not be hashed") }
    guard let member = try await backend.members.useLink(tokenHash: SHA256Digest.of(token.utf8), passwordHash: hash) else { return over(request) }
    guard let known = try await backend.accounts.credentials(email: member.email) else { return over(request) }
    if known.hasSecondFactor || known.needsSecondFactor { return try await SecondFactorPages(backend: backend).begin(known, next: Route.overview) }
    return try await SignInPages(backend: backend).finish(
      member, next: Route.overview, by: link.purpose == .invitation ? "invitation" : "reset link", request, context)
  }

  private func link(_ context: Context) async throws -> (MemberLink, String)? {
    let token = try context.decoded("token")
    guard token.count == 64 else { return nil }
    return try await backend.members.link(tokenHash: SHA256Digest.of(token.utf8)).map { ($0, token) }
  }

  private func over(_ request: Request) -> Response {
    .page(.notFound, LinkOverPage(assets: backend.assets.links, theme: Theme.of(request)).render())
  }

  private func page(
    _ status: HTTPResponse.Status, _ link: MemberLink, _ token: String, _ request: Request, problem: String? = nil
  ) -> Response {
    let (csrf, cookie) = FormToken.current(request)
    let page = WelcomePage(
      assets: backend.assets.links, theme: Theme.of(request), csrf: csrf, token: token, organisation: link.organisation.name,
      email: link.member.email, isInvitation: link.purpose == .invitation, problem: problem)
    var response = Response.page(status, page.render())
    if let cookie { response.setCookie(cookie) }
    return response
  }
}

extension PasswordRules {
  /// With the second typing of a form.
  static func problem(_ password: String, again: String?, email: String) -> String? {
    password == again ? problem(password, email: email) : "The two passwords are not the same."
  }
}
