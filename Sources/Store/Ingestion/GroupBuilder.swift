import Domain

/// Makes one group of several requests: checks every item, merges what is said twice.
struct GroupBuilder {
  /// A request, or only some of its items.
  struct Source: Sendable {
    /// Its number in the results.
    var request: Int
    var submission: IngestSubmission
    /// Items to take; nil is all.
    var only: Set<Int>?
  }

  private(set) var group = WriteGroup()
  private(set) var refusals: [ItemRef: Rejection] = [:]
  private var places: [TraceKey: Int] = [:]
  private var observationPlaces: [ObservationKey: Int] = [:]
  private let limits: [ProjectID: ProjectLimits]

  private struct ObservationKey: Hashable {
    var trace: TraceKey
    var id: ObservationID
  }

  init(limits: [ProjectID: ProjectLimits]) { self.limits = limits }

  /// Does nothing for a project without limits.
  mutating func add(_ source: Source) {
    guard let limits = limits[source.submission.context.project] else { return }
    let batch = source.submission.batch
    for (i, facts) in batch.observations.enumerated() {
      guard let item = item(i, batch.observationItems, source) else { continue }
      add(facts, ItemRef(request: source.request, item: item), source.submission, limits)
    }
    for (i, facts) in batch.traces.enumerated() {
      // A root span that was refused must not leave a trace behind.
      guard let item = item(i, batch.traceItems, source),
        refusals[ItemRef(request: source.request, item: item)] == nil
      else { continue }
      add(facts, source.submission, limits)
    }
    for (i, score) in batch.scores.enumerated() where item(i, batch.scoreItems, source) != nil {
      add(score, source.submission, limits)
    }
  }

  /// The item behind the entry at `place`; nil when it is not to be taken.
  private func item(_ place: Int, _ items: [Int], _ source: Source) -> Int? {
    let item = items.indices.contains(place) ? items[place] : place
    return source.only?.contains(item) == false ? nil : item
  }

  private mutating func add(
    _ sent: ObservationFacts, _ item: ItemRef, _ submission: IngestSubmission, _ limits: ProjectLimits
  ) {
    let receivedAt = submission.context.receivedAt
    var facts = sent
    facts.project = submission.context.project
    ItemChecks.clean(&facts)
    if let (reason, detail) = ItemChecks.refusal(of: facts, receivedAt: receivedAt, limits: limits) {
      let id = facts.externalID ?? facts.id.hex
      refusals[item] = Rejection(index: item.item, id: id, reason: reason, detail: detail)
      return
    }
    let key = TraceKey(project: facts.project, trace: facts.trace)
    let at = place(of: key, submission, limits)
    // Of several candidates merging picks one; each must have its partition.
    addDay(UTCDay(facts.startedAt ?? facts.endedAt ?? receivedAt), to: at)
    if facts.startedAt == nil { addDay(UTCDay(receivedAt), to: at) }
    if !facts.bodies.isEmpty { group.traces[at].hasBodies = true }
    if let known = observationPlaces[ObservationKey(trace: key, id: facts.id)] {
      group.traces[at].observations[known].facts.merge(facts)
      group.traces[at].observations[known].items.append(item)
      let earlier = min(group.traces[at].observations[known].receivedAt, receivedAt)
      group.traces[at].observations[known].receivedAt = earlier
    } else {
      observationPlaces[ObservationKey(trace: key, id: facts.id)] = group.traces[at].observations.count
      group.traces[at].observations.append(
        PendingObservation(facts: Self.canonical(facts), receivedAt: receivedAt, items: [item]))
    }
  }

  /// Spans of a trace mostly share a day.
  private mutating func addDay(_ day: UTCDay, to trace: Int) {
    if group.traces[trace].days.count == 1, group.traces[trace].days.first == day { return }
    group.traces[trace].days.insert(day)
  }

  /// Two bodies of one kind and message must come out as they would by merging with what is stored.
  private static func canonical(_ facts: ObservationFacts) -> ObservationFacts {
    var kinds: UInt8 = 0
    let isDistinct = facts.bodies.allSatisfy { body in
      defer { kinds |= 1 << body.kind.rawValue }
      return kinds & 1 << body.kind.rawValue == 0
    }
    if isDistinct { return facts }
    var merged = ObservationFacts(project: facts.project, trace: facts.trace, id: facts.id)
    merged.isArrived = false
    merged.merge(facts)
    return merged
  }

  private mutating func add(_ sent: TraceFacts, _ submission: IngestSubmission, _ limits: ProjectLimits) {
    var facts = sent
    facts.project = submission.context.project
    ItemChecks.clean(&facts)
    let at = place(of: TraceKey(project: facts.project, trace: facts.id), submission, limits)
    if !facts.bodies.isEmpty { group.traces[at].hasBodies = true }
    group.traces[at].facts.merge(facts)
  }

  private mutating func add(_ sent: Score, _ submission: IngestSubmission, _ limits: ProjectLimits) {
    let context = submission.context
    if let trace = sent.trace, limits.sampling?.asksForScores == true {
      group.traces[place(of: TraceKey(project: context.project, trace: trace), submission, limits)].isReconsidered = true
    }
    var score = sent
    score.project = context.project
    if !ItemChecks.sensible.contains(score.createdAt) { score.createdAt = context.receivedAt }
    group.scores.append(score)
  }

  private mutating func place(of key: TraceKey, _ submission: IngestSubmission, _ limits: ProjectLimits) -> Int {
    let receivedAt = submission.context.receivedAt
    if let known = places[key] {
      group.traces[known].receivedAt = min(group.traces[known].receivedAt, receivedAt)
      return known
    }
    places[key] = group.traces.count
    group.traces.append(
      TraceWrite(
        key: key, receivedAt: receivedAt, limits: limits, decidedBy: submission.decidedBy, decide: submission.decide))
    return group.traces.count - 1
  }
}
