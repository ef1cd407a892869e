import HTTPTypes
import Hummingbird

/// What every answer to a browser carries: no asset from another host, no inline script, no framing.
struct SecurityHeadersMiddleware: RouterMiddleware {
  static let policy =
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; "
    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

  func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
    var response = try await next(request, context)
    // A route that shows what others sent has a stricter one of its own.
    if response.headers[.contentSecurityPolicy] == nil { response.headers[.contentSecurityPolicy] = Self.policy }
    for (name, value) in Self.always { response.headers[name] = value }
    if PublicAddress.current?.isSecure == true {
      for (name, value) in Self.overTLS { response.headers[name] = value }
    }
    return response
  }

  private static let always = named([
    ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
    ("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
  ])
  /// Browsers heed these over TLS only, and complain elsewhere.
  private static let overTLS = named([
    ("Strict-Transport-Security", "max-age=31536000"), ("Cross-Origin-Opener-Policy", "same-origin"),
  ])

  private static func named(_ headers: [(String, String)]) -> [(HTTPField.Name, String)] {
    headers.compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
  }
}
