import Domain

/// One request on its way into the database.
public struct IngestSubmission: Sendable {
  public var context: IngestContext
  public var batch: IngestBatch
  /// Settles, prices and attributes a trace; run under the trace's lock.
  public var decide: Decide
  /// What `decide` prices by: when the organisation's prices are newer at the commit, nothing is written
  /// (`StaleDecision`). nil is not checked.
  public var decidedBy: DecisionRevisions?

  public init(
    context: IngestContext, batch: IngestBatch, decidedBy: DecisionRevisions? = nil, decide: @escaping Decide
  ) {
    self.context = context
    self.batch = batch
    self.decidedBy = decidedBy
    self.decide = decide
  }
}

/// What became of a request. By the time it is returned everything accepted is committed.
public struct IngestResult: Sendable, Hashable {
  /// Items kept.
  public var accepted: Int
  /// Those found while decoding and those found while writing, by index.
  public var rejections: [Rejection]

  public init(accepted: Int, rejections: [Rejection]) {
    self.accepted = accepted
    self.rejections = rejections
  }
}

/// An item of one of the requests that are written together.
struct ItemRef: Sendable, Hashable {
  var request: Int
  var item: Int
}

/// All that is to be written in one transaction: one entry a trace, repeats merged.
struct WriteGroup: Sendable {
  var traces: [TraceWrite] = []
  var scores: [Score] = []
  /// The run that these changes are counted for.
  var repricing: RepricingID?
  var reattribution: ReattributionID?
  var erasure: ErasureID?

  /// The oldest revisions that anything in it was decided by, by organisation.
  var decidedBy: [OrganisationID: DecisionRevisions] {
    var oldest: [OrganisationID: DecisionRevisions] = [:]
    for trace in traces {
      guard let revisions = trace.decidedBy else { continue }
      let known = oldest[trace.limits.organisation] ?? revisions
      oldest[trace.limits.organisation] = DecisionRevisions(
        catalogue: min(known.catalogue, revisions.catalogue), agreements: min(known.agreements, revisions.agreements),
        attribution: min(known.attribution, revisions.attribution))
    }
    return oldest
  }

  /// Partitions that rows of this group can fall into, whatever they are merged with.
  func places(writtenAt: Timestamp) -> Set<Partitions.Place> {
    var places: Set<Partitions.Place> = []
    for trace in traces {
      places.formUnion(trace.days.map { .observations($0) })
      // A block can be written just after midnight.
      if trace.hasBodies {
        let today = UTCDay(writtenAt)
        places.formUnion([.payloads(trace.limits.retention, today), .payloads(trace.limits.retention, today.adding(1))])
      }
      if trace.limits.sampling != nil {
        let today = UTCDay(writtenAt), slot = HoldingSlot(writtenAt)
        places.formUnion([.omitted(today), .omitted(today.adding(1)), .held(slot), .held(slot.next)])
      }
    }
    return places
  }
}

/// What a group says about one trace.
struct TraceWrite: Sendable {
  var key: TraceKey
  /// Merged; blank when only observations came.
  var facts: TraceFacts
  var receivedAt: Timestamp
  var limits: ProjectLimits
  var decide: Decide
  var observations: [PendingObservation] = []
  /// UTC days of all starts, ends and receipts that rows may be filed under.
  var days: Set<UTCDay> = []
  var hasBodies = false
  /// Decide again although no evidence changed (re-pricing, re-attribution).
  var isDecidedAgain = false
  /// Settle the whole trace if it is due.
  var isSettledNow = false
  /// Decide again what is left out although nothing was said about it: a score came.
  var isReconsidered = false
  /// Rows to delete (erasure).
  var removed: Set<ObservationID> = []
  /// Nothing but the prices of these rows is decided; then `decide` is not asked.
  var repricing: TraceRepricing?
  /// Nothing but owner, endpoint, group and dimensions of these rows is decided; likewise.
  var reattribution: TraceReattribution?
  /// Nothing but content and a name goes; likewise.
  var erasure: TraceErasure?
  var decidedBy: DecisionRevisions?

  init(
    key: TraceKey, receivedAt: Timestamp, limits: ProjectLimits, decidedBy: DecisionRevisions? = nil,
    decide: @escaping Decide
  ) {
    self.decidedBy = decidedBy
    self.key = key
    self.facts = TraceFacts(project: key.project, id: key.trace)
    self.receivedAt = receivedAt
    self.limits = limits
    self.decide = decide
  }
}

/// What a group says about one observation, with the items that said it.
struct PendingObservation: Sendable {
  var facts: ObservationFacts
  var receivedAt: Timestamp
  var items: [ItemRef]
}
