import Domain
import Postgres

/// One transaction through the door.
final class DoorTransaction {
  private let connection: Connection
  private let settledAtOnceMax: Int32
  private var changer: TraceChanger
  private var changes: [TraceChange] = []
  /// Traces of `changes` whose row existed.
  private var updated: [TraceRow] = []

  /// Days that have a partition, and days found to have none.
  private var knownDays: Set<UTCDay>
  private var missingDays: Set<UTCDay> = []

  private var values: ValueGuard
  private var sets: SetGuard
  private var rates: RateInterning

  init(
    _ connection: Connection, writtenAt: Timestamp, knownDays: Set<UTCDay>, zstd: Zstd, memory: DoorMemory,
    settledAtOnceMax: Int32 = LargeTrace.settledAtOnceMax
  ) {
    values = ValueGuard(memory.values)
    sets = SetGuard(memory.sets)
    rates = RateInterning(memory.rates)
    self.connection = connection
    self.settledAtOnceMax = settledAtOnceMax
    self.knownDays = knownDays
    self.changer = TraceChanger(writtenAt: writtenAt, zstd: zstd)
  }

  /// Items that would have changed frozen rows, with the reason for their sender.
  var tooOld: [ItemRef: String] { changer.tooOld }

  /// What may be remembered once the transaction is committed.
  var learned: DoorMemory.Learned { DoorMemory.Learned(values: values.learned, sets: sets.learned, rates: rates.learned) }

  /// *Errors:* `StaleDecision`, before anything is read or locked.
  func write(_ group: WriteGroup) throws {
    if group.traces.isEmpty { return }
    try Self.prefersLookups(connection, decidedBy: group.decidedBy)
    if let run = group.repricing { try RepricingProgress.take(run, connection) }
    if let run = group.reattribution { try ReattributionProgress.take(run, connection) }
    changer.scored = try scored(group)
    var pending = group.traces.sorted { $0.key < $1.key }
    var rounds = 0
    while !pending.isEmpty {
      // A row that another transaction inserts and one that a third deletes in turn: not seen outside of tests.
      guard rounds < 10 else { throw TraceContention() }
      rounds += 1
      pending = try takeExisting(pending)
      pending = try insertNew(pending)
    }
    try refine()
    try writeChanges()
    if let erasure = group.erasure { try ErasureProgress.removeContent(of: changes, countedFor: erasure, connection) }
    if let run = group.repricing { try RepricingProgress(changes).add(to: run, connection) }
    if let run = group.reattribution { try ReattributionProgress(changes).add(to: run, connection) }
  }

  /// All statements here know their rows by key. A plan that reads whole tables is never right, however empty they
  /// looked when it was made, and making a plan for each small commit costs more than running it.
  ///
  /// The same statement asks whether prices have changed since the group was decided by `decidedBy`: until the commit
  /// nobody can change them. *Errors:* `StaleDecision`.
  static func prefersLookups(
    _ connection: Connection, decidedBy: [OrganisationID: DecisionRevisions] = [:]
  ) throws {
    let checked = decidedBy.sorted { $0.key < $1.key }
    let held = checked.map { SQL(", hold_price_revisions(") + "\($0.key))" }.joined(by: "")
    let sql: SQL = """
      select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
        set_config('enable_mergejoin', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)\(held)
      """
    let needed = try connection.first(sql) { row in try checked.indices.map { try row.int32sOrNil(4 + $0) } } ?? []
    for ((organisation, decidedBy), needed) in zip(checked, needed) {
      guard let needed, needed.count == 3 else { continue }
      let revisions = DecisionRevisions(catalogue: needed[0], agreements: needed[1], attribution: needed[2])
      if !decidedBy.reaches(revisions) {
        throw StaleDecision(organisation: organisation, decidedBy: decidedBy, needed: revisions)
      }
    }
  }

