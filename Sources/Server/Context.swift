import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Store

/// What a request knows about itself.
struct Context: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// Address of the peer, for login limits.
  let peer: String
  /// Set by `AccessDoor` on routes for keys.
  var grant: KeyGrant?
  /// Set by `AccessDoor` on routes for members.
  var visit: Visit?

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    peer = source.channel.remoteAddress?.ipAddress ?? "unknown"
  }

  /// Whom to count: the peer, or behind so many proxies of ours the address that the outermost of them saw.
  func address(_ request: Request, proxies: Int) -> String {
    guard proxies > 0, let name = HTTPField.Name("X-Forwarded-For"), let header = request.headers[name] else { return peer }
    let hops = header.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    return hops.count >= proxies ? hops[hops.count - proxies] : peer
  }

  /// Whose key was let through.
  /// - Throws: `Failure` 401 on a route that is not for keys.
  func keyGrant() throws -> KeyGrant {
    guard let grant else { throw Failure.unauthorized("this takes an API key") }
    return grant
  }

  /// A path parameter: the router leaves percent-escapes in.
  func decoded(_ name: String) throws -> String {
    let text = try parameters.require(name)
    return text.removingPercentEncoding ?? text
  }

  /// Inflated OTLP bodies are read by our own code; this limit is for small JSON and form bodies.
  var maxUploadSize: Int { 1 << 20 }
}

/// A signed-in member on a page.
struct Visit: Sendable {
  let member: Member
  let organisation: Organisation
  let csrfToken: String
  let tokenHash: [UInt8]
  let access: MemberAccess
  /// The member's, cut down to where the permission of the route is theirs (`AccessDoor`).
  var scope: AccessScope
}
