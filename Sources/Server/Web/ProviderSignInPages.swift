import Domain
import HTTPTypes
import Hummingbird
import Logging
import Pages
import Store

/// The two addresses that a browser passes on its way to a provider and back.
struct ProviderSignInPages {
  let backend: Backend
  private var signIn: ProviderSignIn { ProviderSignIn(backend: backend) }

  /// A link, not a form: what a form leads to may be no other site.
  func begin(_ request: Request, _ context: Context) async throws -> Response {
    let next = SignInPages.local(QueryParameters(request).text("next"))
    if try await WebSession(backend: backend).visit(request) != nil { return .seeOther(next) }
    let provider = try await signIn.provider(context)
    guard provider.isEnabled else { throw Failure.notFound("no provider of this number") }
    do { return try await signIn.begin(provider, next: next, request, context) } catch let error where Self.isTheirs(error) {
      return try await failed(provider, error, request, next: next)
    }
  }

  func callback(_ request: Request, _ context: Context) async throws -> Response {
    let provider = try await signIn.provider(context), query = QueryParameters(request)
    guard let (state, cookie) = try await signIn.take(provider, query, request) else {
      return try await page(.badRequest, request, next: nil, "This sign-in was not begun in this browser, is over, or took too long. Begin again.")
    }
    var response = try await finish(provider, state, query, request, context)
    response.setCookie(cookie)
    return response
  }

  private func finish(
    _ provider: SignInProvider, _ state: SignInState, _ query: QueryParameters, _ request: Request, _ context: Context
  ) async throws -> Response {
    if let tester = state.tester {
      return try await ProviderPages(backend: backend).tested(provider, state, tester, query, request)
    }
    // Switched off in the meantime.
    guard provider.isEnabled else { throw Failure.notFound("no provider of this number") }
    do {
      if let issuer = query.text("iss"), issuer != provider.issuer { throw ProviderFailure("the answer is from “\(issuer.prefix(200))”") }
      guard let code = query.text("code") else {
        return try await page(
          .unauthorized, request, next: state.next, "\(provider.name) did not sign you in: \(ProviderSignIn.refusal(query) ?? "it sent no code").")
      }
      var proof = try await signIn.proof(provider)
      let identity = try await proof.run(code: code, state: state)
      let member = try await backend.signIns.admit(identity, by: provider)
      return try await SignInPages(backend: backend).provedByProvider(member, provider, next: state.next, request, context)
    } catch let refusal as SignInRefusal {
      return try await page(.forbidden, request, next: state.next, "\(provider.name) knows you, and here it was not enough. \(refusal.description)")
    } catch let error where Self.isTheirs(error) {
      return try await failed(provider, error, request, next: state.next)
    }
  }

  private static func isTheirs(_ error: any Error) -> Bool { error is ProviderFailure || error is OutboundError }

  /// Strangers learn only that it did not work; the log and the test page say why.
  private func failed(_ provider: SignInProvider, _ error: any Error, _ request: Request, next: String) async throws -> Response {
    backend.logger.warning(
      "sign-in by provider failed", metadata: ["provider.id": "\(provider.id)", "reason": "\(ProviderProof.words(error))"])
    return try await page(
      .badGateway, request, next: next, "Signing in by \(provider.name) did not work just now. Nobody was signed in. An administrator sees why by testing the provider.")
  }

  private func page(_ status: HTTPResponse.Status, _ request: Request, next: String?, _ words: String) async throws -> Response {
    try await SignInPages(backend: backend).refused(status, request, next: next, words)
  }
}
