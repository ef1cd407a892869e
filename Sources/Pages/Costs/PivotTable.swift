import Domain

/// The rows of the costs page, in its order: the total, then values of the first dimension, each with its values of the second. What is
/// folded away stands in a line "Other", so that every level adds up to the one above. Page and CSV file are written from it.
public struct PivotTable: Sendable {
  /// Raw values are those of the column `line` of a CSV file.
  public enum Kind: String, Sendable { case total, row, part }

  public struct Line: Sendable {
    public var kind: Kind
    /// Of the line and of what it is part of; a line "Other" lacks its own.
    public var values: [DimensionValue]
    /// Of a line "Other": how many values it stands for, 0 where all of them are of the period before.
    public var others: Int?
    public var measures: Measures
    /// Of the period before; nil: not asked.
    public var previous: Measures?
    /// The measure by step of time.
    var trend: [USD]

    public var label: String {
      if let others { return others > 0 ? "Other (\(Digits.grouped(others)))" : "Only before" }
      return kind == .total ? "Total" : values.last?.label ?? ""
    }
  }

  public var by: [CostDimension]
  /// The total first.
  public var lines: [Line]
  /// Values of the first dimension in all.
  public var count: Int
  public var measure: CostFigure

  public static let shortCount = 10
  /// With "show all".
  public static let longCount = 1000
  public static let partsCount = 5

  public var total: Line { lines[0] }
}

/// What a pivot is made from; all reports have the same filter.
public struct PivotSource: Sendable {
  public var by: [CostDimension]
  /// By the first dimension.
  public var rows: CostReport
  /// By both.
  public var parts: CostReport?
  public var before: CostReport?
  public var beforeParts: CostReport?
  /// By the first dimension and time; of both for the rows that are shown.
  public var overTime: CostReport
  public var partsOverTime: CostReport?

  public init(by: [CostDimension], rows: CostReport, overTime: CostReport) {
    self.by = by
    self.rows = rows
    self.overTime = overTime
  }

  /// Values of the first dimension that `address` shows, in its order.
  public func shown(_ address: PageAddress) -> [DimensionValue] {
    PivotTable.cut(PivotOrder(address).sorted(rows.rows, before), PivotTable.limit(address)).compactMap(\.values.first)
  }
}

extension PivotTable {
  static func limit(_ address: PageAddress) -> Int { address.showAll.contains("rows") ? longCount : shortCount }

  /// One more than fits is shown instead of "Other (1)".
  static func cut(_ rows: [CostRow], _ limit: Int) -> ArraySlice<CostRow> { rows.count <= limit + 1 ? rows[...] : rows.prefix(limit) }

  /// `starts` are the steps of the trends.
  public init(_ source: PivotSource, address: PageAddress, starts: [Timestamp]) {
    by = source.by
    measure = address.measure
    count = source.rows.rows.count
    let order = PivotOrder(address)
    let trends = Trends(source.overTime, starts, address.measure)
    let partTrends = source.partsOverTime.map { Trends($0, starts, address.measure) }
    lines = [
      Line(
        kind: .total, values: [], measures: source.rows.total, previous: source.before?.total, trend: trends.total)
    ]
    let level = Level(kind: .row, parent: [], order: order, limit: Self.limit(address), trends: trends)
    let partsOf = source.parts.map { Dictionary(grouping: $0.rows) { $0.values[0] } }
    let beforeOf = source.beforeParts.map { Dictionary(grouping: $0.rows) { $0.values[0] } }
    for line in level.lines(source.rows.rows, source.before?.rows) {
      lines.append(line)
      guard let partsOf, let value = line.values.first, line.others == nil else { continue }
      let parts = Level(kind: .part, parent: [value], order: order, limit: Self.partsCount, trends: partTrends)
      lines += parts.lines(partsOf[value] ?? [], beforeOf.map { $0[value] ?? [] })
    }
  }

  /// The lines of one level below a line.
  private struct Level {
    var kind: Kind
    var parent: [DimensionValue]
    var order: PivotOrder
    var limit: Int
    var trends: Trends?

