import Domain
import Postgres

/// Commits many small requests together, so that they share one fsync. A request that comes while nothing runs is
/// written at once; under load those that wait are taken together by the next writer that is free.
///
/// Each caller gets its own result after the commit of everything in its request. A caller that is cancelled changes
/// nothing for the others: its request is written all the same.
public actor GroupCommit {
  /// How much is written at once.
  public struct Limits: Sendable {
    /// Transactions at the same time.
    public var writersMax = 3
    /// Observations and other items of a group; a larger request makes a group of its own.
    public var itemsMax = 2000
    /// With so many waiting a further writer starts without waiting for company.
    public var itemsForCompany = 250
    /// The longest wait for company while another writer runs.
    public var wait = Duration.milliseconds(4)

    public init() {}
  }

  private struct Waiting {
    var submission: IngestSubmission
    var continuation: CheckedContinuation<IngestResult, any Error>
  }

  private let writer: GroupWriter
  private let limits: Limits
  /// Where large groups are put together; nil is Swift's own threads.
  private let largeGroups: (any TaskExecutor)?
  private var waiting: [Waiting] = []
  private var waitingItems = 0
  private var running = 0
  private var hasTimer = false

  public init(door: ObservationDoor, limits: Limits = Limits(), largeGroups: (any TaskExecutor)? = nil) {
    self.writer = GroupWriter(door: door)
    self.limits = limits
    self.largeGroups = largeGroups
  }

  /// Writes a request. *Errors:* `DatabaseError` and `DatabaseBusy` (nothing or only a part is stored; sending again
  /// is safe), `UnknownProject`. Refused items are no errors: they are in the result.
  public func submit(_ submission: IngestSubmission) async throws -> IngestResult {
    try await withCheckedThrowingContinuation { continuation in
      waiting.append(Waiting(submission: submission, continuation: continuation))
      waitingItems += submission.batch.size
      start()
    }
  }

  /// The same; when prices have changed since the request was decided, `renewed` gives it with today's decisions and it
  /// is written by them. *Errors:* also `StaleDecision`, when `renewed` stays behind.
  public nonisolated func submit(
    _ submission: IngestSubmission, renewed: @Sendable (StaleDecision) async throws -> IngestSubmission
  ) async throws -> IngestResult {
    var submission = submission
    for _ in 0..<Self.renewalsMax {
      do { return try await submit(submission) } catch let stale as StaleDecision { submission = try await renewed(stale) }
    }
    return try await submit(submission)
  }

  /// Prices are changed by people, one change at a time.
  private static let renewalsMax = 4

  /// Items that wait to be written, those being written not included.
  public var backlog: Int { waitingItems }

  private func start() {
    while !waiting.isEmpty, running < limits.writersMax {
      if running > 0, waitingItems < limits.itemsForCompany {
        startTimer()
        return
      }
      startWriter()
    }
  }

  private func startTimer() {
    if hasTimer { return }
    hasTimer = true
    Task {
      try? await Task.sleep(for: limits.wait)
      hasTimer = false
      if !waiting.isEmpty, running < limits.writersMax { startWriter() }
      start()
    }
  }

  /// A task of its own: no caller's cancellation reaches it.
  private func startWriter() {
    let taken = take()
    running += 1
    let size = taken.reduce(0) { $0 + $1.submission.batch.size }
    let executor = size > limits.itemsForCompany * 2 ? largeGroups : nil
    Task {
      let results = await withTaskExecutorPreference(executor) { await writer.write(taken.map(\.submission)) }
      for (waiting, result) in zip(taken, results) { waiting.continuation.resume(with: result) }
      running -= 1
      start()
    }
  }

  private func take() -> [Waiting] {
    var count = 0
    var items = 0
    for entry in waiting {
      let size = entry.submission.batch.size
      if count > 0, items + size > limits.itemsMax { break }
      count += 1
      items += size
    }
    let taken = Array(waiting.prefix(count))
    waiting.removeFirst(count)
    waitingItems -= items
    return taken
  }
}

extension IngestBatch {
  /// Entries to write.
  var size: Int { observations.count + traces.count + scores.count }
}
