/// An attribute's value as OTLP knows it. Strings hold valid UTF-8 without NUL.
public enum AnyValue: Sendable, Equatable {
  case empty
  case string(String)
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case array([AnyValue])
  case map([Attribute])
  case bytes([UInt8])

  /// The deepest nesting that is read; a value itself is level 1.
  public static let depthMax = 64
}

/// One named value of a resource, scope, span, event, link or log record.
public struct Attribute: Sendable, Equatable {
  public var key: String
  public var value: AnyValue

  public init(key: String, value: AnyValue) {
    self.key = key
    self.value = value
  }
}

extension Array where Element == Attribute {
  /// The value of `key`; the last one if the sender repeats it.
  public subscript(key: String) -> AnyValue? {
    last { $0.key == key }?.value
  }
}

extension AnyValue {
  /// The text of a string, int, double or bool; nil for the others.
  public var stringValue: String? {
    switch self {
    case .string(let text): text
    case .int(let number): String(number)
    case .double(let number): number.description
    case .bool(let flag): flag ? "true" : "false"
    case .empty, .array, .map, .bytes: nil
    }
  }

  /// An int, an integral double, or a string that holds a whole number; nil when it does not fit.
  public var intValue: Int64? {
    switch self {
    case .int(let number): number
    case .double(let number): Int64(exactly: number)
    case .string(let text): NumberText(text)?.whole()
    case .empty, .bool, .array, .map, .bytes: nil
    }
  }

  /// A double, an int (nearest double), or a string that holds a JSON number.
  public var doubleValue: Double? {
    switch self {
    case .double(let number): number
    case .int(let number): Double(number)
    case .string(let text): JSONNumber.double(text)
    case .empty, .bool, .array, .map, .bytes: nil
    }
  }

  /// A bool, or a string `true` or `false` in any case.
  public var boolValue: Bool? {
    switch self {
    case .bool(let flag): flag
    case .string(let text):
      switch text.lowercased() {
      case "true": true
      case "false": false
      default: nil
      }
    case .empty, .int, .double, .array, .map, .bytes: nil
    }
  }

  /// The number as plain decimal text without exponent, exact for ints and numeric strings; a double by its
  /// shortest decimal form. nil for anything else, NaN and infinities.
  public var decimalText: String? {
    switch self {
    case .int(let number): String(number)
    case .double(let number): number.isFinite ? NumberText(number.description)?.plain : nil
    case .string(let text): NumberText(text)?.plain
    case .empty, .bool, .array, .map, .bytes: nil
    }
  }

  /// The value as a JSON value: bytes as base64 text; NaN and the infinities as text; a repeated key stays repeated.
  public var jsonValue: JSONValue {
    switch self {
    case .empty: .null
    case .string(let text): .string(text)
    case .bool(let flag): .bool(flag)
    case .int(let number): .number(String(number))
    case .double(let number): number.isFinite ? .number(number.description) : .string(jsonName(number))
    case .array(let values): .array(values.map(\.jsonValue))
    case .map(let attributes):
      .object(JSONObject(attributes.map { JSONMember(key: $0.key, value: $0.value.jsonValue) }))
    case .bytes(let bytes): .string(Base64.encode(bytes))
    }
  }

  /// The value as one JSON document, compact; see ``jsonValue``.
  public var jsonText: String {
    var writer = JSONWriter()
    writer.value(self)
    return writer.text
  }

  private func jsonName(_ number: Double) -> String {
    number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity"
  }
}
