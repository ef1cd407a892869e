import HTTPTypes
import Hummingbird
import Pages

/// The address that people and SDKs use: scheme, host and base path, without a slash at its end. As set; else as the outermost proxy of
/// ours tells it; else where the service listens. What a stranger sends as `Host` never becomes part of it.
struct PublicAddress: Sendable, Hashable {
  var text: String
  var isSecure: Bool { text.hasPrefix("https://") }

  /// Of the request that is being answered; nil outside of one.
  @TaskLocal static var current: PublicAddress?

  init(_ text: String) { self.text = text }

  init(_ request: Request, _ settings: Settings) {
    self.init(settings.shownURL)
    guard settings.baseURL == nil, settings.proxies > 0 else { return }
    let scheme = Self.told("X-Forwarded-Proto", request, settings.proxies).map { $0.lowercased() }
    let host = Self.told("X-Forwarded-Host", request, settings.proxies)
    guard let host, Self.isHost(host) else {
      if scheme == "https", text.hasPrefix("http://") { text = "https" + text.dropFirst(4) }
      return
    }
    text = (scheme == "https" ? "https://" : "http://") + host + settings.basePath.text
  }

  /// What the outermost of so many proxies of ours saw; where only one wrote the header, its word.
  private static func told(_ name: String, _ request: Request, _ proxies: Int) -> String? {
    guard let field = HTTPField.Name(name), let header = request.headers[field] else { return nil }
    let hops = header.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
    return hops.count >= proxies ? hops[hops.count - proxies] : hops.first
  }

  /// A name or address with a port, if any.
  private static func isHost(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 255
      && text.utf8.allSatisfy { (48...58).contains($0) || (65...90).contains($0) || (97...122).contains($0) || [45, 46, 91, 93].contains($0) }
  }
}
