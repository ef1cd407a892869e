/// Arrays of one dimension. A NULL element throws, except in the `WithNulls` form.
extension Row {
  /// A bool[].
  public func bools(_ column: Int) throws -> [Bool] {
    try dense(column, Cell.bool, try requiredArray(column, Cell.bool))
  }
  /// A bool[]; nil for NULL.
  public func boolsOrNil(_ column: Int) throws -> [Bool]? {
    try optionalArray(column, Cell.bool).map { try dense(column, Cell.bool, $0) }
  }
  /// A bool[] whose elements may be NULL.
  public func boolsWithNulls(_ column: Int) throws -> [Bool?] { try requiredArray(column, Cell.bool) }

  /// An int2[].
  public func int16s(_ column: Int) throws -> [Int16] {
    try dense(column, Cell.int16, try requiredArray(column, Cell.int16))
  }
  /// An int2[]; nil for NULL.
  public func int16sOrNil(_ column: Int) throws -> [Int16]? {
    try optionalArray(column, Cell.int16).map { try dense(column, Cell.int16, $0) }
  }
  /// An int2[] whose elements may be NULL.
  public func int16sWithNulls(_ column: Int) throws -> [Int16?] { try requiredArray(column, Cell.int16) }

  /// An int4[].
  public func int32s(_ column: Int) throws -> [Int32] {
    try dense(column, Cell.int32, try requiredArray(column, Cell.int32))
  }
  /// An int4[]; nil for NULL.
  public func int32sOrNil(_ column: Int) throws -> [Int32]? {
    try optionalArray(column, Cell.int32).map { try dense(column, Cell.int32, $0) }
  }
  /// An int4[] whose elements may be NULL.
  public func int32sWithNulls(_ column: Int) throws -> [Int32?] { try requiredArray(column, Cell.int32) }

  /// An int8[], int4[] or int2[].
  public func int64s(_ column: Int) throws -> [Int64] {
    try dense(column, Cell.int64, try requiredArray(column, Cell.int64))
  }
  /// An int8[], int4[] or int2[]; nil for NULL.
  public func int64sOrNil(_ column: Int) throws -> [Int64]? {
    try optionalArray(column, Cell.int64).map { try dense(column, Cell.int64, $0) }
  }
  /// An int8[], int4[] or int2[] whose elements may be NULL.
  public func int64sWithNulls(_ column: Int) throws -> [Int64?] { try requiredArray(column, Cell.int64) }

  /// A float8[].
  public func doubles(_ column: Int) throws -> [Double] {
    try dense(column, Cell.double, try requiredArray(column, Cell.double))
  }
  /// A float8[]; nil for NULL.
  public func doublesOrNil(_ column: Int) throws -> [Double]? {
    try optionalArray(column, Cell.double).map { try dense(column, Cell.double, $0) }
  }
  /// A float8[] whose elements may be NULL.
  public func doublesWithNulls(_ column: Int) throws -> [Double?] { try requiredArray(column, Cell.double) }

  /// A text[].
  public func strings(_ column: Int) throws -> [String] {
    try dense(column, Cell.string, try requiredArray(column, Cell.string))
  }
  /// A text[]; nil for NULL.
  public func stringsOrNil(_ column: Int) throws -> [String]? {
    try optionalArray(column, Cell.string).map { try dense(column, Cell.string, $0) }
  }
  /// A text[] whose elements may be NULL.
  public func stringsWithNulls(_ column: Int) throws -> [String?] { try requiredArray(column, Cell.string) }

  /// A bytea[].
  public func byteArrays(_ column: Int) throws -> [[UInt8]] {
    try dense(column, Cell.bytes, try requiredArray(column, Cell.bytes))
  }
  /// A bytea[]; nil for NULL.
  public func byteArraysOrNil(_ column: Int) throws -> [[UInt8]]? {
    try optionalArray(column, Cell.bytes).map { try dense(column, Cell.bytes, $0) }
  }
  /// A bytea[] whose elements may be NULL.
  public func byteArraysWithNulls(_ column: Int) throws -> [[UInt8]?] { try requiredArray(column, Cell.bytes) }

  /// A uuid[].
  public func uuids(_ column: Int) throws -> [UInt128] {
    try dense(column, Cell.uuid, try requiredArray(column, Cell.uuid))
  }
  /// A uuid[]; nil for NULL.
  public func uuidsOrNil(_ column: Int) throws -> [UInt128]? {
    try optionalArray(column, Cell.uuid).map { try dense(column, Cell.uuid, $0) }
  }
  /// A uuid[] whose elements may be NULL.
  public func uuidsWithNulls(_ column: Int) throws -> [UInt128?] { try requiredArray(column, Cell.uuid) }

  /// A timestamptz[] in microseconds since the Unix epoch.
  public func timestampsMicroseconds(_ column: Int) throws -> [Int64] {
    try dense(column, Cell.timestamp, try requiredArray(column, Cell.timestamp))
  }
  /// A timestamptz[] in microseconds since the Unix epoch; nil for NULL.
  public func timestampsMicrosecondsOrNil(_ column: Int) throws -> [Int64]? {
    try optionalArray(column, Cell.timestamp).map { try dense(column, Cell.timestamp, $0) }
  }
  /// A timestamptz[] in microseconds since the Unix epoch whose elements may be NULL.
  public func timestampsMicrosecondsWithNulls(_ column: Int) throws -> [Int64?] {
    try requiredArray(column, Cell.timestamp)
  }

  /// A date[] in days since the Unix epoch.
  public func datesDays(_ column: Int) throws -> [Int32] {
    try dense(column, Cell.date, try requiredArray(column, Cell.date))
  }
  /// A date[] in days since the Unix epoch; nil for NULL.
  public func datesDaysOrNil(_ column: Int) throws -> [Int32]? {
    try optionalArray(column, Cell.date).map { try dense(column, Cell.date, $0) }
  }
  /// A date[] in days since the Unix epoch whose elements may be NULL.
  public func datesDaysWithNulls(_ column: Int) throws -> [Int32?] { try requiredArray(column, Cell.date) }

  /// A numeric[] of whole numbers.
  public func numericIntegers(_ column: Int) throws -> [Int128] {
    try dense(column, Cell.numeric(scale: 0), try requiredArray(column, Cell.numeric(scale: 0)))
  }
  /// A numeric[] of whole numbers; nil for NULL.
  public func numericIntegersOrNil(_ column: Int) throws -> [Int128]? {
    try optionalArray(column, Cell.numeric(scale: 0)).map { try dense(column, Cell.numeric(scale: 0), $0) }
  }
  /// A numeric[] of whole numbers whose elements may be NULL.
  public func numericIntegersWithNulls(_ column: Int) throws -> [Int128?] {
    try requiredArray(column, Cell.numeric(scale: 0))
  }
}
