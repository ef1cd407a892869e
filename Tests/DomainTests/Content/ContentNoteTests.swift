import Testing

@testable import Domain

@Suite struct ContentNoteTests {
  /// A message under rules of its time, as the filter leaves it: notes tell what is missing and what was masked.
  private func message(_ random: inout SeededGenerator) -> ObservationFacts {
    var facts = ObservationFacts(project: sampleProject, trace: sampleTrace, id: ObservationID(5))
    let stamp = Stamp(time: Int64.random(in: 0...6, using: &random), rank: 0, hash: random.next())
    let level = ContentLevel.allCases.randomElement(using: &random) ?? .full
    var note = ContentNote(stamp: stamp, level: level, isByKey: Bool.random(using: &random))
    for kind in BodyKind.allCases where Bool.random(using: &random) {
      facts.bodies.append(BodyPart(kind: kind, text: "\(stamp.hash)", stamp: stamp))
    }
    if Bool.random(using: &random) { facts.statusMessage = "\(stamp.hash)" }
    facts.stampAll(stamp)
    if level == .full { return facts }
    for kind in facts.bodies.map(\.kind) where level == .none || level == .metadataOnly && kind != .metadata {
      note.leftOut.insert(ContentField(kind))
      if kind == .input || kind == .output { facts.stamps[kind == .input ? .input : .output] = nil }
    }
    facts.bodies.removeAll { note.leftOut.contains(ContentField($0.kind)) }
    note.masked = facts.bodies.map { ContentNote.Masked(ContentField($0.kind), "email", Int32(stamp.hash % 9) + 1) }
    if facts.statusMessage != nil {
      if level >= .metadataOnly {
        (facts.statusMessage, facts.stamps[.statusMessage]) = (nil, nil)
        note.leftOut.insert(.errorText)
      } else {
        note.masked.append(ContentNote.Masked(.errorText, "card", 1))
      }
    }
    if !note.leftOut.isEmpty || !note.masked.isEmpty { facts.notes = ContentNotes([note]) }
    return facts
  }

  private func folded(_ messages: [ObservationFacts]) -> ObservationFacts {
    messages.dropFirst().reduce(into: messages[0]) { $0.merge($1) }
  }

  @Test(arguments: 1...80) func anyOrderAndRepetitionGivesTheSameNotes(seed: Int) {
    var random = SeededGenerator(UInt64(seed))
    let messages = (0..<6).map { _ in message(&random) }
    let expected = folded(messages)
    for _ in 0..<8 {
      let again = (messages + [messages[Int.random(in: 0..<6, using: &random)]]).shuffled(using: &random)
      #expect(folded(again) == expected)
    }
    let (a, b, c) = (messages[0], messages[1], messages[2])
    #expect(folded([folded([a, b]), c]) == folded([a, folded([b, c])]))
    #expect(folded([a, a]) == a)
  }

  private func facts(_ time: Int64, _ input: String?, _ note: ContentNote?) -> ObservationFacts {
    var facts = ObservationFacts(project: sampleProject, trace: sampleTrace, id: ObservationID(5))
    let stamp = Stamp(time: time, rank: 0, hash: 1)
    if let input { facts.bodies = [BodyPart(kind: .input, text: input, stamp: stamp)] }
    facts.stampAll(stamp)
    facts.notes = ContentNotes(note.map { [$0] } ?? [])
    return facts
  }

  private func note(_ time: Int64, _ level: ContentLevel, leftOut: Set<ContentField> = [], emails: Int32 = 0) -> ContentNote {
    var note = ContentNote(stamp: Stamp(time: time, rank: 0, hash: 1), level: level, isByKey: false)
    note.leftOut = leftOut
    if emails > 0 { note.masked = [ContentNote.Masked(.input, "email", emails)] }
    return note
  }

  @Test func ofAnInputWhatIsSaidOfTheNewestStays() {
    let masked = facts(1, "[email]", note(1, .masked, emails: 2)), later = facts(2, "[email]", note(2, .masked, emails: 5))
    #expect(folded([masked, later]).notes == later.notes)
    let leftOut = facts(3, nil, note(3, .none, leftOut: [.input]))
    // The masked one is what is shown, and that a newer one is missing is said.
    #expect(folded([later, leftOut]).notes.entries.map(\.level) == [.masked, .none])
    let whole = facts(4, "as it came", nil)
    #expect(folded([masked, later, leftOut, whole]).notes.isEmpty)
  }

  @Test func aResendUnderOtherRulesSaysNothingAboutWhatIsStored() {
    let whole = facts(1, "a@b.org", nil)
    #expect(folded([whole, facts(1, "[email]", note(1, .masked, emails: 1))]) == whole)
    #expect(folded([whole, facts(1, nil, note(1, .none, leftOut: [.input]))]).notes.isEmpty)
    // What was left out and is kept when it comes again is not left out any more.
    #expect(folded([facts(1, nil, note(1, .none, leftOut: [.input])), whole]) == whole)
  }

  @Test func withoutTheGrantCountsAreGoneAndAfterErasureOnlyWhatWasNeverStoredIsSaid() {
    var both = note(1, .masked, emails: 2)
    both.leftOut = [.errorText]
    let notes = ContentNotes([both, note(2, .masked, emails: 3)])
    #expect(notes.withoutCounts.entries.allSatisfy(\.masked.isEmpty) && notes.withoutCounts.entries.count == 2)
    #expect(notes.ofLeftOut.entries.map(\.leftOut) == [[.errorText]] && notes.ofLeftOut.entries.allSatisfy(\.masked.isEmpty))
  }
}
