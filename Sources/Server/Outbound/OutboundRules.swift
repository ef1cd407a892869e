import CCurl
import Foundation

/// What holds for every call to another service.
struct OutboundRules: Sendable, Hashable {
  /// Every trusted authority, the system's and those of QUIPU_CA_FILE, in PEM form; nil: the system's alone.
  var authorities: [UInt8]?
  /// "http://proxy.example.com:3128"; nil: none, whatever the environment's https_proxy says.
  var proxy: String?

  init() {}

  init(_ settings: Settings) {
    authorities = settings.furtherAuthorities.map { Self.systemAuthorities + $0 }
    proxy = settings.outboundProxy
  }

  /// A certificate file in PEM form; nil when it can't be read, holds none, or holds one that is damaged.
  static func certificates(file path: String) -> [UInt8]? {
    guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= 10 << 20 else { return nil }
    let count = bytes.withUnsafeBytes { quipu_certificates($0.baseAddress, Int32(clamping: $0.count)) }
    return count > 0 ? Array(bytes) + [UInt8(ascii: "\n")] : nil
  }

  /// The file that libcurl reads unless it is given another: giving ours replaces it. Its folder of authorities, if it has one, stays.
  private static var systemAuthorities: [UInt8] {
    guard let handle = curl_easy_init() else { return [] }
    defer { curl_easy_cleanup(handle) }
    guard let path = quipu_curl_authorities_file(handle).map({ String(cString: $0) }), let bytes = FileManager.default.contents(atPath: path)
    else { return [] }
    return Array(bytes) + [UInt8(ascii: "\n")]
  }
}
