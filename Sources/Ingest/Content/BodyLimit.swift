import Domain
import Wire

/// Cuts bodies that are longer than a project keeps, and says so.
enum BodyLimit {
  /// Inputs and outputs become plain text that ends with a note. Metadata and attributes are merged key by key when they are read, so
  /// they become an object that holds the note and the beginning.
  static func cut(_ text: String, kind: BodyKind, most: Int) -> String {
    let start = beginning(of: text, most: most), digest = MediaID.hex(SHA256Digest.of(text.utf8))
    switch kind {
    case .input, .output: return start + "\n\n[cut here: \(text.utf8.count) bytes were sent, SHA-256 \(digest)]"
    case .metadata, .attributes:
      return JSON.serialise([
        "quipu.cut": ["bytes": .number(String(text.utf8.count)), "sha256": .string(digest), "beginning": .string(start)]
      ])
    }
  }

  /// Whole characters of at most so many bytes.
  private static func beginning(of text: String, most: Int) -> String {
    let bytes = text.utf8
    var end = bytes.index(bytes.startIndex, offsetBy: most, limitedBy: bytes.endIndex) ?? bytes.endIndex
    while end > bytes.startIndex, end < bytes.endIndex, bytes[end] & 0xC0 == 0x80 { end = bytes.index(before: end) }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }
}
