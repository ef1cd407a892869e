import Domain
import Foundation
import NIOConcurrencyHelpers

/// Speaks with identity providers. What they say of themselves and their keys is kept for an hour; a signature by a key that is not among
/// those kept asks for them again, so that a provider may change keys at any time.
final class OIDCClient: Sendable {
  private struct Kept<Value: Sendable>: Sendable {
    var value: Value
    var until: ContinuousClock.Instant
  }

  private let http: HTTPClient
  private let documents = NIOLockedValueBox<[String: Kept<ProviderDocument>]>([:])
  private let keySets = NIOLockedValueBox<[String: Kept<ProviderKeys>]>([:])
  private static let keepFor: Duration = .seconds(3600)
  private static let keptMax = 200

  /// - Parameter http: four calls at most stand between a person and the page.
  init(http: HTTPClient) { self.http = http }

  /// - Throws: `ProviderFailure`, `OutboundError`.
  func document(issuer: String, isFresh: Bool = false) async throws -> ProviderDocument {
    if !isFresh, let known = Self.known(documents, issuer) { return known }
    let bytes = try await fetch(ProviderDocument.address(issuer: issuer), "discovery")
    let document = try ProviderDocument(bytes, issuer: issuer)
    Self.keep(documents, issuer, document)
    return document
  }

  /// - Throws: `ProviderFailure`, `OutboundError`.
  func keys(_ document: ProviderDocument, isFresh: Bool = false) async throws -> ProviderKeys {
    if !isFresh, let known = Self.known(keySets, document.keysURI) { return known }
    let keys = try ProviderKeys(try await fetch(document.keysURI, "jwks_uri"))
    Self.keep(keySets, document.keysURI, keys)
    return keys
  }

  /// Exchanges a code for tokens. - Throws: `ProviderFailure`, `OutboundError`.
  func exchange(
    code: String, verifier: String, redirectURI: String, provider: SignInProvider, secret: String?, document: ProviderDocument
  ) async throws -> TokenReply {
    var form = [
      ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI), ("code_verifier", verifier),
    ]
    var basic: (name: String, password: String)?
    if let secret, !document.takesSecretInForm {
      basic = (provider.clientID, secret)
    } else {
      form.append(("client_id", provider.clientID))
      if let secret { form.append(("client_secret", secret)) }
    }
    let reply = try await http.post(document.tokenEndpoint, form: form, basic: basic)
    guard reply.status == 200 else {
      let refusal = (try? JSONDecoder().decode(TokenRefusal.self, from: Data(reply.body))).map { ": " + $0.words } ?? ""
      throw ProviderFailure("token_endpoint answered \(reply.status)\(refusal)")
    }
    guard let tokens = try? JSONDecoder().decode(TokenReply.self, from: Data(reply.body)) else {
      throw ProviderFailure("token_endpoint answered without an id_token")
    }
    return tokens
  }

  /// What an ID token says, once its signature holds; the caller checks what it must say. - Throws: `ProviderFailure`, `OutboundError`.
  func claims(ofToken token: String, document: ProviderDocument) async throws -> (header: ProviderKeys.Header, claims: [String: ClaimValue]) {
    let header = try ProviderKeys.Header(ofToken: token)
    let known = try await keys(document)
    if known.holds(header), let claims = try? await known.claims(ofToken: token, header) { return (header, claims) }
    return (header, try await keys(document, isFresh: true).claims(ofToken: token, header))
  }

  /// What the provider tells beside the token. - Throws: `ProviderFailure` also when it is about somebody else.
  func userInformation(_ document: ProviderDocument, accessToken: String, subject: String) async throws -> [String: ClaimValue]? {
    guard let address = document.userinfoEndpoint else { return nil }
    let reply = try await http.get(address, bearer: accessToken)
    guard reply.status == 200, let claims = try? JSONDecoder().decode([String: ClaimValue].self, from: Data(reply.body)) else {
      throw ProviderFailure("userinfo_endpoint answered \(reply.status)\(reply.status == 200 ? " with no JSON object" : "")")
    }
    guard claims["sub"]?.text == subject else { throw ProviderFailure("userinfo_endpoint answered about somebody else") }
    return claims
  }

  private func fetch(_ address: String, _ what: String) async throws -> [UInt8] {
    let reply = try await http.get(address)
    guard reply.status == 200 else { throw ProviderFailure("\(what) answered \(reply.status): \(address)") }
    return reply.body
  }

  private static func known<Value>(_ box: NIOLockedValueBox<[String: Kept<Value>]>, _ name: String) -> Value? {
    box.withLockedValue { $0[name] }.flatMap { $0.until > .now ? $0.value : nil }
  }

  private static func keep<Value>(_ box: NIOLockedValueBox<[String: Kept<Value>]>, _ name: String, _ value: Value) {
    box.withLockedValue { kept in
      if kept.count >= keptMax { kept.removeAll() }
      kept[name] = Kept(value: value, until: .now + keepFor)
    }
  }
}

struct TokenReply: Decodable, Sendable {
  var idToken: String
  var accessToken: String?

  private enum CodingKeys: String, CodingKey {
    case idToken = "id_token"
    case accessToken = "access_token"
  }
}

private struct TokenRefusal: Decodable {
  var error: String
  var description: String?

  private enum CodingKeys: String, CodingKey {
    case error
    case description = "error_description"
  }

  var words: String { String((error + (description.map { " (\($0))" } ?? "")).prefix(300)) }
}
