/// JSON as it was written: numbers stay text, so that no price goes through a binary fraction.
enum JSONTree: Sendable, Hashable {
  struct Member: Sendable, Hashable {
    let key: String
    let value: JSONTree
  }
  case object([Member])
  case array([JSONTree])
  case string(String)
  /// As written: "1e-06".
  case number(String)
  case bool(Bool)
  case null

  /// The last member of that name; nil for another kind of value too.
  subscript(key: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.key == key }?.value
  }
  var text: String? { if case .string(let text) = self { text } else { nil } }
  /// A number, or a number in a string.
  var decimal: String? {
    switch self {
    case .number(let text), .string(let text): text
    default: nil
    }
  }
  var members: [Member]? { if case .object(let members) = self { members } else { nil } }
  var elements: [JSONTree]? { if case .array(let elements) = self { elements } else { nil } }
  /// nil when this is no list of strings.
  var strings: [String]? {
    guard let elements else { return nil }
    let texts = elements.compactMap(\.text)
    return texts.count == elements.count ? texts : nil
  }
  var isNull: Bool { self == .null }
}

/// Where and why text is no JSON.
struct JSONFault: Error, Hashable {
  let offset: Int
  let line: Int
  let message: String
}

/// Reads JSON from bytes, value by value; strict but for repeated keys and trailing bytes, which the caller may refuse.
struct JSONReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private(set) var at = 0
  private var depth = 0
  private static let deepest = 64

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
  }

  /// The whole of `bytes` as one value.
  static func tree(_ bytes: [UInt8]) throws(JSONFault) -> JSONTree {
    let result: Result<JSONTree, JSONFault> = bytes.withUnsafeBufferPointer { buffer in
      var reader = JSONReader(buffer)
      do throws(JSONFault) {
        let value = try reader.value()
        try reader.end()
        return .success(value)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Line of the next byte, from 1.
  var line: Int { 1 + bytes[..<min(at, bytes.count)].count { $0 == UInt8(ascii: "\n") } }

  func fault(_ message: String) -> JSONFault { JSONFault(offset: at, line: line, message: message) }

  // MARK: Structure

  /// Calls `body` at each member's value, which it must read.
  mutating func members<Fault: Error>(_ body: (String, inout JSONReader) throws(Fault) -> Void) throws {
    try open("{")
    if try isClosed(by: "}", isFirst: true) { return }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw fault("a name in quotes is expected") }
      let key = try string()
      try expect(":")
      try body(key, &self)
    } while try !isClosed(by: "}", isFirst: false)
  }

  /// Calls `body` at each element, which it must read.
  mutating func elements<Fault: Error>(_ body: (inout JSONReader) throws(Fault) -> Void) throws {
    try open("[")
    if try isClosed(by: "]", isFirst: true) { return }
    repeat { try body(&self) } while try !isClosed(by: "]", isFirst: false)
  }

  mutating func value() throws(JSONFault) -> JSONTree {
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  mutating func end() throws(JSONFault) {
    skipSpace()
    if at < bytes.count { throw fault("text after the end") }
  }

  private mutating func object() throws(JSONFault) -> JSONTree {
    try open("{")
    var members: [JSONTree.Member] = []
    if try isClosed(by: "}", isFirst: true) { return .object(members) }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw fault("a name in quotes is expected") }
      let key = try string()
      try expect(":")
      members.append(JSONTree.Member(key: key, value: try value()))
    } while try !isClosed(by: "}", isFirst: false)
    return .object(members)
  }

  private mutating func array() throws(JSONFault) -> JSONTree {
    try open("[")
    var elements: [JSONTree] = []
    if try isClosed(by: "]", isFirst: true) { return .array(elements) }
    repeat { elements.append(try value()) } while try !isClosed(by: "]", isFirst: false)
    return .array(elements)
  }

  private mutating func open(_ mark: Unicode.Scalar) throws(JSONFault) {
    try expect(mark)
    depth += 1
    if depth > Self.deepest { throw fault("nested too deeply") }
  }

  private mutating func isClosed(by mark: Unicode.Scalar, isFirst: Bool) throws(JSONFault) -> Bool {
    skipSpace()
    if peek == UInt8(ascii: mark) {
      at += 1
      depth -= 1
      return true
    }
    if !isFirst { try expect(",") }
    return false
  }

  // MARK: Scalars

  private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skipSpace() {
    while let c = peek, c == 32 || c == 10 || c == 13 || c == 9 { at += 1 }
  }

  private mutating func expect(_ mark: Unicode.Scalar) throws(JSONFault) {
    skipSpace()
    guard peek == UInt8(ascii: mark) else { throw fault("\"\(mark)\" is expected") }
    at += 1
  }

  private mutating func word(_ word: StaticString, _ value: JSONTree) throws(JSONFault) -> JSONTree {
    let text = String(describing: word).utf8
    guard bytes.count - at >= text.count, bytes[at..<(at + text.count)].elementsEqual(text) else {
      throw fault("no JSON value")
    }
    at += text.count
    return value
  }

  private mutating func number() throws(JSONFault) -> String {
    let start = at
    if peek == UInt8(ascii: "-") { at += 1 }
    guard digits() > 0 else { throw fault("no JSON value") }
    if peek == UInt8(ascii: ".") {
      at += 1
      guard digits() > 0 else { throw fault("a digit is expected") }
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      at += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { at += 1 }
      guard digits() > 0 else { throw fault("a digit is expected") }
    }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func digits() -> Int {
    let start = at
    while let c = peek, (48...57).contains(c) { at += 1 }
    return at - start
  }

  /// The next byte is the opening quote.
  private mutating func string() throws(JSONFault) -> String {
    at += 1
    let start = at
    while let c = peek, c != UInt8(ascii: "\""), c != UInt8(ascii: "\\"), c >= 32 { at += 1 }
    if peek == UInt8(ascii: "\"") {
      defer { at += 1 }
      return String(decoding: bytes[start..<at], as: UTF8.self)
    }
    var text = Array(bytes[start..<at])
    while let c = peek, c >= 32 {
      at += 1
      if c == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if c == UInt8(ascii: "\\") { try escape(into: &text) } else { text.append(c) }
    }
    throw fault("a string without an end")
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONFault) {
    guard let c = peek else { throw fault("a string without an end") }
    at += 1
    switch c {
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(c)
    case UInt8(ascii: "u"): text.append(contentsOf: Array(String(Character(try scalar())).utf8))
    default: throw fault("no escape of JSON")
    }
  }

  /// A lone surrogate becomes U+FFFD.
  private mutating func scalar() throws(JSONFault) -> Unicode.Scalar {
    let first = try hex()
    guard (0xD800..<0xDC00).contains(first), bytes.count - at >= 6, bytes[at] == UInt8(ascii: "\\"),
      bytes[at + 1] == UInt8(ascii: "u")
    else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
    let back = at
    at += 2
    let second = try hex()
    guard (0xDC00..<0xE000).contains(second) else {
      at = back
      return "\u{FFFD}"
    }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
  }

  private mutating func hex() throws(JSONFault) -> UInt32 {
    guard bytes.count - at >= 4, bytes[at..<(at + 4)].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: bytes[at..<(at + 4)], as: UTF8.self), radix: 16)
    else { throw fault("four hexadecimal digits are expected") }
    at += 4
    return value
  }
}
