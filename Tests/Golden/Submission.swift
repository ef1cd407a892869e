import Domain
import Ingest
import Pricing
import Testing
import Wire

/// A way's bytes, sent through the product's own stages: decode, normalise, merge, settle, price; as the ingest
/// pipeline and the store do it, without a database.
struct Submission {
  let way: GoldenCase.Way

  /// Every observation, settled and priced, in the order sent.
  /// - Parameter isShuffled: everything arrives twice, the last first.
  func observations(_ book: PriceBook, isShuffled: Bool = false) throws -> [Observation] {
    var batch = try normalised()
    #expect(batch.rejections.isEmpty, "\(batch.rejections)")
    if isShuffled { batch.observations = batch.observations.reversed() + batch.observations }
    var facts: [ObservationID: ObservationFacts] = [:]
    var order: [ObservationID] = []
    for sent in batch.observations {
      if facts[sent.id]?.merge(sent) == nil {
        facts[sent.id] = sent
        order.append(sent.id)
      }
    }
    let traces = Dictionary(batch.traces.map { ($0.id, $0) }) { a, b in
      var merged = a
      merged.merge(b)
      return merged
    }
    var decided: [ObservationID: Observation] = [:]
    for (trace, rows) in Dictionary(grouping: order.compactMap { facts[$0] }, by: \.trace) {
      let trace = traces[trace] ?? TraceFacts(project: Self.context.project, id: trace)
      for row in Self.decide(rows, trace, book) { decided[row.facts.id] = row }
    }
    return order.compactMap { decided[$0] }
  }

  static func decide(_ rows: [ObservationFacts], _ trace: TraceFacts, _ book: PriceBook) -> [Observation] {
    let observations = rows.map { facts in
      Observation(
        facts: facts, startedAt: facts.startedAt ?? facts.endedAt ?? context.receivedAt,
        isStartAssumed: facts.startedAt == nil, receivedAt: context.receivedAt)
    }
    var snapshot = TraceSnapshot(facts: trace, observations: observations)
    Settle.settle(&snapshot)
    for i in snapshot.observations.indices {
      let priced = book.decide(observation: snapshot.observations[i])
      snapshot.observations[i].decision.provider = priced.provider
      snapshot.observations[i].decision.model = priced.model
      snapshot.observations[i].decision.cost = priced.outcome
    }
    return snapshot.observations
  }

  static let context = IngestContext(
    project: ProjectID(1), key: KeyID(1), environment: nil, receivedAt: Timestamp(seconds: 1_795_355_000))

  private func normalised() throws -> IngestBatch {
    if way.json["langfuse"] != nil {
      let body = [UInt8](JSON.serialise(langfuseBody()).utf8)
      return try body.withUnsafeBytes { try LangfuseBatch.decode($0, Self.context) }.batch
    }
    let body = [UInt8](JSON.serialise(try otlpBody()).utf8)
    let wire = try body.withUnsafeBytes { try OTLP.readTraces($0, .json) }
    return OTLPNormaliser.batch(wire, Self.context)
  }
}

// MARK: - Langfuse

extension Submission {
  /// `langfuse` is one event's body or a list of them; ids and times are filled in where the case doesn't care.
  private func langfuseBody() -> JSONValue {
    let sent = way.json["langfuse"]
    let bodies = sent?.arrayValue ?? [sent ?? .null]
    let events = bodies.enumerated().map { i, body -> JSONValue in
      var fields = body.objectValue ?? JSONObject()
      let type = fields["event"]?.stringValue ?? "generation-create"
      fields.members.removeAll { $0.key == "event" }
      if fields["id"] == nil { fields.put("id", .string("observation-\(i)")) }
      if fields["traceId"] == nil { fields.put("traceId", "trace-1") }
      if fields["startTime"] == nil { fields.put("startTime", .string(way.start)) }
      return [
        "id": .string("event-\(i)"), "timestamp": .string(way.start), "type": .string(type), "body": .object(fields),
      ]
    }
    return ["batch": .array(events)]
  }
}

