import Domain

/// A row of `traces`: context and what is summed over the trace's observations.
struct TraceRow: Sendable {
  var facts: TraceFacts
  var receivedAt: Timestamp
  var summary: TraceSummary
  /// Set while rows are counted provisionally.
  var settleDueAt: Timestamp?
  /// Partition of `omitted_spans` that holds its omitted spans; nil: none.
  var omittedOn: UTCDay?
  var omitted = OmittedCounts()

  var key: TraceKey { TraceKey(project: facts.project, trace: facts.id) }

  /// Nothing but content whose observation is still to come was said: lists must not show it.
  static func listedAt(_ facts: TraceFacts, _ summary: TraceSummary, receivedAt: Timestamp) -> Timestamp? {
    if let start = summary.startedAt { return start }
    return facts.stamps.bytes.isEmpty && facts.tags.isEmpty ? nil : facts.timestamp ?? receivedAt
  }
}

/// Identity of a trace; its order is the order of locks.
struct TraceKey: Sendable, Hashable, Comparable {
  var project: ProjectID
  var trace: TraceID

  static func < (a: Self, b: Self) -> Bool { (a.project, a.trace) < (b.project, b.trace) }
}

/// Derived from the observations of a trace.
struct TraceSummary: Sendable, Hashable {
  /// First start of an arrived observation.
  var startedAt: Timestamp?
  var firstStartedAt: Timestamp?
  var lastStartedAt: Timestamp?
  var lastEndedAt: Timestamp?
  var observations: Int32 = 0
  var calls: Int32 = 0
  var errors: Int32 = 0
  var unpriced: Int32 = 0
  var costed: Int32 = 0
  var usage = Usage()
  var cost: Int128 = 0

  init(_ observations: [Observation] = []) { add(observations) }

  /// Without the rows of `replaced` and with those of `written`. Times only widen: the rows that are not at hand would
  /// have to be asked for the others.
  func changed(replaced: [Observation], written: [Observation]) -> TraceSummary {
    var changed = self
    for o in replaced where o.facts.isArrived { changed.count(o, -1) }
    changed.add(written)
    return changed
  }

  private mutating func add(_ observations: [Observation]) {
    for o in observations {
      firstStartedAt = min(firstStartedAt ?? o.startedAt, o.startedAt)
      lastStartedAt = max(lastStartedAt ?? o.startedAt, o.startedAt)
      if o.facts.isArrived {
        startedAt = min(startedAt ?? o.startedAt, o.startedAt)
        if let end = o.facts.endedAt { lastEndedAt = max(lastEndedAt ?? end, end) }
        count(o, 1)
      }
    }
  }

  private mutating func count(_ o: Observation, _ sign: Int32) {
    observations &+= sign
    if o.isError { errors &+= sign }
    guard o.decision.isCall else { return }
    calls &+= sign
    if o.decision.cost.status.isUnpriced { unpriced &+= sign }
    if let amount = o.decision.cost.cost {
      costed &+= sign
      cost &+= amount.pico &* Int128(sign)
    }
    guard let report = o.facts.usage else { return }
    for entry in report.usage.entries { usage[entry.bucket] = usage[entry.bucket] &+ entry.count &* Int64(sign) }
  }
}
