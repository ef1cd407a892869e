import Domain
import Wire

/// `POST /api/public/ingestion`: the batch protocol of Langfuse's SDKs.
public enum LangfuseBatch {
  /// The most events, or scores, of one request: "0," is two bytes, and over a kilobyte with its answer.
  public static let eventsMax = 100_000

  /// Reads `{"batch":[event…]}`. One bad event never costs another: each is taken or refused alone.
  /// - Throws: when the body is no such object; nothing of it is taken then.
  public static func decode(
    _ body: UnsafeRawBufferPointer, _ context: IngestContext
  ) throws(BatchFailure) -> LangfuseBatchResult {
    let sent = try events(body)
    var decoder = BatchDecoder(context)
    let checked = sent.map { event in
      event.flatMap { event in Result { () throws(EventRefusal) in try event.checked() } }
    }
    decoder.learnTraces(checked)
    for (index, event) in checked.enumerated() {
      let id = (try? sent[index].get())?.idForReply ?? "unknown"
      decoder.add(event, id: id, index: index)
    }
    decoder.addBareTraces()
    return decoder.result
  }

  private static func events(_ body: UnsafeRawBufferPointer) throws(BatchFailure) -> [Result<SentEvent, EventRefusal>] {
    var scanner = JSONScanner(body)
    do {
      guard try scanner.kind() == .object else { throw BatchFailure("body: must be an object with a batch") }
      var events: [Result<SentEvent, EventRefusal>]?
      try scanner.enterObject()
      while let key = try scanner.nextKey() {
        if key == "batch", try scanner.kind() == .array {
          events = try list(&scanner)
        } else {
          _ = try scanner.skipValue()
        }
      }
      try scanner.finish()
      guard let events else { throw BatchFailure("batch: must be a list of events") }
      return events
    } catch let failure as BatchFailure {
      throw failure
    } catch let error as WireError {
      throw BatchFailure(error)
    } catch {
      throw BatchFailure("body: \(error)")
    }
  }

  static func checkCount(_ count: Int) throws(WireError) {
    guard count < eventsMax else {
      throw WireError(kind: .tooLarge, message: "more than \(eventsMax) items; send smaller batches")
    }
  }

  private static func list(_ scanner: inout JSONScanner) throws(WireError) -> [Result<SentEvent, EventRefusal>] {
    var events: [Result<SentEvent, EventRefusal>] = []
    try scanner.enterArray()
    while try scanner.nextElement() {
      try checkCount(events.count)
      let event = try scanner.recovering { scanner throws(WireError) in try SentEvent(&scanner) }
      events.append(event.mapError { EventRefusal(reason: .malformed, detail: $0.message) })
    }
    return events
  }
}

/// Collects the facts and answers of one batch.
private struct BatchDecoder {
  private let context: IngestContext
  private(set) var result = LangfuseBatchResult(batch: IngestBatch(), events: [])
  /// Traces that events name for an observation, for those events that leave it out.
  private var traceOf: [String: String] = [:]
  private var bareTraces: [(facts: TraceFacts, item: Int)] = []

  init(_ context: IngestContext) { self.context = context }

  mutating func learnTraces(_ events: [Result<BatchEvent, EventRefusal>]) {
    for case .success(let event) in events {
      guard case .observation = event.type, let id = event.fields["id"]?.stringValue,
        let trace = event.fields["traceId"]?.stringValue
      else { continue }
      traceOf[id] = min(trace, traceOf[id] ?? trace)
    }
  }

  mutating func add(_ event: Result<BatchEvent, EventRefusal>, id: String, index: Int) {
    do throws(EventRefusal) {
      try take(try event.get(), index: index)
      result.batch.accepted += 1
      result.events.append(LangfuseEventResult(id: id, status: 201))
    } catch {
      let detail = error.detail
      result.batch.rejections.append(
        Rejection(index: index, id: id == "unknown" ? nil : id, reason: error.reason, detail: detail))
      result.events.append(
        LangfuseEventResult(id: id, status: 400, message: LangfuseEventResult.invalid, error: detail))
    }
  }

  private mutating func take(_ event: BatchEvent, index: Int) throws(EventRefusal) {
    switch event.type {
    case .trace:
      let facts = try event.trace(context)
      result.batch.traces.append(facts)
      result.batch.traceItems.append(index)
    case .observation(let kind, let isUpdate):
      let (facts, trace) = try event.observation(kind, isUpdate: isUpdate, context, traceOf: traceOf)
      result.batch.observations.append(facts)
      result.batch.observationItems.append(index)
      if let trace { bareTraces.append((trace, index)) }
    case .score:
      let score = try ScoreBody.read(event.fields, ownID: event.id, stamp: event.stamp, at: event.time, context)
      result.batch.scores.append(score)
      result.batch.scoreItems.append(index)
    case .log: break
    }
  }

  /// One entry each for traces whose sent id only observations tell; the other facts about them come in their own
  /// events.
  mutating func addBareTraces() {
    var known = Set(result.batch.traces.map(\.id))
    for (facts, item) in bareTraces {
      let isNew = known.insert(facts.id).inserted
      guard isNew || facts.stamps != TraceStamps() else { continue }
      result.batch.traces.append(facts)
      result.batch.traceItems.append(item)
    }
  }
}
