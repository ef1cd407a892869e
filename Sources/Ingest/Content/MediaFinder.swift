import Domain
import Wire

/// Takes files that stand in a body as base64 out of it: data URIs of any type, and bare base64 whose first bytes tell what it is (OpenAI's
/// and Anthropic's image parts, audio, documents). Small ones stay: below a kilobyte a reference saves nothing.
enum MediaFinder {
  /// Digits of base64 that a file has at least.
  static let digitsMin = 1024
  /// Ordinary text has a blank, quote or bracket within a word's length: looking at a few bytes of every 512 is enough to pass it by.
  private static let stride = 512
  private static let window = 48

  /// Whether a file may be in it. Reads about a hundredth of a text that has none.
  static func isSuspected(_ text: UnsafeBufferPointer<UInt8>) -> Bool { suspect(text, from: 0) != nil }

  private static func suspect(_ text: UnsafeBufferPointer<UInt8>, from: Int) -> Int? {
    var at = from + stride / 2
    while at + window <= text.count {
      if (at..<at + window).allSatisfy({ isDigit(text[$0]) }) { return at }
      at += stride
    }
    return nil
  }

  /// The text without its files, or nil when it has none. `put` is told each file and gives what stands in its place.
  static func taken(_ text: String, trace: TraceID, _ put: (MediaFile) -> MediaMark) -> String? {
    var text = text
    return text.withUTF8 { bytes in
      var out: [UInt8] = [], copied = 0, from = 0
      while let at = suspect(bytes, from: from) {
        let run = run(bytes, around: at, from: copied)
        from = run.upperBound
        guard let found = file(bytes, run, trace, from: copied) else { continue }
        out.append(contentsOf: bytes[copied..<found.range.lowerBound])
        out.append(contentsOf: put(found.file).text.utf8)
        copied = found.range.upperBound
      }
      return copied == 0 ? nil : String(decoding: out + bytes[copied...], as: UTF8.self)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    Letters.isToken(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: "\\")
  }

  private static func run(_ text: UnsafeBufferPointer<UInt8>, around at: Int, from: Int) -> Range<Int> {
    var start = at, end = at
    while start > from, isDigit(text[start - 1]) { start -= 1 }
    while end < text.count, isDigit(text[end]) { end += 1 }
    // The backslash of an escaped quote that ends the string.
    while end > start, text[end - 1] == UInt8(ascii: "\\") { end -= 1 }
    return start..<end
  }

  private static func file(
    _ text: UnsafeBufferPointer<UInt8>, _ run: Range<Int>, _ trace: TraceID, from: Int
  ) -> (file: MediaFile, range: Range<Int>)? {
    guard run.count >= digitsMin, let bytes = decoded(text[run]) else { return nil }
    let uri = DataURI(text, before: run.lowerBound, from: from)
    guard let type = MediaType.sniffed(bytes) ?? uri?.type else { return nil }
    return (MediaFile(type: type, bytes: bytes, trace: trace), (uri?.start ?? run.lowerBound)..<run.upperBound)
  }

  /// Escaped slashes and line ends are undone; nil for what is no base64.
  private static func decoded(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8]? {
    var plain: [UInt8] = []
    plain.reserveCapacity(digits.count)
    var isEscaped = false
    for byte in digits {
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        continue
      }
      if !(isEscaped && (byte == UInt8(ascii: "n") || byte == UInt8(ascii: "r"))) { plain.append(byte) }
      isEscaped = false
    }
    return Base64.decode(String(decoding: plain, as: UTF8.self))
  }

  /// "data:image/png;base64," before the digits.
  private struct DataURI {
    var start: Int
    var type: String

    init?(_ text: UnsafeBufferPointer<UInt8>, before end: Int, from: Int) {
      guard text.has("base64,", at: end - 7) || text.has("BASE64,", at: end - 7) else { return nil }
      var start = end - 7
      while start > from, end - start < 200, text[start - 1] > 32, text[start - 1] != UInt8(ascii: "\"") {
        start -= 1
        guard text.has("data:", at: start) else { continue }
        let words = String(decoding: text[(start + 5)..<(end - 7)], as: UTF8.self).lowercased().split(separator: ";")
        let plain = words.first.map { $0.filter { $0 != "\\" } } ?? ""
        self.start = start
        type = MediaType.isWellFormed(plain) ? plain : "application/octet-stream"
        return
      }
      return nil
    }
  }
}
