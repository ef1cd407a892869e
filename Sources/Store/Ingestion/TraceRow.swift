import Domain

/// A row of `traces`: context and what is summed over the trace's observations.
struct TraceRow: Sendable {
  var facts: TraceFacts
  var receivedAt: Timestamp
  var summary: TraceSummary

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
struct TraceSummary: Sendable {
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

  init(_ observations: [Observation]) {
    for o in observations {
      firstStartedAt = min(firstStartedAt ?? o.startedAt, o.startedAt)
      lastStartedAt = max(lastStartedAt ?? o.startedAt, o.startedAt)
      if o.facts.isArrived { add(o) }
    }
  }

  private mutating func add(_ o: Observation) {
    startedAt = min(startedAt ?? o.startedAt, o.startedAt)
    if let end = o.facts.endedAt { lastEndedAt = max(lastEndedAt ?? end, end) }
    observations &+= 1
    if o.isError { errors &+= 1 }
    guard o.decision.isCall else { return }
    calls &+= 1
    if o.decision.cost.status.isUnpriced { unpriced &+= 1 }
    if let amount = o.decision.cost.cost {
      costed &+= 1
      cost &+= amount.pico
    }
    if let report = o.facts.usage { usage += report.usage }
  }
}
