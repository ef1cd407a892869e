/// Reads scalars out of a body's bytes as a person reads them: UTF-8, and `\uXXXX` wherever it stands.
///
/// Senders escape what is not ASCII (Python's `json.dumps` does by default), some of them twice; whether a body is JSON
/// does not matter here, so that signature, question and body are read by one rule.
enum TextScalars {
  static let backslash: UInt8 = 0x5C
  /// Stands for what is no scalar.
  static let replacement: UInt32 = 0xFFFD

  /// The scalar of 2 to 4 bytes that begins at `at`, and where the next one begins. Malformed bytes are read one by one.
  @inline(__always)
  static func multibyte(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> (scalar: UInt32, next: Int) {
    let lead = UInt32(text[at])
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    guard lead >= 0xC2, lead <= 0xF4, at + length <= text.count else { return (replacement, at + 1) }
    var scalar = lead & (0xFF >> UInt32(length + 1))
    for place in 1..<length {
      let byte = UInt32(text[at + place])
      guard byte & 0xC0 == 0x80 else { return (replacement, at + 1) }
      scalar = scalar << 6 | byte & 0x3F
    }
    return (scalar, at + length)
  }

  /// At a backslash: the scalar that `\uXXXX` writes, surrogate pairs joined, behind any number of backslashes (JSON
  /// within JSON); nil for any other escape, `next` then lies behind the backslashes.
  static func escaped(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> (scalar: UInt32?, next: Int) {
    let letter = afterBackslashes(text, at)
    guard let unit = unit(text, letter) else { return (nil, letter) }
    let next = letter + 5
    if unit & 0xFC00 == 0xD800, next < text.count, text[next] == backslash {
      let second = afterBackslashes(text, next)
      if let low = self.unit(text, second), low & 0xFC00 == 0xDC00 {
        return (0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF, second + 5)
      }
    }
    return (unit & 0xF800 == 0xD800 ? replacement : unit, next)
  }

  private static func afterBackslashes(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
    var next = at
    while next < text.count, text[next] == backslash { next += 1 }
    return next
  }

  /// Four hex digits behind a "u" at `at`.
  private static func unit(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> UInt32? {
    guard at + 5 <= text.count, text[at] == UInt8(ascii: "u") else { return nil }
    var value: UInt32 = 0
    for place in 1...4 {
      let digit: UInt8
      switch text[at + place] {
      case let byte where byte >= 48 && byte <= 57: digit = byte - 48
      case let byte where byte >= 65 && byte <= 70: digit = byte - 55
      case let byte where byte >= 97 && byte <= 102: digit = byte - 87
      default: return nil
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// Simple case folding of a scalar from U+0080.
  @inline(__always)
  static func folded(_ scalar: UInt32, _ table: UnsafeBufferPointer<UInt16>) -> UInt32 {
    scalar <= 0xFFFF ? UInt32(table[Int(scalar)]) : CaseFolding.beyondBasicPlane(scalar)
  }
}
