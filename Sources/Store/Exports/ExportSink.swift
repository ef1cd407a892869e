import Domain
import Postgres

/// Where a file goes while it is made: holds one piece at most.
public actor ExportSink {
  static let plain: Int16 = 0
  static let zstd: Int16 = 1

  private let pool: ConnectionPool
  private let export: Export
  private var buffer: [UInt8] = []
  private var position: Int32 = 0
  private var rows: Int64 = 0
  private var bytes: Int64 = 0
  private var days = 0
  /// The most that was ever held.
  private(set) var heldMax = 0

  init(pool: ConnectionPool, export: Export) {
    self.pool = pool
    self.export = export
    buffer.reserveCapacity(Exports.chunkBytesMax)
  }

  /// Appends to the file. `rows` counts data rows in it; `day` is how many of its days are begun, for the progress.
  /// *Errors:* `DatabaseError`, and a private one when the export was removed: pass it on.
  public func write(_ bytes: [UInt8], rows: Int64 = 0, day: Int? = nil) async throws {
    if let day { days = max(days, min(day, export.daysTotal)) }
    self.rows += rows
    var rest = bytes[...]
    while !rest.isEmpty {
      let room = Exports.chunkBytesMax - buffer.count
      buffer.append(contentsOf: rest.prefix(room))
      rest = rest.dropFirst(room)
      heldMax = max(heldMax, buffer.count)
      if buffer.count == Exports.chunkBytesMax { try await flush() }
    }
  }

  /// Writes the last piece and opens the file to readers.
  func finish() async throws {
    if !buffer.isEmpty { try await flush() }
    let (export, days) = (export, export.daysTotal)
    let sql: SQL = """
      update exports set finished_at = now(), days_done = \(Int32(clamping: days)), rows_done = \(rows)
      where id = \(export.id) and attempts = \(export.attempts) and finished_at is null
      """
    if try await pool.run({ c in try c.execute(sql) }) == 0 { throw ExportGone() }
  }

  /// The progress is committed with the piece; a process that was taken for dead writes no more.
  private func flush() async throws {
    let plain = buffer
    buffer.removeAll(keepingCapacity: true)
    let packed = Zstd().compress(plain)
    let encoding = (packed?.count ?? .max) < plain.count ? Self.zstd : Self.plain
    let stored = encoding == Self.zstd ? packed ?? plain : plain
    bytes += Int64(plain.count)
    let (export, position, days) = (export, position, Int32(clamping: days))
    let progress: SQL = """
      update exports set chunks = \(position + 1), rows_done = \(rows), bytes_done = \(bytes), days_done = \(days)
      where id = \(export.id) and attempts = \(export.attempts) and finished_at is null
      """
    try await pool.transaction { c in
      if try c.execute(progress) == 0 { throw ExportGone() }
      try c.execute(
        """
        insert into export_chunks (export_id, position, encoding, bytes)
        values (\(export.id), \(position), \(encoding), \(stored))
        """)
    }
    self.position += 1
  }
}
