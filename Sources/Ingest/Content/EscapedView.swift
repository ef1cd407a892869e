/// A text as its reader sees it, whatever escapes it went through: `\u0040` is "@", `\n` ends a word, and so after any number of
/// backslashes, because a JSON string inside a JSON string has its escapes escaped again. Knows where each byte stood, so that what is
/// found in it can be taken out of the text itself, at any depth, without reading and rewriting the JSON around it.
struct EscapedView {
  private struct Escape {
    /// Of the decoded bytes in the view, and of the escape in the text.
    var view: Range<Int>
    var text: Range<Int>
  }

  /// UTF-8; the text itself where it has no backslash.
  let bytes: UnsafeBufferPointer<UInt8>
  private let escapes: [Escape]
  private var cursor = 0

  /// Lends `body` the view of `text`, which must be UTF-8.
  static func with<T>(_ text: UnsafeBufferPointer<UInt8>, _ body: (inout EscapedView) -> T) -> T {
    guard let first = text.firstIndex(of: UInt8(ascii: "\\")) else {
      var view = EscapedView(bytes: text, escapes: [])
      return body(&view)
    }
    var reader = Reader(text: text, place: first)
    reader.read()
    return reader.bytes.withUnsafeBufferPointer { bytes in
      var view = EscapedView(bytes: bytes, escapes: reader.escapes)
      return body(&view)
    }
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, escapes: [Escape]) {
    self.bytes = bytes
    self.escapes = escapes
  }

  /// Where a stretch of the view stands in the text. Ask in rising order.
  mutating func textRange(_ range: Range<Int>) -> Range<Int> {
    let start = place(range.lowerBound) { $0.text.lowerBound }
    let end = range.isEmpty ? start : place(range.upperBound - 1) { $0.text.upperBound }
    return start..<max(start, isEscape(range.upperBound - 1) ? end : end + 1)
  }

  private mutating func place(_ at: Int, _ side: (Escape) -> Int) -> Int {
    while cursor < escapes.count, escapes[cursor].view.upperBound <= at { cursor += 1 }
    if cursor < escapes.count, escapes[cursor].view.contains(at) { return side(escapes[cursor]) }
    guard cursor > 0 else { return at }
    return escapes[cursor - 1].text.upperBound + at - escapes[cursor - 1].view.upperBound
  }

  private func isEscape(_ at: Int) -> Bool { cursor < escapes.count && escapes[cursor].view.contains(at) }

  private struct Reader {
    let text: UnsafeBufferPointer<UInt8>
    var place: Int
    var bytes: [UInt8] = []
    var escapes: [Escape] = []

    init(text: UnsafeBufferPointer<UInt8>, place: Int) {
      self.text = text
      self.place = place
    }

    mutating func read() {
      bytes.reserveCapacity(text.count)
      bytes.append(contentsOf: text[..<place])
      while place < text.count {
        readEscape()
        let next = text[place...].firstIndex(of: UInt8(ascii: "\\")) ?? text.count
        bytes.append(contentsOf: text[place..<next])
        place = next
      }
    }

    /// From the first backslash of a run to past what it escapes.
    private mutating func readEscape() {
      let start = place, viewStart = bytes.count
      while place < text.count, text[place] == UInt8(ascii: "\\") { place += 1 }
      guard place < text.count else {
        bytes.append(UInt8(ascii: "\\"))
        return note(start, viewStart)
      }
      switch text[place] {
      case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "f"):
        bytes.append(UInt8(ascii: "\n"))
        place += 1
      case UInt8(ascii: "\""), UInt8(ascii: "/"):
        bytes.append(text[place])
        place += 1
      case UInt8(ascii: "u"):
        guard let scalar = unicode() else { fallthrough }
        bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
      default: bytes.append(UInt8(ascii: "\\"))
      }
      note(start, viewStart)
    }

    private mutating func note(_ start: Int, _ viewStart: Int) {
      escapes.append(Escape(view: viewStart..<bytes.count, text: start..<place))
    }

    /// "u0040", or a pair of surrogates with its second half escaped as well; a lone half is U+FFFD.
    private mutating func unicode() -> Unicode.Scalar? {
      guard let first = hex(place + 1) else { return nil }
      place += 5
      guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
      var next = place
      while next < text.count, text[next] == UInt8(ascii: "\\") { next += 1 }
      guard next > place, next < text.count, text[next] == UInt8(ascii: "u"), let second = hex(next + 1), (0xDC00..<0xE000).contains(second)
      else { return "\u{FFFD}" }
      place = next + 5
      return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private func hex(_ from: Int) -> UInt32? {
      guard from + 4 <= text.count else { return nil }
      var value: UInt32 = 0
      for byte in text[from..<from + 4] {
        guard let digit = Letters.hexValue(byte) else { return nil }
        value = value << 4 | UInt32(digit)
      }
      return value
    }
  }
}
