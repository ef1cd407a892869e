import Domain
import Foundation
import Hummingbird
import Logging
import NIOCore
import Store

/// What a request knows about itself.
struct Context: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// Address of the peer, for login limits.
  let peer: String
  /// Set by `APIKeyMiddleware`.
  var grant: KeyGrant?
  /// Set by `SignedInMiddleware`.
  var visit: Visit?

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    peer = source.channel.remoteAddress?.ipAddress ?? "unknown"
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
  var scope: AccessScope {
    AccessScope(organisation: organisation.id, teams: .all, projects: .all, readsContent: true)
  }
}
