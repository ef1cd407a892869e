import Domain
import Testing

@testable import Store

@Suite struct StoredValuesTests {
  private func values(_ count: Int, seed: UInt64) -> DeclaredValues {
    var random = SeededNumbers(seed: seed)
    var values = DeclaredValues()
    for i in 0..<count {
      let text = String((0..<Int.random(in: 0...40, using: &random)).map { _ in ["a", "é", "日", "🙂", "\u{301}"].randomElement(using: &random) ?? "a" })
      let stamp = Stamp(
        time: Int64.random(in: .min ... .max, using: &random), rank: UInt8.random(in: 0...255, using: &random),
        hash: UInt64.random(in: 0 ... .max, using: &random))
      values.say("key.\(i)", text, stamp)
    }
    return values
  }

  @Test(arguments: 0...16) func valuesComeBackAsTheyWereStored(count: Int) throws {
    let values = values(count, seed: UInt64(count) + 3)
    let bytes = StoredValues.encode(values)
    #expect((bytes == nil) == (count == 0))
    #expect(StoredValues.decode(bytes ?? []) == values)
  }

  @Test func bytesThatEndEarlyGiveTheEntriesBefore() throws {
    let values = values(6, seed: 9)
    let bytes = try #require(StoredValues.encode(values))
    for count in bytes.indices {
      let read = StoredValues.decode(Array(bytes[..<count])).entries
      #expect(read == Array(values.entries.prefix(read.count)))
      #expect(read.count < 6)
    }
    #expect(StoredValues.decode([9] + bytes.dropFirst()).isEmpty)
  }

  @Test func valuesOfObservationAndTraceAreStored() async throws {
    let fixture = try await WriteFixture.make()
    let said = values(3, seed: 1)
    let call = ObservationFacts.call(1, of: 1, in: fixture.project) { $0.declared = said }
    var trace = TraceFacts(project: fixture.project, id: call.trace)
    trace.declared = values(2, seed: 2)
    try await fixture.send([call], traces: [trace])
    #expect(try await fixture.observations(of: call.trace).first?.facts.declared == said)
    let before = try await fixture.state()
    // Said again, it is nothing new; a later word of one key changes that key only.
    try await fixture.send([call], traces: [trace])
    #expect(WriteFixture.difference(try await fixture.state(), before) == [])
    var later = ObservationFacts(project: fixture.project, trace: call.trace, id: call.id)
    later.declared.say("key.1", "other", Stamp(time: .max, rank: 0, hash: 0))
    try await fixture.send([later], traces: [trace])
    let merged = try #require(try await fixture.observations(of: call.trace).first?.facts.declared)
    #expect(merged["key.1"] == "other" && merged["key.0"] == said["key.0"] && merged.entries.count == 3)
  }
}
