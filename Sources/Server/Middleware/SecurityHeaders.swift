import HTTPTypes
import Hummingbird

/// What every answer to a browser carries: no asset from another host, no inline script, no framing.
struct SecurityHeadersMiddleware: RouterMiddleware {
  static let policy =
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; "
    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

  func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
    var response = try await next(request, context)
    response.headers[.contentSecurityPolicy] = Self.policy
    response.headers[.xContentTypeOptions] = "nosniff"
    response.headers[Self.referrerPolicy] = "same-origin"
    return response
  }

  private static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .server
}
