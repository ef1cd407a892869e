/// JSON as it is shown: keys keep their order, numbers their digits.
enum JSONValue: Equatable {
  case null
  case bool(Bool)
  /// As written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  struct Member: Equatable {
    var key: String
    var value: JSONValue
  }

  /// nil when `text` is not JSON, or nests deeper than 200.
  init?(_ text: String) {
    var reader = JSONReader(text)
    guard let value = reader.document() else { return nil }
    self = value
  }

  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }
  var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }
  var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }
  var members: [Member]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  /// Members of several objects, later ones replacing earlier ones of the same key.
  static func merged(_ objects: [String]) -> [Member] {
    var members: [Member] = []
    var place: [String: Int] = [:]
    for member in objects.flatMap({ JSONValue($0)?.members ?? [] }) {
      if let i = place[member.key] {
        members[i] = member
      } else {
        place[member.key] = members.count
        members.append(member)
      }
    }
    return members
  }
}

/// A strict reader over UTF-8.
private struct JSONReader {
  private let bytes: [UInt8]
  private var at = 0
  private static let depthLimit = 200

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func document() -> JSONValue? {
    guard let value = value(depth: 0) else { return nil }
    skipBlanks()
    return at == bytes.count ? value : nil
  }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipBlanks() {
    while let c = next, c == 32 || c == 10 || c == 13 || c == 9 { at += 1 }
  }

  private mutating func take(_ c: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard next == UInt8(ascii: c) else { return false }
    at += 1
    return true
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) -> JSONValue? {
    let text = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard bytes.count - at >= text.count, bytes[at..<at + text.count].elementsEqual(text) else { return nil }
    at += text.count
    return value
  }

  private mutating func value(depth: Int) -> JSONValue? {
    guard depth < Self.depthLimit else { return nil }
    skipBlanks()
    switch next {
    case UInt8(ascii: "{"): return object(depth)
    case UInt8(ascii: "["): return array(depth)
    case UInt8(ascii: "\""): return string().map(JSONValue.string)
    case UInt8(ascii: "t"): return word("true", .bool(true))
    case UInt8(ascii: "f"): return word("false", .bool(false))
    case UInt8(ascii: "n"): return word("null", .null)
    default: return number()
    }
  }

  private mutating func object(_ depth: Int) -> JSONValue? {
    at += 1
    var members: [JSONValue.Member] = []
    if take("}") { return .object([]) }
    repeat {
      skipBlanks()
      guard let key = string(), take(":"), let value = value(depth: depth + 1) else { return nil }
      members.append(JSONValue.Member(key: key, value: value))
    } while take(",")
    return take("}") ? .object(members) : nil
  }

  private mutating func array(_ depth: Int) -> JSONValue? {
    at += 1
    var elements: [JSONValue] = []
    if take("]") { return .array([]) }
    repeat {
      guard let value = value(depth: depth + 1) else { return nil }
      elements.append(value)
    } while take(",")
    return take("]") ? .array(elements) : nil
  }

  private mutating func number() -> JSONValue? {
    let start = at
    while let c = next, (48...57).contains(c) || c == 43 || c == 45 || c == 46 || c == 69 || c == 101 { at += 1 }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    guard at > start, Double(text) != nil else { return nil }
    return .number(text)
  }

  private mutating func string() -> String? {
    guard next == UInt8(ascii: "\"") else { return nil }
    at += 1
    var start = at
    var collected: [UInt8] = []
    while let c = next {
      if c == UInt8(ascii: "\"") {
        collected += bytes[start..<at]
        at += 1
        return String(decoding: collected, as: UTF8.self)
      }
      if c == UInt8(ascii: "\\") {
        collected += bytes[start..<at]
        at += 1
        guard escape(into: &collected) else { return nil }
        start = at
      } else {
        at += 1
      }
    }
    return nil
  }

  private mutating func escape(into collected: inout [UInt8]) -> Bool {
    guard let c = next else { return false }
    at += 1
    switch c {
    case UInt8(ascii: "n"): collected.append(10)
    case UInt8(ascii: "t"): collected.append(9)
    case UInt8(ascii: "r"): collected.append(13)
    case UInt8(ascii: "b"): collected.append(8)
    case UInt8(ascii: "f"): collected.append(12)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): collected.append(c)
    case UInt8(ascii: "u"):
      guard let unit = hexUnit() else { return false }
      collected += String(scalar(unit)).utf8
    default: return false
    }
    return true
  }

  private mutating func hexUnit() -> UInt32? {
    guard bytes.count - at >= 4, let unit = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
    else { return nil }
    at += 4
    return unit
  }

  /// Joins a pair of surrogates; a lone one becomes U+FFFD.
  private mutating func scalar(_ unit: UInt32) -> Character {
    let replacement: Unicode.Scalar = "\u{FFFD}"
    if (0xD800..<0xDC00).contains(unit), bytes.count - at >= 6, bytes[at] == 92, bytes[at + 1] == 117 {
      let mark = at
      at += 2
      if let low = hexUnit(), (0xDC00..<0xE000).contains(low) {
        return Character(Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? replacement)
      }
      at = mark
    }
    return Character(Unicode.Scalar(unit) ?? replacement)
  }
}
