import Domain
import Testing
import Wire

@testable import Ingest

/// What langfuse 2.60.10 really sent, against expectations read off the bytes by hand.
@Suite struct LangfuseFixtureTests {
  private let fixture = Fixture(name: "langfuse-2.60.10")

  private func merged() throws -> MergedBatch {
    MergedBatch(
      try fixture.bodies("ingestion").map { body in
        try body.withUnsafeBytes { try LangfuseBatch.decode($0, batchContext) }.batch
      })
  }

  private func merged(_ events: [String]) throws -> MergedBatch {
    MergedBatch([try decodeEvents(events).batch])
  }

  @Test func everyEventIsTaken() throws {
    for body in try fixture.bodies("ingestion") {
      let result = try body.withUnsafeBytes { try LangfuseBatch.decode($0, batchContext) }
      #expect(result.events.allSatisfy { $0.status == 201 })
      #expect(result.batch.accepted == result.events.count && result.batch.rejections.isEmpty)
    }
  }

  @Test func tracesAreAsExpected() throws {
    let expected = try fixture.expected(), merged = try merged()
    let traces = try #require(expected["traces"]?.arrayValue)
    #expect(merged.traces.count == traces.count)
    for sent in traces {
      let trace = try #require(merged.trace(sent["id"]?.stringValue ?? ""))
      let own = merged.observations.values.filter { $0.trace == trace.id }
      #expect(own.count == sent["observations"]?.intValue.map { Int($0) })
      #expect(own.filter { $0.parent == nil }.count == sent["roots"]?.intValue.map { Int($0) })
      #expect(trace.externalID == sent["id"]?.stringValue)
      #expect(trace.name == sent["name"]?.stringValue)
      #expect(trace.user == sent["user"]?.stringValue)
      #expect(trace.session == sent["session"]?.stringValue)
      #expect(trace.release == sent["release"]?.stringValue)
      #expect(trace.version == sent["version"]?.stringValue)
      #expect(trace.isPublic == sent["isPublic"]?.boolValue)
      #expect(trace.tags == sent["tags"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    }
  }

  @Test func theTreeIsAsExpected() throws {
    let expected = try #require(try fixture.expected()["tree"]?.arrayValue), merged = try merged()
    let pairs = merged.observations.values.compactMap { facts -> String? in
      facts.parent.flatMap { merged.observations[$0] }.map { "\(facts.name ?? "-") < \($0.name ?? "-")" }
    }
    #expect(pairs.sorted() == expected.map { "\($0[0]?.stringValue ?? "") < \($0[1]?.stringValue ?? "")" }.sorted())
  }

  @Test func everyCallIsReadAsExpected() throws {
    let calls = try #require(try fixture.expected()["calls"]?.arrayValue), merged = try merged()
    for sent in calls.flatMap({ $0["observations"]?.arrayValue ?? [] }) {
      let facts = try #require(merged.observation(sent["id"]?.stringValue ?? ""))
      try expectAlike(facts, sent)
    }
  }

  private func expectAlike(_ facts: ObservationFacts, _ sent: JSONValue) throws {
    let texts: [(String, String?)] = [
      ("name", facts.name), ("kind", facts.kind?.rawValue), ("scope", facts.scope),
      ("requestModel", facts.requestModel),
      ("provider", facts.provider), ("responseID", facts.responseID), ("serviceTier", facts.serviceTier),
      ("rule", facts.usage?.rule), ("level", facts.level?.rawValue), ("prompt", facts.prompt),
      ("endpointHint", facts.endpointHint),
    ]
    for (key, value) in texts { #expect(value == sent[key]?.stringValue, "\(sent["id"] ?? .null) \(key)") }
    let buckets = Dictionary(
      uniqueKeysWithValues: facts.usage?.usage.entries.map { ($0.bucket.rawValue, $0.count) } ?? [])
    let expected = Dictionary(
      uniqueKeysWithValues: sent["usage"]?.objectValue?.members.map { ($0.key, $0.value.intValue ?? -1) } ?? [])
    #expect(buckets == expected, "\(sent["id"] ?? .null)")
    #expect((facts.usage == nil) == (sent["usage"] == nil))
    #expect(facts.usage?.flags ?? [] == [])
    #expect(facts.reportedCost?.amount.decimal == sent["reportedCost"]?.stringValue)
    #expect((facts.firstTokenAt != nil) == (sent["hasFirstToken"]?.boolValue ?? false))
    for (key, value) in [
      ("statusMessage", facts.statusMessage), ("input", facts.body(.input)), ("output", facts.body(.output)),
    ] {
      guard let part = sent[key]?.stringValue else { continue }
      #expect(value?.contains(part) == true, "\(sent["id"] ?? .null) \(key)")
    }
  }

  @Test(arguments: ["langfuse-2.60.10", "langfuse-4.18.0"]) func scoresAreAsExpected(fixture: String) throws {
    let events = try capturedEvents(fixture)
    let scores = MergedBatch([try decodeEvents(events).batch]).scores.values
    let expected = try #require(try Fixture(name: fixture).expected()["scores"]?.arrayValue)
    func line(_ name: String, _ type: String, _ value: String, _ on: String) -> String {
      "\(name) \(type) \(value) \(on)"
    }
    let read = scores.map { score in
      let on = score.session != nil ? "session" : score.observation != nil ? "observation" : "trace"
      let number = score.number.map { $0.description } ?? "-"
      return line(score.name, score.dataType.rawValue, score.dataType == .categorical ? score.text ?? "-" : number, on)
    }
    let wanted = expected.map { score in
      let value = score["value"]
      let number = value?.doubleValue?.description ?? value?.stringValue ?? "-"
      return line(
        score["name"]?.stringValue ?? "", score["dataType"]?.stringValue ?? "", number, score["on"]?.stringValue ?? "")
    }
    #expect(read.sorted() == wanted.sorted())
  }

  @Test func eventsOutOfOrderAndRepeatedMergeAlike() throws {
    let events = try capturedEvents(fixture.name)
    let expected = try merged(events)
    #expect(try merged(events.reversed()) == expected)
    for _ in 0..<5 {
      let shuffled = (events + events.shuffled().prefix(20)).shuffled()
      #expect(try merged(shuffled) == expected)
    }
  }
}
