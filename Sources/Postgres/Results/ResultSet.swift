import CLibpq

/// Owns a `PGresult`; immutable once made.
final class ResultHandle: @unchecked Sendable {
  let result: OpaquePointer
  let rows: Int32
  let columns: Int32

  init(_ result: OpaquePointer) {
    self.result = result
    rows = PQntuples(result)
    columns = PQnfields(result)
  }

  deinit { PQclear(result) }
}

/// The rows of one statement, in memory.
public struct ResultSet: RandomAccessCollection, Sendable {
  let handle: ResultHandle

  /// Rows that the statement returned or changed.
  public var affectedRows: Int {
    PQcmdTuples(handle.result).flatMap { Int(String(cString: $0)) } ?? 0
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { Int(handle.rows) }
  public subscript(position: Int) -> Row { Row(handle: handle, index: Int32(position)) }
}

/// Why a cell could not be read.
enum CellProblem: Error {
  case wrongType, outOfRange, malformed, fraction
}

/// A cell that does not hold what the code asked for: wrong column, wrong type, NULL, out of range.
public struct RowDecodingError: Error, Sendable, CustomStringConvertible {
  /// The column's name; nil when the index is past the last column.
  public let column: String?
  /// The column's index from 0.
  public let index: Int
  /// The type asked for.
  public let expected: String
  /// What is wrong; no values.
  public let problem: String

  /// Column, type and problem.
  public var description: String {
    "column \(column ?? "?") (index \(index)) cannot be read as \(expected): \(problem)"
  }
}
