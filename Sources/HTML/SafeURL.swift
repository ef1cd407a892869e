/// Addresses that may stand in a link.
public enum SafeURL {
  /// `address` when it is a path, query or fragment of this site or has one of the schemes http, https or mailto; else "#".
  public static func checked(_ address: String) -> String { isSafe(address) ? address : "#" }

  static func isSafe(_ address: String) -> Bool {
    let bytes = Array(address.utf8)
    // Browsers drop tabs and line ends inside an address and blanks before it: "java\nscript:" would run.
    guard let first = bytes.first, bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return false }
    switch first {
    case UInt8(ascii: "?"), UInt8(ascii: "#"): return true
    case UInt8(ascii: "/"):
      // "//host" and "/\host" lead to another site.
      return bytes.count < 2 || (bytes[1] != UInt8(ascii: "/") && bytes[1] != UInt8(ascii: "\\"))
    default:
      let lower = address.lowercased()
      return ["https://", "http://", "mailto:"].contains { lower.hasPrefix($0) }
    }
  }
}