  /// Locks and merges the traces that exist; returns the others.
  private func takeExisting(_ writes: [TraceWrite]) throws -> [TraceWrite] {
    var stored = try lock(writes.map(\.key))
    if stored.isEmpty { return writes }
    for write in writes where write.isSettledNow && stored[write.key]?.settleDueAt == nil { stored[write.key] = nil }
    try connection.readOmitted(of: &stored)
    let large = writes.filter { stored[$0.key]?.isSettledLater($0, settledAtOnceMax) ?? false }
    try readObservations(of: &stored, except: Set(large.map(\.key)))
    for write in large { stored[write.key] = try stored[write.key].map { try readPart(of: $0, write) } }
    var others: [TraceWrite] = []
    for write in writes {
      guard let known = stored[write.key] else {
        others.append(write)
        continue
      }
      guard let change = try changer.change(write, stored: known) else { continue }
      changes.append(change)
      updated.append(change.row)
    }
    return others
  }

  /// Inserts the trace rows complete, so that the hot path writes each once; returns those that another transaction
  /// made first.
  private func insertNew(_ writes: [TraceWrite]) throws -> [TraceWrite] {
    let made = try writes.compactMap { write in try changer.change(write, stored: nil).map { (write, $0) } }
    if made.isEmpty { return [] }
    let inserted = try connection.query(TraceColumns.insert(made.map(\.1.row)).named("InsertTraces")) {
      TraceKey(project: try $0.id(0), trace: try $0.traceID(1))
    }
    if inserted.count == made.count {
      changes += made.map(\.1)
      return []
    }
    let mine = Set(inserted)
    changes += made.filter { mine.contains($0.1.row.key) }.map(\.1)
    return made.filter { !mine.contains($0.1.row.key) }.map(\.0)
  }

  private func lock(_ keys: [TraceKey]) throws -> [TraceKey: StoredTrace] {
    var stored: [TraceKey: StoredTrace] = [:]
    for trace in try connection.query(TraceColumns.lock(keys).named("LockTraces"), TraceColumns.readContext) {
      stored[TraceKey(project: trace.facts.project, trace: trace.facts.id)] = trace
    }
    return stored
  }

  /// Reads all rows of the traces: only the partitions between their first and last start, each by its own name.
  /// Asked through the parent with a range of time, a partition that was never analysed is read by its time index:
  /// all of the day.
  private func readObservations(of stored: inout [TraceKey: StoredTrace], except large: Set<TraceKey>) throws {
    var groups: [UTCDay: [ProjectID: [UInt128]]] = [:]
    for (key, trace) in stored where !large.contains(key) {
      guard let first = trace.firstStartedAt, let last = trace.lastStartedAt else { continue }
      for day in try existingDays(from: UTCDay(first), to: UTCDay(last)) {
        groups[day, default: [:]][key.project, default: []].append(key.trace.uuid)
      }
    }
    for (day, projects) in groups {
      for (project, traces) in projects {
        let sql: SQL = """
          select \(unescaped: ObservationColumns.list("o")) from \(unescaped: Partitions.Place.observations(day).name) o
          where o.project_id = \(project) and o.trace_id = any(\(PostgresValue.uuids(traces)))
          """
        for row in try connection.query(sql.named("ReadObservations"), { try ObservationColumns.read($0) }) {
          stored[TraceKey(project: row.facts.project, trace: row.facts.trace)]?.observations.append(row)
        }
      }
    }
  }

  /// Reads of a large trace what the message is merged with, and above it what a row inherits its context from.
  private func readPart(of trace: StoredTrace, _ write: TraceWrite) throws -> StoredTrace {
    var part = trace
    part.summary = try connection.first(TraceColumns.summary(of: write.key).named("TraceSummary"), TraceColumns.readSummary)
    guard let first = trace.firstStartedAt, let last = trace.lastStartedAt else { return part }
    let days = try existingDays(from: UTCDay(first), to: UTCDay(last))
    let omitted = Set(trace.observations.map(\.facts.id))
    var asked = Set(write.observations.map(\.facts.id))
    var next = asked.subtracting(omitted).sorted()
    asked.formUnion(omitted)
    var parents = (write.observations.map(\.facts) + trace.observations.map(\.facts)).compactMap(\.parent)
    // The message may be about omitted rows alone: what stands above them is looked up all the same.
    if next.isEmpty {
      next = Set(parents).subtracting(asked).sorted()
      asked.formUnion(next)
      parents = []
    }
    var lookups = 0
    while !next.isEmpty, lookups < LargeTrace.lookupsMax {
      for day in days {
        let rows = try connection.query(LargeTrace.rows(write.key, next, day)) { try ObservationColumns.read($0) }
        parents += rows.compactMap(\.facts.parent)
        part.observations += rows
      }
      lookups += max(1, days.count)
      next = Set(parents).subtracting(asked).sorted()
      asked.formUnion(next)
      parents = []
    }
    return part
  }

