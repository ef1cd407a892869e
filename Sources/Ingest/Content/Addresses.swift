/// "ada@example.org", also with "%40" as in URLs.
enum EmailAddress {
  private static let localMax = 64, domainMax = 253

  /// Around the sign at `at`, which is `width` bytes.
  static func find(_ text: UnsafeBufferPointer<UInt8>, at: Int, width: Int = 1, from: Int) -> Range<Int>? {
    var start = at
    while start > from, at - start < localMax, isLocal(text, start - 1) { start -= 1 }
    while start < at, [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "'"), UInt8(ascii: "%")].contains(text[start]) { start += 1 }
    guard start < at, let end = domainEnd(text, at + width) else { return nil }
    return start..<end
  }

  /// Latin letters beyond ASCII count (two bytes of UTF-8); scripts that write without blanks end a word.
  private static func isLocal(_ text: UnsafeBufferPointer<UInt8>, _ i: Int) -> Bool {
    let byte = text[i]
    if Letters.isWord(byte) || isTwoByteLetter(text, i) { return true }
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "~"), UInt8(ascii: "#"): return true
    case UInt8(ascii: "'"): return text.isWord(i - 1) && text.isWord(i + 1)
    default: return false
    }
  }

  private static func isTwoByteLetter(_ text: UnsafeBufferPointer<UInt8>, _ i: Int) -> Bool {
    let byte = text[i]
    if (0xC3...0xD5).contains(byte) { return true }
    return (0x80..<0xC0).contains(byte) && (0xC3...0xD5).contains(text.at(i - 1))
  }

  /// Labels with dots between, the last one of two letters or more.
  private static func domainEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int? {
    var i = start, label = start, end: Int?
    while i < text.count, i - start < domainMax {
      if Letters.isWord(text[i]) || text[i] == UInt8(ascii: "-") || isTwoByteLetter(text, i) {
        i += 1
        // A top-level name has no digit, or is in Punycode ("xn--p1ai").
        if i - label >= 2, label > start, isTop(text, label..<i) { end = i }
      } else if text[i] == UInt8(ascii: "."), i > label {
        i += 1
        label = i
      } else {
        break
      }
    }
    return end
  }

  private static func isTop(_ text: UnsafeBufferPointer<UInt8>, _ label: Range<Int>) -> Bool {
    if text.has("xn--", at: label.lowerBound) { return true }
    return !text[label].contains { Letters.isDigit($0) || $0 == UInt8(ascii: "-") }
  }
}

/// Addresses of computers.
enum InternetAddress {
  /// Four numbers up to 255 with dots between, no part of a longer one.
  static func version4(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> Range<Int>? {
    guard text.at(start - 1) != UInt8(ascii: ".") || !text.isDigit(start - 2) else { return nil }
    var i = start
    for part in 0..<4 {
      let first = i
      var value = 0
      while i < text.count, i - first < 3, Letters.isDigit(text[i]) {
        value = value * 10 + Int(text[i] - 48)
        i += 1
      }
      guard i > first, value <= 255 else { return nil }
      if part < 3 {
        guard text.at(i) == UInt8(ascii: ".") else { return nil }
        i += 1
      }
    }
    let isLonger = text.isWord(i) || text.at(i) == UInt8(ascii: ".") && text.isWord(i + 1)
    return isLonger ? nil : start..<i
  }

  /// Eight groups of hexadecimal digits, or fewer around one "::"; short ones ("fe::ad") are taken for code.
  static func version6(_ text: UnsafeBufferPointer<UInt8>, at colon: Int, from: Int) -> Range<Int>? {
    var start = colon
    while start > from, colon - start < 5, Letters.hexValue(text[start - 1]) != nil { start -= 1 }
    guard colon - start <= 4, start < colon || text.at(colon + 1) == UInt8(ascii: ":"), !text.isWord(start - 1),
      text.at(start - 1) != UInt8(ascii: ":"), text.at(start - 1) != UInt8(ascii: ".")
    else { return nil }
    var groups = Groups(), i = start
    while i < text.count, i - start < 40, groups.read(text, &i) {}
    guard groups.isAddress else { return nil }
    let end = groups.end
    return text.isWord(end) || text.at(end) == UInt8(ascii: ":") && text.isWord(end + 1) ? nil : start..<end
  }

  private struct Groups {
    private var count = 0
    private var hasGap = false
    private var hasDigit = false
    private var longest = 0
    private var isOver = false
    private(set) var end = 0

    var isAddress: Bool { hasGap ? count <= 7 && hasDigit && (count >= 3 || longest >= 3 && count >= 2) : count == 8 }

    /// One group or separator; false at the end.
    mutating func read(_ text: UnsafeBufferPointer<UInt8>, _ i: inout Int) -> Bool {
      if text[i] == UInt8(ascii: ":") {
        if text.at(i + 1) == UInt8(ascii: ":") {
          guard !hasGap else { return false }
          hasGap = true
          i += 2
          end = i
          return true
        }
        guard count > 0, Letters.hexValue(text.at(i + 1)) != nil else { return false }
        i += 1
        return true
      }
      // The last two groups may be written as version 4.
      if count >= 2 || hasGap, let old = version4(text, at: i) {
        count += 2
        hasDigit = true
        end = old.upperBound
        return false
      }
      return readGroup(text, &i)
    }

    private mutating func readGroup(_ text: UnsafeBufferPointer<UInt8>, _ i: inout Int) -> Bool {
      let first = i
      while i < text.count, i - first < 4, Letters.hexValue(text[i]) != nil {
        if Letters.isDigit(text[i]) { hasDigit = true }
        i += 1
      }
      guard i > first, count < 8 else { return false }
      count += 1
      longest = max(longest, i - first)
      end = i
      return true
    }
  }
}
