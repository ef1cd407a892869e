/// What a byte is, for finding values in text.
enum Letters {
  @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }
  @inline(__always) static func isLetter(_ byte: UInt8) -> Bool { (byte | 32) &- 97 < 26 }
  @inline(__always) static func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
  @inline(__always) static func isUpper(_ byte: UInt8) -> Bool { byte &- 65 < 26 }
  /// Of a key or token: letters, digits, "-", "_".
  @inline(__always) static func isToken(_ byte: UInt8) -> Bool { isWord(byte) || byte == 45 || byte == 95 }

  @inline(__always) static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// 0 outside.
  @inline(__always) func at(_ i: Int) -> UInt8 { i >= 0 && i < count ? self[i] : 0 }

  @inline(__always) func isDigit(_ i: Int) -> Bool { Letters.isDigit(at(i)) }
  @inline(__always) func isWord(_ i: Int) -> Bool { Letters.isWord(at(i)) }

  /// Whether ASCII `word` stands at `i`.
  func has(_ word: StaticString, at i: Int) -> Bool {
    guard i >= 0, i + word.utf8CodeUnitCount <= count else { return false }
    for k in 0..<word.utf8CodeUnitCount where word.utf8Start[k] != self[i + k] { return false }
    return true
  }
}
