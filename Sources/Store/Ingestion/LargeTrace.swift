import Domain
import Postgres

/// Traces with so many rows that reading all of them for every request would stop everyone who sends into them. New and
/// changed rows are decided by what is at hand, and the trace is marked to be settled as a whole (`SettleQueue`).
enum LargeTrace {
  /// With more rows than this a trace is settled in the background.
  static let settledAtOnceMax: Int32 = 2000
  /// From the first provisional row until the trace is due.
  static let delaySeconds: Int64 = 20
  /// Statements that look for rows above those of a message: one a level and day.
  static let lookupsMax = 16

  /// Some rows of a trace by their ids, each looked up by itself. The order forces the primary key: asked for equal
  /// ids, PostgreSQL takes the index by time of a day that it believes small, and reads all of the project's rows for
  /// each id.
  static func rows(_ key: TraceKey, _ ids: [ObservationID], _ day: UTCDay) -> SQL {
    let sql: SQL = """
      select \(unescaped: ObservationColumns.list("o"))
      from unnest(\(PostgresValue.int64s(ids.map(\.signed)))) as k(id)
      cross join lateral (
        select * from \(unescaped: Partitions.Place.observations(day).name)
        where project_id = \(key.project) and trace_id = \(key.trace) and id >= k.id
        order by id limit 1
      ) o
      where o.id = k.id
      """
    return sql.named("ReadPart")
  }
}

extension StoredTrace {
  /// Whether this message is written without reading the whole trace.
  func isSettledLater(_ write: TraceWrite, _ settledAtOnceMax: Int32) -> Bool {
    rowCount > settledAtOnceMax && !write.isDecidedAgain && !write.isSettledNow && write.removed.isEmpty
      && write.repricing == nil && write.reattribution == nil && write.erasure == nil
  }
}