    func lines(_ rows: [CostRow], _ before: [CostRow]?) -> [Line] {
      let beforeOf = before.map { Dictionary($0.map { ($0.values, $0.measures) }) { a, _ in a } }
      let sorted = order.sorted(rows, beforeOf)
      let shown = PivotTable.cut(sorted, limit)
      var lines = shown.map { row in
        Line(
          kind: kind, values: row.values, measures: row.measures,
          previous: beforeOf.map { $0[row.values] ?? Measures() }, trend: trends?[row.values] ?? [])
      }
      let names = Set(shown.map(\.values))
      let rest = sorted.dropFirst(shown.count)
      let restBefore = (before ?? []).filter { !names.contains($0.values) }
      if !rest.isEmpty || !restBefore.isEmpty {
        lines.append(
          Line(
            kind: kind, values: parent, others: rest.count, measures: rest.reduce(Measures()) { $0 + $1.measures },
            previous: before.map { _ in restBefore.reduce(Measures()) { $0 + $1.measures } },
            trend: trends?.sum(of: rest.map(\.values)) ?? []))
      }
      return lines
    }
  }

  /// Amounts by step for each row of a report over time.
  private struct Trends {
    private var amounts: [[DimensionValue]: [USD]] = [:]
    private(set) var total: [USD]

    init(_ report: CostReport, _ starts: [Timestamp], _ measure: CostFigure) {
      let place = Dictionary(uniqueKeysWithValues: starts.enumerated().map { ($1, $0) })
      total = Array(repeating: .zero, count: starts.count)
      for row in report.rows {
        guard let start = row.start, let i = place[start], let amount = measure.amount(row.measures) else { continue }
        amounts[row.values, default: Array(repeating: .zero, count: starts.count)][i] += amount
        total[i] += amount
      }
    }

    subscript(values: [DimensionValue]) -> [USD]? { amounts[values] }

    func sum(of rows: [[DimensionValue]]) -> [USD] {
      rows.compactMap { amounts[$0] }.reduce(Array(repeating: .zero, count: total.count)) { zip($0, $1).map { $0 + $1 } }
    }
  }
}

/// The order of the rows, as the address says.
struct PivotOrder {
  let key: String
  let ascending: Bool
  private let figure: CostFigure
  private let measure: CostFigure

  init(_ address: PageAddress) {
    measure = address.measure
    let known = address.sort.flatMap { ["name", "change"].contains($0) || CostFigure(rawValue: $0) != nil ? $0 : nil }
    key = known ?? address.measure.rawValue
    figure = CostFigure(rawValue: key) ?? address.measure
    ascending = known != nil && address.ascending
  }

  func sorted(_ rows: [CostRow], _ before: CostReport?) -> [CostRow] {
    sorted(rows, before.map { Dictionary($0.rows.map { ($0.values, $0.measures) }) { a, _ in a } })
  }

  /// Largest first, unknown last, equal ones by name; the other way round when ascending.
  func sorted(_ rows: [CostRow], _ before: [[DimensionValue]: Measures]?) -> [CostRow] {
    let keyed = rows.map { row in
      (row: row, weight: weight(row, before), name: row.values.last?.label ?? "")
    }
    let ordered = keyed.sorted { a, b in
      if key == "name" { return (a.name.lowercased(), a.name) < (b.name.lowercased(), b.name) }
      if a.weight == b.weight { return a.name < b.name }
      guard let x = a.weight else { return false }
      return b.weight.map { x > $0 } ?? true
    }.map(\.row)
    return ascending == (key == "name") ? ordered : ordered.reversed()
  }

  /// By how much a row grew, for "change".
  private func weight(_ row: CostRow, _ before: [[DimensionValue]: Measures]?) -> USD? {
    guard key == "change", let before else { return figure.amount(row.measures) }
    return (measure.amount(row.measures) ?? .zero) - (before[row.values].flatMap(measure.amount) ?? .zero)
  }
}
