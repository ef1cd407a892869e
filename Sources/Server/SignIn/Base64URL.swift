import Foundation

/// Base64 of RFC 4648 §5 without padding, as tokens and PKCE have it.
enum Base64URL {
  static func encode(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().map { character in
      switch character {
      case "+": "-"
      case "/": "_"
      case "=": ""
      default: String(character)
      }
    }.joined()
  }

  /// nil for what is none.
  static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var plain = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    plain += String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
    return Data(base64Encoded: plain).map { Array($0) }
  }
}
