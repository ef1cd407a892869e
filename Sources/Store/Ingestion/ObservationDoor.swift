import Domain
import Postgres

/// The one door to `traces`, `observations` and `payloads`: nothing else inserts, updates or deletes there (design §5).
///
/// Under the locks of the trace rows it reads what exists of those traces (nothing for new ones: the hot path),
/// merges in Swift, decides, and writes rows, blocks and the −old +new deltas in the same transaction.
public struct ObservationDoor: Sendable {
  private let pool: ConnectionPool
  private let partitions: Partitions
  private let clock: Clock
  private let compressors = ZstdPool()
  private let settledAtOnceMax: Int32
  private let memory: DoorMemory
  let limits: ProjectLimitsCache

  /// `clock` gives the time that payload blocks are written at.
  /// A trace of more rows than `settledAtOnceMax` is settled in the background (nil: the product's own limit). So with
  /// `newSetsMax`, new combinations of values of declared keys in a project's day.
  public init(
    pool: ConnectionPool, partitions: Partitions, clock: Clock? = nil, settledAtOnceMax: Int32? = nil, newSetsMax: Int? = nil
  ) {
    self.pool = pool
    self.partitions = partitions
    self.clock = clock ?? WallClock.now
    self.settledAtOnceMax = settledAtOnceMax ?? LargeTrace.settledAtOnceMax
    self.limits = ProjectLimitsCache(pool: pool)
    memory = DoorMemory(sets: AdmittedSets(newSetsMax: newSetsMax))
  }

  /// Runs `decide` again over whole traces: after a change of rules or groups. What
  /// was booked stays where `decide` keeps it; prices are decided anew by `reprice` alone. Traces that don't exist are
  /// skipped. Give a few hundred at a time: all of them are locked until the commit.
  public func decideAgain(
    _ traces: [TraceID], in project: ProjectID, decidedBy: DecisionRevisions? = nil, decide: @escaping Decide
  ) async throws {
    try await change(traces, in: project, decidedBy, decide) { $0.isDecidedAgain = true }
  }

  /// Prices rows of these traces anew, in one transaction; nothing else about them changes, and the cost that each was
  /// charged first is kept. Rows of a frozen time stay. Give a few hundred at a time.
  ///
  /// *Errors:* `StaleDecision`; `RepricingElsewhere` and `RepricingEnded` when counted for a run.
  func reprice(
    _ traces: [TraceID], in project: ProjectID, _ repricing: TraceRepricing, decidedBy: DecisionRevisions,
    countedFor run: RepricingID? = nil
  ) async throws {
    var decidedBy = decidedBy
    // Rules are not asked.
    decidedBy.attribution = .max
    try await change(traces, in: project, decidedBy, counting: { $0.repricing = run }, { _ in }) { $0.repricing = repricing }
  }

  /// Decides owner, endpoint, group and dimensions of rows of these traces anew, in one transaction; nothing else about them
  /// changes. Rows of a frozen time stay. Give a few hundred at a time.
  ///
  /// *Errors:* `StaleDecision`; `ReattributionElsewhere` and `ReattributionEnded` when counted for a run.
  func reattribute(
    _ traces: [TraceID], in project: ProjectID, _ reattribution: TraceReattribution, countedFor run: ReattributionID? = nil
  ) async throws {
    // Prices are not asked.
    let decidedBy = DecisionRevisions(catalogue: .max, agreements: .max, attribution: reattribution.directory.revision)
    try await change(traces, in: project, decidedBy, counting: { $0.reattribution = run }, { _ in }) { $0.reattribution = reattribution }
  }

  /// Erases a user from these traces, in one transaction: content of all of each trace goes, the name stands as its pseudonym, money stays.
  func erase(
    _ traces: [TraceID], in project: ProjectID, _ erasure: TraceErasure, countedFor job: ErasureID
  ) async throws {
    // Neither prices nor rules are asked.
    let decidedBy = DecisionRevisions(catalogue: .max, agreements: .max, attribution: .max)
    try await change(traces, in: project, decidedBy, counting: { $0.erasure = job }, { _ in }) { $0.erasure = erasure }
  }

