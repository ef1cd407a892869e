import Domain
import Ingest
import Pricing
import Store
import Wire

/// The way of a span, left to right. Every stage but the last is a pure function from one named value to the next:
///
///     bytes ─decode▶ wire spans ─normalise▶ facts ─keep▶ facts ─▶ [ under the trace's lock: merge ▶ settle ▶ price ▶ attribute ] ─write▶ rows, deltas
///
/// What is decided (counting, cost, owner) depends on the whole trace, so those stages run where the trace is locked: the door of
/// `Store` merges and then calls `decide`.
struct IngestPipeline: Sendable {
  let commits: GroupCommit
  let prices: PriceBookCache
  let directory: DirectoryCache
  let content: ContentFilters

  /// decode ▶ normalise, for OTLP traces.
  func spans(_ body: [UInt8], _ encoding: OTLPEncoding, _ context: IngestContext) throws -> IngestBatch {
    let wire = try body.withUnsafeBytes { bytes throws(WireError) in try OTLP.readTraces(bytes, encoding) }
    return OTLPNormaliser.batch(wire, context)
  }

  /// decode ▶ normalise, for OTLP logs: GenAI content events become bodies of their spans.
  func logs(_ body: [UInt8], _ encoding: OTLPEncoding, _ context: IngestContext) throws -> IngestBatch {
    let wire = try body.withUnsafeBytes { bytes throws(WireError) in try OTLP.readLogs(bytes, encoding) }
    return OTLPLogNormaliser.batch(wire, context)
  }

  /// decode ▶ normalise, for Langfuse's batch protocol.
  func events(_ body: [UInt8], _ context: IngestContext) throws -> LangfuseBatchResult {
    try body.withUnsafeBytes { bytes throws(BatchFailure) in try LangfuseBatch.decode(bytes, context) }
  }

  /// decode ▶ normalise, for scores sent on their own.
  func scores(_ body: [UInt8], _ context: IngestContext) throws -> LangfuseScores.Answer {
    try body.withUnsafeBytes { bytes throws(BatchFailure) in try LangfuseScores.decode(bytes, context) }
  }

  /// settle ▶ price ▶ attribute, for one trace under its lock. What was booked stays: prices of today are for new calls, and for those
  /// whose evidence changed (the door takes the cost off them).
  func decide() -> (by: DecisionRevisions, decide: Decide) {
    let prices = prices.current, directory = directory.current
    let decide: Decide = { trace in
      Settle.settle(&trace)
      for i in trace.observations.indices {
        let isDecided = trace.observations[i].decision.cost.status != .none
        prices.price(&trace.observations[i], stored: isDecided ? trace.observations[i] : nil)
      }
      Attribution.attribute(&trace, directory: directory)
    }
    var revisions = prices.revisions
    revisions.attribution = directory.revision
    return (revisions, decide)
  }

  /// keep out what the project does not keep ▶ merge ▶ decide ▶ write. Returns after the commit of everything accepted (design §3.1).
  func store(_ batch: IngestBatch, _ context: IngestContext) async throws -> IngestResult {
    var batch = batch
    // Before identifiers are masked, and again with the revision that the write is held to.
    directory.current.erased.apply(to: &batch)
    batch = try await content.kept(batch, context)
    return try await commit(batch, context)
  }

  private func commit(_ batch: IngestBatch, _ context: IngestContext) async throws -> IngestResult {
    return try await commits.submit(submission(batch, context)) { stale in
      // A newer catalogue of another process does not come by reading.
      if stale.isCatalogueOld { throw stale }
      try await refresh()
      return submission(batch, context)
    }
  }

  /// Reads what has changed of prices and rules.
  func refresh() async throws {
    try await prices.refresh()
    try await directory.refresh()
  }

  private func submission(_ batch: IngestBatch, _ context: IngestContext) -> IngestSubmission {
    let (revisions, decide) = decide()
    var batch = batch
    // After the revision was read: whoever was erased later refuses the write.
    directory.current.erased.apply(to: &batch)
    return IngestSubmission(context: context, batch: batch, decidedBy: revisions, decide: decide)
  }
}
