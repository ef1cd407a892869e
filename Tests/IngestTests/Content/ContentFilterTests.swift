import Domain
import Testing
import Wire

@testable import Ingest

@Suite struct ContentFilterTests {
  private static let trace = TraceID(high: 1, low: 2)
  private static let stamp = Stamp(time: 5, rank: 0, hash: 9)

  private static func filter(_ rules: ContentRules) -> ContentFilter {
    ContentFilter(rules, patterns: [], hash: KeyedHash(secret: [UInt8](repeating: 7, count: 32)))
  }

  /// A secret in every field that takes text.
  private static func batch() -> IngestBatch {
    var facts = ObservationFacts(project: ProjectID(1), trace: trace, id: ObservationID(3))
    (facts.name, facts.user, facts.session, facts.statusMessage) = ("n a@b.org", "u@b.org", "s@b.org", "e@b.org failed")
    facts.usage = UsageReport(usage: Usage([.input: 4]), rule: "r", raw: #"{"input":4111111111111111}"#)
    facts.bodies = BodyKind.allCases.map { BodyPart(kind: $0, text: #"{"k":"m@b.org"}"#, stamp: stamp) }
    facts.declared.say("tenant", "t@b.org", stamp)
    facts.stampAll(stamp)
    var traceFacts = TraceFacts(project: ProjectID(1), id: trace)
    (traceFacts.name, traceFacts.user, traceFacts.tags) = ("n@b.org", "u@b.org", ["t@b.org", "x"])
    traceFacts.bodies = [BodyPart(kind: .input, text: "i@b.org", stamp: stamp)]
    traceFacts.stampAll(stamp)
    var score = Score(
      project: ProjectID(1), id: "1", stamp: stamp, name: "c@b.org", dataType: .text, source: .api, environment: "default", createdAt: Timestamp(seconds: 1))
    (score.text, score.comment, score.metadata) = ("t@b.org", "c@b.org", #"{"m":"m@b.org"}"#)
    var batch = IngestBatch()
    (batch.observations, batch.traces, batch.scores) = ([facts], [traceFacts], [score])
    batch.rejections = [Rejection(index: 0, reason: .invalidField, detail: "name is q@b.org")]
    return batch
  }

  private static func texts(_ batch: IngestBatch) -> [String] {
    let o = batch.observations[0], t = batch.traces[0], s = batch.scores[0]
    return [o.name, o.user, o.session, o.statusMessage, t.name, t.user, s.name, s.text, s.comment, s.metadata].compactMap { $0 }
      + t.tags + o.declared.entries.map(\.value) + (o.bodies + t.bodies).map(\.text) + batch.rejections.map(\.detail)
  }

  @Test func fullChangesNothing() {
    var batch = Self.batch()
    let outcome = Self.filter(ContentRules()).apply(to: &batch)
    #expect(batch.observations == Self.batch().observations && batch.traces == Self.batch().traces && batch.scores == Self.batch().scores)
    #expect(outcome.tally.isEmpty && outcome.files.isEmpty)
  }

  @Test func maskedLeavesNoValueInAnyFieldAndUsageAsItIs() {
    var batch = Self.batch()
    let outcome = Self.filter(ContentRules(level: .masked, masksIdentifiers: true)).apply(to: &batch)
    #expect(Self.texts(batch).allSatisfy { !$0.contains("@") })
    #expect(batch.observations[0].usage == Self.batch().observations[0].usage)
    #expect(batch.traces[0].tags == ["[email]", "x"])
    #expect(outcome.tally.counts == ["email": 18])
  }

  @Test func identifiersAreMaskedOnlyWhenTheProjectSaysSo() {
    var batch = Self.batch()
    _ = Self.filter(ContentRules(level: .masked)).apply(to: &batch)
    #expect(batch.observations[0].user == "u@b.org" && batch.traces[0].tags == ["t@b.org", "x"])
    #expect(batch.observations[0].statusMessage == "[email] failed")
  }

  @Test func metadataOnlyKeepsMaskedMetadataAndNothingElseOfContent() {
    var batch = Self.batch()
    _ = Self.filter(ContentRules(level: .metadataOnly)).apply(to: &batch)
    #expect(batch.observations[0].bodies.map(\.kind) == [.metadata] && batch.observations[0].bodies[0].text == #"{"k":"[email]"}"#)
    #expect(batch.observations[0].statusMessage == nil && batch.traces[0].bodies.isEmpty)
    #expect(batch.observations[0].declared["tenant"] == "[email]")
    #expect(batch.scores[0].comment == nil && batch.scores[0].text == nil && batch.scores[0].metadata == #"{"m":"[email]"}"#)
  }

  @Test func noneKeepsNoContentButUsageAndIdentifiers() {
    var batch = Self.batch()
    _ = Self.filter(ContentRules(level: .none)).apply(to: &batch)
    #expect(batch.observations[0].bodies.isEmpty && batch.scores[0].metadata == nil)
    #expect(batch.observations[0].declared.isEmpty, "metadata, which this level leaves out")
    #expect(batch.observations[0].usage == Self.batch().observations[0].usage && batch.observations[0].user == "u@b.org")
  }

  @Test func whatIsLeftOutErasesNothingThatWasStored() {
    var stored = ObservationFacts(project: ProjectID(1), trace: Self.trace, id: ObservationID(3))
    stored.bodies = [BodyPart(kind: .input, text: "kept", stamp: Stamp(time: 1, rank: 0, hash: 1))]
    stored.statusMessage = "kept"
    stored.stampAll(Stamp(time: 1, rank: 0, hash: 1))
    var batch = Self.batch()
    _ = Self.filter(ContentRules(level: .none)).apply(to: &batch)
    stored.merge(batch.observations[0])
    #expect(stored.bodies.map(\.text) == ["kept"] && stored.statusMessage == "kept")
  }

  @Test func theStricterOfProjectAndKeyWins() {
    #expect(ContentRules(level: .full).with(.mask).level == .masked && ContentRules(level: .metadataOnly).with(.mask).level == .metadataOnly)
    #expect(ContentRules(level: .masked).with(.drop).level == .none && ContentRules(level: .none).with(.keep).level == .none)
  }

  private static func notes(_ rules: ContentRules, isByKey: Bool = false) -> (observation: [ContentNote], trace: [ContentNote]) {
    var batch = Self.batch()
    _ = ContentFilter(rules, patterns: [], hash: KeyedHash(secret: []), isByKey: isByKey).apply(to: &batch)
    return (batch.observations[0].notes.entries, batch.traces[0].notes.entries)
  }

  @Test func atFullNothingIsNoted() {
    #expect(Self.notes(ContentRules()).observation.isEmpty && Self.notes(ContentRules()).trace.isEmpty)
  }

  @Test func whatWasMaskedIsNotedByFieldAndOnlyWhatWasMasked() throws {
    let note = try #require(Self.notes(ContentRules(level: .masked)).observation.first)
    #expect(note.stamp == Self.stamp && note.level == .masked && !note.isByKey && note.leftOut.isEmpty)
    #expect(
      note.masked == [.input, .output, .metadata, .attributes, .errorText, .context].map { ContentNote.Masked($0, "email", 1) })
    let nothing = try #require(Self.notes(ContentRules(level: .masked, kinds: [])).trace.first)
    #expect(nothing.level == .masked && nothing.masked.isEmpty)
    // With names, user, session and the trace's own context.
    #expect(Self.notes(ContentRules(level: .masked, masksIdentifiers: true)).observation.first?.masked.last == .init(.context, "email", 4))
  }

  @Test func whatWasLeftOutIsNotedWithTheRuleOfItsTime() {
    let metadata = Self.notes(ContentRules(level: .metadataOnly)).observation
    #expect(metadata.map(\.level) == [.metadataOnly] && metadata[0].leftOut == [.input, .output, .attributes, .errorText])
    #expect(metadata[0].masked == [.init(.metadata, "email", 1), .init(.context, "email", 1)])
    let none = Self.notes(ContentRules(level: .none), isByKey: true)
    #expect(none.observation.map(\.isByKey) == [true] && none.observation[0].leftOut == [.input, .output, .metadata, .attributes, .errorText])
    #expect(none.trace.map(\.leftOut) == [[.input]])
  }

  @Test func aMessageWithoutContentHasNoNote() {
    var batch = Self.batch()
    batch.observations[0].bodies = []
    (batch.observations[0].statusMessage, batch.observations[0].stamps[.statusMessage]) = (nil, nil)
    _ = Self.filter(ContentRules(level: .none)).apply(to: &batch)
    #expect(batch.observations[0].notes.isEmpty)
  }

  @Test func longBodiesAreCutAtACharacterWithLengthAndHash() throws {
    var batch = Self.batch()
    let long = String(repeating: "é", count: 5000)
    batch.observations[0].bodies = [
      BodyPart(kind: .input, text: long, stamp: Self.stamp), BodyPart(kind: .metadata, text: "{\"a\":\"\(long)\"}", stamp: Self.stamp),
    ]
    _ = Self.filter(ContentRules(bodyBytesMax: 4097)).apply(to: &batch)
    let input = batch.observations[0].bodies[0].text
    #expect(input == String(repeating: "é", count: 2048) + "\n\n[cut here: 10000 bytes were sent, SHA-256 \(MediaID.hex(SHA256Digest.of(long.utf8)))]")
    let metadata = try JSON.parse(batch.observations[0].bodies[1].text)
    #expect(metadata["quipu.cut"]?["bytes"] == .number("10008"))
  }
}
