import Domain
import Postgres

/// What of a trace is left out of `observations`, as its archive row becomes.
struct OmissionChange: Sendable {
  var key: TraceKey
  /// Partition of the archive row.
  var day: UTCDay
  /// An archive row stands there already.
  var replaces: Bool
  /// nil: nothing is left out any more.
  var data: [UInt8]?
  var before: OmittedCounts
  var after: OmittedCounts
}

extension TraceChanger {
  /// Traces of more rows are never read whole for each message, so that what stands above what is not known: nothing more is left out.
  private static let rowsMax = Int(LargeTrace.settledAtOnceMax)

  /// Which rows to leave out. `rows` are all of the trace, or of a large one those at hand, decided.
  func omission(_ rows: [Observation], _ facts: TraceFacts, _ write: TraceWrite, _ stored: StoredTrace?)
    -> [ObservationID: SpanOmission.Reason]
  {
    let known = stored?.omitted ?? [:]
    guard write.limits.sampling != nil || !known.isEmpty else { return [:] }
    let frozenBefore = write.limits.frozenBefore
    let sampling = stored?.summary == nil && rows.count <= Self.rowsMax ? write.limits.sampling : nil
    let isSampled = sampling.map { leavesOutSpans(rows, facts, write.key, $0) } ?? false
    var omitted = SpanOmission.omitted(of: rows) { row in
      // Whose data it is must be found by the trace or by a row.
      guard row.startedAt >= frozenBefore, row.facts.user == nil || row.facts.user == facts.user else { return nil }
      guard let sampling else { return known[row.facts.id] }
      return sampling.noise.matches(row) ? .noise : isSampled ? .sampled : nil
    }
    // Rows of a frozen time stay as they are.
    if !known.isEmpty {
      for row in rows where row.startedAt < frozenBefore { omitted[row.facts.id] = known[row.facts.id] }
    }
    return omitted
  }

  private func leavesOutSpans(_ rows: [Observation], _ facts: TraceFacts, _ key: TraceKey, _ sampling: ProjectSampling) -> Bool {
    sampling.reason(.spans, SamplingEvidence(facts, rows, isScored: scored.contains(key))) == nil
  }

  /// Whether blocks of the trace wait until it is known whether they are kept.
  func holdsPayloads(_ rows: [Observation], _ facts: TraceFacts, _ sampling: ProjectSampling?) -> Bool {
    guard let sampling else { return false }
    let environments = SamplingEvidence(facts, rows, isScored: false).environments
    return !sampling.isDrawn(.payloads, facts.id, environments: environments)
  }

  /// What is left out decided again, and nothing else: a score came. nil when nothing changes.
  func reconsidered(_ write: TraceWrite, _ stored: StoredTrace) throws -> TraceChange? {
    let rows = Self.withContext(stored.observations, stored)
    let omitted = omission(rows, stored.facts, write, stored)
    if omitted == stored.omitted { return nil }
    var change = TraceChange(row: TraceRow(facts: stored.facts, receivedAt: stored.receivedAt, summary: TraceSummary(rows)))
    change.row.settleDueAt = stored.settleDueAt
    try change.leaveOut(omitted, of: rows, stored, zstd, writtenAt)
    return change
  }

  /// Omitted rows have no decisions; as rows they need their context.
  static func withContext(_ rows: [Observation], _ stored: StoredTrace) -> [Observation] {
    if stored.omitted.isEmpty { return rows }
    var snapshot = TraceSnapshot(facts: stored.facts, observations: rows)
    Settle.context(&snapshot)
    var result = rows
    for i in result.indices where stored.omitted[result[i].facts.id] != nil && result[i].decision == Decision() {
      result[i].decision = snapshot.observations[i].decision
    }
    return result
  }
}

extension TraceChange {
  /// Turns a change of all rows into one of those that are in `observations`, and of the archive.
  mutating func leaveOut(
    _ omitted: [ObservationID: SpanOmission.Reason], of rows: [Observation], _ stored: StoredTrace?, _ zstd: Zstd, _ writtenAt: Timestamp
  ) throws {
    let known = stored?.omitted ?? [:]
    (row.omittedOn, row.omitted) = (stored?.omittedOn, stored?.omittedCounts ?? OmittedCounts())
    if omitted.isEmpty, known.isEmpty { return }
    let old = Dictionary((stored?.observations ?? []).map { ($0.facts.id, $0) }, uniquingKeysWith: { first, _ in first })
    replaced.removeAll { known[$0.facts.id] != nil }
    written.removeAll { omitted[$0.facts.id] != nil || known[$0.facts.id] != nil }
    written += rows.filter { known[$0.facts.id] != nil && omitted[$0.facts.id] == nil }
    let leaving = Set(replaced.map(\.facts.id))
    for id in omitted.keys where known[id] == nil && !leaving.contains(id) {
      if let row = old[id] { replaced.append(row) }
    }
    let left = rows.compactMap { row in omitted[row.facts.id].map { (row: row, reason: $0) } }
    if omitted == known, left.allSatisfy({ old[$0.row.facts.id]?.facts == $0.row.facts && old[$0.row.facts.id]?.receivedAt == $0.row.receivedAt }) {
      return
    }
    var counts = OmittedCounts()
    for entry in left { if entry.reason == .noise { counts.noise += 1 } else { counts.sampled += 1 } }
    let day = stored?.omittedOn ?? UTCDay(writtenAt)
    omission = OmissionChange(
      key: row.key, day: day, replaces: stored?.omittedOn != nil, data: left.isEmpty ? nil : try OmittedSpans.encode(left, zstd),
      before: row.omitted, after: counts)
    (row.omittedOn, row.omitted) = (left.isEmpty ? nil : day, counts)
  }

