/// The five characters that mean something in HTML text and quoted attributes.
enum Escaping {
  private static let amp = Array("&amp;".utf8), lt = Array("&lt;".utf8), gt = Array("&gt;".utf8)
  private static let quot = Array("&quot;".utf8), apos = Array("&#39;".utf8)

  static func append(_ text: some StringProtocol, to bytes: inout [UInt8]) {
    if text.utf8.withContiguousStorageIfAvailable({ append($0, to: &bytes) }) == nil {
      var copy = String(text)
      copy.withUTF8 { append($0, to: &bytes) }
    }
  }

  /// Copies the clean stretches whole.
  private static func append(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
    var start = 0
    for i in text.indices {
      guard let replacement = replacement(for: text[i]) else { continue }
      bytes.append(contentsOf: text[start..<i])
      bytes.append(contentsOf: replacement)
      start = i + 1
    }
    bytes.append(contentsOf: text[start...])
  }

  @inline(__always)
  private static func replacement(for byte: UInt8) -> [UInt8]? {
    // Every special character is below "?", so most letters need one comparison.
    guard byte < 0x3F else { return nil }
    switch byte {
    case UInt8(ascii: "&"): return amp
    case UInt8(ascii: "<"): return lt
    case UInt8(ascii: ">"): return gt
    case UInt8(ascii: "\""): return quot
    case UInt8(ascii: "'"): return apos
    // HTML has no way to write it, and a browser would show a replacement anyway.
    case 0: return [0xEF, 0xBF, 0xBD]
    default: return nil
    }
  }
}
