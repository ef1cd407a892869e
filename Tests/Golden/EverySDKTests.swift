import Domain
import Ingest
import Pricing
import Testing
import Wire

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The application behind `Tests/Fixtures` made the same calls under every SDK: what one call costs must not depend on
/// who told of it. Prices: gpt-4o-mini 0.15 / 0.075 / 0.6, gpt-4o 2.5 / 1.25 / 10, claude-sonnet-4-5
/// 3 / 0.3 / 3.75 / 15, text-embedding-3-small 0.02 dollars per million.
@Suite struct EverySDKTests {
  static let captures = [
    "langfuse-2.60.10", "langfuse-4.18.0", "litellm-1.106.2-langfuse", "openinference-openai-0.1.66", "openlit-1.45.0",
    "otel-openai-v2-2.4b0",
  ]
  /// What the provider would bill: input 56, cache read 64, output with reasoning 35; messages: 40, 64, write 20, 35.
  private static let invoice = [
    "chat": ["56 input × 0.15 per million", "64 cache read × 0.075 per million", "35 output × 0.6 per million"],
    "chat_tools": ["56 input × 2.5 per million", "64 cache read × 1.25 per million", "35 output × 10 per million"],
    "embeddings": ["9 input × 0.02 per million"],
    "messages": [
      "40 input × 3 per million", "64 cache read × 0.3 per million", "20 cache write × 3.75 per million",
      "35 output × 15 per million",
    ],
  ]
  /// Calls of the same content under another name.
  private static let sameCall = [
    "chat_stream": "chat", "responses": "chat", "responses_stream": "chat", "langchain": "chat",
    "langchain_stream": "chat", "messages_stream": "messages", "messages_create_stream": "messages",
  ]

  @Test(arguments: captures) func theSameCallCostsTheSameThroughEverySDK(_ capture: String) throws {
    let rows = try decided(capture)
    var compared = 0
    for call in try #require(try expected(capture)["calls"]?.arrayValue) {
      let name = call["call"]?.stringValue ?? "-"
      guard call["status"]?.stringValue == "exact", let lines = Self.invoice[Self.sameCall[name] ?? name] else {
        continue
      }
      let ids = Set(
        (call["observations"]?.arrayValue ?? []).compactMap {
          $0["id"]?.stringValue.map { ObservationID.named($0).id }
        })
      let counted = rows.filter { ids.contains($0.facts.id) && $0.decision.isCall }
      let isGPT4o = counted.contains { $0.decision.model == "gpt-4o" }
      let bill = try SumLines.sum(isGPT4o ? Self.invoice["chat_tools"] ?? [] : lines)
      let amounts = counted.map { ($0.decision.cost.computed ?? .zero).decimal }
      #expect(amounts == [bill?.decimal], "\(capture): \(name)")
      compared += 1
    }
    // OpenTelemetry's own instrumentation does not tell the cached share of a chat; only its embedding is exact.
    #expect(compared >= (capture.hasPrefix("otel") ? 1 : 5))
  }

  @Test(arguments: captures) func noCallOfACaptureIsZeroWithoutAReason(_ capture: String) throws {
    for row in try decided(capture) where row.decision.isCall {
      let cost = row.decision.cost
      #expect(!cost.reason.isEmpty, "\(row.facts.name ?? "-")")
      if cost.cost == .zero { #expect([.free, .reported].contains(cost.status), "\(row.facts.name ?? "-")") }
    }
  }

  // MARK: Captures

  private func decided(_ capture: String) throws -> [Observation] {
    let book = try GoldenBook.plain.get()
    var observations: [TraceID: [ObservationID: ObservationFacts]] = [:]
    var traces: [TraceID: TraceFacts] = [:]
    for batch in try batches(capture) {
      for facts in batch.observations {
        if observations[facts.trace, default: [:]][facts.id]?.merge(facts) == nil {
          observations[facts.trace, default: [:]][facts.id] = facts
        }
      }
      for facts in batch.traces where traces[facts.id]?.merge(facts) == nil { traces[facts.id] = facts }
    }
    return observations.flatMap { id, rows in
      Submission.decide(Array(rows.values), traces[id] ?? TraceFacts(project: Submission.context.project, id: id), book)
    }
  }

  private func batches(_ capture: String) throws -> [IngestBatch] {
    let context = Submission.context
    let events = try bodies(capture, "api_public_ingestion").map { body in
      try body.withUnsafeBytes { try LangfuseBatch.decode($0, context) }.batch
    }
    let spans = try bodies(capture, "v1_traces").map { body in
      OTLPNormaliser.batch(try body.withUnsafeBytes { try OTLP.readTraces($0, .protobuf) }, context)
    }
    let logs = try bodies(capture, "v1_logs").map { body in
      OTLPLogNormaliser.batch(try body.withUnsafeBytes { try OTLP.readLogs($0, .protobuf) }, context)
    }
    return events + spans + logs
  }

  private static let folder =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/") + "/Fixtures/"

  /// Inflated bodies whose file name contains `path`, in the order sent.
  private func bodies(_ capture: String, _ path: String) throws -> [[UInt8]] {
    let requests = Self.folder + capture + "/requests"
    let names = try FileManager.default.contentsOfDirectory(atPath: requests).sorted()
    return names.filter { $0.contains(path) && $0.hasSuffix(".body") }.compactMap { name in
      let plain = String(name.dropLast(5)) + ".plain"
      let file = requests + "/" + (names.contains(plain) ? plain : name)
      return FileManager.default.contents(atPath: file).map { [UInt8]($0) }
    }
  }

  private func expected(_ capture: String) throws -> JSONValue {
    let bytes = try #require(FileManager.default.contents(atPath: Self.folder + capture + "/expected.json"))
    return try JSON.parse([UInt8](bytes))
  }
}
