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
