import CLibpq

/// Writes rows in COPY's binary form. The types must equal the columns' types exactly: int8 is not int4 here.
public final class CopyWriter {
  private let buffer = WireBuffer(capacity: CopyWriter.flushBytes + 16_384)
  private let columns: Int
  private let send: (WireBuffer) throws -> Void
  @exclusivity(unchecked) private var fields = 0
  private(set) var rows = 0

  static let flushBytes = 262_144

  init(columns: Int, send: @escaping (WireBuffer) throws -> Void) {
    self.columns = columns
    self.send = send
    buffer.append([0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00] as [UInt8])  // PGCOPY signature
    buffer.append(Int32(0))  // flags
    buffer.append(Int32(0))  // length of the header extension
  }

  /// Writes one row: one value per column, in their order.
  public func row(_ body: (CopyWriter) throws -> Void) throws {
    let start = buffer.count
    fields = 0
    buffer.append(Int16(truncatingIfNeeded: columns))
    do {
      try body(self)
      guard fields == columns else { throw CopyRowError(expected: columns, written: fields) }
    } catch {
      buffer.truncate(to: start)
      throw error
    }
    rows += 1
    if buffer.count >= Self.flushBytes { try flush() }
  }

  func finish() throws {
    buffer.append(Int16(-1))
    try flush()
  }

  private func flush() throws {
    try send(buffer)
    buffer.removeAll()
  }

  @inline(__always)
  private func field<T>(_ value: T?, _ encode: (T) -> Void) {
    fields += 1
    guard let value else { return buffer.append(Int32(-1)) }
    let start = buffer.beginField()
    encode(value)
    buffer.endField(start)
  }

  /// `count` times NULL.
  public func nulls(_ count: Int) {
    fields += count
    for _ in 0..<count { buffer.append(Int32(-1)) }
  }

  /// NULL.
  public func null() { field(Int?.none) { _ in } }
  /// bool; nil is NULL, here and below.
  public func bool(_ value: Bool?) { field(value) { buffer.append(UInt8($0 ? 1 : 0)) } }
  /// int2
  public func int16(_ value: Int16?) { field(value) { buffer.append($0) } }
  /// int4
  public func int32(_ value: Int32?) { field(value) { buffer.append($0) } }
  /// int8
  public func int64(_ value: Int64?) { field(value) { buffer.append($0) } }
  /// float8
  public func double(_ value: Double?) { field(value) { buffer.append($0.bitPattern) } }
  /// text, varchar, json
  public func text(_ value: String?) { field(value) { buffer.append(utf8: $0) } }
  /// text from UTF-8 that the caller has validated
  public func text(utf8 value: (some Collection<UInt8>)?) { field(value) { buffer.append($0) } }
  /// jsonb
  public func jsonb(_ value: String?) { field(value.map(PostgresValue.jsonb)) { $0.encode(into: buffer) } }
  /// bytea
  public func bytea(_ value: [UInt8]?) {
    field(value) { bytes in bytes.withUnsafeBytes { buffer.append(bytes: $0) } }
  }
  /// bytea
  public func bytea(_ value: UnsafeRawBufferPointer) { field(value) { buffer.append(bytes: $0) } }
  /// uuid, the 16 bytes as a big-endian number
  public func uuid(_ value: UInt128?) { field(value) { buffer.append($0) } }
  /// timestamptz, microseconds since the Unix epoch
  public func timestamp(microseconds value: Int64?) {
    field(value) { buffer.append(PostgresEpoch.fromUnix(microseconds: $0)) }
  }
  /// date, days since the Unix epoch
  public func date(days value: Int32?) { field(value) { buffer.append(PostgresEpoch.fromUnix(days: $0)) } }
  /// numeric
  public func numeric(_ value: Int128?) { numeric(unscaled: value, scale: 0) }
  /// numeric, `unscaled` × 10^-`scale`
  public func numeric(unscaled value: Int128?, scale: Int) {
    field(value) { NumericFormat.encode(unscaled: $0, scale: scale, into: buffer) }
  }
  /// Any value.
  public func value(_ value: PostgresValue) { field(value.isNull ? nil : value) { $0.encode(into: buffer) } }
  /// An array, by its elements' type.
  public func array<Element: PostgresEncodable>(_ values: [Element]?) {
    field(values) { values in
      let elements = values.lazy.map { element -> PostgresValue? in
        let value = element.postgresValue
        return value.isNull ? nil : value
      }
      PostgresValue.appendArray(of: Element.postgresType, elements, to: buffer) { $0.encode(into: $1) }
    }
  }
}

/// A COPY row had too few or too many values.
public struct CopyRowError: Error, Sendable, CustomStringConvertible {
  let expected: Int
  let written: Int

  /// Both counts.
  public var description: String { "COPY row has \(written) values for \(expected) columns" }
}

extension Connection {
  /// Loads rows by COPY in binary form; the number of rows. All or nothing; after an error the connection is usable
  /// (a surrounding transaction has failed, as after any error).
  @discardableResult
  public func copyIn(table: String, columns: [String], _ body: (CopyWriter) throws -> Void) throws -> Int {
    try gate.check()
    statementsInLease += 1
    let names = columns.map(SQL.quoted(identifier:)).joined(separator: ", ")
    let text = "COPY \(SQL.quoted(identifier: table)) (\(names)) FROM STDIN (FORMAT binary)"
    let label = "copy \(table)"
    let started = try checked(PQexec(handle, text), label: label)
    PQclear(started)
    let writer = CopyWriter(columns: columns.count) { [unowned self] buffer in try self.sendCopy(buffer, label) }
    do {
      try body(writer)
      try writer.finish()
    } catch {
      _ = PQputCopyEnd(handle, "ended by the client")
      try endCopy(label, ignoringErrors: true)
      throw error
    }
    _ = PQputCopyEnd(handle, nil)
    try endCopy(label, ignoringErrors: false)
    return writer.rows
  }

  private func sendCopy(_ buffer: WireBuffer, _ label: String) throws {
    try gate.check()
    let sent = PQputCopyData(
      handle, UnsafeRawPointer(buffer.base).assumingMemoryBound(to: CChar.self), Int32(truncatingIfNeeded: buffer.count)
    )
    guard sent == 1 else {
      throw DatabaseError(
        sqlState: nil, message: DatabaseError.connectionMessage(handle), statementName: label,
        isConnectionLost: PQstatus(handle) != CONNECTION_OK)
    }
  }

  /// Reads all results, so that the next statement finds the connection idle.
  private func endCopy(_ label: String, ignoringErrors: Bool) throws {
    var problem: (any Error)?
    while let result = PQgetResult(handle) {
      defer { PQclear(result) }
      do { try check(result, label: label) } catch { problem = problem ?? error }
      if PQresultStatus(result) == PGRES_COPY_IN { break }
    }
    if let problem, !ignoringErrors { throw problem }
  }
}
