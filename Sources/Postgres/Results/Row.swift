import CLibpq

/// One row. Getters take the column's index from 0; a wrong type, NULL or a value out of range throws
/// `RowDecodingError` naming the column. The `OrNil` form returns nil for NULL.
public struct Row: Sendable {
  let handle: ResultHandle
  let index: Int32

  /// The number of columns.
  public var count: Int { Int(handle.columns) }

  /// The column's name; nil past the last column.
  public func columnName(_ column: Int) -> String? {
    guard (0..<count).contains(column) else { return nil }
    return PQfname(handle.result, Int32(column)).map { String(cString: $0) }
  }

  /// Whether the cell is NULL; also true past the last column.
  public func isNull(_ column: Int) -> Bool {
    guard (0..<count).contains(column) else { return true }
    return PQgetisnull(handle.result, index, Int32(column)) == 1
  }

  /// The cell's bytes in binary form, valid only inside the closure; nil for NULL.
  public func withBytes<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) throws -> T? {
    guard let bytes = try cell(column, "bytes") else { return nil }
    return try body(bytes)
  }

  private func cell(_ column: Int, _ expected: String) throws -> UnsafeRawBufferPointer? {
    guard column >= 0, column < Int(handle.columns) else { throw failure(column, expected, "no such column") }
    let field = Int32(column)
    if PQgetisnull(handle.result, index, field) == 1 { return nil }
    let length = Int(PQgetlength(handle.result, index, field))
    return UnsafeRawBufferPointer(start: PQgetvalue(handle.result, index, field), count: length)
  }

  private func failure(_ column: Int, _ expected: String, _ problem: String) -> RowDecodingError {
    RowDecodingError(column: columnName(column), index: column, expected: expected, problem: problem)
  }

  private func failure(_ column: Int, _ expected: String, _ problem: CellProblem) -> RowDecodingError {
    let oid = PQftype(handle.result, Int32(column))
    switch problem {
    case .wrongType: return failure(column, expected, "the column's type has the oid \(oid)")
    case .outOfRange: return failure(column, expected, "value out of range")
    case .malformed: return failure(column, expected, "malformed value")
    case .fraction: return failure(column, expected, "the value has digits below the scale")
    }
  }

  func optional<Value>(_ column: Int, _ decoder: CellDecoder<Value>) throws -> Value? {
    guard let bytes = try cell(column, decoder.name) else { return nil }
    do {
      return try decoder.decode(bytes, PQftype(handle.result, Int32(column)))
    } catch let problem as CellProblem {
      throw failure(column, decoder.name, problem)
    }
  }

  func required<Value>(_ column: Int, _ decoder: CellDecoder<Value>) throws -> Value {
    guard let value = try optional(column, decoder) else { throw failure(column, decoder.name, "NULL") }
    return value
  }

  func optionalArray<Value>(_ column: Int, _ decoder: CellDecoder<Value>) throws -> [Value?]? {
    guard let bytes = try cell(column, "[\(decoder.name)]") else { return nil }
    do {
      return try Cell.elements(bytes, decoder)
    } catch let problem as CellProblem {
      throw failure(column, "[\(decoder.name)]", problem)
    }
  }

  func requiredArray<Value>(_ column: Int, _ decoder: CellDecoder<Value>) throws -> [Value?] {
    guard let values = try optionalArray(column, decoder) else { throw failure(column, "[\(decoder.name)]", "NULL") }
    return values
  }

  func dense<Value>(_ column: Int, _ decoder: CellDecoder<Value>, _ values: [Value?]) throws -> [Value] {
    try values.map { value in
      guard let value else { throw failure(column, "[\(decoder.name)]", "NULL element") }
      return value
    }
  }
}
