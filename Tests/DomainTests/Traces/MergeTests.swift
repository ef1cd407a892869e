import Testing

@testable import Domain

@Suite struct MergeTests {
  private func message(_ random: inout SeededGenerator) -> ObservationFacts {
    var facts = ObservationFacts(project: sampleProject, trace: sampleTrace, id: ObservationID(5))
    let stamp = Stamp(
      time: Int64.random(in: 0...6, using: &random), rank: UInt8.random(in: 0...1, using: &random), hash: random.next())
    let text = "\(stamp.hash % 1000)"
    func maybe<T>(_ value: T) -> T? { Bool.random(using: &random) ? value : nil }
    facts.name = maybe(text)
    facts.requestModel = maybe(text)
    facts.level = maybe(.error)
    facts.startedAt = maybe(Timestamp(microseconds: stamp.time))
    facts.endedAt = maybe(Timestamp(microseconds: stamp.time + 5))
    facts.usage = maybe(UsageReport(usage: Usage([.input: Int64(stamp.hash % 50)]), rule: "r", raw: text))
    facts.user = maybe(text)
    facts.parent = maybe(ObservationID(stamp.hash % 9 + 1))
    facts.isArrived = Bool.random(using: &random)
    for kind in BodyKind.allCases where Bool.random(using: &random) {
      facts.bodies.append(BodyPart(kind: kind, text: "\(kind.rawValue) \(text)", stamp: stamp))
    }
    facts.stampAll(stamp)
    return facts
  }

  private func folded(_ messages: [ObservationFacts]) -> ObservationFacts {
    messages.dropFirst().reduce(into: messages[0]) { $0.merge($1) }
  }

  @Test(arguments: 1...60) func anyOrderAndRepetitionGivesTheSameFacts(seed: Int) {
    var random = SeededGenerator(UInt64(seed))
    let messages = (0..<6).map { _ in message(&random) }
    let expected = folded(messages)
    for _ in 0..<8 {
      let again = (messages + [messages[Int.random(in: 0..<6, using: &random)]]).shuffled(using: &random)
      #expect(folded(again) == expected)
    }
  }

  @Test(arguments: 1...60) func groupingDoesNotMatter(seed: Int) {
    var random = SeededGenerator(UInt64(seed))
    let (a, b, c) = (message(&random), message(&random), message(&random))
    #expect(folded([folded([a, b]), c]) == folded([a, folded([b, c])]))
    #expect(folded([a, b]) == folded([b, a]))
    #expect(folded([a, a]) == a)
  }

  @Test func laterNonNullFieldWinsAndNullNeverErases() {
    var create = ObservationFacts(project: sampleProject, trace: sampleTrace, id: ObservationID(5))
    create.name = "first"
    create.requestModel = "gpt-4o"
    create.stampAll(Stamp(time: 1, rank: 0, hash: 1))
    var update = ObservationFacts(project: sampleProject, trace: sampleTrace, id: ObservationID(5))
    update.name = "second"
    update.stampAll(Stamp(time: 1, rank: 1, hash: 0))
    let merged = folded([update, create])
    #expect(merged.name == "second")
    #expect(merged.requestModel == "gpt-4o")
  }

  @Test func ofInputTheNewestStaysAndOfMetadataEveryPart() {
    func facts(_ time: Int64) -> ObservationFacts {
      var facts = ObservationFacts(project: sampleProject, trace: sampleTrace, id: ObservationID(5))
      let stamp = Stamp(time: time, rank: 0, hash: 0)
      facts.bodies = [
        BodyPart(kind: .input, text: "in\(time)", stamp: stamp),
        BodyPart(kind: .metadata, text: "m\(time)", stamp: stamp),
      ]
      facts.stampAll(stamp)
      return facts
    }
    let merged = folded([facts(2), facts(3), facts(1)])
    #expect(merged.bodies.map(\.text) == ["in3", "m1", "m2", "m3"])
  }

  @Test func aStoredPartStandsForTheBodyOfTheSameMessage() {
    let stamp = Stamp(time: 1, rank: 0, hash: 0)
    var sent = ObservationFacts(project: sampleProject, trace: sampleTrace, id: ObservationID(5))
    sent.bodies = [BodyPart(kind: .metadata, text: "m", stamp: stamp)]
    var stored = ObservationFacts(project: sampleProject, trace: sampleTrace, id: ObservationID(5))
    stored.parts = [StoredPart(kind: .metadata, block: 1, offset: 0, length: 1, stamp: stamp)]
    #expect(folded([sent, stored]) == folded([stored, sent]))
    #expect(folded([sent, stored]).bodies.isEmpty)
  }

  private func traceMessage(_ random: inout SeededGenerator) -> TraceFacts {
    var facts = TraceFacts(project: sampleProject, id: sampleTrace)
    let stamp = Stamp(time: Int64.random(in: 0...6, using: &random), rank: 0, hash: random.next())
    func maybe<T>(_ value: T) -> T? { Bool.random(using: &random) ? value : nil }
    facts.name = maybe("\(stamp.hash % 1000)")
    facts.user = maybe("\(stamp.hash % 100)")
    facts.isPublic = maybe(stamp.hash % 2 == 0)
    facts.timestamp = maybe(Timestamp(microseconds: stamp.time))
    facts.tags = ["a", "b", "c", "d"].filter { _ in Bool.random(using: &random) }
    for kind in BodyKind.allCases where Bool.random(using: &random) {
      facts.bodies.append(BodyPart(kind: kind, text: "\(stamp.hash)", stamp: stamp))
    }
    facts.stampAll(stamp)
    return facts
  }

  @Test(arguments: 1...60) func tracesMergeInAnyOrder(seed: Int) {
    var random = SeededGenerator(UInt64(seed))
    let messages = (0..<5).map { _ in traceMessage(&random) }
    func folded(_ list: [TraceFacts]) -> TraceFacts { list.dropFirst().reduce(into: list[0]) { $0.merge($1) } }
    let expected = folded(messages)
    for _ in 0..<8 { #expect(folded((messages + [messages[2]]).shuffled(using: &random)) == expected) }
    #expect(expected.tags == Set(messages.flatMap(\.tags)).sorted())
  }
}
