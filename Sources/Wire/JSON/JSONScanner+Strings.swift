extension JSONScanner {
  /// The string that comes next, unescaped; invalid UTF-8, NUL and lone surrogates become U+FFFD.
  public mutating func string() throws(WireError) -> String {
    guard try peek() == UInt8(ascii: "\"") else { throw unexpected("a string") }
    let start = offset + 1
    let hasEscapes = try skipStringTellingEscapes()
    let content = start..<(offset - 1)
    guard hasEscapes else { return String(repairing: bytes.part(content)) }
    return String(repairing: JSONEscapes.unescaped(bytes.part(content)))
  }

  /// The value that comes next as JSON text that any store accepts: as sent, but for invalid UTF-8, `\u0000` and lone
  /// surrogate escapes, which become U+FFFD.
  public mutating func rawText() throws(WireError) -> String {
    JSONScanner.text(of: bytes, try skipValue())
  }

  /// As ``rawText()``, for a range that ``skipValue()`` gave for the same bytes.
  public static func text(of bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> String {
    let slice = bytes.part(range.clamped(to: 0..<bytes.count))
    return String(repairing: JSONEscapes.repaired(slice) ?? Array(slice))
  }

  mutating func skipString() throws(WireError) {
    _ = try skipStringTellingEscapes()
  }

  /// From the opening quote to past the closing one; escapes are checked.
  private mutating func skipStringTellingEscapes() throws(WireError) -> Bool {
    var hasEscapes = false
    offset += 1
    while true {
      skipPlainWords()
      guard offset < bytes.count else { throw .truncated("a string", at: offset) }
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        offset += 1
        return hasEscapes
      case UInt8(ascii: "\\"):
        hasEscapes = true
        try skipEscape()
      case 0..<0x20: throw .malformed("control character in a string", at: offset)
      default: offset += 1
      }
    }
  }

  /// Passes eight bytes at a time while none of them is a quote, a backslash or a control character.
  @inline(__always)
  private mutating func skipPlainWords() {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    while offset + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let quotes = word ^ (ones &* 0x22)
      let slashes = word ^ (ones &* 0x5C)
      let found =
        ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | ((word &- (ones &* 0x20)) & ~word)
      guard found & highs == 0 else { return }
      offset += 8
    }
  }

  private mutating func skipEscape() throws(WireError) {
    guard offset + 1 < bytes.count else { throw .truncated("an escape", at: bytes.count) }
    switch bytes[offset + 1] {
    case UInt8(ascii: "u"):
      guard offset + 6 <= bytes.count else { throw .truncated("an escape", at: bytes.count) }
      for index in (offset + 2)..<(offset + 6) where Hex.nibble(bytes[index]) == nil {
        throw .malformed("bad \\u escape", at: offset)
      }
      offset += 6
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      offset += 2
    default: throw .malformed("unknown escape", at: offset)
    }
  }
}

/// Escapes of string content that the scanner has checked already; short input is still handled without a trap.
enum JSONEscapes {
  static func unescaped(_ content: UnsafeRawBufferPointer) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(content.count)
    var index = 0
    while index < content.count {
      guard content[index] == UInt8(ascii: "\\"), index + 1 < content.count else {
        out.append(content[index])
        index += 1
        continue
      }
      if content[index + 1] == UInt8(ascii: "u") {
        let (scalar, length) = scalar(content, at: index)
        out.append(contentsOf: Unicode.UTF8.encode(scalar ?? "\u{FFFD}") ?? Unicode.UTF8.encodedReplacementCharacter)
        index += length
      } else {
        out.append(plain(content[index + 1]))
        index += 2
      }
    }
    return out
  }

  /// A copy of JSON text with `\ufffd` for each `\u0000` and lone surrogate; nil when there is none.
  static func repaired(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
    var out: [UInt8]?
    var clean = 0
    var index = 0
    while index + 1 < text.count {
      guard text[index] == UInt8(ascii: "\\") else {
        index += 1
        continue
      }
      guard text[index + 1] == UInt8(ascii: "u") else {
        index += 2
        continue
      }
      let (scalar, length) = scalar(text, at: index)
      if scalar == nil || scalar == "\0" {
        out = (out ?? []) + text[clean..<index] + Array("\\ufffd".utf8)
        clean = index + length
      }
      index += length
    }
    return out.map { $0 + text[min(clean, text.count)...] }
  }

  /// The scalar of the `\u` escape (or pair of them) at `index`, nil for a lone surrogate, and the escape's length.
  private static func scalar(_ text: UnsafeRawBufferPointer, at index: Int) -> (Unicode.Scalar?, length: Int) {
    guard let first = codeUnit(text, at: index) else { return (nil, min(6, text.count - index)) }
    if first & 0xFC00 == 0xD800, let second = codeUnit(text, at: index + 6), second & 0xFC00 == 0xDC00 {
      return (Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + (second & 0x3FF)), 12)
    }
    return (Unicode.Scalar(first), 6)
  }

  private static func codeUnit(_ text: UnsafeRawBufferPointer, at index: Int) -> UInt32? {
    guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u")
    else { return nil }
    var value: UInt32 = 0
    for position in (index + 2)..<(index + 6) {
      guard let nibble = Hex.nibble(text[position]) else { return nil }
      value = value << 4 | UInt32(nibble)
    }
    return value
  }

  private static func plain(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: letter
    }
  }
}
