extension Row {
  /// An int2 (or a wider integer that fits).
  public func int16(_ column: Int) throws -> Int16 { try required(column, Cell.int16) }
  /// An int2 (or a wider integer that fits); nil for NULL.
  public func int16OrNil(_ column: Int) throws -> Int16? { try optional(column, Cell.int16) }

  /// An int4 (or another integer that fits).
  public func int32(_ column: Int) throws -> Int32 { try required(column, Cell.int32) }
  /// An int4 (or another integer that fits); nil for NULL.
  public func int32OrNil(_ column: Int) throws -> Int32? { try optional(column, Cell.int32) }

  /// An int8, int4 or int2.
  public func int64(_ column: Int) throws -> Int64 { try required(column, Cell.int64) }
  /// An int8, int4 or int2; nil for NULL.
  public func int64OrNil(_ column: Int) throws -> Int64? { try optional(column, Cell.int64) }

  /// An int8, int4 or int2.
  public func int(_ column: Int) throws -> Int { try required(column, Cell.int) }
  /// An int8, int4 or int2; nil for NULL.
  public func intOrNil(_ column: Int) throws -> Int? { try optional(column, Cell.int) }

  /// A float8, float4 or integer.
  public func double(_ column: Int) throws -> Double { try required(column, Cell.double) }
  /// A float8, float4 or integer; nil for NULL.
  public func doubleOrNil(_ column: Int) throws -> Double? { try optional(column, Cell.double) }

  /// A bool.
  public func bool(_ column: Int) throws -> Bool { try required(column, Cell.bool) }
  /// A bool; nil for NULL.
  public func boolOrNil(_ column: Int) throws -> Bool? { try optional(column, Cell.bool) }

  /// A text, varchar, name, json, jsonb or enum.
  public func string(_ column: Int) throws -> String { try required(column, Cell.string) }
  /// A text, varchar, name, json, jsonb or enum; nil for NULL.
  public func stringOrNil(_ column: Int) throws -> String? { try optional(column, Cell.string) }

  /// A bytea.
  public func bytes(_ column: Int) throws -> [UInt8] { try required(column, Cell.bytes) }
  /// A bytea; nil for NULL.
  public func bytesOrNil(_ column: Int) throws -> [UInt8]? { try optional(column, Cell.bytes) }

  /// A uuid, its 16 bytes as a big-endian number.
  public func uuid(_ column: Int) throws -> UInt128 { try required(column, Cell.uuid) }
  /// A uuid, its 16 bytes as a big-endian number; nil for NULL.
  public func uuidOrNil(_ column: Int) throws -> UInt128? { try optional(column, Cell.uuid) }

  /// A timestamptz in microseconds since the Unix epoch; the ends of the range stand for ±infinity.
  public func timestampMicroseconds(_ column: Int) throws -> Int64 { try required(column, Cell.timestamp) }
  /// A timestamptz in microseconds since the Unix epoch; the ends of the range stand for ±infinity; nil for NULL.
  public func timestampMicrosecondsOrNil(_ column: Int) throws -> Int64? { try optional(column, Cell.timestamp) }

  /// A date in days since the Unix epoch.
  public func dateDays(_ column: Int) throws -> Int32 { try required(column, Cell.date) }
  /// A date in days since the Unix epoch; nil for NULL.
  public func dateDaysOrNil(_ column: Int) throws -> Int32? { try optional(column, Cell.date) }

  /// A whole numeric, exactly; throws if it has a fraction or does not fit.
  public func numericInteger(_ column: Int) throws -> Int128 { try required(column, Cell.numeric(scale: 0)) }
  /// A whole numeric, exactly; throws if it has a fraction or does not fit; nil for NULL.
  public func numericIntegerOrNil(_ column: Int) throws -> Int128? { try optional(column, Cell.numeric(scale: 0)) }

  /// A numeric as PostgreSQL prints it.
  public func numericText(_ column: Int) throws -> String { try required(column, Cell.numericText) }
  /// A numeric as PostgreSQL prints it; nil for NULL.
  public func numericTextOrNil(_ column: Int) throws -> String? { try optional(column, Cell.numericText) }

  /// A numeric × 10^scale, exactly; throws if digits would be lost or it does not fit.
  public func numericScaled(_ column: Int, scale: Int) throws -> Int128 {
    try required(column, Cell.numeric(scale: scale))
  }
  /// A numeric × 10^scale, exactly; throws if digits would be lost or it does not fit; nil for NULL.
  public func numericScaledOrNil(_ column: Int, scale: Int) throws -> Int128? {
    try optional(column, Cell.numeric(scale: scale))
  }
}
