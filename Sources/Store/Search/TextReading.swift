/// A body as it is searched: UTF-8 with cases folded, blanks and control characters joined to one blank, escapes
/// written out. Scalar n of the folded reading is scalar n of the plain one, which excerpts show.
struct TextReading {
  /// Only JSON has `\n` for a new line; elsewhere it may be the beginning of a folder's name.
  let isJSON: Bool
  let isFolded: Bool

  /// Judged by both ends, since bodies are stored as they were sent.
  static func looksLikeJSON(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = text.first(where: { $0 > 32 }), let last = text.last(where: { $0 > 32 }) else { return false }
    return switch first {
    case UInt8(ascii: "{"): last == UInt8(ascii: "}")
    case UInt8(ascii: "["): last == UInt8(ascii: "]")
    case UInt8(ascii: "\""): last == UInt8(ascii: "\"")
    default: false
    }
  }

  /// Writes over what `target` holds, which grows as needed; returns how many bytes were written.
  func read(_ text: UnsafeBufferPointer<UInt8>, into target: inout [UInt8]) -> Int {
    // No scalar takes more room folded than three bytes for two.
    let room = text.count + text.count / 2 + 8
    if target.count < room { target = [UInt8](repeating: 0, count: room) }
    return target.withUnsafeMutableBufferPointer { target in
      CaseFolding.ascii.withUnsafeBufferPointer { ascii in
        CaseFolding.basicPlane.withUnsafeBufferPointer { folding in
          var writer = Writer(target: target, ascii: ascii, folding: folding, isFolded: isFolded)
          read(text, &writer)
          return writer.count
        }
      }
    }
  }

  private func read(_ text: UnsafeBufferPointer<UInt8>, _ writer: inout Writer) {
    var at = 0
    while at < text.count {
      let byte = text[at]
      if byte == TextScalars.backslash {
        at = escape(text, at, &writer)
      } else if byte < 0x80 {
        writer.ascii(byte)
        at &+= 1
      } else {
        let (scalar, next) = TextScalars.multibyte(text, at)
        writer.scalar(scalar)
        at = next
      }
    }
  }

  private func escape(_ text: UnsafeBufferPointer<UInt8>, _ at: Int, _ writer: inout Writer) -> Int {
    let (scalar, next) = TextScalars.escaped(text, at)
    if let scalar {
      writer.scalar(scalar)
      return next
    }
    switch next < text.count ? text[next] : 0 {
    case UInt8(ascii: "\""), UInt8(ascii: "/"): return next
    case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"), UInt8(ascii: "b"), UInt8(ascii: "f"):
      if isJSON, next == at + 1 {
        writer.ascii(32)
        return next + 1
      }
    default: break
    }
    writer.ascii(TextScalars.backslash)
    return next
  }

  private struct Writer {
    let target: UnsafeMutableBufferPointer<UInt8>
    let ascii: UnsafeBufferPointer<UInt8>
    let folding: UnsafeBufferPointer<UInt16>
    let isFolded: Bool
    var count = 0
    private var isAfterBlank = false

    init(
      target: UnsafeMutableBufferPointer<UInt8>, ascii: UnsafeBufferPointer<UInt8>,
      folding: UnsafeBufferPointer<UInt16>, isFolded: Bool
    ) {
      self.target = target
      self.ascii = ascii
      self.folding = folding
      self.isFolded = isFolded
    }

    @inline(__always)
    mutating func ascii(_ byte: UInt8) {
      if byte <= 32 || byte == 127 {
        if !isAfterBlank { put(32) }
        isAfterBlank = true
      } else {
        put(isFolded ? ascii[Int(byte)] : byte)
        isAfterBlank = false
      }
    }

    mutating func scalar(_ scalar: UInt32) {
      switch scalar {
      case 0..<0x80: return ascii(UInt8(truncatingIfNeeded: scalar))
      case 0x80...0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: return ascii(32)
      default: break
      }
      isAfterBlank = false
      let folded = isFolded ? TextScalars.folded(scalar, folding) : scalar
      if folded < 0x80 { return put(UInt8(truncatingIfNeeded: folded)) }
      if folded < 0x800 {
        put(UInt8(truncatingIfNeeded: 0xC0 | folded >> 6))
      } else {
        if folded < 0x10000 {
          put(UInt8(truncatingIfNeeded: 0xE0 | folded >> 12))
        } else {
          put(UInt8(truncatingIfNeeded: 0xF0 | folded >> 18))
          put(UInt8(truncatingIfNeeded: 0x80 | folded >> 12 & 0x3F))
        }
        put(UInt8(truncatingIfNeeded: 0x80 | folded >> 6 & 0x3F))
      }
      put(UInt8(truncatingIfNeeded: 0x80 | folded & 0x3F))
    }

    @inline(__always)
    private mutating func put(_ byte: UInt8) {
      guard count < target.count else { return }
      target[count] = byte
      count &+= 1
    }
  }
}
