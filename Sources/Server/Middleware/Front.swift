import Foundation
import HTTPTypes
import Hummingbird
import Pages
import Store

/// What stands between the outside and the routes: the base path is taken off requests and put onto answers, and whoever works on the
/// request can ask for the address that people use and for where the request came from.
struct Front: Sendable {
  let settings: Settings

  func respond(
    to request: Request, _ context: Context, _ next: @Sendable (Request) async throws -> Response
  ) async throws -> Response {
    let origin = AuditOrigin(address: context.address(request, proxies: settings.proxies), agent: request.headers[.userAgent])
    let inside = inside(request), address = PublicAddress(request, settings)
    let response = try await AuditOrigin.$current.withValue(origin) {
      try await PublicAddress.$current.withValue(address) {
        try await BasePath.$current.withValue(settings.basePath) { try await next(inside) }
      }
    }
    return carried(response, isSecure: address.isSecure)
  }

  /// The request as if the service stood at the root; what lies outside of the base path gets a path that no route has.
  func inside(_ request: Request) -> Request {
    if settings.basePath.isRoot { return request }
    var head = request.head
    head.path = settings.basePath.stripped(head.path ?? "/") ?? Self.outside
    if let cookies = head.headerFields[.cookie] {
      head.headerFields[.cookie] = cookies.replacingOccurrences(of: Self.secure, with: Self.host)
    }
    return Request(head: head, body: request.body)
  }

  private static let outside = "/-"
  // Browsers take the first only with the path "/".
  private static let host = "__Host-", secure = "__Secure-"

  func carried(_ response: Response, isSecure: Bool) -> Response {
    var response = response
    if let location = response.headers[.location] { response.headers[.location] = settings.basePath.carried(location) }
    let cookies = response.headers[values: .setCookie]
    if !cookies.isEmpty { response.headers[values: .setCookie] = cookies.map { carried(cookie: $0, isSecure) } }
    return response
  }

  private func carried(cookie: String, _ isSecure: Bool) -> String {
    var parts = cookie.split(separator: ";", omittingEmptySubsequences: false).map { String($0).trimmingPrefix(" ") }.map(String.init)
    if !settings.basePath.isRoot, let name = parts.first {
      if name.hasPrefix(Self.host) { parts[0] = Self.secure + name.dropFirst(Self.host.count) }
      parts = parts.map { $0 == "Path=/" ? "Path=\(settings.basePath.cookiePath)" : $0 }
    }
    if isSecure, !parts.dropFirst().contains("Secure") { parts.append("Secure") }
    return parts.joined(separator: "; ")
  }
}
