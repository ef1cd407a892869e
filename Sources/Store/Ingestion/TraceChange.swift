import Domain

/// What one trace's row, observations and blocks become: merging, deciding and comparing, without the database.
struct TraceChange: Sendable {
  var row: TraceRow
  /// Rows to write, new and changed.
  var written: [Observation] = []
  /// Rows as they stood, of those that change or go.
  var replaced: [Observation] = []
  var blocks: [PayloadBlock] = []
  var omission: OmissionChange?
  /// Nothing but prices was decided.
  var isRepricing = false
  /// A user was erased from it: its blocks go, also where no row changes.
  var isErasure = false

  /// Takes out rows that came out as they stood once values and unit prices had their stored form.
  mutating func dropUnchanged() {
    if replaced.isEmpty || written.isEmpty { return }
    let before = Dictionary(replaced.map { ($0.facts.id, $0) }, uniquingKeysWith: { first, _ in first })
    let unchanged = Set(written.lazy.filter { before[$0.facts.id] == $0 }.map(\.facts.id))
    if unchanged.isEmpty { return }
    written.removeAll { unchanged.contains($0.facts.id) }
    replaced.removeAll { unchanged.contains($0.facts.id) }
  }
}

/// Builds `TraceChange`s within one transaction.
struct TraceChanger {
  let writtenAt: Timestamp
  let zstd: Zstd
  /// Traces with scores, as far as sampling asks for them.
  var scored: Set<TraceKey> = []
  /// Items that would change rows of a frozen time.
  private(set) var tooOld: [ItemRef: String] = [:]

  init(writtenAt: Timestamp, zstd: Zstd) {
    self.writtenAt = writtenAt
    self.zstd = zstd
  }

  /// nil when nothing changes: a pure duplicate keeps what was booked, and `decide` isn't asked.
  mutating func change(_ write: TraceWrite, stored: StoredTrace?) throws -> TraceChange? {
    if let erasure = write.erasure { return try stored.flatMap { try erased($0, erasure) } }
    if let reattribution = write.reattribution {
      return stored.flatMap { reattributed($0, reattribution, write.limits) }
    }
    if let repricing = write.repricing { return stored.flatMap { repriced($0, repricing, write.limits) } }
    var facts = stored?.facts ?? TraceFacts(project: write.key.project, id: write.key.trace)
    facts.merge(write.facts)
    var rows = stored?.observations ?? []
    let isRowsChanged = mergeRows(write, into: &rows)
    let receivedAt = min(stored?.receivedAt ?? write.receivedAt, write.receivedAt)
    let isDue = write.isSettledNow && stored?.settleDueAt != nil
    if let stored, !isRowsChanged, facts == stored.facts, !write.isDecidedAgain, !isDue {
      // Only a trace that has no other time of its own is listed by its receipt.
      if receivedAt == stored.receivedAt || !rows.isEmpty || facts.timestamp != nil {
        return write.isReconsidered ? try reconsidered(write, stored) : nil
      }
    }
    if stored == nil, rows.isEmpty, facts == TraceFacts(project: write.key.project, id: write.key.trace) { return nil }
    Self.decide(&rows, facts, write.decide)
    if stored?.summary != nil { Self.keepUnsaid(&rows, stored?.observations ?? []) }
    keepFrozen(&rows, stored?.observations ?? [], write.limits)
    if let stored, stored.summary != nil { rows = Self.withContext(rows, stored) }
    let omitted = omission(rows, facts, write, stored)
    var blocks = BlockWriter(
      key: write.key, writtenAt: writtenAt, retention: write.limits.retention, zstd: zstd,
      fate: holdsPayloads(rows, facts, write.limits.sampling) ? .held : .kept)
    // Bodies of spans that are left out go with them unless they come back in time.
    var aside = BlockWriter(key: write.key, writtenAt: writtenAt, retention: write.limits.retention, zstd: zstd, fate: .ofOmittedSpans)
    let startedAt = rows.lazy.map(\.startedAt).min() ?? facts.timestamp ?? receivedAt
    facts.parts = try blocks.stored(facts.bodies, facts.parts, at: startedAt)
    facts.bodies = []
    for i in rows.indices where !rows[i].facts.bodies.isEmpty {
      let (bodies, parts, start) = (rows[i].facts.bodies, rows[i].facts.parts, rows[i].startedAt)
      let isOmitted = write.limits.sampling != nil && omitted[rows[i].facts.id] != nil
      rows[i].facts.parts = try isOmitted ? aside.stored(bodies, parts, at: start) : blocks.stored(bodies, parts, at: start)
      rows[i].facts.bodies = []
    }
    var change = TraceChange(row: TraceRow(facts: facts, receivedAt: receivedAt, summary: TraceSummary(rows)))
    change.blocks = try blocks.finish() + aside.finish()
    Self.compare(rows, stored?.observations ?? [], into: &change)
    if let known = stored?.summary {
      change.row.summary = known.changed(replaced: change.replaced, written: change.written)
      change.row.settleDueAt = stored?.settleDueAt ?? writtenAt.adding(seconds: LargeTrace.delaySeconds)
    }
    try change.leaveOut(omitted, of: rows, stored, zstd, writtenAt)
    return change
  }

