/// Decodes OTLP/JSON. Differs from plain proto3 JSON: ids are hex, enums are integers (names are taken too), 64-bit
/// numbers may be text or number, null is absent, unknown members are ignored (OTLP specification, JSON encoding).
struct OTLPJSONDecoder {
  var scanner: JSONScanner
  private var budget: DecodeBudget

  init(_ body: UnsafeRawBufferPointer) {
    scanner = JSONScanner(body)
    budget = DecodeBudget(bodyBytes: body.count)
  }

  mutating func take(_ bytes: Int) throws(WireError) { try budget.take(bytes) }

  // MARK: Walking

  /// Each member of the object that comes next; a member that `body` leaves alone is skipped, one that is null too.
  mutating func members(
    _ body: (_ key: String, _ decoder: inout OTLPJSONDecoder) throws(WireError) -> Void
  ) throws(WireError) {
    try scanner.enterObject()
    while let key = try scanner.nextKey() {
      if try scanner.takeNull() { continue }
      let start = scanner.offset
      try body(key, &self)
      if scanner.offset == start { _ = try scanner.skipValue() }
    }
  }

  /// Each element of the array that comes next; null elements are passed over.
  mutating func elements(
    _ body: (_ decoder: inout OTLPJSONDecoder) throws(WireError) -> Void
  ) throws(WireError) {
    try scanner.enterArray()
    while try scanner.nextElement() {
      if try !scanner.takeNull() { try body(&self) }
    }
  }

  /// As ``JSONScanner/recovering(_:)``, but a body that is too large still fails as a whole.
  mutating func recovering<Value>(
    _ body: (inout OTLPJSONDecoder) throws(WireError) -> Value
  ) throws(WireError) -> Result<Value, WireError> {
    let start = scanner
    do {
      return .success(try body(&self))
    } catch {
      if error.kind == .tooLarge { throw error }
      scanner = start
      _ = try scanner.skipValue(depthMax: .max)
      return .failure(error)
    }
  }

  /// The whole document: an object and nothing after it.
  mutating func document(
    _ body: (_ key: String, _ decoder: inout OTLPJSONDecoder) throws(WireError) -> Void
  ) throws(WireError) {
    try members(body)
    try scanner.finish()
  }

  // MARK: Scalars

  /// A string; a number or bool by its literal text.
  mutating func text() throws(WireError) -> String {
    switch try scanner.kind() {
    case .string: return try scanner.string()
    case .number: return try scanner.number()
    case .bool: return try scanner.bool() ? "true" : "false"
    case .null, .array, .object: throw scanner.unexpected("a string")
    }
  }

  /// A whole number as number or text; empty text counts as absent.
  mutating func whole<Integer: FixedWidthInteger>(_: Integer.Type = Integer.self) throws(WireError) -> Integer {
    let at = scanner.offset
    let text = try text()
    if text.isEmpty { return 0 }
    guard let value = Integer(text) ?? NumberText(text)?.whole() else {
      throw .malformed("expected a whole number of \(Integer.bitWidth) bits", at: at)
    }
    return value
  }

  /// An enum by number, by name (`SPAN_KIND_CLIENT`), or by name without `prefix`; an unknown name counts as 0.
  mutating func enumeration(_ prefix: String, _ names: [String]) throws(WireError) -> Int32 {
    let text = try text()
    if let number = Int32(text) ?? NumberText(text)?.whole() { return number }
    var name = text.uppercased()
    if name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
    return Int32(names.firstIndex(of: name) ?? 0)
  }

  /// An id in hex. Senders that follow plain proto3 JSON write base64: taken when it gives exactly `byteCount` bytes.
  /// Anything else is an empty id, so that the span can be refused with a reason rather than the body.
  mutating func id(byteCount: Int) throws(WireError) -> [UInt8] {
    let text = try text()
    let hex = Hex.decode(text)
    if let hex, hex.count == byteCount { return hex }
    if text.utf8.count == (byteCount + 2) / 3 * 4, let bytes = Base64.decode(text), bytes.count == byteCount {
      return bytes
    }
    return hex ?? []
  }
}
