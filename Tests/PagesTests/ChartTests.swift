import Domain
import HTML
import Testing

@testable import Pages

@Suite struct ChartTests {
  @Test(arguments: ["0.000342", "1", "2.1", "4.1", "8.1", "99", "123.45", "1999.99", "7000000", "0.00000001"])
  func axesHaveThreeToFiveRoundTicksAndCoverTheMaximum(decimal: String) throws {
    let maximum = try #require(USD(decimal: decimal))
    let scale = TickScale(covering: maximum)
    #expect((3...5).contains(scale.ticks.count) && scale.ticks[0] == .zero && scale.top >= maximum)
    let step = String(scale.ticks[1].pico).trimmingZeros
    #expect(["1", "2", "5"].contains(step))
    #expect(Set(zip(scale.ticks, scale.ticks.dropFirst()).map { ($1 - $0) }).count == 1)
  }

  @Test func absurdAmountsDontTrap() { #expect(TickScale(covering: USD(pico: .max)).ticks.count <= 5) }

  @Test(arguments: [("1500", "$1,500"), ("0.002", "$0.002"), ("0.5", "$0.50"), ("0", "$0")])
  func tickLabelsHaveTheDecimalsTheyNeed(decimal: String, label: String) throws {
    #expect(TickScale.label(try #require(USD(decimal: decimal))) == label)
  }

  @Test func whatCostNothingHasNoLayer() {
    let layers = series([("a", ["1", "2", "0"]), ("free", ["0", "0", "0"]), (nil, ["0", "0", "0"])]).layers
    #expect(layers.map(\.label) == ["a"])
  }

  private let starts = (0..<3).map { Timestamp(seconds: Int64($0) * 86_400) }

  private func series(_ values: [(String?, [String])]) -> StackedSeries {
    let rows = values.flatMap { name, amounts in
      amounts.enumerated().map { i, amount in
        var m = Measures()
        m.calls = 1
        m.cost = Sample.usd(amount)
        return CostRow(
          values: [DimensionValue(value: name, label: name ?? "Unallocated")], start: starts[i], measures: m)
      }
    }
    let query = CostQuery(
      range: TimeRange(spanning: starts[0], starts[2]), timeZone: "UTC", interval: .day, groupBy: [.model])
    let report = CostReport(query: query, rows: rows, total: Measures(), source: "test")
    return StackedSeries(report, starts: starts, styles: SeriesStyle.assign(rows.compactMap(\.values.first)))
  }

  @Test func largestIsAtTheBottomAndNoneOnTop() {
    let layers = series([("small", ["1", "1"]), (nil, ["50"]), ("large", ["0", "9"])]).layers
    #expect(layers.map(\.label) == ["large", "small", "Unallocated"])
    #expect(layers.last?.style == .grey)
  }

  @Test func beyondEightTheRestIsOtherAndNothingIsLost() {
    let all = series((0..<11).map { ("m\($0)", ["\($0 + 1)", "2"]) })
    #expect(all.layers.count == 9 && all.layers.last?.label == "Other (3)" && all.layers.last?.style == .grey)
    #expect(all.layers.reduce(USD.zero) { $0 + $1.total } == Sample.usd("88"))
    #expect(all.maximum == Sample.usd("66"))
  }

  @Test func barsStandOnEachOther() throws {
    var all = series([("a", ["30"]), ("b", ["10"])])
    all.starts = [starts[0]]
    let chart = StackedBarChart(
      title: "t", series: all, steps: [.init(tick: "1", label: "1 Jan", address: "/traces", isIncomplete: false)],
      height: 100)
    #expect(chart.scale.top == Sample.usd("40"))
    let html = chart.render().string
    // 30 of 40 from the base at 108 up to 33, then 10 of 40 up to 8.
    #expect(html.contains("y=\"33\" width=\"6%\" height=\"75\""))
    #expect(html.contains("y=\"8\" width=\"6%\" height=\"25\""))
    #expect(html.contains("<title>1 Jan: $40.00</title>") && html.contains("href=\"/traces\""))
  }

  @Test func unfinishedStepsAreHatched() {
    let all = series([("a", ["1", "1", "1"])])
    let steps = (0..<3).map { StackedBarChart.Step(tick: "", label: "d\($0)", address: "/", isIncomplete: $0 == 2) }
    let html = StackedBarChart(title: "t", series: all, steps: steps).render().string
    #expect(html.components(separatedBy: "<rect fill=\"url(#hatch)\"").count == 2)
    #expect(html.contains("d2: $1.00, not over yet"))
  }

  @Test func storedColoursWinAndRepeatsAreHatched() {
    let values = (0..<10).map { DimensionValue(value: "v\($0)", label: "v\($0)", colour: $0 < 2 ? 3 : nil) }
    let styles = SeriesStyle.assign(values)
    #expect(styles[values[0]] == SeriesStyle(place: 3, isHatched: false))
    #expect(styles[values[1]] == SeriesStyle(place: 3, isHatched: true))
    #expect(Set(values.compactMap { styles[$0] }).count >= 8)
    #expect(values.filter { styles[$0]?.isHatched == false }.count == 8)
  }

  @Test func coloursDoNotDependOnTheCompany() {
    let a = DimensionValue(value: "gpt-4o", label: "gpt-4o")
    let b = DimensionValue(value: "o3", label: "o3")
    #expect(SeriesStyle.assign([a])[a] == SeriesStyle.assign([a, b])[a])
  }
}

extension String {
  fileprivate var trimmingZeros: String { String(reversed().drop { $0 == "0" }.reversed()) }
  fileprivate func components(separatedBy separator: String) -> [Substring] {
    self.split(separator: separator, omittingEmptySubsequences: false)
  }
}
