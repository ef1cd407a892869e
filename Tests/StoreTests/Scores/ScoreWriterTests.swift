import Domain
import Postgres
import Testing

@testable import Store

@Suite struct ScoreWriterTests {
  private func score(_ id: String, time: Int64, number: Double, in project: ProjectID) -> Score {
    var score = Score(
      project: project, id: id, stamp: Stamp(time: time, rank: 0, hash: .max), name: "quality", dataType: .numeric,
      source: .eval,
      environment: "default", createdAt: WriteFixture.noon)
    score.number = number
    score.trace = TraceID(high: 7, low: 1)
    score.metadata = "{\"k\":1}"
    return score
  }

  @Test(arguments: [[0, 1, 2, 1], [2, 1, 0, 2], [1, 2, 1, 0]])
  func theLatestMessageStaysInEveryOrder(order: [Int]) async throws {
    let fixture = try await WriteFixture.make()
    let versions: [(Int64, Double)] = [(-4, 0.1), (0, 0.2), (3, 0.3)]
    for i in order {
      try await fixture.send(scores: [score("a", time: versions[i].0, number: versions[i].1, in: fixture.project)])
    }
    let stored = try await fixture.pool.run {
      try $0.query("select number, source from scores") { (try $0.double(0), try $0.int16(1)) }
    }
    #expect(stored.map(\.0) == [0.3])
    #expect(stored.map(\.1) == [2])
  }

  @Test(arguments: [false, true]) func whatIsSaidWithAPublicKeyNeverReplacesAScore(isFirst: Bool) async throws {
    let fixture = try await WriteFixture.make()
    var open = IngestBatch()
    open.scores = [score("a", time: 9, number: 0.9, in: fixture.project), score("new", time: 9, number: 0.5, in: fixture.project)]
    open.keepKnownScores()
    let known = [score("a", time: 3, number: 0.3, in: fixture.project)]
    for scores in isFirst ? [open.scores, known, open.scores] : [known, open.scores] { try await fixture.send(scores: scores) }
    open.scores[1].number = 0.7
    try await fixture.send(scores: open.scores)
    let stored = try await fixture.pool.run { try $0.query("select number from scores order by id") { try $0.double(0) } }
    #expect(stored == [0.3, 0.5])
  }

  @Test func repeatsWithinOneRequestAreOneScore() async throws {
    let fixture = try await WriteFixture.make()
    let result = try await fixture.send(scores: [
      score("b", time: 2, number: 1, in: fixture.project), score("a", time: 1, number: 1, in: fixture.project),
      score("b", time: 1, number: 0, in: fixture.project),
    ])
    #expect(result.accepted == 3)
    #expect(try await fixture.number("select sum(number)::bigint from scores") == 2)
  }

  @Test func sortableBytesOrderAsStampsDo() {
    let stamps = [
      Stamp(time: .min, rank: 0, hash: 0), Stamp(time: -1, rank: 1, hash: 5), Stamp(time: 0, rank: 0, hash: .max),
      Stamp(time: 0, rank: 1, hash: 0), Stamp(time: .max, rank: 0, hash: 1),
    ]
    for (a, b) in zip(stamps, stamps.dropFirst()) {
      #expect(a.sortableBytes.lexicographicallyPrecedes(b.sortableBytes))
      #expect(Stamp(sortableBytes: a.sortableBytes) == a)
    }
  }
}
