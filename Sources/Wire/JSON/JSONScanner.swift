/// Walks a JSON text in place and yields values or byte ranges, so that one bad element does not cost the others and
/// free-form fields stay slices of the body. Validates RFC 8259 as it goes; nested at most ``JSON/depthMax`` deep.
///
///     try scanner.enterObject()
///     while let key = try scanner.nextKey() {
///       switch key { case "name": name = try scanner.string()  default: _ = try scanner.skipValue() }
///     }
///
/// Closures given to a scanner must be annotated, `{ key, scanner throws(WireError) in … }`.
/// The bytes must outlive the scanner. A copy is a bookmark: assign it back to read a value again.
public struct JSONScanner {
  public enum Kind: Sendable { case null, bool, number, string, array, object }

  let bytes: UnsafeRawBufferPointer
  /// Of the next byte to read, from the start of the text.
  public internal(set) var offset = 0
  private var depth = 0
  /// Whether an object or array was entered and nothing of it has been read.
  private var justEntered = false
  private var valuesLeft = JSON.valuesMax

  public init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { offset = 3 }
  }

  /// The kind of the next value, by its first byte; nothing is consumed but white space.
  public mutating func kind() throws(WireError) -> Kind {
    switch try peek() {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
    case UInt8(ascii: "n"): .null
    case UInt8(ascii: "-"), 48...57: .number
    default: throw unexpected("a value")
    }
  }

  public mutating func enterObject() throws(WireError) {
    try enter(UInt8(ascii: "{"), "an object")
  }

  /// The next member's key, its value being what is read next; nil at the end of the object, which it leaves.
  public mutating func nextKey() throws(WireError) -> String? {
    guard try more(until: UInt8(ascii: "}")) else { return nil }
    let key = try string()
    try expect(UInt8(ascii: ":"), "a colon")
    skipWhiteSpace()
    return key
  }

  public mutating func enterArray() throws(WireError) {
    try enter(UInt8(ascii: "["), "an array")
  }

  /// Whether another element follows, which is what is read next; at the end of the array, leaves it.
  public mutating func nextElement() throws(WireError) -> Bool {
    try more(until: UInt8(ascii: "]"))
  }

  /// Every member of the object that comes next; `body` reads its value or leaves it, then it is skipped.
  public mutating func object(
    _ body: (_ key: String, _ scanner: inout JSONScanner) throws(WireError) -> Void
  ) throws(WireError) {
    try enterObject()
    while let key = try nextKey() {
      let start = offset
      try body(key, &self)
      if offset == start { _ = try skipValue() }
    }
  }

  /// Every element of the array that comes next; `body` reads it or leaves it, then it is skipped.
  public mutating func array(
    _ body: (_ scanner: inout JSONScanner) throws(WireError) -> Void
  ) throws(WireError) {
    try enterArray()
    while try nextElement() {
      let start = offset
      try body(&self)
      if offset == start { _ = try skipValue() }
    }
  }

  /// Reads one value with `body`. If that fails, the value is skipped whole, however deep, and the failure returned.
  /// - Throws: only when the text itself is broken there, so that nothing after it can be read.
  public mutating func recovering<Value>(
    _ body: (inout JSONScanner) throws(WireError) -> Value
  ) throws(WireError) -> Result<Value, WireError> {
    let start = self
    do {
      return .success(try body(&self))
    } catch {
      let valuesLeft = valuesLeft
      self = start
      // A failure gives nothing back.
      self.valuesLeft = valuesLeft
      _ = try skipValue(depthMax: .max)
      return .failure(error)
    }
  }

  /// Consumes a null if it comes next.
  public mutating func takeNull() throws(WireError) -> Bool {
    guard try peek() == UInt8(ascii: "n") else { return false }
    try literal("null")
    return true
  }

  public mutating func bool() throws(WireError) -> Bool {
    let isTrue = try peek() == UInt8(ascii: "t")
    try literal(isTrue ? "true" : "false")
    return isTrue
  }

  /// The literal text of the number that comes next.
  public mutating func number() throws(WireError) -> String {
    String(decoding: bytes.part(try numberRange()), as: UTF8.self)
  }

  /// The value that comes next, in memory.
  /// - Throws: `.tooLarge` too, after ``JSON/valuesMax`` of them.
  public mutating func value() throws(WireError) -> JSONValue {
    valuesLeft -= 1
    guard valuesLeft >= 0 else {
      throw WireError(kind: .tooLarge, message: "more than \(JSON.valuesMax) values; send smaller batches")
    }
    switch try kind() {
    case .null:
      try literal("null")
      return .null
    case .bool: return .bool(try bool())
    case .number: return .number(try number())
    case .string: return .string(try string())
    case .array:
      var values: [JSONValue] = []
      try enterArray()
      while try nextElement() { values.append(try value()) }
      return .array(values)
    case .object:
      var members: [JSONMember] = []
      try enterObject()
      while let key = try nextKey() { members.append(JSONMember(key: key, value: try value())) }
      return .object(JSONObject(members))
    }
  }

  /// Checks that nothing but white space is left.
  public mutating func finish() throws(WireError) {
    skipWhiteSpace()
    guard offset == bytes.count else { throw .malformed("text after the end of the document", at: offset) }
  }

  // MARK: Steps

  private mutating func enter(_ opening: UInt8, _ what: String) throws(WireError) {
    try expect(opening, what)
    guard depth < JSON.depthMax else { throw .tooDeep(JSON.depthMax, at: offset - 1) }
    depth += 1
    justEntered = true
  }

  private mutating func more(until closing: UInt8) throws(WireError) -> Bool {
    let next = try peek()
    if next == closing {
      offset += 1
      depth -= 1
      justEntered = false
      return false
    }
    if !justEntered {
      try expect(UInt8(ascii: ","), "a comma or the end")
      _ = try peek()
    }
    justEntered = false
    return true
  }

  /// The next byte that is not white space, not consumed.
  @inline(__always)
  mutating func peek() throws(WireError) -> UInt8 {
    skipWhiteSpace()
    guard offset < bytes.count else { throw .truncated("JSON", at: offset) }
    return bytes[offset]
  }

  mutating func expect(_ byte: UInt8, _ what: String) throws(WireError) {
    guard try peek() == byte else { throw unexpected(what) }
    offset += 1
  }

  @inline(__always)
  mutating func skipWhiteSpace() {
    while offset < bytes.count {
      let byte = bytes[offset]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      offset += 1
    }
  }

  mutating func literal(_ text: StaticString) throws(WireError) {
    skipWhiteSpace()
    for index in 0..<text.utf8CodeUnitCount {
      guard offset + index < bytes.count else { throw .truncated("JSON", at: bytes.count) }
      guard bytes[offset + index] == text.utf8Start[index] else { throw unexpected("a value") }
    }
    offset += text.utf8CodeUnitCount
  }

  mutating func numberRange() throws(WireError) -> Range<Int> {
    _ = try peek()
    guard let end = JSONNumber.end(of: bytes, from: offset) else { throw unexpected("a number") }
    defer { offset = end }
    return offset..<end
  }

  func unexpected(_ what: String) -> WireError { .malformed("expected \(what)", at: offset) }

  /// Levels of nesting entered so far.
  var entered: Int { depth }
}
