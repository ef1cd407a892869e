import Domain
import Postgres
import Testing

@testable import Store

@Suite struct StoredNotesTests {
  private static let stamp = Stamp(time: 9, rank: 0, hash: 7)
  private static let parts = [StoredPart(kind: .input, block: 5, offset: 0, length: 300, stamp: stamp)]

  private static func note(_ level: ContentLevel, at stamp: Stamp = stamp, byKey: Bool = false) -> ContentNote {
    ContentNote(stamp: stamp, level: level, isByKey: byKey)
  }

  private static var notes: ContentNotes {
    var masked = note(.masked, byKey: true), left = note(.metadataOnly, at: Stamp(time: -4, rank: 1, hash: .max))
    masked.masked = MaskKind.allCases.map { ContentNote.Masked(.input, $0.mark, 3) } + [ContentNote.Masked(.context, "order-number", .max)]
    masked.masked.sort()
    left.leftOut = Set(ContentField.allCases)
    return ContentNotes([masked, left, note(.none, at: Stamp(time: 10, rank: 0, hash: 0))])
  }

  @Test func notesAreReadBackBehindPartsAndAlone() throws {
    for parts in [Self.parts, []] {
      let bytes = try #require(StoredParts.encode(parts, Self.notes))
      let read = StoredParts.decodeAll(bytes)
      #expect(read.parts == parts && read.notes == Self.notes)
      #expect(StoredParts.decode(bytes) == parts)
    }
    #expect(StoredParts.encode([], ContentNotes()) == nil)
    #expect(StoredParts.encode(Self.parts, ContentNotes()) == StoredParts.encode(Self.parts))
  }

  @Test func aMaskedMessageCostsFewBytes() throws {
    var note = Self.note(.masked)
    note.masked = [ContentNote.Masked(.input, "card", 1), ContentNote.Masked(.input, "email", 2)]
    let bytes = try #require(StoredParts.encode(Self.parts, ContentNotes([note])))
    #expect(bytes.count - StoredParts.encode(Self.parts).count == 7)
  }

  @Test func damagedNotesLoseNoPart() throws {
    let bytes = try #require(StoredParts.encode(Self.parts, Self.notes)), whole = StoredParts.encode(Self.parts).count
    for count in whole..<bytes.count { #expect(StoredParts.decodeAll(Array(bytes[..<count])).parts == Self.parts) }
    for i in whole..<bytes.count {
      var wrong = bytes
      wrong[i] ^= 0xFF
      #expect(StoredParts.decodeAll(wrong).parts.first == Self.parts.first)
    }
  }

  @Test func rowsOfObservationsAndTracesKeepThemAndLaterMessagesAddTheirs() async throws {
    let fixture = try await WriteFixture.make()
    let trace = TraceID(high: 7, low: 3)
    var call = ObservationFacts.call(1, of: 3, in: fixture.project) {
      $0.bodies = [BodyPart(kind: .input, text: "[email]", stamp: Self.stamp)]
    }
    call.stampAll(Self.stamp)
    var masked = Self.note(.masked)
    masked.masked = [ContentNote.Masked(.input, "email", 1)]
    call.notes = ContentNotes([masked])
    var whole = TraceFacts(project: fixture.project, id: trace)
    whole.name = "t"
    whole.stampAll(Self.stamp)
    var left = Self.note(.none, byKey: true)
    left.leftOut = [.output]
    whole.notes = ContentNotes([left])
    try await fixture.send([call], traces: [whole])
    let later = Stamp(time: 20, rank: 1, hash: 1)
    var update = ObservationFacts(project: fixture.project, trace: trace, id: call.id)
    update.name = "answer"
    update.stampAll(later)
    var noted = Self.note(.metadataOnly, at: later)
    noted.leftOut = [.output]
    update.notes = ContentNotes([noted])
    for _ in 0..<2 { try await fixture.send([update]) }
    let row = try #require(try await fixture.observations(of: trace).first)
    #expect(row.facts.notes == ContentNotes([masked, noted]) && row.facts.parts.count == 1)
    let scope = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: true)
    let detail = try #require(try await TraceDetailQuery(pool: fixture.pool).run(project: "shop", trace: trace.hex, scope: scope))
    #expect(detail.notes == ContentNotes([left]) && detail.observations.first?.facts.notes == row.facts.notes)
    var finance = scope
    finance.content = .none
    let cut = try await TraceDetailQuery(pool: fixture.pool).run(project: "shop", trace: trace.hex, scope: finance)
    #expect(cut?.observations.first?.facts.notes == ContentNotes([masked, noted]).withoutCounts)
  }
}
