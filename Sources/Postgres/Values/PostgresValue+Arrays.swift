extension PostgresValue {
  /// A one-dimensional array; `nil` elements are NULL.
  static func array<Element>(
    of type: PostgresType, _ elements: some Collection<Element?>, _ encode: (Element, WireBuffer) -> Void
  ) -> PostgresValue {
    let buffer = WireBuffer(capacity: 20 + elements.count * 12)
    appendArray(of: type, elements, to: buffer, encode)
    return .encoded(type.array, buffer.bytes)
  }

  /// Array header: dimensions, null flag, element type, then length and lower bound, then the elements.
  static func appendArray<Element>(
    of type: PostgresType, _ elements: some Collection<Element?>, to buffer: WireBuffer,
    _ encode: (Element, WireBuffer) -> Void
  ) {
    buffer.append(Int32(elements.isEmpty ? 0 : 1))
    buffer.append(Int32(elements.contains { $0 == nil } ? 1 : 0))
    buffer.append(type.oid)
    guard !elements.isEmpty else { return }
    buffer.append(Int32(truncatingIfNeeded: elements.count))
    buffer.append(Int32(1))
    for element in elements {
      guard let element else {
        buffer.append(Int32(-1))
        continue
      }
      let start = buffer.beginField()
      encode(element, buffer)
      buffer.endField(start)
    }
  }

  /// bool[]
  public static func bools(_ values: [Bool?]) -> PostgresValue {
    array(of: .bool, values) { $1.append(UInt8($0 ? 1 : 0)) }
  }
  /// int2[]
  public static func int16s(_ values: [Int16?]) -> PostgresValue { array(of: .int2, values) { $1.append($0) } }
  /// int4[]
  public static func int32s(_ values: [Int32?]) -> PostgresValue { array(of: .int4, values) { $1.append($0) } }
  /// int8[]
  public static func int64s(_ values: [Int64?]) -> PostgresValue { array(of: .int8, values) { $1.append($0) } }
  /// float8[]
  public static func doubles(_ values: [Double?]) -> PostgresValue {
    array(of: .float8, values) { $1.append($0.bitPattern) }
  }
  /// text[]
  public static func texts(_ values: [String?]) -> PostgresValue { array(of: .text, values) { $1.append(utf8: $0) } }
  /// bytea[]
  public static func byteas(_ values: [[UInt8]?]) -> PostgresValue { array(of: .bytea, values) { $1.append($0) } }
  /// uuid[]
  public static func uuids(_ values: [UInt128?]) -> PostgresValue { array(of: .uuid, values) { $1.append($0) } }
  /// timestamptz[], microseconds since the Unix epoch
  public static func timestamps(_ values: [Int64?]) -> PostgresValue {
    array(of: .timestamptz, values) { $1.append(PostgresEpoch.fromUnix(microseconds: $0)) }
  }
  /// date[], days since the Unix epoch
  public static func dates(_ values: [Int32?]) -> PostgresValue {
    array(of: .date, values) { $1.append(PostgresEpoch.fromUnix(days: $0)) }
  }
  /// numeric[] of whole numbers
  public static func numerics(_ values: [Int128?]) -> PostgresValue {
    array(of: .numeric, values) { NumericFormat.encode(unscaled: $0, scale: 0, into: $1) }
  }
  /// numeric[] of values × 10^-scale
  public static func decimals(_ values: [Int128?], scale: Int) -> PostgresValue {
    array(of: .numeric, values) { NumericFormat.encode(unscaled: $0, scale: scale, into: $1) }
  }
}
