import Testing

@testable import Domain

@Suite struct FieldClassTests {
  private static let stamp = Stamp(time: 1, rank: 0, hash: 1)
  private static let secret = "zebra"

  private static var observation: Observation {
    var facts = ObservationFacts(project: sampleProject, trace: sampleTrace, id: ObservationID(1))
    facts.statusMessage = secret
    facts.user = "ann"
    facts.name = "chat"
    facts.bodies = [BodyPart(kind: .input, text: secret, stamp: stamp)]
    facts.parts = [StoredPart(kind: .input, block: 1, offset: 0, length: 5, stamp: stamp)]
    var note = ContentNote(stamp: stamp, level: .masked, isByKey: false)
    note.masked = [ContentNote.Masked(.input, secret, 2)]
    facts.notes = ContentNotes([note])
    facts.usage = UsageReport(usage: Usage([.input: 3]), rule: "test", raw: #"{"input":3,"note":"zebra","a":["zebra \" zebra"]}"#)
    let start = Timestamp(microseconds: 1)
    var observation = Observation(facts: facts, startedAt: start, isStartAssumed: false, receivedAt: start)
    observation.decision.user = "ann"
    return observation
  }

  private static var score: Score {
    var score = Score(
      project: sampleProject, id: "s", stamp: stamp, name: "quality", dataType: .text, source: .api, environment: "default",
      createdAt: Timestamp(microseconds: 1))
    (score.text, score.comment, score.metadata, score.number) = (secret, secret, secret, 0.5)
    return score
  }

  private static var item: TraceItem {
    TraceItem(
      id: sampleTrace, externalID: nil, project: sampleProject, projectSlug: "shop", name: "n", environment: "default", user: "ann",
      session: "s", release: nil, tags: [], startedAt: Timestamp(microseconds: 1), durationMicroseconds: nil, observations: 1,
      measures: Measures())
  }

  private static var detail: TraceDetail {
    TraceDetail(item: item, observations: [observation], scores: [score], teams: [:], hasInput: true, hasOutput: false)
  }

  private static var request: RequestRecord {
    RequestRecord(
      receivedAt: Timestamp(microseconds: 1), project: sampleProject, publicKey: "pk", path: "/v1/traces", sender: "curl", status: 400,
      accepted: 0, refused: 3, reasons: ["not JSON: zebra": 1, "tooOld": 2], bytes: 9)
  }

  private static var samples: [(type: String, value: Any)] {
    [
      ("Observation", observation), ("ObservationFacts", observation.facts), ("Decision", observation.decision),
      ("UsageReport", observation.facts.usage as Any), ("TraceItem", item), ("TraceDetail", detail),
      ("Bodies", Bodies(input: secret)), ("TraceMatch", TraceMatch(place: .traceID)), ("Score", score), ("RequestRecord", request),
    ]
  }

  private static func fields(_ value: Any) -> [(name: String, value: Any)] {
    let mirror = Mirror(reflecting: value)
    let inner = mirror.displayStyle == .optional ? mirror.children.first.map { Mirror(reflecting: $0.value) } ?? mirror : mirror
    return inner.children.compactMap { child in child.label.map { ($0, child.value) } }
  }

  private static func isEmpty(_ value: Any) -> Bool {
    let mirror = Mirror(reflecting: value)
    return (mirror.displayStyle == .optional || mirror.displayStyle == .collection) && mirror.children.isEmpty
  }

  private static func text(_ value: Any) -> String {
    var text = ""
    dump(value, to: &text)
    return text
  }

  @Test func everyFieldHasAClassAndEveryClassAField() {
    for (type, value) in Self.samples {
      let names = Set(Self.fields(value).map(\.name))
      #expect(names == Set((FieldClasses.table[type] ?? [:]).keys), "\(type)")
    }
    #expect(Set(Self.samples.map(\.type)) == Set(FieldClasses.table.keys))
  }

  @Test func withoutContentNoContentFieldIsLeft() {
    let left: [(String, Any, Any)] = [
      ("ObservationFacts", Self.observation.facts, Self.observation.withoutContent.facts), ("Score", Self.score, Self.score.withoutContent),
    ]
    for (type, whole, cut) in left {
      let content = FieldClasses.content(of: type)
      #expect(!content.isEmpty)
      for field in Self.fields(whole) where content.contains(field.name) { #expect(!Self.isEmpty(field.value), "\(type).\(field.name)") }
      for field in Self.fields(cut) where content.contains(field.name) { #expect(Self.isEmpty(field.value), "\(type).\(field.name)") }
    }
    #expect(Self.text(Self.detail).contains(Self.secret))
    #expect(!Self.text(Self.detail.withoutContent).contains(Self.secret))
    #expect(!Self.text(Self.request.withoutContent).contains(Self.secret))
    #expect(Self.request.withoutContent.reasons == ["refused": 1, "tooOld": 2])
  }

  @Test func theRestIsKept() {
    let cut = Self.observation.withoutContent
    #expect(cut.facts.name == "chat" && cut.facts.user == "ann" && cut.facts.usage?.usage[.input] == 3)
    #expect(Self.score.withoutContent.number == 0.5 && Self.score.withoutContent.name == "quality")
  }

  @Test(arguments: [
    (#"{"input":3,"note":"zebra","a":["z \" z"]}"#, #"{"input":3,"note":"…","a":["…"]}"#), (#"{"a" : {"b":1}}"#, #"{"a" : {"b":1}}"#),
    (#"{"a":"zebra"#, #"{"a":"…""#), (#""zebra\"#, #""…""#), ("", ""),
  ])
  func textsOfUsageAreLeftOutAndNumbersStay(raw: String, expected: String) {
    #expect(UsageReport(usage: Usage(), rule: "test", raw: raw).withoutTexts == expected)
  }

  @Test func usersAreNamedOnTheRowAndWhereInherited() {
    let named = Self.observation.namingUsers { "x-" + $0 }
    #expect(named.facts.user == "x-ann" && named.decision.user == "x-ann")
    let hidden = Self.observation.namingUsers { _ in nil }
    #expect(hidden.facts.user == nil && hidden.decision.user == nil)
  }
}
