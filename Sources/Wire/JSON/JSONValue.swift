/// A JSON document in memory. For small bodies and free-form fields; hot paths use ``JSONScanner``.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  /// The literal text as sent: exact, whatever its size.
  case number(String)
  /// Valid UTF-8 without NUL.
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

public struct JSONMember: Sendable, Equatable {
  public var key: String
  public var value: JSONValue

  public init(key: String, value: JSONValue) {
    self.key = key
    self.value = value
  }
}

/// The members of a JSON object in the order sent; of a repeated key the last counts.
public struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public var members: [JSONMember]

  public init(_ members: [JSONMember] = []) { self.members = members }

  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    members = elements.map { JSONMember(key: $0.0, value: $0.1) }
  }

  public subscript(key: String) -> JSONValue? {
    members.last { $0.key == key }?.value
  }
}

extension JSONValue {
  /// The member `key`; nil for a missing member, for null, and when this is no object.
  public subscript(key: String) -> JSONValue? {
    guard case .object(let object) = self, let value = object[key], value != .null else { return nil }
    return value
  }

  /// The element at `index`; nil outside the array, for null, and when this is no array.
  public subscript(index: Int) -> JSONValue? {
    guard case .array(let values) = self, values.indices.contains(index), values[index] != .null else { return nil }
    return values[index]
  }

  public var isNull: Bool { self == .null }

  /// The text of a string; nil for everything else.
  public var stringValue: String? {
    if case .string(let text) = self { text } else { nil }
  }

  public var boolValue: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  public var arrayValue: [JSONValue]? {
    if case .array(let values) = self { values } else { nil }
  }

  public var objectValue: JSONObject? {
    if case .object(let object) = self { object } else { nil }
  }

  /// A whole number (`12`, `12.0`, `1.2e1`), also as a string; nil when it does not fit or has a fraction.
  public var intValue: Int64? { numericText.flatMap { NumberText($0)?.whole() } }

  /// As ``intValue``, up to 2^64 - 1.
  public var uintValue: UInt64? { numericText.flatMap { NumberText($0)?.whole() } }

  /// A number, also as a string; nil when it overflows.
  public var doubleValue: Double? { numericText.flatMap(JSONNumber.double) }

  /// A number, also as a string, as plain decimal text without exponent: exact, for money.
  public var decimalText: String? { numericText.flatMap { NumberText($0)?.plain } }

  private var numericText: String? {
    switch self {
    case .number(let text), .string(let text): text
    case .null, .bool, .array, .object: nil
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .number(String(value)) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements.map { JSONMember(key: $0.0, value: $0.1) }))
  }
}
