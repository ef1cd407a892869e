import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Store

/// The browser session: a random token in an HttpOnly cookie, of which only the SHA-256 is stored.
struct WebSession: Sendable {
  let backend: Backend

  private var isSecure: Bool { backend.baseURL.hasPrefix("https://") }
  /// The prefix makes browsers refuse the cookie unless it is Secure, host-only and of path /.
  private var cookieName: String { isSecure ? "__Host-quipu" : "quipu" }

  /// Who is signed in, or nil.
  func visit(_ request: Request) async throws -> Visit? {
    guard let token = request.cookies[cookieName]?.value, token.count == 64 else { return nil }
    let hash = SHA256Digest.of(token.utf8)
    guard let session = try await backend.accounts.session(tokenHash: hash) else { return nil }
    return Visit(
      member: session.member, organisation: session.organisation, csrfToken: session.csrfToken, tokenHash: hash, access: session.access,
      scope: session.access.scope)
  }

  /// Starts a session with a token of its own and gives the cookie for it. What the browser held before ends: nobody can be signed in with
  /// a token that another knew.
  func start(_ member: Member, _ request: Request) async throws -> Cookie {
    let token = Secrets.token(bytes: 32), origin = AuditOrigin.current
    try await backend.accounts.createSession(
      tokenHash: SHA256Digest.of(token.utf8), csrfToken: Secrets.token(bytes: 16), member: member.id, address: origin?.address ?? "",
      agent: origin?.agent ?? "", replacing: request.cookies[cookieName].map { SHA256Digest.of($0.value.utf8) })
    return Cookie(name: cookieName, value: token, maxAge: 90 * 86_400, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax)
  }

  func end(_ visit: Visit) async throws -> Cookie {
    try await backend.accounts.deleteSession(tokenHash: visit.tokenHash)
    return Cookie(name: cookieName, value: "", maxAge: 0, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax)
  }
}

/// CSRF tokens of forms. Signed-in forms carry the session's token; the sign-in form, which has no session yet, carries the value of a
/// cookie that another site can neither read nor set.
enum FormToken {
  static let cookieName = "quipu_form"

  /// The browser's form token, made if it has none.
  static func current(_ request: Request) -> (token: String, cookie: Cookie?) {
    if let known = request.cookies[cookieName]?.value, known.count == 32 { return (known, nil) }
    let token = Secrets.token(bytes: 16)
    return (token, Cookie(name: cookieName, value: token, path: "/", httpOnly: true, sameSite: .strict))
  }

  /// - Throws: `Failure` 403 when the form did not come from a page of this service.
  static func check(_ request: Request, sent: String?, expected: String?) throws {
    let site = HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] }
    let isForeign = site == "cross-site" || site == "same-site"
    guard !isForeign, let sent, let expected, sent.utf8.count == expected.utf8.count, equal(sent, expected) else {
      throw Failure(.forbidden, "stale_form", "this form is too old or came from elsewhere; open the page again and repeat")
    }
  }

  /// In constant time.
  private static func equal(_ a: String, _ b: String) -> Bool {
    zip(a.utf8, b.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  static func escaped(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~/"))) ?? ""
  }
}

extension Request {
  /// A small form body.
  func form() async throws -> QueryParameters {
    guard let buffer = try? await body.collect(upTo: 64 << 10) else { throw Failure.tooLarge("the form is over 64 KiB, or did not arrive whole") }
    return QueryParameters(String(buffer: buffer))
  }
}