  /// Whether any row is new, different or gone.
  private mutating func mergeRows(_ write: TraceWrite, into rows: inout [Observation]) -> Bool {
    var isChanged = false
    if !write.removed.isEmpty {
      let before = rows.count
      rows.removeAll { write.removed.contains($0.facts.id) && $0.startedAt >= write.limits.frozenBefore }
      isChanged = rows.count != before
    }
    if rows.isEmpty {
      rows = write.observations.map { Self.filed($0.facts, receivedAt: $0.receivedAt) }
      return isChanged || !rows.isEmpty
    }
    var places: [ObservationID: Int] = [:]
    for (i, row) in rows.enumerated() { places[row.facts.id] = i }
    for pending in write.observations {
      guard let place = places[pending.facts.id] else {
        rows.append(Self.filed(pending.facts, receivedAt: pending.receivedAt))
        isChanged = true
        continue
      }
      guard let merged = Self.merged(pending, with: rows[place]) else { continue }
      if min(merged.startedAt, rows[place].startedAt) < write.limits.frozenBefore {
        for item in pending.items { tooOld[item] = ItemChecks.tooOldDetail(write.limits) }
        continue
      }
      rows[place] = merged
      isChanged = true
    }
    return isChanged
  }

  /// nil when the message says nothing new.
  private static func merged(_ pending: PendingObservation, with row: Observation) -> Observation? {
    var facts = row.facts
    facts.merge(pending.facts)
    let receivedAt = min(row.receivedAt, pending.receivedAt)
    let isFiledByReceipt = facts.startedAt == nil && facts.endedAt == nil
    if facts == row.facts, receivedAt == row.receivedAt || !isFiledByReceipt { return nil }
    var merged = filed(facts, receivedAt: receivedAt)
    merged.decision = row.decision
    // What was booked for other evidence is no price of this.
    if !merged.hasSamePricingEvidence(as: row) { merged.decision.cost = .none }
    return merged
  }

  static func filed(_ facts: ObservationFacts, receivedAt: Timestamp) -> Observation {
    Observation(
      facts: facts, startedAt: facts.startedAt ?? facts.endedAt ?? receivedAt, isStartAssumed: facts.startedAt == nil,
      receivedAt: receivedAt)
  }

  /// `decide` fills decisions and nothing else; it may have sorted its rows. They are handed over, not copied: a row is
  /// large, and copying all of them for each decision took 2 of 60 µs a span.
  private static func decide(_ rows: inout [Observation], _ facts: TraceFacts, _ decide: Decide) {
    let order = rows.map(\.facts.id)
    var snapshot = TraceSnapshot(facts: facts, observations: [])
    swap(&snapshot.observations, &rows)
    decide(&snapshot)
    swap(&snapshot.observations, &rows)
    if !rows.lazy.map(\.facts.id).elementsEqual(order) {
      let places = Dictionary(zip(order, order.indices), uniquingKeysWith: { first, _ in first })
      rows.sort { places[$0.facts.id] ?? .max < places[$1.facts.id] ?? .max }
    }
    for i in rows.indices { normalise(&rows[i]) }
  }

  /// As it will be read back: what the observation itself said wins, and nothing is decided about what has not arrived.
  private static func normalise(_ row: inout Observation) {
    if !row.facts.isArrived { row.decision = Decision() }
    if let user = row.facts.user { row.decision.user = user }
    if let session = row.facts.session { row.decision.session = session }
    if let environment = row.facts.environment { row.decision.environment = environment }
  }

  /// Of a trace that was read in part only what the message changed is decided; the rest was decided with more at hand.
  private static func keepUnsaid(_ rows: inout [Observation], _ old: [Observation]) {
    let known = Dictionary(old.map { ($0.facts.id, $0) }, uniquingKeysWith: { first, _ in first })
    for i in rows.indices {
      if let before = known[rows[i].facts.id], before.facts == rows[i].facts, before.startedAt == rows[i].startedAt {
        rows[i] = before
      }
    }
  }

  /// Rows of a frozen time stay as they are, whatever the trace has become.
  private func keepFrozen(_ rows: inout [Observation], _ old: [Observation], _ limits: ProjectLimits) {
    guard old.contains(where: { $0.startedAt < limits.frozenBefore }) else { return }
    let frozen = Dictionary(
      old.filter { $0.startedAt < limits.frozenBefore }.map { ($0.facts.id, $0) },
      uniquingKeysWith: { first, _ in first })
    for i in rows.indices {
      if let kept = frozen[rows[i].facts.id] { rows[i] = kept }
    }
  }

  static func compare(_ rows: [Observation], _ old: [Observation], into change: inout TraceChange) {
    if old.isEmpty {
      change.written = rows
      return
    }
    var before = Dictionary(old.map { ($0.facts.id, $0) }, uniquingKeysWith: { first, _ in first })
    for row in rows {
      guard let known = before.removeValue(forKey: row.facts.id) else {
        change.written.append(row)
        continue
      }
      if known == row { continue }
      change.replaced.append(known)
      change.written.append(row)
    }
    change.replaced += before.values
  }
}
