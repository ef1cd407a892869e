/// Why another service could not be asked. The words are for the operator: they name the host, never a secret.
enum OutboundError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Not an address that the service goes to.
  case address(String)
  /// No answer: the name is unknown, nobody listens, the certificate does not hold, too slow …
  case unreachable(host: String, reason: String)
  case tooLarge(host: String, bytesMax: Int)
  /// A mail that can't be written: an address or subject with a line break.
  case unfit(String)

  var description: String {
    switch self {
    case .address(let text): "“\(Self.withoutUser(text))” is no address that can be asked: expected https:// and a host (http:// on this machine only)"
    case .unreachable(let host, let reason): "\(host) could not be asked: \(reason)"
    case .tooLarge(let host, let bytesMax): "\(host) answered with more than \(bytesMax >> 10) KiB"
    case .unfit(let reason): reason
    }
  }

  /// Mail servers' passwords stand in their addresses.
  private static func withoutUser(_ text: String) -> String {
    guard let at = text.lastIndex(of: "@") else { return text }
    return (text.firstRange(of: "://").map { text[..<$0.upperBound] } ?? "") + "…" + text[at...]
  }
}
