import Domain
import Testing
import Wire

@testable import Ingest

/// Everything that each captured SDK sent, decoded, merged and settled: every true call must count exactly once.
@Suite struct CountedOnceTests {
  static let fixtures = [
    "langfuse-2.60.10", "langfuse-4.18.0", "litellm-1.106.2-langfuse", "openinference-openai-0.1.66", "openlit-1.45.0",
    "otel-openai-v2-2.4b0",
  ].map { Fixture(name: $0) }

  private func batches(_ fixture: Fixture) throws -> [IngestBatch] {
    let events = try fixture.bodies("api_public_ingestion").map { body in
      try body.withUnsafeBytes { try LangfuseBatch.decode($0, Fixture.context) }.batch
    }
    return try events + fixture.traceBatches() + fixture.logBatches()
  }

  /// As the store does it: merged by identity, filed by start, settled trace by trace.
  private func settled(_ batches: [IngestBatch]) -> [Observation] {
    let merged = MergedBatch(batches)
    let byTrace = Dictionary(grouping: merged.observations.values, by: \.trace)
    return byTrace.flatMap { id, facts -> [Observation] in
      let received = Fixture.context.receivedAt
      let rows = facts.map { facts in
        Observation(
          facts: facts, startedAt: facts.startedAt ?? facts.endedAt ?? received, isStartAssumed: facts.startedAt == nil,
          receivedAt: received)
      }
      let trace = merged.traces[id] ?? TraceFacts(project: Fixture.context.project, id: id)
      var snapshot = TraceSnapshot(facts: trace, observations: rows)
      Settle.settle(&snapshot)
      return snapshot.observations
    }
  }

  private func expectedCalls(_ fixture: Fixture) throws -> [(name: String, ids: [ObservationID])] {
    let calls = try #require(try fixture.expected()["calls"]?.arrayValue)
    return calls.map { call in
      let ids = (call["observations"]?.arrayValue ?? []).compactMap {
        $0["id"]?.stringValue.map { ObservationID.named($0).id }
      }
      return (call["call"]?.stringValue ?? "-", ids)
    }.filter { !$0.ids.isEmpty }
  }

  @Test(arguments: fixtures) func everyCallCountsExactlyOnceAndNothingElseDoes(_ fixture: Fixture) throws {
    let rows = settled(try batches(fixture)), calls = try expectedCalls(fixture)
    #expect(calls.count >= 6)
    let counted = Set(rows.filter(\.decision.isCall).map(\.facts.id))
    for call in calls { #expect(call.ids.filter(counted.contains).count == 1, "\(call.name)") }
    let listed = Set(calls.flatMap(\.ids))
    let others = rows.filter { $0.decision.isCall && !listed.contains($0.facts.id) }
    #expect(others.map { $0.facts.name ?? "-" } == [])
  }

  @Test(arguments: fixtures) func tokensAreThoseOfOneObservationPerCall(_ fixture: Fixture) throws {
    let rows = settled(try batches(fixture)).filter(\.decision.isCall)
    let usages = try #require(try fixture.expected()["calls"]?.arrayValue).compactMap { call -> JSONValue? in
      // Where two observations describe a call, the provider's own span, which comes last, has the true counts.
      call["observations"]?.arrayValue?.last?["usage"]
    }
    let expected = usages.flatMap { $0.objectValue?.members ?? [] }.reduce(into: [String: Int64]()) { sums, member in
      sums[member.key, default: 0] += member.value.intValue ?? 0
    }
    let total = rows.reduce(Usage()) { $0 + ($1.facts.usage?.usage ?? Usage()) }
    #expect(Dictionary(uniqueKeysWithValues: total.entries.map { ($0.bucket.rawValue, $0.count) }) == expected)
  }

  @Test(arguments: fixtures) func theOrderOfRequestsChangesNoDecision(_ fixture: Fixture) throws {
    let batches = try batches(fixture)
    func decisions(_ batches: [IngestBatch]) -> [ObservationID: Decision] {
      Dictionary(settled(batches).map { ($0.facts.id, $0.decision) }) { first, _ in first }
    }
    let expected = decisions(batches)
    #expect(decisions(batches.reversed()) == expected)
    #expect(decisions((batches + batches).shuffled()) == expected)
  }

  @Test(arguments: fixtures) func shadowedRowsNameTheCallThatCounts(_ fixture: Fixture) throws {
    let rows = settled(try batches(fixture)), calls = try expectedCalls(fixture)
    for row in rows {
      guard let by = row.decision.shadowedBy else { continue }
      let call = calls.first { $0.ids.contains(row.facts.id) }
      #expect(call?.ids.contains(by) == true, "\(row.facts.name ?? "-")")
    }
  }
}
