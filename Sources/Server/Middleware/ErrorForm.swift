import HTTPTypes
import Hummingbird
import Logging
import Pages
import Wire

/// How errors are told on a route: each protocol's clients expect their own form.
enum ErrorForm {
  /// google.rpc.Status in the request's encoding.
  case otlp(OTLPEncoding)
  /// `{"message", "error"}`
  case langfuse
  /// `{"code", "message", "requestId"}`
  case api
  /// A page for people.
  case page

  init(_ request: Request) {
    let path = request.uri.path
    if path.hasPrefix("/api/v1/") {
      self = .api
    } else if path.hasSuffix("/v1/traces") || path.hasSuffix("/v1/logs") || path.hasSuffix("/v1/metrics") {
      self = .otlp((request.headers[.contentType] ?? "").contains("protobuf") ? .protobuf : .json)
    } else if path.hasPrefix("/api/public/") {
      self = .langfuse
    } else if path.hasPrefix("/api/") || ["/livez", "/readyz", "/metrics"].contains(path) {
      self = .api
    } else {
      self = .page
    }
  }

  func response(_ failure: Failure, request: Request, requestID: String, assets: Pages.Assets) -> Response {
    var response: Response
    switch self {
    case .otlp(let encoding):
      response = .otlp(encoding, failure.status, OTLP.status(encoding, code: failure.grpcCode, message: failure.message))
    case .langfuse:
      response = .json(failure.status, LangfuseError(message: failure.message, error: failure.langfuseName))
    case .api:
      response = .json(failure.status, APIError(code: failure.code, message: failure.message, requestId: requestID))
    case .page:
      response = .page(failure.status, failure.page(assets: assets, theme: Theme.of(request), requestID: requestID).render())
    }
    if let seconds = failure.retryAfterSeconds { response.headers[.retryAfter] = String(seconds) }
    if failure.status == .unauthorized { response.headers[.wwwAuthenticate] = "Basic realm=\"quipu\"" }
    return response
  }
}

private struct LangfuseError: Encodable {
  let message: String
  let error: String
}

private struct APIError: Encodable {
  let code: String
  let message: String
  let requestId: String
}

extension Failure {
  /// google.rpc.Code.
  fileprivate var grpcCode: Int32 {
    switch status.code {
    case 400, 413, 415: 3
    case 401: 16
    case 403: 7
    case 404: 5
    case 429: 8
    case 503: 14
    default: 13
    }
  }

  fileprivate var langfuseName: String {
    switch status.code {
    case 400: "InvalidRequestError"
    case 401: "UnauthorizedError"
    case 403: "ForbiddenError"
    case 404: "LangfuseNotFoundError"
    case 405: "MethodNotAllowedError"
    default: status.reasonPhrase
    }
  }
}

/// Outermost: gives each answer its request id, turns whatever was thrown into the route's error form, and logs once.
struct ErrorFormMiddleware: RouterMiddleware {
  let assets: Pages.Assets

  func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
    var response: Response
    do {
      response = try await next(request, context)
      // The router's own answer for an address without a route.
      if response.status.code >= 400, response.body.contentLength == 0 { throw HTTPError(response.status) }
    } catch {
      let failure = Failure(error)
      if failure.isOurFault {
        context.logger.error("request failed", metadata: ["error": "\(String(reflecting: error))", "path": "\(request.uri.path)"])
      } else {
        context.logger.debug("request refused", metadata: ["status": "\(failure.status.code)", "reason": "\(failure.message)"])
      }
      response = ErrorForm(request).response(failure, request: request, requestID: context.id, assets: assets)
    }
    response.headers[.requestID] = context.id
    return response
  }
}

extension HTTPField.Name {
  static let requestID = HTTPField.Name("x-request-id") ?? .server
}
