import Domain
import Postgres

extension Exports {
  /// Attempts that a file gets: one that takes its process down must not do so for ever.
  static let attemptsMax: Int16 = 3
  private static let lockClass: Int32 = 1_903_521_909

  /// Makes the oldest file that waits, as `make` writes it. Holds an advisory lock meanwhile: of several processes one works, and
  /// where one has died another begins anew. False when nothing waits, or another process is at work.
  ///
  /// *Errors:* `CancellationError`, and `DatabaseError` of the queue itself. What `make` throws is kept with the export, in words of
  /// `describe`; nil there means that trying again may help.
  public func work(
    describe: @Sendable (any Error) -> String?, _ make: @Sendable (Export, ExportSink) async throws -> Void
  ) async throws -> Bool {
    let waiting: SQL = "select 1 from exports where finished_at is null limit 1"
    guard try await pool.run({ c in try c.first(waiting) { try $0.int32(0) } }) != nil else { return false }
    var hasWorked = false
    // The lock lives as long as this cursor's transaction, and ends with its connection.
    let lock: SQL = "select pg_try_advisory_xact_lock(\(Self.lockClass), 0)"
    try await pool.cursor(lock, decode: { try $0.bool(0) }) { rows in
      guard rows.first == true, let export = try await next() else { return }
      hasWorked = true
      try await carryOut(export, describe, make)
    }
    return hasWorked
  }

  /// Begins an attempt: what an earlier one left is gone.
  private func next() async throws -> Export? {
    try await pool.transaction { c in
      let select: SQL = "\(Export.select) where finished_at is null order by id limit 1 for update skip locked"
      guard let export = try c.first(select, Export.init(row:)) else { return nil }
      try c.execute("delete from export_chunks where export_id = \(export.id)")
      if export.attempts >= Self.attemptsMax {
        let words = "Ended early \(export.attempts) times."
        try c.execute("update exports set finished_at = now(), failed = \(words), chunks = 0 where id = \(export.id)")
        return nil
      }
      try c.execute(
        """
        update exports set attempts = attempts + 1, days_done = 0, rows_done = 0, bytes_done = 0, chunks = 0
        where id = \(export.id)
        """)
      return try c.first("\(Export.select) where id = \(export.id)", Export.init(row:))
    }
  }

  private func carryOut(
    _ export: Export, _ describe: @Sendable (any Error) -> String?,
    _ make: @Sendable (Export, ExportSink) async throws -> Void
  ) async throws {
    let sink = ExportSink(pool: pool, export: export)
    do {
      try await make(export, sink)
      try await sink.finish()
    } catch is ExportGone {
      return
    } catch is CancellationError {
      // Not its fault: the next process does not count this attempt.
      let sql: SQL = "update exports set attempts = attempts - 1 where id = \(export.id) and attempts = \(export.attempts)"
      _ = try? await Task { try await pool.run { c in try c.execute(sql) } }.value
      throw CancellationError()
    } catch {
      guard let words = describe(error) else { return }
      try await fail(export, words)
    }
  }

  private func fail(_ export: Export, _ words: String) async throws {
    try await pool.transaction { c in
      try c.execute("delete from export_chunks where export_id = \(export.id)")
      try c.execute(
        """
        update exports set finished_at = now(), failed = \(String(words.prefix(1000))), chunks = 0, bytes_done = 0
        where id = \(export.id) and attempts = \(export.attempts) and finished_at is null
        """)
    }
  }
}

/// The export was removed, or another process has taken it over.
struct ExportGone: Error {}
