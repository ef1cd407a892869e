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
    public var isOther = false
    public var measures: Measures
    /// The measure in the period before (`CostFigure.amount`); nil: not asked.
    public var previous: USD?
    /// The measure by step of time.
    var trend: [USD] = []

    public var label: String {
      if isOther { return measures.calls > 0 ? "Other" : "Only before" }
      return kind == .total ? "Total" : values.last?.label ?? ""
    }
  }

  public var by: [CostDimension]
  public var measure: CostFigure
  /// The total first.
  public var lines: [Line]
  public var total: Line { lines[0] }

  public static let shortCount = 10
  /// With "show all".
  public static let longCount = 500
  public static let partsCount = 5

  public static func limit(_ address: PageAddress) -> Int { address.showAll.contains("rows") ? longCount : shortCount }
  /// One more than fits is shown instead of an "Other" of one.
  static func cut(_ rows: [CostRow], _ limit: Int) -> ArraySlice<CostRow> { rows.count <= limit + 1 ? rows[...] : rows.prefix(limit) }
}

/// What a pivot is made from; all reports have the same filter and range.
public struct PivotSource: Sendable {
  public var by: [CostDimension]
  /// By the first dimension, with the period before where it is asked for.
  public var rows: CostReport
  /// By both.
  public var parts: CostReport?
  /// By the first dimension and time; by both for the rows that are shown.
  public var overTime: CostReport
  public var partsOverTime: CostReport?

  public init(by: [CostDimension], rows: CostReport, overTime: CostReport) {
    self.by = by
    self.rows = rows
    self.overTime = overTime
  }

  /// Values of the first dimension that `address` shows, in its order.
  public static func shown(_ rows: CostReport, _ address: PageAddress) -> [DimensionValue] {
    let named = rows.rows.filter { $0.values.first?.isOther != true }
    return PivotTable.cut(PivotOrder(address).sorted(named), PivotTable.limit(address)).compactMap(\.values.first)
  }
}

extension PivotTable {
  /// `starts` are the steps of the trends.
  public init(_ source: PivotSource, address: PageAddress, starts: [Timestamp]) {
    by = source.by
    measure = address.measure
    let trends = Trends(source.overTime, starts, measure), partTrends = source.partsOverTime.map { Trends($0, starts, address.measure) }
    let before = source.rows.previousTotal.map { address.measure.amount($0) ?? .zero }
    lines = [Line(kind: .total, values: [], measures: source.rows.total, previous: before, trend: trends.total)]
    let order = PivotOrder(address)
    let level = Level(kind: .row, order: order, limit: Self.limit(address), trends: trends)
    let partsOf = source.parts.map { Dictionary(grouping: $0.rows) { $0.values[0] } }
    for line in level.lines(source.rows.rows, parent: [], before: before) {
      lines.append(line)
      guard let partsOf, let value = line.values.first, !line.isOther else { continue }
      let parts = Level(kind: .part, order: order, limit: Self.partsCount, trends: partTrends)
      lines += parts.lines(partsOf[value] ?? [], parent: [value], before: line.previous)
    }
  }

  /// The lines of one level below a line.
  private struct Level {
    var kind: Kind
    var order: PivotOrder
    var limit: Int
    var trends: Trends?

    /// `before` is the parent's measure in the period before: what no line has of it is of values that were there only then.
    func lines(_ rows: [CostRow], parent: [DimensionValue], before: USD?) -> [Line] {
      let sorted = order.sorted(rows.filter { $0.values.last?.isOther != true })
      let shown = PivotTable.cut(sorted, limit)
      var lines = shown.map { row in
        Line(
          kind: kind, values: row.values, measures: row.measures, previous: before.map { _ in previous(row) },
          trend: trends?[row.values] ?? [])
      }
      let rest = sorted.dropFirst(shown.count) + rows.filter { $0.values.last?.isOther == true }
      let left = before.map { lines.reduce($0) { $0 - ($1.previous ?? .zero) } }
      guard !rest.isEmpty || left.map({ $0.pico != 0 }) == true else { return lines }
      lines.append(
        Line(
          kind: kind, values: parent, isOther: true, measures: rest.reduce(Measures()) { $0 + $1.measures }, previous: left,
          trend: trends?.sum(of: rest.map(\.values)) ?? []))
      return lines
    }

    private func previous(_ row: CostRow) -> USD { row.previous.flatMap(order.measure.amount) ?? .zero }
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
public struct PivotOrder: Sendable {
  let key: String
  let ascending: Bool
  let measure: CostFigure
  private let figure: CostFigure

  public init(_ address: PageAddress) {
    measure = address.measure
    let known = address.sort.flatMap { ["name", "change"].contains($0) || CostFigure(rawValue: $0) != nil ? $0 : nil }
    key = known ?? address.measure.rawValue
    figure = CostFigure(rawValue: key) ?? address.measure
    ascending = known != nil && address.ascending
  }

  /// Largest first by what is measured: the order in which the store knows the top.
  public var isUsual: Bool { key == measure.rawValue && !ascending }

  /// Largest first, unknown last, equal ones by name; the other way round when ascending.
  func sorted(_ rows: [CostRow]) -> [CostRow] {
    let keyed = rows.map { (row: $0, weight: weight($0), name: $0.values.last?.label ?? "") }
    let ordered = keyed.sorted { a, b in
      if key == "name" { return (a.name.lowercased(), a.name) < (b.name.lowercased(), b.name) }
      if a.weight == b.weight { return a.name < b.name }
      guard let x = a.weight else { return false }
      return b.weight.map { x > $0 } ?? true
    }.map(\.row)
    return ascending == (key == "name") ? ordered : ordered.reversed()
  }

  /// For "change": by how much a row grew.
  private func weight(_ row: CostRow) -> USD? {
    guard key == "change" else { return figure.amount(row.measures) }
    return (measure.amount(row.measures) ?? .zero) - (row.previous.flatMap(measure.amount) ?? .zero)
  }
}
