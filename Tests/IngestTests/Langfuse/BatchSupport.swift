import Domain
import Wire

@testable import Ingest

let batchContext = IngestContext(
  project: ProjectID(1), key: KeyID(2), environment: nil, receivedAt: Timestamp(microseconds: 1_800_000_000_000_000))

func decodeBatch(_ text: String, _ context: IngestContext = batchContext) throws -> LangfuseBatchResult {
  try Array(text.utf8).withUnsafeBytes { try LangfuseBatch.decode($0, context) }
}

/// A batch of events given as JSON.
func decodeEvents(_ events: [String], _ context: IngestContext = batchContext) throws -> LangfuseBatchResult {
  try decodeBatch("{\"batch\":[\(events.joined(separator: ","))]}", context)
}

/// One event; `second` is the second of its time.
func batchEvent(_ id: String, _ type: String, _ body: String, at second: Int = 0) -> String {
  let time = "2026-08-01T10:00:\(second < 10 ? "0" : "")\(second).000Z"
  return "{\"id\":\"\(id)\",\"timestamp\":\"\(time)\",\"type\":\"\(type)\",\"body\":\(body)}"
}

/// Seconds after 10 o'clock of the day of `batchEvent`.
func clock(_ seconds: Int64) -> Timestamp {
  Timestamp(microseconds: 1_785_578_400_000_000).adding(seconds: seconds)
}

/// The facts of several results merged by identity, as the store does.
struct MergedBatch: Equatable {
  var observations: [ObservationID: ObservationFacts] = [:]
  var traces: [TraceID: TraceFacts] = [:]
  var scores: [String: Score] = [:]

  init(_ batches: [IngestBatch]) {
    for batch in batches {
      for facts in batch.observations {
        if observations[facts.id] == nil {
          observations[facts.id] = facts
        } else {
          observations[facts.id]?.merge(facts)
        }
      }
      for facts in batch.traces {
        if traces[facts.id] == nil { traces[facts.id] = facts } else { traces[facts.id]?.merge(facts) }
      }
      for score in batch.scores where scores[score.id].map({ $0.stamp < score.stamp }) ?? true {
        scores[score.id] = score
      }
    }
  }

  func observation(_ id: String) -> ObservationFacts? { observations[ObservationID.named(id).id] }
  func trace(_ id: String) -> TraceFacts? { traces[TraceID.named(id).id] }
}

/// The events of captured batches, each as its JSON text.
func capturedEvents(_ fixture: String) throws -> [String] {
  try Fixture(name: fixture).bodies("ingestion").flatMap { body in
    try JSON.parse(body)["batch"]?.arrayValue?.map(JSON.serialise) ?? []
  }
}
