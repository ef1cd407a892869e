import Domain
import HTTPTypes
import Hummingbird
import Logging
import Pages
import Store

/// Sending a browser to a provider and taking it back. A stolen code or state opens nothing: the state counts once, for the browser that
/// holds the cookie made with it, and the code only together with a secret that never left this service (PKCE).
struct ProviderSignIn {
  let backend: Backend
  /// Between leaving and coming back.
  private static let secondsMax = 600

  func provider(_ context: Context) async throws -> SignInProvider {
    let id: SignInProviderID = try context.id("provider", of: "provider")
    guard let provider = try await backend.signIns.provider(id) else { throw Failure.notFound("no provider of this number") }
    return provider
  }

  /// As it must be known to the provider.
  func redirectURI(_ provider: SignInProvider) -> String { backend.baseURL + Route.providerCallback(provider.id) }

  func secret(of provider: SignInProvider) async throws -> String? {
    switch provider.secretSource {
    case .none: nil
    case .setting: backend.settings.oidcSecret
    case .stored: try await backend.signIns.secret(of: provider.id)
    }
  }

  func proof(_ provider: SignInProvider) async throws -> ProviderProof {
    ProviderProof(
      client: backend.identityProviders, provider: provider, secret: try await secret(of: provider), redirectURI: redirectURI(provider))
  }

  /// Leads to the provider. - Throws: `ProviderFailure`, `OutboundError`, `Failure`.
  func begin(
    _ provider: SignInProvider, tester: MemberID? = nil, next: String, _ request: Request, _ context: Context
  ) async throws -> Response {
    let document = try await backend.identityProviders.document(issuer: provider.issuer)
    let token = Secrets.token(bytes: 32), browser = Secrets.token(bytes: 32)
    let state = SignInState(
      provider: provider.id, tester: tester, nonce: Secrets.token(bytes: 32), verifier: Secrets.token(bytes: 32), next: next)
    let isBegun = try await backend.signIns.begin(
      state, stateHash: SHA256Digest.of(token.utf8), browserHash: SHA256Digest.of(browser.utf8),
      address: context.address(request, proxies: backend.settings.proxies), seconds: Double(Self.secondsMax))
    guard isBegun else {
      throw Failure(.tooManyRequests, "too_many_sign_ins", "too many sign-ins were begun and not finished; wait some minutes", retryAfterSeconds: 600)
    }
    var response = Response(
      status: .seeOther,
      headers: [.location: document.authorization([
        ("response_type", "code"), ("client_id", provider.clientID), ("redirect_uri", redirectURI(provider)), ("scope", provider.scopes),
        ("state", token), ("nonce", state.nonce), ("code_challenge", Base64URL.encode(SHA256Digest.of(state.verifier.utf8))),
        ("code_challenge_method", "S256"),
      ]), .cacheControl: "no-store"])
    response.setCookie(cookie(token, browser, seconds: Self.secondsMax))
    return response
  }

  /// What the browser began and now brings back; nil when it did not, or not with this provider, or finished it before.
  func take(_ provider: SignInProvider, _ query: QueryParameters, _ request: Request) async throws -> (state: SignInState, cookie: Cookie)? {
    guard let token = query.text("state"), Self.isToken(token), let browser = request.cookies[cookieName(token)]?.value, Self.isToken(browser),
      let state = try await backend.signIns.take(
        stateHash: SHA256Digest.of(token.utf8), browserHash: SHA256Digest.of(browser.utf8), provider: provider.id)
    else { return nil }
    return (state, cookie(token, "", seconds: 0))
  }

  private static func isToken(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// One each, so that two tabs do not disturb each other.
  private func cookieName(_ token: String) -> String { (isSecure ? "__Host-" : "") + "quipu_provider_" + token.prefix(8) }
  private var isSecure: Bool { backend.baseURL.hasPrefix("https://") }

  /// Lax: it must come along when the provider sends the browser back.
  private func cookie(_ token: String, _ browser: String, seconds: Int) -> Cookie {
    Cookie(name: cookieName(token), value: browser, maxAge: seconds, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax)
  }

  /// What the provider said instead of a code, in letters that can't mislead.
  static func refusal(_ query: QueryParameters) -> String? {
    query.text("error").map { String($0.filter { $0.isASCII && ($0.isLetter || $0 == "_") }.prefix(60)) }
  }
}