  /// Of a change that is about other rows.
  mutating func keepOmitted(of stored: StoredTrace) {
    (row.omittedOn, row.omitted) = (stored.omittedOn, stored.omittedCounts)
    if stored.omitted.isEmpty { return }
    replaced.removeAll { stored.omitted[$0.facts.id] != nil }
    written.removeAll { stored.omitted[$0.facts.id] != nil }
  }
}

extension Connection {
  /// Adds what is left out of the traces to their rows. Their locks are held.
  func readOmitted(of stored: inout [TraceKey: StoredTrace]) throws {
    let places = stored.filter { $0.value.omittedOn != nil }
    if places.isEmpty { return }
    let zstd = Zstd()
    for (day, traces) in Dictionary(grouping: places, by: { $0.value.omittedOn ?? UTCDay(0) }) {
      let sql: SQL = """
        select o.project_id, o.trace_id, o.data
        from unnest(\(PostgresValue.int32s(traces.map { $0.key.project.rawValue })), \(PostgresValue.uuids(traces.map { $0.key.trace.uuid })))
          as k(project_id, trace_id)
        join omitted_spans o on o.project_id = k.project_id and o.trace_id = k.trace_id
          and o.omitted_on = date \(unescaped: "'\(day.iso)'")
        """
      try stream(sql.named("ReadOmitted").uncached()) { row in
        let key = TraceKey(project: try row.id(0), trace: try row.traceID(1))
        let spans = try row.withBytes(2) { try OmittedSpans.decode($0, of: key, zstd) } ?? []
        stored[key]?.observations += spans.map(\.row)
        for span in spans { stored[key]?.omitted[span.row.facts.id] = span.reason }
      }
    }
  }

  /// Writes the archive rows and what is to be counted.
  func writeOmissions(_ changes: [OmissionChange], on day: UTCDay) throws {
    if changes.isEmpty { return }
    for (day, changes) in Dictionary(grouping: changes.filter(\.replaces), by: \.day) {
      let sql: SQL = """
        delete from omitted_spans o
        using unnest(\(PostgresValue.int32s(changes.map { $0.key.project.rawValue })), \(PostgresValue.uuids(changes.map { $0.key.trace.uuid })))
          as k(project_id, trace_id)
        where o.project_id = k.project_id and o.trace_id = k.trace_id and o.omitted_on = date \(unescaped: "'\(day.iso)'")
        """
      try execute(sql.named("DeleteOmitted").uncached())
    }
    if changes.contains(where: { $0.data != nil }) {
      try copyIn(table: "omitted_spans", columns: ["project_id", "trace_id", "omitted_on", "spans", "data"]) { w in
        for change in changes {
          guard let data = change.data else { continue }
          try w.row {
            $0.int32(change.key.project.rawValue)
            $0.uuid(change.key.trace.uuid)
            $0.date(days: change.day.number)
            $0.int32(change.after.total)
            $0.bytea(data)
          }
        }
      }
    }
    try countOmissions(changes, on: day)
  }

  private func countOmissions(_ changes: [OmissionChange], on day: UTCDay) throws {
    for (project, changes) in Dictionary(grouping: changes, by: \.key.project).sorted(by: { $0.key < $1.key }) {
      let sampled = changes.reduce(Int32(0)) { $0 &+ $1.after.sampled &- $1.before.sampled }
      let noise = changes.reduce(Int32(0)) { $0 &+ $1.after.noise &- $1.before.noise }
      if sampled == 0, noise == 0 { continue }
      let sql: SQL = """
        insert into omitted_span_changes (project_id, day, sampled, noise)
        values (\(project), date '1970-01-01' + \(day.number), \(sampled), \(noise))
        """
      try execute(sql.named("CountOmitted"))
    }
  }
}
