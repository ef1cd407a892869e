import Domain
import Postgres

/// One page's way back through the blocks: slices of time, in them batches of candidates, of these the traces.
struct SearchRun {
  let pool: ConnectionPool
  let text: SearchText
  let reach: SearchReach
  let named: NamedTraces
  let limit: Int
  let deadline: ContinuousClock.Instant
  var inflatedBytesLeft: Int
  /// What has been searched lies before this.
  var after: SearchPosition?

  private(set) var found: [(trace: TraceItem, match: TraceMatch)] = []
  /// Everything in the range has been searched.
  private(set) var isDone = false
  private var finds: [TraceKey: TraceFind?] = [:]
  private var hasMoved = false

  init(
    pool: ConnectionPool, text: SearchText, reach: SearchReach, named: NamedTraces, limit: Int,
    deadline: ContinuousClock.Instant, inflatedBytesLeft: Int, after: SearchPosition?
  ) {
    self.pool = pool
    self.text = text
    self.reach = reach
    self.named = named
    self.limit = limit
    self.deadline = deadline
    self.inflatedBytesLeft = inflatedBytesLeft
    self.after = after
  }

  private static let sliceFirst: Int64 = 3_600_000_000
  private static let sliceMin: Int64 = 1_000_000
  private static let batchBytes = 4 << 20
  private static let batchRowsMax = 128

  /// A page gets further in any case, by one batch at least.
  private var isOver: Bool {
    found.count >= limit || hasMoved && (ContinuousClock.now >= deadline || inflatedBytesLeft <= 0)
  }

  mutating func run() async throws {
    let candidates = SearchCandidates(text: text, projects: reach.readable, range: reach.range)
    var slice = Self.sliceFirst
    while !isDone, !isOver {
      let top = after?.startedAt ?? reach.range.to
      let bottom = max(candidates.first, top.adding(microseconds: -slice))
      let began = ContinuousClock.now
      let batch: [SearchCandidate]
      do {
        batch = try await read(candidates, bottom)
      } catch let error as DatabaseError where error.isTimeout && slice > Self.sliceMin {
        if hasMoved { return }
        slice = max(Self.sliceMin, slice / 16)
        continue
      }
      let took = ContinuousClock.now - began
      guard try await search(batch) else { return }
      if batch.count == SearchCandidates.limit { continue }
      move(to: .before(bottom))
      isDone = bottom <= candidates.first
      if took < .milliseconds(25) { slice = min(slice &* 4, 400 * 86_400_000_000) }
    }
  }

  private mutating func move(to position: SearchPosition) {
    after = position
    hasMoved = true
  }

  /// Ended by the database when the budget is over.
  private func read(_ candidates: SearchCandidates, _ bottom: Timestamp) async throws -> [SearchCandidate] {
    let left = (deadline - ContinuousClock.now).components
    let milliseconds = Int(left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000)
    let options = TransactionOptions(
      readOnly: true, statementTimeoutMilliseconds: hasMoved ? max(20, milliseconds) : 3000)
    let statement = candidates.statement(after: after, bottom: bottom)
    return try await pool.transaction(options) { try $0.query(statement, SearchCandidates.read) }
  }

  /// False when the page ends within the candidates.
  private mutating func search(_ candidates: [SearchCandidate]) async throws -> Bool {
    var next = 0
    var rowsMax = 8
    while next < candidates.count {
      if isOver { return false }
      let batch = Self.batch(of: candidates, from: next, rowsMax)
      let text = text
      let passing = try await pool.transaction(TransactionOptions(readOnly: true)) {
        try CandidateBlocks.passing(batch, TextMatcher(text), $0)
      }
      for index in batch.indices {
        if passing.contains(index) {
          // A trace takes longer than a block.
          if isOver { return false }
          try await take(candidates[index])
        }
        move(to: candidates[index].position)
      }
      inflatedBytesLeft -= batch.reduce(0) { $0 + $1.inflatedBytes }
      next = batch.endIndex
      rowsMax = min(Self.batchRowsMax, rowsMax * 2)
    }
    return true
  }

  /// At least one, then as many as fit.
  private static func batch(of candidates: [SearchCandidate], from: Int, _ rowsMax: Int) -> ArraySlice<SearchCandidate> {
    var end = from
    var bytes = 0
    while end < candidates.count, end - from < rowsMax, end == from || bytes < batchBytes {
      bytes += candidates[end].inflatedBytes
      end += 1
    }
    return candidates[from..<end]
  }

  /// A trace is told once: at the block of its latest observation that matches, whatever led to it.
  private mutating func take(_ candidate: SearchCandidate) async throws {
    if finds[candidate.key] == nil {
      let key = candidate.key
      let (text, reach, named) = (text, reach, named)
      let find = try await pool.transaction(TransactionOptions(readOnly: true)) {
        try TraceFind.read(key, TextMatcher(text), reach, named, $0)
      }
      finds[key] = .some(find)
    }
    guard let find = finds[candidate.key] ?? nil, find.block == candidate.block else { return }
    // A block may have several traces and a trace's block be met once only, but one page tells a trace once.
    finds[candidate.key] = .some(nil)
    found.append((find.item, find.match))
  }
}