  /// Settles a trace whose rows were counted provisionally; nothing happens to one that is not due any more. What was
  /// booked for rows that counted before stays.
  func settle(
    _ trace: TraceID, in project: ProjectID, decidedBy: DecisionRevisions? = nil, decide: @escaping Decide
  ) async throws {
    try await change([trace], in: project, decidedBy, decide) { $0.isSettledNow = true }
  }

  /// Deletes observations and what they cost; rows of a frozen time stay. Their bodies stay in their blocks until
  /// retention.
  public func remove(
    _ observations: [TraceID: Set<ObservationID>], in project: ProjectID, decidedBy: DecisionRevisions? = nil,
    decide: @escaping Decide
  ) async throws {
    try await change(Array(observations.keys), in: project, decidedBy, decide) {
      $0.removed = observations[$0.key.trace] ?? []
      $0.isDecidedAgain = true
    }
  }

  private func change(
    _ traces: [TraceID], in project: ProjectID, _ decidedBy: DecisionRevisions?,
    counting: (inout WriteGroup) -> Void = { _ in }, _ decide: @escaping Decide, _ mark: (inout TraceWrite) -> Void
  ) async throws {
    guard let limits = try await limits.limits(of: [project])[project] else { return }
    var group = WriteGroup()
    counting(&group)
    group.traces = Set(traces).map { trace in
      var write = TraceWrite(
        key: TraceKey(project: project, trace: trace), receivedAt: clock(), limits: limits, decidedBy: decidedBy,
        decide: decide)
      mark(&write)
      return write
    }
    _ = try await apply(group)
  }

  /// Writes the group in one transaction. Returns items that would have changed frozen rows, with the reason for
  /// their sender; everything else is committed.
  ///
  /// *Errors:* `StaleDecision`; `DatabaseError`; one with `isDataError`, or `ValueOutOfRange`, means that some row can't be stored and
  /// nothing was.
  func apply(_ group: WriteGroup) async throws -> [ItemRef: String] {
    let places = group.places(writtenAt: clock())
    try await partitions.ensure(places)
    do {
      return try await write(group)
    } catch let error as DatabaseError where error.isMissingPartition {
      await partitions.forgetAll()
      try await partitions.ensure(places)
      return try await write(group)
    }
  }

  private func write(_ group: WriteGroup) async throws -> [ItemRef: String] {
    let clock = clock
    let knownDays = await partitions.observationDays
    let compressors = compressors
    let settledAtOnceMax = settledAtOnceMax
    let memory = memory
    let (tooOld, learned) = try await pool.transaction(attempts: 5) { connection in
      try compressors.with { zstd in
        let transaction = DoorTransaction(
          connection, writtenAt: clock(), knownDays: knownDays, zstd: zstd, memory: memory, settledAtOnceMax: settledAtOnceMax)
        try transaction.write(group)
        try ScoreWriter.write(group.scores, on: connection)
        return (transaction.tooOld, transaction.learned)
      }
    }
    memory.remember(learned)
    return tooOld
  }
}

/// What a process knows of small tables that rows refer to, so that the hot path asks nothing.
struct DoorMemory: Sendable {
  let values = AdmittedValues()
  let sets: AdmittedSets
  let rates = RateTable()

  struct Learned: Sendable {
    var values: [ValueKey: ValueSet]
    var sets: FoundSets
    var rates: [CallRates: RateID]
  }

  /// After the commit only: what was rolled back is not there.
  func remember(_ learned: Learned) {
    values.remember(learned.values)
    sets.remember(learned.sets)
    rates.remember(learned.rates)
  }
}

extension DatabaseError {
  /// "no partition of relation found for row" is a check violation without a constraint; a partition asked by its
  /// name is an undefined table.
  var isMissingPartition: Bool { (sqlState == "23514" && constraint == nil) || sqlState == "42P01" }
}
