import Domain
import Foundation
import JWTKit

/// Keys by which a provider signs, and the check of a signature by them. Public keys alone: a token "signed" by a shared secret or by nothing
/// finds no key. *Source:* RFC 7517, RFC 7515.
struct ProviderKeys: Sendable {
  private let keys: [JWK]
  let count: Int
  /// Some providers publish more than a handful; more than this is no key set.
  private static let countMax = 100

  /// Keys of kinds that are not known here, or meant for encryption, are left out.
  /// - Throws: `ProviderFailure` for what is no key set, or holds no key that can be used.
  init(_ bytes: [UInt8]) throws {
    struct KeySet: Decodable { var keys: [ClaimValue] }
    guard let set = try? JSONDecoder().decode(KeySet.self, from: Data(bytes)), set.keys.count <= Self.countMax else {
      throw ProviderFailure("what stands under jwks_uri is no key set")
    }
    keys = set.keys.compactMap(Self.signing)
    count = keys.count
    if keys.isEmpty { throw ProviderFailure("the key set holds no key for signatures that is known here (RSA of 2048 bits or more, EC, Ed25519)") }
  }

  private static func signing(_ value: ClaimValue) -> JWK? {
    guard case .object(let fields) = value, fields["use"]?.text ?? "sig" == "sig", fields["d"] == nil,
      let data = try? JSONEncoder().encode(value), let key = try? JSONDecoder().decode(JWK.self, from: data)
    else { return nil }
    // 2048 bits are 342 digits of base64.
    if key.keyType.rawValue == "RSA", key.modulus?.utf8.count ?? 0 < 342 { return nil }
    return key
  }

  /// What stands before a token's first dot.
  struct Header: Decodable, Sendable {
    var alg: String
    var kid: String?
    /// Extensions that must be understood: none are.
    var crit: [String]?

    /// - Throws: `ProviderFailure`.
    init(ofToken token: String) throws {
      let parts = token.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 3, token.utf8.count <= 64 << 10, let bytes = Base64URL.decode(parts[0]),
        let header = try? JSONDecoder().decode(Header.self, from: Data(bytes))
      else { throw ProviderFailure("the ID token is no signed JSON Web Token") }
      self = header
      guard crit == nil else { throw ProviderFailure("the ID token asks for extensions that are not known here") }
      guard ProviderKeys.algorithms.contains(alg) else {
        throw ProviderFailure("the ID token is signed by “\(alg)”: accepted are \(ProviderKeys.algorithms.sorted().joined(separator: ", "))")
      }
    }
  }

  static let algorithms: Set<String> = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

  /// Those that the header can mean.
  private func candidates(_ header: Header) -> [JWK] {
    let kind = header.alg.hasPrefix("ES") ? "EC" : header.alg == "EdDSA" ? "OKP" : "RSA"
    return keys.filter { key in
      key.keyType.rawValue == kind && (key.algorithm.map { $0.rawValue == header.alg } ?? true)
        && (header.kid.map { $0 == key.keyIdentifier?.string } ?? true)
    }
  }

  func holds(_ header: Header) -> Bool { !candidates(header).isEmpty }

  /// What the token says, once its signature holds.
  /// - Throws: `ProviderFailure`.
  func claims(ofToken token: String, _ header: Header) async throws -> [String: ClaimValue] {
    for var key in candidates(header) {
      key.keyIdentifier = JWKIdentifier(string: header.kid ?? "only")
      let collection = JWTKeyCollection()
      guard (try? await collection.add(jwk: key)) != nil else { continue }
      if let payload = try? await collection.verify(token, as: AnyClaims.self) { return payload.claims }
    }
    throw ProviderFailure(
      holds(header) ? "the signature of the ID token does not hold" : "the ID token is signed with a key that the provider does not publish")
  }
}

/// A token's payload as it is: what it must say is checked by `IDTokenChecks`.
private struct AnyClaims: JWTPayload {
  var claims: [String: ClaimValue]

  init(from decoder: any Decoder) throws { claims = try decoder.singleValueContainer().decode([String: ClaimValue].self) }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(claims)
  }

  func verify(using algorithm: some JWTAlgorithm) async throws {}
}
