import Testing

@testable import Domain

@Suite struct AllocationAssemblyTests {
  private func line(_ kind: AllocationLine.Kind, _ team: Int32?, _ cost: String, calls: Int64 = 1) -> AllocationLine {
    var line = AllocationLine(kind: kind, team: team.map { TeamID($0) }, name: team.map { "Team \($0)" } ?? "Unallocated")
    let amount = USD(decimal: cost) ?? .zero
    line.exact = Amounts(list: amount, contracted: amount, effective: amount)
    line.calls = calls
    return line
  }

  @Test func linesStandInTheirOrder() {
    var correction = line(.adjustment, 1, "-1")
    correction.correctionOf = "2026-01"
    let result = AllocationAssembly.assemble(
      direct: [line(.team, 1, "1"), line(.unallocated, nil, "0.5"), line(.team, 2, "3"), line(.team, 3, "1")],
      shared: [line(.shared, 1, "2")], adjustments: [correction])
    #expect(result.lines.map(\.kind) == [.unallocated, .team, .team, .team, .shared, .adjustment])
    #expect(result.lines.map(\.name) == ["Unallocated", "Team 2", "Team 1", "Team 3", "Team 1", "Team 1"])
    #expect(result.total.exact.effective == USD(decimal: "6.5"))
    #expect(result.total.calls == 6)
  }

  @Test func callsWithoutCostKeepUnallocatedFirst() {
    let result = AllocationAssembly.assemble(
      direct: [line(.team, 1, "1"), line(.unallocated, nil, "0", calls: 3)], shared: [], adjustments: [])
    #expect(result.lines.map(\.kind) == [.unallocated, .team])
  }

  @Test func aTeamsLinesStayTogether() {
    var lines = [line(.team, 1, "1"), line(.team, 2, "1.5"), line(.team, 1, "2"), line(.unallocated, nil, "0", calls: 0)]
    lines[0].values = [DimensionValue(value: "a", label: "a")]
    let result = AllocationAssembly.assemble(direct: lines, shared: [], adjustments: [])
    #expect(result.lines.map(\.team) == [TeamID(1), TeamID(1), TeamID(2), nil])
    #expect(result.lines.map(\.exact.effective) == ["2", "1", "1.5", "0"].map { USD(decimal: $0) ?? .zero })
  }

  @Test(arguments: 1...20) func aTeamHasTheSameCentsHoweverItIsBrokenDown(seed: UInt64) {
    var random = Lehmer(state: seed)
    let lines = (0..<60).map { i in
      var line = self.line(.team, Int32(i % 5 + 1), "0")
      let amount = USD(pico: Int128(random.next() % 50_000_000_000))
      line.exact = Amounts(list: amount, contracted: amount, effective: amount)
      line.values = [DimensionValue(value: "model \(i)", label: "")]
      return line
    }
    let whole = Dictionary(grouping: lines, by: \.team).values.map { parts in
      var line = parts[0]
      (line.values, line.exact) = ([], parts.dropFirst().reduce(parts[0].exact) { $0 + $1.exact })
      return line
    }
    let none = AllocationAssembly.assemble(direct: whole, shared: [], adjustments: [])
    let broken = AllocationAssembly.assemble(direct: lines, shared: [], adjustments: [])
    #expect(broken.total.rounded == none.total.rounded)
    for line in none.lines {
      #expect(broken.lines.filter { $0.team == line.team }.reduce(Amounts()) { $0 + $1.rounded } == line.rounded)
    }
  }

  private struct Lehmer {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 20
    }
  }

  @Test func whatEachLineCostBeforeAddsUpAlsoWhenLinesAreGone() {
    func shared(_ pool: Int32, _ cost: String) -> AllocationLine {
      var line = self.line(.shared, 1, cost, calls: 0)
      line.shared = SharedOrigin(pool: PoolID(pool), poolName: "GPU", method: .even, driver: 1, driverTotal: 1)
      return line
    }
    var correction = line(.adjustment, 2, "0.46")
    correction.correctionOf = "2026-09"
    let before = [line(.team, 1, "3"), line(.team, 3, "4"), shared(1, "7"), correction]
    let compared = AllocationAssembly.compared([line(.team, 1, "1"), line(.team, 2, "2"), shared(2, "8")], with: before)
    #expect(compared.map(\.kind) == [.team, .team, .team, .shared, .adjustment])
    #expect(compared.map(\.previous) == ["3", "0", "4", "7", "0.46"].map { USD(decimal: $0) })
    #expect(compared.map(\.isGone) == [false, false, true, false, true])
  }

  @Test func hoursTimesRateIsExactOrRefused() {
    let rate = USD(decimal: "2.123456789012") ?? .zero
    #expect(PoolSplit.amount(.hourly(rate, hours: "0.5")) == USD(decimal: "1.061728394506"))
    #expect(PoolSplit.amount(.hourly(rate, hours: "0.25")) == USD(decimal: "0.530864197253"))
    #expect(PoolSplit.amount(.hourly(rate, hours: "0.125")) == nil)
    #expect(PoolSplit.amount(.hourly(rate, hours: "745")) == nil)
    #expect(PoolSplit.amount(.hourly(rate, hours: "1.0000001")) == nil)
    #expect(PoolSplit.amount(.hourly(rate, hours: "1.0000000000001")) == nil)
    #expect(PoolSplit.amount(.hourly(rate, hours: "many")) == nil)
  }
}
