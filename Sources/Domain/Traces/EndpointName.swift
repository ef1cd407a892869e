/// Turns a trace's name into an endpoint: what differs from one run to the next is replaced by `{id}`, so that names
/// don't become thousands of endpoints.
public enum EndpointName {
  /// "/users/123" → "/users/{id}"; also UUIDs, hex and long numbers within a name. At most 200 characters; nil for a
  /// blank name.
  public static func template(_ name: String) -> String? {
    let bytes = Array(name.utf8)
    if bytes.allSatisfy({ $0 == 32 || (9...13).contains($0) }) { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      let end = idEnd(bytes, at) ?? at
      if end > at {
        result += Array("{id}".utf8)
        at = end
      } else if isAlphanumeric(bytes[at]) {
        let next = wordEnd(bytes, at)
        result += bytes[at..<next]
        at = next
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return String(String(decoding: result, as: UTF8.self).prefix(200))
  }

  /// The end of an id that begins at `start`, if one does.
  private static func idEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
    guard isAlphanumeric(bytes[start]) else { return nil }
    if isUUID(bytes, start) { return start + 36 }
    let end = wordEnd(bytes, start)
    let word = bytes[start..<end]
    let digits = word.count(where: isDigit)
    if digits == word.count { return digits >= 5 || isWholeSegment(bytes, start, end) ? end : nil }
    let isHex = digits > 0 && word.allSatisfy(isHexDigit)
    if isHex, word.count >= 12 || (word.count >= 8 && isWholeSegment(bytes, start, end)) { return end }
    return word.count >= 20 && digits >= 3 ? end : nil
  }

  private static func isWholeSegment(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
    let slash = UInt8(ascii: "/")
    guard start > 0, bytes[start - 1] == slash else { return false }
    return end == bytes.count || bytes[end] == slash || bytes[end] == UInt8(ascii: "?") || bytes[end] == 32
  }

  private static func isUUID(_ bytes: [UInt8], _ start: Int) -> Bool {
    guard start + 36 <= bytes.count, start + 36 == bytes.count || !isAlphanumeric(bytes[start + 36]) else {
      return false
    }
    return (0..<36).allSatisfy { i in
      let byte = bytes[start + i]
      return [8, 13, 18, 23].contains(i) ? byte == UInt8(ascii: "-") : isHexDigit(byte)
    }
  }

  private static func wordEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    bytes[start...].firstIndex { !isAlphanumeric($0) } ?? bytes.count
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
  private static func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (97...102).contains(byte) || (65...70).contains(byte)
  }
  /// Letters of other scripts count as letters.
  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || (97...122).contains(byte) || (65...90).contains(byte) || byte >= 128
  }
}
