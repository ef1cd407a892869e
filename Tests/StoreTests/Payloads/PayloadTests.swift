import Domain
import Postgres
import Testing

@testable import Store

@Suite struct PayloadTests {
  private func body(_ kind: BodyKind, _ text: String) -> BodyPart {
    BodyPart(kind: kind, text: text, stamp: Stamp(time: 0, rank: 0, hash: 0))
  }

  @Test func bodiesOfARequestAreReadableAfterItsCommitAndShareABlock() async throws {
    let fixture = try await WriteFixture.make()
    let long = String(repeating: "knots and cords ", count: 4000)
    let calls = (1...3 as ClosedRange<UInt64>).map { id in
      ObservationFacts.call(id, of: 1, in: fixture.project) {
        $0.bodies = [
          body(.output, "é\u{1F9F6} \(id)"), body(.input, long + "\(id)"), body(.attributes, "{\"a\":\(id)}"),
        ]
      }
    }
    try await fixture.send(calls)
    #expect(try await fixture.number("select count(*) from payloads") == 1)
    #expect(try await fixture.number("select max(octet_length(data)) from payloads") < 2000)
    let reader = PayloadReader(pool: fixture.pool)
    for row in try await fixture.observations(of: TraceID(high: 7, low: 1)) {
      let id = row.facts.id.rawValue
      let bodies = try await reader.bodies(of: row.facts.parts, project: fixture.project, trace: row.facts.trace)
      #expect(bodies == Bodies(input: long + "\(id)", output: "é\u{1F9F6} \(id)", attributes: ["{\"a\":\(id)}"]))
    }
  }

  @Test func aLaterMessageReplacesItsInputAndAddsItsMetadataWithoutTouchingTheFirstBlock() async throws {
    let fixture = try await WriteFixture.make()
    for (time, text) in [(1, "first"), (2, "second")] as [(Int64, String)] {
      var facts = ObservationFacts(project: fixture.project, trace: TraceID(high: 7, low: 1), id: ObservationID(1))
      facts.startedAt = WriteFixture.noon
      facts.bodies = [body(.input, text), body(.metadata, "{\"\(text)\":1}")]
      facts.stampAll(Stamp(time: time, rank: 0, hash: 1))
      try await fixture.send([facts])
      try await fixture.send([facts])
    }
    #expect(try await fixture.number("select count(*) from payloads") == 2)
    let row = try #require(try await fixture.observations(of: TraceID(high: 7, low: 1)).first)
    let bodies = try await PayloadReader(pool: fixture.pool).bodies(
      of: row.facts.parts, project: fixture.project, trace: row.facts.trace)
    #expect(bodies == Bodies(input: "second", metadata: ["{\"first\":1}", "{\"second\":1}"]))
  }

  @Test func expiredPartitionsAreDroppedAndTheirBodiesAreMissingWithoutError() async throws {
    let fixture = try await WriteFixture.make()
    try await fixture.pool.run { _ = try $0.execute("update projects set retention_days = 7") }
    let door = ObservationDoor(pool: fixture.pool, partitions: fixture.partitions, clock: { WriteFixture.noon })
    let call = ObservationFacts.call(1, of: 1, in: fixture.project) { $0.bodies = [body(.input, "soon gone")] }
    _ = try await GroupWriter(door: door).write([fixture.submission([call])])[0].get()
    let retention = PayloadRetention(pool: fixture.pool)
    #expect(try await retention.dropExpired(now: WriteFixture.noon.adding(seconds: 7 * 86_400)) == [])
    #expect(try await retention.dropExpired(now: WriteFixture.noon.adding(seconds: 8 * 86_400)).count == 2)
    let row = try #require(try await fixture.observations(of: call.trace).first)
    #expect(row.facts.parts.count == 1)
    let bodies = try await PayloadReader(pool: fixture.pool).bodies(
      of: row.facts.parts, project: fixture.project, trace: call.trace)
    #expect(bodies == Bodies())
    // The partition that was dropped is made again for who still writes into it.
    let late = ObservationFacts.call(2, of: 1, in: fixture.project) { $0.bodies = [body(.input, "late")] }
    #expect(try await GroupWriter(door: door).write([fixture.submission([late])])[0].get().accepted == 1)
  }

  @Test(arguments: RetentionClass.allCases)
  func aBlocksIdTellsItsPartition(retention: RetentionClass) {
    let id = BlockID(writtenAt: WriteFixture.noon, retention: retention)
    #expect(BlockID(rawValue: id.rawValue).retention == retention)
    #expect(UTCDay(id.writtenOn) == UTCDay(WriteFixture.noon))
    #expect(id.rawValue > 0)
  }

  @Test func partsAreStoredInFewBytesAndSurviveDamage() {
    let stamp = Stamp(time: -3, rank: 1, hash: .max)
    let other = Stamp(time: .max, rank: 0, hash: 0)
    let parts = [
      StoredPart(kind: .input, block: .max, offset: 0, length: 300, stamp: stamp),
      StoredPart(kind: .output, block: .max, offset: 300, length: .max, stamp: stamp),
      StoredPart(kind: .metadata, block: 5, offset: .max, length: 0, stamp: other),
    ]
    let bytes = StoredParts.encode(parts)
    #expect(StoredParts.decode(bytes) == parts)
    #expect(bytes.count < 34 * 3)
    for count in 0..<bytes.count { #expect(StoredParts.decode(Array(bytes[..<count])).count < 3) }
    #expect(StoredParts.decode([9, 9, 9]) == [])
  }

  @Test func damagedFramesGiveNothing() {
    let zstd = Zstd()
    let frame = zstd.compress(Array("hello hello hello".utf8)) ?? []
    func inflated(_ bytes: [UInt8]) -> [UInt8]? { bytes.withUnsafeBytes { zstd.decompress($0) } }
    #expect(inflated(frame) == Array("hello hello hello".utf8))
    #expect(inflated([]) == nil)
    #expect(inflated([1, 2, 3]) == nil)
    #expect(inflated(Array(frame.dropLast(2))) == nil)
  }
}
