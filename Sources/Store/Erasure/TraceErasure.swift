import Domain
import Postgres

/// Which user goes from a trace.
struct TraceErasure: Sendable {
  var name: ErasedName
}

extension TraceChanger {
  /// The trace without content and without the user's name; nil when there is nothing of either. Frozen rows too: a person goes from all
  /// times, and no total moves.
  func erased(_ stored: StoredTrace, _ erasure: TraceErasure) throws -> TraceChange? {
    var facts = stored.facts
    facts.erase(erasure.name)
    var rows = stored.observations
    for i in rows.indices {
      rows[i].facts.erase(erasure.name)
      rows[i].decision.erase(erasure.name)
    }
    var change = TraceChange(row: TraceRow(facts: facts, receivedAt: stored.receivedAt, summary: TraceSummary(rows)))
    change.row.settleDueAt = stored.settleDueAt
    change.isErasure = true
    Self.compare(rows, stored.observations, into: &change)
    try change.leaveOut(stored.omitted, of: rows, stored, zstd, writtenAt)
    return change
  }
}

/// What a transaction of an erasure did, in it.
enum ErasureProgress {
  /// Blocks with their signatures, and what scores say in words. Blocks lie in the class and on the day that they were written or moved to.
  static func removeContent(of changes: [TraceChange], countedFor erasure: ErasureID, _ c: Connection) throws {
    let erased = changes.filter(\.isErasure)
    if erased.isEmpty { return }
    var blocks = 0
    var scores = 0
    for (project, changes) in Dictionary(grouping: erased, by: \.row.facts.project) {
      let traces = PostgresValue.uuids(changes.map(\.row.facts.id.uuid))
      let removed = try c.query(
        "delete from payloads where project_id = \(project) and trace_id = any(\(traces)) returning retention_days, written_on::text"
      ) { SignaturePlace(retention: try $0.int16(0), day: try $0.string(1)) }
      blocks += removed.count
      for place in Set(removed) { try place.remove(project, traces, c) }
      try removeMedia(project, traces, c)
      scores += try c.execute(
        """
        update scores set comment = null, metadata = null, text = case when data_type in (4, 5) then null else text end
        where project_id = \(project) and trace_id = any(\(traces))
        """)
    }
    let rows = erased.reduce(0) { $0 + $1.written.count }
    try c.execute(
      """
      update erasures set traces = traces + \(Int64(erased.count)), observations = observations + \(Int64(rows)),
        blocks = blocks + \(Int64(blocks)), scores = scores + \(Int64(scores))
      where id = \(erasure) and finished_at is null
      """)
  }
}

extension ErasureProgress {
  /// Files that no other trace names.
  private static func removeMedia(_ project: ProjectID, _ traces: PostgresValue, _ c: Connection) throws {
    try c.execute(
      """
      with gone as (delete from media_uses where project_id = \(project) and trace_id = any(\(traces)) returning sha256)
      delete from media m using (select distinct sha256 from gone) g
      where m.project_id = \(project) and m.sha256 = g.sha256 and not exists (
        select from media_uses u where u.project_id = m.project_id and u.sha256 = m.sha256 and u.trace_id <> all(\(traces)))
      """)
  }
}

/// The one partition that signatures of blocks lie in: they are found by time, not by trace.
private struct SignaturePlace: Hashable {
  var retention: Int16
  var day: String

  func remove(_ project: ProjectID, _ traces: PostgresValue, _ c: Connection) throws {
    try c.execute(
      """
      delete from payload_signatures where retention_days = \(unescaped: String(retention)) and written_on = \(unescaped: "date '\(day)'")
        and project_id = \(project) and trace_id = any(\(traces))
      """)
  }
}
