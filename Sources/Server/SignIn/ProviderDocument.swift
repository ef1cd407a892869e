import Foundation

/// What a provider says of itself. *Source:* OpenID Connect Discovery 1.0 §3.
struct ProviderDocument: Decodable, Sendable {
  var issuer: String
  var authorizationEndpoint: String
  var tokenEndpoint: String
  var userinfoEndpoint: String?
  var keysURI: String
  var responseTypes: [String]?
  var challengeMethods: [String]?
  var clientAuthentication: [String]?

  private enum CodingKeys: String, CodingKey {
    case issuer
    case authorizationEndpoint = "authorization_endpoint"
    case tokenEndpoint = "token_endpoint"
    case userinfoEndpoint = "userinfo_endpoint"
    case keysURI = "jwks_uri"
    case responseTypes = "response_types_supported"
    case challengeMethods = "code_challenge_methods_supported"
    case clientAuthentication = "token_endpoint_auth_methods_supported"
  }

  static func address(issuer: String) -> String { issuer.trimmingSuffix("/") + "/.well-known/openid-configuration" }

  /// - Throws: `ProviderFailure` for a document of somebody else, or of a provider that can't do what is needed.
  init(_ bytes: [UInt8], issuer expected: String) throws {
    do { self = try JSONDecoder().decode(Self.self, from: Data(bytes)) } catch {
      throw ProviderFailure("the discovery document is no JSON with issuer, authorization_endpoint, token_endpoint and jwks_uri")
    }
    guard issuer == expected else {
      throw ProviderFailure("the discovery document is of “\(issuer)”, not of “\(expected)”: the issuer must be written exactly as the provider does")
    }
    // Plain addresses only where the issuer itself is one, on this machine.
    let schemes: Set<String> = issuer.hasPrefix("https://") ? ["https"] : ["https", "http"]
    for address in [authorizationEndpoint, tokenEndpoint, keysURI] + (userinfoEndpoint.map { [$0] } ?? []) {
      _ = try OutboundAddress(address, schemes: schemes)
    }
    if let responseTypes, !responseTypes.contains("code") { throw ProviderFailure("the provider does not do the authorization code flow") }
    if let challengeMethods, !challengeMethods.contains("S256") { throw ProviderFailure("the provider does not do PKCE with S256") }
  }

  /// Where a browser is sent to.
  func authorization(_ parameters: [(String, String)]) -> String {
    authorizationEndpoint + (authorizationEndpoint.contains("?") ? "&" : "?")
      + parameters.map { FormText.encoded($0.0) + "=" + FormText.encoded($0.1) }.joined(separator: "&")
  }

  /// Basic unless the provider takes the secret in the form alone.
  var takesSecretInForm: Bool {
    guard let clientAuthentication else { return false }
    return !clientAuthentication.contains("client_secret_basic") && clientAuthentication.contains("client_secret_post")
  }
}
