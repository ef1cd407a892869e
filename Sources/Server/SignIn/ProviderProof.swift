import Domain
import Foundation
import Store

/// From the code that a browser brought back to who that is; every step is noted for whoever sets the provider up.
struct ProviderProof {
  let client: OIDCClient
  let provider: SignInProvider
  let secret: String?
  let redirectURI: String
  private(set) var report = SignInReport()

  init(client: OIDCClient, provider: SignInProvider, secret: String?, redirectURI: String) {
    self.client = client
    self.provider = provider
    self.secret = secret
    self.redirectURI = redirectURI
  }

  /// What can be tried without a browser. - Throws: `ProviderFailure`, `OutboundError`; the report holds the step that failed.
  mutating func check() async throws {
    let client = client, issuer = provider.issuer
    let document = try await step("Discovery") {
      let document = try await client.document(issuer: issuer, isFresh: true)
      return (document, "\(ProviderDocument.address(issuer: issuer)) names \(document.authorizationEndpoint)")
    }
    _ = try await step("Keys") {
      let keys = try await client.keys(document, isFresh: true)
      return ((), "\(keys.count) \(keys.count == 1 ? "key" : "keys") for signatures at \(document.keysURI)")
    }
    if provider.secretSource != .none, secret == nil {
      note("Client secret", .failed, "QUIPU_OIDC_SECRET is not set")
      throw ProviderFailure("QUIPU_OIDC_SECRET is not set")
    }
  }

  /// - Throws: `ProviderFailure`, `OutboundError`; the report holds the step that failed.
  mutating func run(code: String, state: SignInState) async throws -> ProvenIdentity {
    let (client, provider, secret, redirectURI) = (client, provider, secret, redirectURI)
    note("Came back", .done, "with a code, in the browser that was sent")
    let document = try await step("Discovery") {
      let document = try await client.document(issuer: provider.issuer)
      return (document, "issuer \(document.issuer)")
    }
    let tokens = try await step("Code exchanged") {
      if provider.secretSource != .none, secret == nil { throw ProviderFailure("QUIPU_OIDC_SECRET is not set") }
      let tokens = try await client.exchange(
        code: code, verifier: state.verifier, redirectURI: redirectURI, provider: provider, secret: secret, document: document)
      return (tokens, "\(document.tokenEndpoint) gave an ID token")
    }
    let (subject, claims) = try await step("ID token") {
      let (header, claims) = try await client.claims(ofToken: tokens.idToken, document: document)
      let checks = IDTokenChecks(issuer: provider.issuer, clientID: provider.clientID, nonce: state.nonce, now: Timestamp.now)
      let subject = try checks.check(claims)
      return ((subject, claims), "signed by \(header.alg)\(header.kid.map { ", key \($0)" } ?? ""); iss, aud, exp, iat and nonce fit")
    }
    show(claims, "ID token")
    let all = try await complete(claims, subject, tokens, document)
    return ProvenIdentity(issuer: provider.issuer, subject: subject, claims: all, names: provider.claims)
  }

  /// The token's claims, and those that it lacks from the user information.
  private mutating func complete(
    _ claims: [String: ClaimValue], _ subject: String, _ tokens: TokenReply, _ document: ProviderDocument
  ) async throws -> [String: ClaimValue] {
    let (client, names) = (client, provider.claims)
    let wanted = [names.email, names.verified] + (names.roles.isEmpty ? [] : [names.roles])
    let lacks = wanted.filter { claims.claim($0) == nil }
    guard !lacks.isEmpty, document.userinfoEndpoint != nil, let accessToken = tokens.accessToken else {
      note("User information", .noted, lacks.isEmpty ? "not asked: the ID token says everything" : "there is none; missing \(lacks.joined(separator: ", "))")
      return claims
    }
    let more = try await step("User information") {
      let more = try await client.userInformation(document, accessToken: accessToken, subject: subject) ?? [:]
      return (more, "asked, as the ID token says nothing of \(lacks.joined(separator: ", "))")
    }
    show(more, "user information")
    return more.merging(claims) { _, fromToken in fromToken }
  }

  mutating func note(_ name: String, _ outcome: ProviderStep.Outcome, _ detail: String) {
    report.steps.append(ProviderStep(name, outcome, detail))
  }

  private mutating func step<T>(_ name: String, _ work: () async throws -> (T, String)) async throws -> T {
    do {
      let (value, detail) = try await work()
      note(name, .done, detail)
      return value
    } catch {
      note(name, .failed, Self.words(error))
      throw error
    }
  }

  private mutating func show(_ claims: [String: ClaimValue], _ source: String) {
    report.claims += claims.sorted { $0.key < $1.key }.map { ClaimLine(name: $0.key, value: Self.text($0.value), source: source) }
  }

  static func text(_ value: ClaimValue) -> String {
    if case .text(let text) = value { return String(text.prefix(500)) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(String(decoding: $0, as: UTF8.self).prefix(500)) } ?? ""
  }

  static func words(_ error: any Error) -> String {
    switch error {
    case let error as ProviderFailure: error.description
    case let error as OutboundError: error.description
    case let error as SignInRefusal: error.description
    default: "something went wrong here; the log says what"
    }
  }
}
