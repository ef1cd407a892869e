import Domain
import Testing
import Wire

@testable import Ingest

@Suite struct BatchMergeTests {
  private let story = [
    batchEvent("1", "trace-create", #"{"id":"t","name":"first","userId":"u","metadata":{"a":1},"tags":["x"]}"#, at: 1),
    batchEvent("2", "generation-create", #"{"id":"g","traceId":"t","name":"n","model":"asked","input":"in"}"#, at: 2),
    batchEvent(
      "3", "generation-update", #"{"id":"g","traceId":"t","model":"served","output":"out","metadata":{"k":1}}"#, at: 3),
    batchEvent(
      "4", "generation-update", #"{"id":"g","traceId":"t","name":null,"input":"","output":{},"metadata":{"l":2}}"#,
      at: 4),
    batchEvent(
      "5", "trace-create", #"{"id":"t","name":"second","userId":null,"metadata":{"b":2},"tags":["w","x"]}"#, at: 5),
  ]

  @Test func laterNonNullWinsAndNullNeverErases() throws {
    let merged = MergedBatch([try decodeEvents(story).batch])
    let trace = merged.trace("t"), generation = merged.observation("g")
    #expect([trace?.name, trace?.user] == ["second", "u"])
    #expect(trace?.tags == ["w", "x"])
    #expect(trace?.bodies.map(\.text) == [#"{"a":1}"#, #"{"b":2}"#])
    #expect([generation?.name, generation?.requestModel] == ["n", "served"])
    #expect([generation?.body(.input), generation?.body(.output)] == [#""in""#, #""out""#])
    #expect(generation?.bodies.filter { $0.kind == .metadata }.map(\.text) == [#"{"k":1}"#, #"{"l":2}"#])
  }

  @Test func orderRepetitionAndSplittingChangeNothing() throws {
    let expected = MergedBatch([try decodeEvents(story).batch])
    for _ in 0..<30 {
      let sent = (story + [story.randomElement() ?? story[0]]).shuffled()
      let cut = Int.random(in: 0...sent.count)
      let batches = try [Array(sent[..<cut]), Array(sent[cut...])].map { try decodeEvents($0).batch }
      #expect(MergedBatch(batches) == expected)
    }
  }

  @Test func ofEqualTimesTheUpdateWins() throws {
    let events = [
      batchEvent("b", "span-create", #"{"id":"s","traceId":"t","name":"created"}"#),
      batchEvent("a", "span-update", #"{"id":"s","traceId":"t","name":"updated"}"#),
    ]
    for order in [events, events.reversed()] {
      #expect(MergedBatch([try decodeEvents(order).batch]).observation("s")?.name == "updated")
    }
  }

  @Test func aStartInDefaultGivesWayToASentOneAndTheEarliestDefaultStays() throws {
    let sent = batchEvent("1", "agent-create", #"{"id":"s","traceId":"t","startTime":"2026-08-01T10:00:01Z"}"#, at: 1)
    let bare = [5, 9].map { batchEvent("e\($0)", "agent-create", #"{"id":"s","traceId":"t"}"#, at: $0) }
    for order in [[sent] + bare, bare + [sent], bare.reversed() + [sent]] {
      #expect(MergedBatch([try decodeEvents(order).batch]).observation("s")?.startedAt == clock(1))
    }
    for order in [bare, bare.reversed()] {
      #expect(MergedBatch([try decodeEvents(order).batch]).observation("s")?.startedAt == clock(5))
    }
  }

  @Test func anUpdateAloneClaimsNoStart() throws {
    let batch = try decodeEvents([batchEvent("1", "span-update", #"{"id":"s","traceId":"t"}"#)]).batch
    #expect(batch.observations[0].startedAt == nil)
  }
}
