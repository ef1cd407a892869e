/// A Swift type that can be a statement parameter.
public protocol PostgresEncodable: Sendable {
  /// The type declared to the server, also for a `nil` of this type.
  static var postgresType: PostgresType { get }
  /// The parameter.
  var postgresValue: PostgresValue { get }
}

extension PostgresValue: PostgresEncodable {
  /// Inferred: the value itself knows its type.
  public static var postgresType: PostgresType { .inferred }
  /// Itself.
  public var postgresValue: PostgresValue { self }
}

extension Bool: PostgresEncodable {
  public static var postgresType: PostgresType { .bool }
  public var postgresValue: PostgresValue { .bool(self) }
}

extension Int16: PostgresEncodable {
  public static var postgresType: PostgresType { .int2 }
  public var postgresValue: PostgresValue { .int16(self) }
}

extension Int32: PostgresEncodable {
  public static var postgresType: PostgresType { .int4 }
  public var postgresValue: PostgresValue { .int32(self) }
}

extension Int64: PostgresEncodable {
  public static var postgresType: PostgresType { .int8 }
  public var postgresValue: PostgresValue { .int64(self) }
}

extension Int: PostgresEncodable {
  public static var postgresType: PostgresType { .int8 }
  public var postgresValue: PostgresValue { .int64(Int64(self)) }
}

extension Int128: PostgresEncodable {
  public static var postgresType: PostgresType { .numeric }
  public var postgresValue: PostgresValue { .numeric(self) }
}

extension Double: PostgresEncodable {
  public static var postgresType: PostgresType { .float8 }
  public var postgresValue: PostgresValue { .double(self) }
}

extension String: PostgresEncodable {
  public static var postgresType: PostgresType { .text }
  public var postgresValue: PostgresValue { .text(self) }
}

extension Substring: PostgresEncodable {
  public static var postgresType: PostgresType { .text }
  public var postgresValue: PostgresValue { .text(String(self)) }
}

/// A byte is no PostgreSQL type; it is here so that `[UInt8]` can be bytea.
extension UInt8: PostgresEncodable {
  public static var postgresType: PostgresType { .int2 }
  public var postgresValue: PostgresValue { .int16(Int16(self)) }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
  public static var postgresType: PostgresType { Wrapped.postgresType }
  public var postgresValue: PostgresValue { self?.postgresValue ?? .typedNull(Wrapped.postgresType) }
}

extension Array: PostgresEncodable where Element: PostgresEncodable {
  public static var postgresType: PostgresType {
    Element.self == UInt8.self ? .bytea : Element.postgresType.array
  }

  public var postgresValue: PostgresValue {
    // An empty array of anything casts to [UInt8].
    if Element.self == UInt8.self, let bytes = self as? [UInt8] { return .bytea(bytes) }
    let values = lazy.map { element -> PostgresValue? in
      let value = element.postgresValue
      return value.isNull ? nil : value
    }
    return PostgresValue.array(of: Element.postgresType, values) { $0.encode(into: $1) }
  }
}
