import Domain
import Postgres

@testable import Store

/// Calls over three months and changes of them, in random order; repeats with its seed.
struct RandomBooks {
  static let months = ["2026-02", "2026-03", "2026-04"]
  private let fixture: BooksFixture
  private var random: SeededNumbers
  private var sent: [ObservationFacts] = []

  init(seed: UInt64, _ fixture: BooksFixture) {
    self.fixture = fixture
    random = SeededNumbers(seed: seed)
  }

  mutating func traffic(_ count: Int) async throws {
    let calls = (0..<count).map { _ in call(UInt64(sent.count * 7919 + number(1..<7000))) }
    var unique: [UInt64: ObservationFacts] = [:]
    for call in calls { unique[call.id.rawValue] = call }
    let facts = unique.values.sorted { $0.id.rawValue < $1.id.rawValue }
    sent += facts
    try await fixture.send(facts)
  }

  /// Late calls, other prices, other owners, and days that are summed meanwhile.
  mutating func change() async throws {
    switch number(0..<5) {
    case 0, 1: try await traffic(number(1..<4))
    case 2:
      let price = FixedPrices.price(picoPerToken: Int64(number(1..<90_000_000)))
      let range = range("2025-09-01T00:00:00Z", "2026-09-01T00:00:00Z")
      for (project, traces) in someTraces() {
        try await fixture.write.door.reprice(
          traces, in: project, TraceRepricing(selection: RepricingSelection(range: range, models: []), price: price),
          decidedBy: DecisionRevisions(catalogue: 1, agreements: 0))
      }
    case 3:
      let salt = Int32(number(0..<4))
      for (project, traces) in someTraces() {
        try await fixture.write.door.decideAgain(traces, in: project) { snapshot in
          FixedPrices.decide(&snapshot)
          for i in snapshot.observations.indices {
            let team = (Int32(truncatingIfNeeded: snapshot.observations[i].facts.id.rawValue % 4) + salt) % 4
            snapshot.observations[i].decision.team = team == 0 ? nil : TeamID(team)
            snapshot.observations[i].decision.endpoint = salt % 2 == 0 ? "/chat" : nil
          }
        }
      }
    default:
      for _ in 0..<number(1..<20) where try await !ChargeSums(pool: fixture.pool).sumNext(restSeconds: 0) { break }
      for _ in 0..<number(1..<20) where try await !DailySums(pool: fixture.pool).sumNext(restSeconds: 0) { break }
    }
    try await fixture.write.foldAll()
  }

  private mutating func someTraces() -> [(ProjectID, [TraceID])] {
    let picked = (0..<number(1..<9)).compactMap { _ in sent.randomElement(using: &random) }
    return Dictionary(grouping: picked, by: \.project).map { ($0, Array(Set($1.map(\.trace)))) }.sorted { $0.0 < $1.0 }
  }

  private mutating func call(_ id: UInt64) -> ObservationFacts {
    // Around the edges of months more than elsewhere, and around the nights that clocks change in.
    let edges = ["2026-02-02", "2026-03-01", "2026-03-08", "2026-03-29", "2026-04-01", "2026-04-30"]
    var time = instant("2026-02-01T06:00:00Z").adding(seconds: Int64(number(0..<88 * 86_400)))
    if number(0..<3) == 0, let edge = edges.randomElement(using: &random) {
      time = instant(edge + "T00:00:00Z").adding(seconds: Int64(number(0..<16 * 3600)))
    }
    let project = number(0..<3) == 0 ? fixture.docs : fixture.write.project
    var facts = fixture.call(id, at: time, team: number(0..<4), project: project, model: number(0..<3) == 0 ? "large" : "small")
    facts.usage = UsageReport(
      usage: Usage([.input: Int64(number(0..<90_000)), .output: Int64(number(0..<40_000)), .cacheRead: Int64(number(0..<2) * 777)]), rule: "test",
      raw: "{}")
    if number(0..<5) == 0 { facts.reportedCost = ReportedCost(amount: USD(pico: Int128(number(0..<3_000_000)) * 12_345), source: .sender) }
    if number(0..<9) == 0 { facts.level = .error }
    facts.environment = number(0..<4) == 0 ? "staging" : nil
    facts.serviceTier = number(0..<6) == 0 ? "batch" : nil
    facts.stampAll(Stamp(time: time.microseconds, rank: 0, hash: id))
    return facts
  }

  mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
}
