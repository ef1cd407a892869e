import Domain
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite struct CostSpansTests {
  /// How often each day is counted.
  private func counts(_ spans: CostSpans, _ frame: CostFrame) -> [Int32: Int] {
    var counts: [Int32: Int] = [:]
    func add(_ from: Int32, _ to: Int32, _ sign: Int) {
      var day = from
      while day < to {
        counts[day, default: 0] += sign
        day += 1
      }
    }
    func month(of day: Int32) -> Int32 { [frame.monthTo, frame.monthFrom, spans.headMonth].filter { $0 <= day }.max() ?? day }
    if frame.monthFrom < frame.monthTo { add(frame.monthFrom, frame.monthTo, 1) }
    for _ in spans.wholeHeads { add(spans.headMonth, frame.monthFrom, 1) }
    for days in spans.added { add(days.from, days.to, 1) }
    for days in spans.taken { add(days.from, days.to, -1) }
    for sums in spans.addedToDate { add(month(of: sums.day), sums.day + 1, 1) }
    for sums in spans.takenToDate { add(spans.headMonth, sums.day + 1, -1) }
    return counts.filter { $0.value != 0 }
  }

  @Test func everyDayOfTheRangeIsCountedOnceWhateverIsSummed() async throws {
    let fixture = try await ReportFixture.make(timeZone: "Europe/Madrid")
    var random = SeededNumbers(seed: 5)
    let project = fixture.projects[0].id
    for _ in 0..<60 {
      let from = instant("2026-07-01T00:00:00Z").adding(seconds: Int64.random(in: 0..<(90 * 86_400), using: &random))
      let days = Int64.random(in: 5...130, using: &random)
      let query = CostQuery(
        range: try #require(TimeRange(from: from, to: from.adding(seconds: days * 86_400))), timeZone: "Europe/Madrid")
      let organisation = fixture.organisation
      let (frame, empty) = try await fixture.pool.run { c in
        let frame = try CostFrame.read(query, organisation, c)
        return (frame, try CostSpans.read(frame, [project], c))
      }
      let head = try #require(empty).headMonth
      for _ in 0..<20 {
        var spans = CostSpans(headMonth: head)
        let tailFirst = max(frame.dayFrom, frame.monthTo)
        let summed = CostSpans.Summed(
          project: project, headMonth: head, headIsMarked: Bool.random(using: &random),
          head: head < frame.dayFrom && Bool.random(using: &random) ? .random(in: head..<frame.dayFrom, using: &random) : nil,
          tail: tailFirst < frame.dayTo && Bool.random(using: &random)
            ? .random(in: tailFirst..<frame.dayTo, using: &random) : nil)
        spans.add(summed, frame)
        let expected = Dictionary(uniqueKeysWithValues: (frame.dayFrom..<frame.dayTo).map { ($0, 1) })
        #expect(counts(spans, frame) == expected, "\(frame.dayFrom) \(frame.dayTo) \(summed)")
      }
    }
  }

  @Test(arguments: [[.endpoint, .model], [.userGroup], [.team, .provider]] as [[CostDimension]])
  func rangesOfDaysAreSumsOfTheirCalls(groupBy: [CostDimension]) async throws {
    let fixture = try await ReportFixture.make(timeZone: "Europe/Madrid")
    var random = SeededNumbers(seed: 31)
    let around = range("2026-09-25T00:00:00Z", "2026-11-20T00:00:00Z")
    try await fixture.insert(
      (0..<600).map { i in
        let time = around.from.adding(microseconds: Int64.random(in: 0..<around.durationMicroseconds, using: &random))
        var call = fixture.call(at: time, trace: UInt64(i / 2), id: UInt64(i + 1), project: i / 2 % 2, cost: Int128(1) << (i % 50))
        call.decision.model = random.pick(["a", "b", "c"])
        call.decision.endpoint = random.pick(["/1", "/2", "/3"])
        call.decision.userGroup = random.pick(fixture.groups.map(\.id))
        call.decision.team = random.pick(fixture.teams.map(\.id))
        return call
      })
    let reports = CostReports(pool: fixture.pool)
    var sumsToDate = 0
    for round in 0..<36 {
      // More and more is summed.
      if round % 12 == 0, round > 0 { try await fixture.sum(days: 40) }
      let from = around.from.adding(seconds: Int64.random(in: 0..<(28 * 86_400), using: &random))
      let length = Int64.random(in: 5...28, using: &random) * 86_400
      var query = CostQuery(
        range: try #require(TimeRange(from: from, to: from.adding(seconds: length))), timeZone: "Europe/Madrid",
        interval: round % 3 == 0 ? .month : nil, groupBy: groupBy)
      query.measures.formUnion(CostMeasure.money)
      let (scope, organisation, asked) = (fixture.scope, fixture.organisation, query)
      let found = try await reports.run(query, scope: scope, organisation: organisation)
      let calls = try await reports.run(query, scope: scope, organisation: organisation, source: .observations)
      #expect(found.rows == calls.rows, "\(query.range)")
      #expect(found.total == calls.total)
      #expect(found.source != calls.source)
      sumsToDate += try await fixture.pool.run { c in
        try CostPlan.make(asked, scope: scope, organisation: organisation, source: nil, c)?.sql.spans?.addedToDate.count ?? 0
      }
    }
    #expect(sumsToDate > 10, "sums to date are used")
  }
}
