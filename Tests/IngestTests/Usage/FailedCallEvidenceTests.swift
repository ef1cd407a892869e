import Domain
import Testing
import Wire

@testable import Ingest

/// What captured SDKs send of a call that failed before any output: nothing that would make it look billed.
@Suite struct FailedCallEvidenceTests {
  @Test(arguments: FixtureTests.fixtures) func failedSpansCarryNoOutput(_ fixture: Fixture) throws {
    try check(try fixture.normalised().observations.values.map { $0 }, fixture.name)
  }

  @Test func failedEventsCarryNoOutput() throws {
    let fixture = Fixture(name: "langfuse-2.60.10")
    let merged = MergedBatch(
      try fixture.bodies("ingestion").map { body in
        try body.withUnsafeBytes { try LangfuseBatch.decode($0, batchContext) }.batch
      })
    try check(merged.observations.values.map { $0 }, fixture.name)
  }

  /// LiteLLM writes the error's message as the output.
  @Test func outputThatRepeatsTheStatusMessageIsNone() throws {
    let base: [Attribute] = [
      Attribute("langfuse.observation.type", "generation"), Attribute("langfuse.observation.output", "it broke"),
    ]
    let message = Attribute("langfuse.observation.status_message", "it broke")
    let failed = Spans.facts(base + [message, Attribute("langfuse.observation.level", "ERROR")])
    #expect(failed.body(.output) == nil && failed.stamps[.output] == nil && failed.statusMessage == "it broke")
    #expect(Spans.facts(base + [message]).body(.output) == "it broke")
    #expect(Spans.facts(base, status: 2, message: "it broke, partly").body(.output) == "it broke")
    #expect(Spans.facts(base, status: 2, message: "it broke").body(.output) == nil)
  }

  @Test func eventsOutputThatRepeatsTheStatusMessageIsNone() throws {
    func output(_ members: String) throws -> BodyPart? {
      let event = """
        {"id":"e1","type":"generation-create","timestamp":"2026-11-22T13:42:23.633Z","body":{"id":"o1","traceId":"t1",\
        "startTime":"2026-11-22T13:42:23.633Z",\(members)}}
        """
      let facts = try #require(try decodeEvents([event]).batch.observations.first)
      return facts.bodies.first { $0.kind == .output }
    }
    #expect(try output(#""level":"ERROR","statusMessage":"it \"broke\"","output":"it \"broke\"""#) == nil)
    #expect(try output(#""level":"ERROR","statusMessage":"it broke","output":"half an answer""#) != nil)
    #expect(try output(#""level":"DEFAULT","statusMessage":"it broke","output":"it broke""#) != nil)
  }

  private func check(_ observations: [ObservationFacts], _ what: String) throws {
    let failed = observations.filter { $0.level == .error && $0.kind == .generation }
    #expect(!failed.isEmpty)
    for facts in failed {
      #expect(facts.body(.output) == nil, "\(what) \(facts.name ?? "")")
      #expect(facts.responseID == nil, "\(what) \(facts.name ?? "")")
      #expect(facts.usage?.flags ?? [] == [], "\(what) \(facts.name ?? "")")
    }
  }
}
