/// Writes compact JSON by RFC 8259. Documents of our own are written member by member, without a tree of values:
/// `begin`, then `member` and `value` in turn, then `end`.
public struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  /// A value stands before the next one at this level.
  private var needsComma = false

  public init() { bytes.reserveCapacity(512) }

  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Opens an object.
  public mutating func beginObject() {
    separate()
    bytes.append(UInt8(ascii: "{"))
    needsComma = false
  }

  public mutating func endObject() {
    bytes.append(UInt8(ascii: "}"))
    needsComma = true
  }

  /// The name of the member whose value comes next.
  public mutating func member(_ name: String) {
    separate()
    string(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// A value, as ``AnyValue/jsonValue`` would be written.
  public mutating func append(_ value: AnyValue) {
    separate()
    self.value(value)
    needsComma = true
  }

  public mutating func append(_ value: JSONValue) {
    separate()
    self.value(value)
    needsComma = true
  }

  /// Text that is JSON already: a value, or members without their braces.
  public mutating func append(verbatim text: String) {
    separate()
    raw(text)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
  }

  mutating func value(_ value: AnyValue) {
    switch value {
    case .string(let text): string(text)
    case .int(let number): integer(number)
    case .bool(let flag): raw(flag ? "true" : "false")
    case .array(let values): array(values) { $1.value($0) }
    case .map(let attributes): object(attributes, key: \.key) { $1.value($0.value) }
    case .empty, .double, .bytes: self.value(value.jsonValue)
    }
  }

  mutating func value(_ value: JSONValue) {
    switch value {
    case .null: raw("null")
    case .bool(let flag): raw(flag ? "true" : "false")
    case .number(let text): raw(JSONNumber.isValid(text) ? text : "null")
    case .string(let text): string(text)
    case .array(let values): array(values) { $1.value($0) }
    case .object(let object): self.object(object.members, key: \.key) { $1.value($0.value) }
    }
  }

  mutating func array<Element>(_ elements: [Element], _ write: (Element, inout JSONWriter) -> Void) {
    bytes.append(UInt8(ascii: "["))
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      write(element, &self)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  mutating func object<Element>(
    _ elements: [Element], key: (Element) -> String, _ write: (Element, inout JSONWriter) -> Void
  ) {
    bytes.append(UInt8(ascii: "{"))
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      string(key(element))
      bytes.append(UInt8(ascii: ":"))
      write(element, &self)
    }
    bytes.append(UInt8(ascii: "}"))
  }

  mutating func string(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      var clean = 0
      for index in 0..<utf8.count where utf8[index] < 0x20 || utf8[index] == 0x22 || utf8[index] == 0x5C {
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[clean..<index]))
        escape(utf8[index])
        clean = index + 1
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[clean...]))
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func raw(_ text: String) {
    var text = text
    text.withUTF8 { bytes.append(contentsOf: $0) }
  }

  private mutating func integer(_ number: Int64) {
    guard number >= 0, number < 10_000_000 else { return raw(String(number)) }
    var rest = UInt32(number), place: UInt32 = 1
    while place <= rest / 10 { place *= 10 }
    while place > 0 {
      bytes.append(48 + UInt8(rest / place))
      rest %= place
      place /= 10
    }
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case 0x22: raw("\\\"")
    case 0x5C: raw("\\\\")
    case 0x0A: raw("\\n")
    case 0x0D: raw("\\r")
    case 0x09: raw("\\t")
    default:
      let digits = Array("0123456789abcdef".utf8)
      raw("\\u00")
      bytes.append(digits[Int(byte >> 4)])
      bytes.append(digits[Int(byte & 15)])
    }
  }
}
