import Domain

@testable import Pages

extension OverviewPage {
  static let sample = OverviewSample.page(PageAddress(path: "/"))
  static let emptySample = OverviewSample.page(PageAddress(path: "/"), hasAnyData: false)
}

enum OverviewSample {
  static let models: [(String, Double)] = [
    ("gpt-4o-2024-08-06", 41), ("claude-sonnet-4-5", 33), ("gpt-4o-mini", 12), ("gemini-2.5-pro", 9),
    ("claude-haiku-4-5", 6),
    ("text-embedding-3-large", 2.1), ("mistral-large-2411", 1.4), ("gpt-4.1", 1.2), ("o3-mini", 0.8),
    ("llama-3.3-70b", 0.5),
    ("deepseek-chat", 0.3), ("command-r-plus", 0.0001),
  ]
  static let teams: [(String?, Double)] = [("Support", 52), ("Contracts", 27), ("Search", 14), ("Growth", 8), (nil, 6)]

  static func page(_ address: PageAddress, hasAnyData: Bool = true) -> OverviewPage {
    let range = address.range.resolved(now: Sample.now, zone: Sample.zone)
    let tables: [CostDimension: CostReport] = [
      .team: report(
        .team, range,
        teams.enumerated().map {
          (DimensionValue(value: $1.0, label: $1.0 ?? "Unallocated", colour: $1.0 == nil ? nil : Int16($0)), $1.1)
        }),
      .model: report(.model, range, models.map { (DimensionValue(value: $0.0, label: $0.0), $0.1) }),
      .endpoint: report(
        .endpoint, range,
        [("/answer", 44.0), ("/summarise", 31), ("/contracts/{id}/review", 22), ("/search", 7), ("/translate", 3)].map {
          (DimensionValue(value: $0.0, label: $0.0), $0.1)
        }),
      .environment: report(
        .environment, range,
        [("production", 97.0), ("staging", 8), ("default", 2)].map { (DimensionValue(value: $0.0, label: $0.0), $0.1) }),
    ]
    var previous = (tables[.model]?.total ?? Measures())
    previous.cost = previous.cost.map { USD(pico: $0.pico * 89 / 100) }
    previous.calls = previous.calls * 93 / 100
    previous.usage[.cacheRead] = previous.usage[.cacheRead] * 84 / 100
    let weights =
      address.stack == .team
      ? teams.enumerated().map {
        (DimensionValue(value: $1.0, label: $1.0 ?? "Unallocated", colour: $1.0 == nil ? nil : Int16($0)), $1.1)
      }
      : models.map { (DimensionValue(value: $0.0, label: $0.0), $0.1) }
    return OverviewPage(
      frame: Sample.frame, bar: Sample.bar(address),
      total: hasAnyData ? tables[.model]?.total ?? Measures() : Measures(), previous: previous,
      overTime: overTime(address.stack, range, weights), tables: tables, previousEndpoints: tables[.endpoint],
      hasAnyData: hasAnyData)
  }

  static func measures(_ weight: Double, name: String) -> Measures {
    var m = Measures()
    m.calls = Int64(weight * 1210) + 1
    m.errors = Int64(weight * 3)
    m.unpricedCalls = name == "llama-3.3-70b" || name == "Growth" ? 12 : 0
    m.usage = Usage([
      .input: Int64(weight * 1_400_000), .cacheRead: Int64(weight * 620_000), .output: Int64(weight * 310_000),
      .reasoning: Int64(weight * 44_000),
    ])
    m.cost = USD(pico: Int128(weight * 45.1234 * 1e12))
    return m
  }

  static func report(_ dimension: CostDimension, _ range: TimeRange, _ values: [(DimensionValue, Double)]) -> CostReport
  {
    let rows = values.map { CostRow(values: [$0.0], start: nil, measures: measures($0.1, name: $0.0.label)) }
    return CostReport(
      query: CostQuery(range: range, timeZone: Sample.zone.name, groupBy: [dimension]), rows: rows,
      total: rows.reduce(Measures()) { $0 + $1.measures }, source: "spend_hour")
  }

  static func overTime(_ dimension: CostDimension, _ range: TimeRange, _ values: [(DimensionValue, Double)])
    -> CostReport
  {
    let interval = PageAddress.interval(for: range)
    let starts = Sample.zone.steps(of: range, by: interval)
    var rows: [CostRow] = []
    for (i, start) in starts.enumerated() {
      let weekday = i % 7 == 5 || i % 7 == 6 ? 0.45 : 1
      for (j, value) in values.enumerated() {
        let wave = 0.8 + Double((i * 7 + j * 11) % 13) / 30
        let part = value.1 / Double(starts.count) * weekday * wave * (i == starts.count - 1 ? 0.5 : 1)
        rows.append(CostRow(values: [value.0], start: start, measures: measures(part, name: value.0.label)))
      }
    }
    return CostReport(
      query: CostQuery(range: range, timeZone: Sample.zone.name, interval: interval, groupBy: [dimension]), rows: rows,
      total: rows.reduce(Measures()) { $0 + $1.measures }, source: "spend_hour")
  }
}