// MARK: - OTLP

extension Submission {
  /// A span or a list of `spans`; a parent is named by its span's name.
  private func otlpBody() throws -> JSONValue {
    let spans = way.json["spans"]?.arrayValue?.compactMap(\.objectValue) ?? [way.json]
    let resourceSpans = try spans.enumerated().map { i, span -> JSONValue in
      let parent = span["parent"]?.stringValue.flatMap { name in
        spans.firstIndex { $0["name"]?.stringValue == name }
      }
      return [
        "resource": ["attributes": Self.attributes(span["resource"])],
        "scopeSpans": [
          [
            "scope": ["name": span["scope"] ?? ""],
            "spans": [try json(span, id: i, parent: parent)],
          ]
        ],
      ]
    }
    return ["resourceSpans": .array(resourceSpans)]
  }

  private func json(_ span: JSONObject, id: Int, parent: Int?) throws -> JSONValue {
    let base = try #require(GoldenTime.nanoseconds(span["start"]?.stringValue ?? way.start), "start")
    let start = base + (span["at"]?.uintValue ?? 0) * 1_000_000_000
    let end = start + (span["seconds"]?.uintValue ?? 1) * 1_000_000_000
    let isError = span["status"]?.stringValue == "error"
    return [
      "traceId": .string("0af7651916cd43dd8448eb211c8031" + Self.hex(span["trace"]?.intValue ?? 1)),
      "spanId": .string("00000000000000" + Self.hex(Int64(id + 1))),
      "parentSpanId": .string(parent.map { "00000000000000" + Self.hex(Int64($0 + 1)) } ?? ""),
      "name": span["name"] ?? "call", "kind": span["kind"] ?? 3,
      "startTimeUnixNano": .string(String(start)), "endTimeUnixNano": .string(String(end)),
      "attributes": Self.attributes(span["attributes"]),
      "status": isError ? ["code": 2, "message": span["message"] ?? "failed"] : [:],
    ]
  }

  private static func hex(_ number: Int64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, 2 - text.count)) + text
  }

  private static func attributes(_ sent: JSONValue?) -> JSONValue {
    .array((sent?.objectValue?.members ?? []).map { ["key": .string($0.key), "value": value($0.value)] })
  }

  private static func value(_ sent: JSONValue) -> JSONValue {
    switch sent {
    case .null: [:]
    case .bool(let flag): ["boolValue": .bool(flag)]
    case .string(let text): ["stringValue": .string(text)]
    case .number(let text):
      text.contains { ".eE".contains($0) } ? ["doubleValue": sent] : ["intValue": .string(text)]
    case .array(let items): ["arrayValue": ["values": .array(items.map(value))]]
    case .object: ["kvlistValue": ["values": attributes(sent)]]
    }
  }
}

/// Instants of the case files: "2026-11-15T12:00:00Z", whole seconds or milliseconds.
enum GoldenTime {
  static func nanoseconds(_ text: String) -> UInt64? {
    microseconds(text).flatMap { $0 < 0 ? nil : UInt64($0) * 1000 }
  }

  static func microseconds(_ text: String) -> Int64? {
    let fields = text.split { "-T:.Z".contains($0) }.compactMap { Int64($0) }
    guard text.hasSuffix("Z"), fields.count == 6 || fields.count == 7 else { return nil }
    let (year, month, day) = (fields[0], fields[1], fields[2])
    // March comes first, so that the leap day is the year's last.
    let y = month <= 2 ? year - 1 : year
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let days = 365 * y + y / 4 - y / 100 + y / 400 + dayOfYear - 719_468
    let seconds = days * 86_400 + fields[3] * 3600 + fields[4] * 60 + fields[5]
    return seconds * 1_000_000 + (fields.count == 7 ? fields[6] * 1000 : 0)
  }
}
