import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct ExportsTests {
  private struct Broken: Error {}

  private static let all = AccessScope(organisation: OrganisationID(1), teams: .all, projects: .all, readsContent: false)

  private static func make() async throws -> Exports {
    let database = try await TestDatabase.make()
    try await database.pool.run { c in try c.execute("insert into organisations (name, time_zone) values ('Acme', 'UTC')") }
    return Exports(pool: database.pool)
  }

  private func begun(_ exports: Exports, scope: AccessScope = ExportsTests.all, days: Int = 31) async throws -> Export {
    let request = ExportRequest(question: "month=2026-10", fileName: "costs.csv", mediaType: "text/csv", days: days)
    return try await exports.begin(request, scope: scope, by: "ann")
  }

  private func file(_ exports: Exports, _ export: Export) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for position in 0..<export.chunks { bytes += try #require(try await exports.chunk(position, of: export.id, scope: Self.all)) }
    return bytes
  }

  @Test func aMillionLinesAreNeverHeld() async throws {
    let exports = try await Self.make()
    let export = try await begun(exports)
    let line = Array("some team,gpt-4o-mini,/summarise,0.000123456789\r\n".utf8)
    let lines = (0..<1000).reduce(into: [UInt8]()) { lines, _ in lines.append(contentsOf: line) }
    let worked = try await exports.work(describe: { "\($0)" }) { _, sink in
      for part in 0..<1000 { try await sink.write(lines, rows: 1000, day: part * 31 / 1000) }
      let held = await sink.heldMax
      #expect(held <= Exports.chunkBytesMax)
    }
    #expect(worked)
    let done = try #require(try await exports.find(export.id, scope: Self.all))
    #expect(done.state == .finished)
    #expect(done.rows == 1_000_000)
    #expect(done.daysDone == 31)
    #expect(Int64(done.chunks) == (done.bytes + 1_048_575) >> 20)
    let first = try #require(try await exports.chunk(0, of: export.id, scope: Self.all))
    #expect(first.count == Exports.chunkBytesMax)
    #expect(first.starts(with: line))
    let last = try #require(try await exports.chunk(done.chunks - 1, of: export.id, scope: Self.all))
    #expect(last.suffix(2) == [13, 10])
  }

  @Test func bytesComeBackAsWritten() async throws {
    let exports = try await Self.make()
    let export = try await begun(exports)
    var generator = SystemRandomNumberGenerator()
    // Random bytes don't compress: both encodings are met.
    let noise = (0..<1_500_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    _ = try await exports.work(describe: { "\($0)" }) { _, sink in
      try await sink.write(noise)
      try await sink.write([1, 2, 3])
    }
    let done = try #require(try await exports.find(export.id, scope: Self.all))
    #expect(try await file(exports, done) == noise + [1, 2, 3])
    #expect(done.bytes == 1_500_003)
  }

  @Test func anEmptyFileIsAFile() async throws {
    let exports = try await Self.make()
    let export = try await begun(exports)
    _ = try await exports.work(describe: { "\($0)" }) { _, _ in }
    #expect(try await exports.find(export.id, scope: Self.all)?.state == .finished)
    #expect(try await exports.chunk(0, of: export.id, scope: Self.all) == nil)
  }

  @Test func whatFailsForGoodSaysWhy() async throws {
    let exports = try await Self.make()
    let export = try await begun(exports)
    _ = try await exports.work(describe: { _ in "the month is frozen" }) { _, sink in
      try await sink.write([UInt8](repeating: 0, count: 3 << 20))
      throw Broken()
    }
    let failed = try #require(try await exports.find(export.id, scope: Self.all))
    #expect(failed.state == .failed && failed.failure == "the month is frozen" && failed.chunks == 0)
    #expect(try await exports.chunk(0, of: export.id, scope: Self.all) == nil)
    let worked = try await exports.work(describe: { "\($0)" }) { _, _ in }
    #expect(!worked)
  }

  @Test func aDeadAttemptIsBegunAnewAndNotForEver() async throws {
    let exports = try await Self.make()
    let export = try await begun(exports)
    for _ in 0..<2 {
      _ = try await exports.work(describe: { _ in nil }) { _, sink in
        try await sink.write([UInt8](repeating: 7, count: 2 << 20), rows: 5)
        throw Broken()
      }
    }
    _ = try await exports.work(describe: { _ in nil }) { _, sink in try await sink.write([1], rows: 1) }
    let done = try #require(try await exports.find(export.id, scope: Self.all))
    #expect(done.state == .finished && done.rows == 1 && done.chunks == 1)
    #expect(try await file(exports, done) == [1])

    let hopeless = try await begun(exports)
    for _ in 0..<4 { _ = try await exports.work(describe: { _ in nil }) { _, _ in throw Broken() } }
    #expect(try await exports.find(hopeless.id, scope: Self.all)?.failure == "Ended early 3 times.")
  }

  @Test func oneProcessWorksAtATime() async throws {
    let exports = try await Self.make()
    _ = try await begun(exports)
    _ = try await begun(exports)
    _ = try await exports.work(describe: { "\($0)" }) { _, _ in
      let worked = try await exports.work(describe: { "\($0)" }) { _, _ in Issue.record("worked twice") }
      #expect(!worked)
    }
    let worked = try await exports.work(describe: { "\($0)" }) { _, _ in }
    #expect(worked)
  }

  @Test func aRemovedExportEndsItsMaker() async throws {
    let exports = try await Self.make()
    let export = try await begun(exports)
    _ = try await exports.work(describe: { _ in "kept" }) { _, sink in
      #expect(try await exports.remove(export.id, onlyOwn: true, scope: Self.all, by: "somebody else") == false)
      #expect(try await exports.remove(export.id, scope: Self.all, by: "ann"))
      try await sink.write([UInt8](repeating: 0, count: 2 << 20))
      Issue.record("wrote into nothing")
    }
    #expect(try await exports.list(scope: Self.all).isEmpty)
    #expect(try await exports.remove(export.id, scope: Self.all, by: "ann") == false)
  }

  @Test func filesAreForThoseWhoSeeAsMuch() async throws {
    let exports = try await Self.make()
    let organisation = Self.all.organisation
    func scope(_ projects: AccessScope.Reach<ProjectID>) -> AccessScope {
      AccessScope(organisation: organisation, teams: .all, projects: projects, readsContent: false)
    }
    let one = scope(.only([ProjectID(1)])), both = scope(.only([ProjectID(1), ProjectID(2)]))
    let small = try await begun(exports, scope: one), large = try await begun(exports, scope: both), whole = try await begun(exports)
    #expect(try await exports.list(scope: one).map(\.id) == [small.id])
    #expect(try await exports.list(scope: both).map(\.id) == [large.id, small.id])
    #expect(try await exports.list(scope: Self.all).map(\.id) == [whole.id, large.id, small.id])
    #expect(try await exports.find(whole.id, scope: one) == nil)
    #expect(try await exports.chunk(0, of: whole.id, scope: one) == nil)
    // A lead's holds what the team spent in other projects too.
    var lead = one
    lead.teams = .only([TeamID(1)])
    let ofTeam = try await begun(exports, scope: lead)
    #expect(try await exports.list(scope: lead).map(\.id) == [ofTeam.id])
    #expect(try await exports.find(ofTeam.id, scope: both) == nil)
    #expect(try await exports.find(ofTeam.id, scope: Self.all) != nil)
    let elsewhere = AccessScope(organisation: OrganisationID(999), teams: .all, projects: .all, readsContent: false)
    #expect(try await exports.list(scope: elsewhere).isEmpty)
    #expect(small.scope.projects == .only([ProjectID(1)]))
  }

  @Test func weekOldFilesGo() async throws {
    let exports = try await Self.make()
    let export = try await begun(exports)
    _ = try await exports.work(describe: { "\($0)" }) { _, sink in try await sink.write([1]) }
    #expect(try await exports.removeOld(now: export.createdAt.adding(seconds: 6 * 86_400)) == 0)
    #expect(try await exports.removeOld(now: export.keptUntil.adding(seconds: 1)) == 1)
    #expect(try await exports.chunk(0, of: export.id, scope: Self.all) == nil)
  }

  @Test func noMoreWaitThanCanBeMade() async throws {
    let exports = try await Self.make()
    for _ in 0..<Exports.waitingMax { _ = try await begun(exports) }
    await #expect(throws: ExportRefusal.self) { try await begun(exports) }
  }
}
