import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOConcurrencyHelpers
import Store

/// Finds the grant behind a request's key: Basic public:secret, Bearer secret, or `x-api-key`. Answers are kept for a few seconds, so
/// that a busy sender costs one query and a revoked key stops soon.
final class KeyAuthenticator: Sendable {
  private struct Kept {
    var grant: KeyGrant?
    var until: ContinuousClock.Instant
  }

  private let accounts: AccountStore
  private let kept = NIOLockedValueBox<[[UInt8]: Kept]>([:])
  private let keepFor: Duration = .seconds(10)
  private let keptMax = 10_000

  init(_ accounts: AccountStore) { self.accounts = accounts }

  /// - Parameter scope: what the key must be allowed; nil accepts any key.
  /// - Throws: `Failure` 401 for a missing or wrong key, 403 for a key without the scope, or of which only the public part was sent.
  func grant(_ request: Request, scope: KeyScope?) async throws -> KeyGrant {
    let grant = try await presented(request)
    try grant.requireSecret()
    if let scope { try grant.require(scope) }
    return grant
  }

  /// Whatever key was sent, also by its public part alone (`KeyGrant.createsScoresOnly`).
  /// - Throws: `Failure` 401 for a missing or wrong key.
  func presented(_ request: Request) async throws -> KeyGrant {
    guard let credentials = Credentials(request) else {
      throw Failure.unauthorized(
        "no key: send Authorization: Basic base64(public:secret), Authorization: Bearer <secret>, or x-api-key: <secret>")
    }
    guard let grant = try await find(credentials) else {
      throw Failure.unauthorized("the key is not known here, has expired, or was revoked")
    }
    return grant
  }

  /// A key was changed here: it is asked for anew. Other processes do so within seconds.
  func forget() { kept.withLockedValue { $0.removeAll() } }

  /// - Parameter scopes: of which the key must have one; empty accepts any key.
  /// - Throws: `Failure` 401 for a missing or wrong key, 403 for a key without any of the scopes.
  func grant(_ request: Request, scopes: Set<KeyScope>) async throws -> KeyGrant {
    let grant = try await presented(request)
    try grant.require(oneOf: scopes)
    return grant
  }

  /// What was found in the last seconds; nil when the database must be asked, or knows no such key.
  func known(_ request: Request) -> KeyGrant? {
    guard let credentials = Credentials(request) else { return nil }
    let now = ContinuousClock.now
    return kept.withLockedValue { $0[credentials.cacheKey] }.flatMap { $0.until > now ? $0.grant : nil }
  }

  private func find(_ credentials: Credentials) async throws -> KeyGrant? {
    let now = ContinuousClock.now
    if let known = kept.withLockedValue({ $0[credentials.cacheKey] }), known.until > now { return known.grant }
    let grant: KeyGrant?
    switch credentials {
    case .pair(let publicKey, let secret): grant = try await accounts.grant(publicKey: publicKey, secret: secret)
    case .secret(let secret): grant = try await accounts.grant(secret: secret)
    case .bearer(let text): grant = try await accounts.grant(secret: text, orPublic: true)
    }
    let left = grant?.validUntil.map { Duration.microseconds($0.since(Timestamp.now)) } ?? keepFor
    let until = now + min(keepFor, left)
    kept.withLockedValue { entries in
      if entries.count >= keptMax { entries.removeAll() }
      entries[credentials.cacheKey] = Kept(grant: grant, until: until)
    }
    return grant
  }
}

private enum Credentials {
  case pair(String, String)
  case secret(String)
  /// A secret, or a public key as browsers send it.
  case bearer(String)

  init?(_ request: Request) {
    if let header = request.headers[.authorization] {
      let parts = header.split(separator: " ", maxSplits: 1)
      guard parts.count == 2 else { return nil }
      switch parts[0].lowercased() {
      case "basic": self.init(basic: String(parts[1]))
      case "bearer": self = .bearer(parts[1].trimmingCharacters(in: .whitespaces))
      default: return nil
      }
    } else if let key = Self.apiKeyHeaders.lazy.compactMap({ request.headers[$0] }).first {
      self = .secret(key)
    } else {
      return nil
    }
  }

  private static let apiKeyHeaders = ["x-api-key", "api_key"].compactMap { HTTPField.Name($0) }

  private init?(basic: String) {
    guard let data = Data(base64Encoded: basic.trimmingCharacters(in: .whitespaces)) else { return nil }
    let parts = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    self = .pair(String(parts[0]), String(parts[1]))
  }

  /// A digest, so that secrets do not lie about in memory.
  var cacheKey: [UInt8] {
    switch self {
    case .pair(let publicKey, let secret): SHA256Digest.of("p\u{0}\(publicKey)\u{0}\(secret)".utf8)
    case .secret(let secret): SHA256Digest.of("s\u{0}\(secret)".utf8)
    case .bearer(let text): SHA256Digest.of("b\u{0}\(text)".utf8)
    }
  }
}

extension KeyGrant {
  private static let makerMayNot = Failure(.forbidden, "forbidden", "whoever made this key may not do this any more, and so the key may not")

  var publicKey: String { key.publicKey }

  /// - Throws: `Failure` 403 when only the public part was sent.
  func requireSecret() throws {
    guard createsScoresOnly else { return }
    throw Failure(.forbidden, "forbidden", "a public key creates scores and does nothing else; send the secret key")
  }

  /// - Throws: `Failure` 403 for a key without any of the scopes; none asks for nothing but the secret.
  func require(oneOf scopes: Set<KeyScope>) throws {
    try requireSecret()
    guard scopes.isEmpty || !scopes.isDisjoint(with: key.scopes) else {
      if !scopes.isDisjoint(with: withheld) { throw Self.makerMayNot }
      let names = scopes.map(\.rawValue).sorted().joined(separator: " or ")
      throw Failure(.forbidden, "forbidden", "this key may not do this; it takes one with the scope \(names)")
    }
  }

  /// - Throws: `Failure` 403 for a key without the scope.
  func require(_ scope: KeyScope) throws {
    guard key.scopes.contains(scope) else {
      if withheld.contains(scope) { throw Self.makerMayNot }
      throw Failure(.forbidden, "forbidden", "this key may not \(scope.rawValue); make one with that scope")
    }
  }
}