  /// Days of the range that have a partition.
  private func existingDays(from first: UTCDay, to last: UTCDay) throws -> [UTCDay] {
    let days = (first.number...max(first.number, last.number)).map { UTCDay($0) }
    let unknown = days.filter { !knownDays.contains($0) && !missingDays.contains($0) }
    if !unknown.isEmpty {
      let names = unknown.map { Partitions.Place.observations($0).name }
      let found = try connection.query(
        "select n from unnest(\(names)) n where to_regclass(n) is not null"
      ) { try $0.string(0) }
      for (day, name) in zip(unknown, names) {
        if found.contains(name) { knownDays.insert(day) } else { missingDays.insert(day) }
      }
    }
    return days.filter(knownDays.contains)
  }

  /// Gives values and unit prices the form they are stored in. Every trace is locked by now: what is waited for here is
  /// held by nobody who waits for a trace.
  private func refine() throws {
    try values.apply(to: &changes, connection)
    try sets.apply(to: &changes, connection)
    try rates.apply(to: &changes, connection)
    for i in changes.indices { changes[i].dropUnchanged() }
    changes.removeAll { $0.isRepricing && $0.written.isEmpty }
  }

  private func writeChanges() throws {
    if changes.isEmpty { return }
    try delete(changes.flatMap(\.replaced))
    try copyRows()
    try connection.write(changes.flatMap(\.blocks))
    try connection.writeOmissions(changes.compactMap(\.omission), on: UTCDay(changer.writtenAt))
    if !updated.isEmpty { try connection.execute(TraceColumns.update(updated).named("UpdateTraces")) }
    var deltas = DeltaBuilder()
    for i in changes.indices {
      for j in changes[i].replaced.indices { deltas.add(changes[i].replaced[j], sign: -1) }
      for j in changes[i].written.indices { deltas.add(changes[i].written[j], sign: 1) }
    }
    if let statement = deltas.statement() { try connection.execute(statement.named("AppendDeltas")) }
  }

  /// A changed row is deleted and written again: in a table whose pages are full, an update in place would cost the
  /// same and a second set of statements.
  private func delete(_ rows: [Observation]) throws {
    for (day, rows) in Dictionary(grouping: rows, by: { UTCDay($0.startedAt) }) {
      let sql: SQL = """
        delete from \(unescaped: Partitions.Place.observations(day).name) o
        using unnest(\(PostgresValue.int32s(rows.map { $0.facts.project.rawValue })),
          \(PostgresValue.uuids(rows.map { $0.facts.trace.uuid })),
          \(PostgresValue.int64s(rows.map { $0.facts.id.signed })),
          \(PostgresValue.timestamps(rows.map { $0.startedAt.microseconds })))
          as k(project_id, trace_id, id, started_at)
        where o.project_id = k.project_id and o.trace_id = k.trace_id and o.id = k.id and o.started_at = k.started_at
        """
      try connection.execute(sql.named("DeleteObservations"))
    }
  }

  /// Traces of the group that have scores, where sampling asks.
  private func scored(_ group: WriteGroup) throws -> Set<TraceKey> {
    let asking = group.traces.filter { $0.limits.sampling?.asksForScores == true }.map(\.key)
    if asking.isEmpty { return [] }
    let told = group.scores.compactMap { score in score.trace.map { TraceKey(project: score.project, trace: $0) } }
    return try connection.scored(asking).union(told)
  }

  /// Straight into the table: what exists is known and locked, so there is no conflict that a staging table would
  /// have to settle.
  private func copyRows() throws {
    if changes.allSatisfy(\.written.isEmpty) { return }
    try connection.copyIn(table: "observations", columns: ObservationColumns.names) { w in
      for i in changes.indices {
        for j in changes[i].written.indices { try w.row { try ObservationColumns.write(changes[i].written[j], to: $0) } }
      }
    }
  }
}

/// The rows of a trace came and went while it was to be locked. Trying again later helps.
public struct TraceContention: Error, Sendable {}
