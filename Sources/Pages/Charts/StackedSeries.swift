import Domain

/// A cost report as layers over time: at most eight values, the largest at the bottom, the rest as "Other", what has no value on top of them.
struct StackedSeries {
  struct Layer {
    /// nil is "Other".
    var value: DimensionValue?
    var label: String
    var style: SeriesStyle
    /// One per step; counts as well, with twelve places (`CostFigure.amount`).
    var amounts: [USD]
    var total: USD { amounts.reduce(.zero, +) }
  }

  var starts: [Timestamp]
  /// Bottom first.
  var layers: [Layer]
  static let limit = 8

  /// `report` is grouped by one dimension and by time; `starts` are the steps to show, ascending.
  init(_ report: CostReport, starts: [Timestamp], styles: [DimensionValue: SeriesStyle], measure: CostFigure = .cost) {
    self.starts = starts
    let position = Dictionary(uniqueKeysWithValues: starts.enumerated().map { ($1, $0) })
    var amounts: [DimensionValue: [USD]] = [:]
    for row in report.rows {
      guard let value = row.values.first, let start = row.start, let i = position[start], let cost = measure.amount(row.measures)
      else { continue }
      amounts[value, default: Array(repeating: .zero, count: starts.count)][i] += cost
    }
    let ranked = amounts.map { (value: $0, amounts: $1, total: $1.reduce(.zero, +)) }
      .sorted { ($0.total, $1.value.label) > ($1.total, $0.value.label) }
    // What cost nothing, or nothing that is known, has no area; the tables tell of it.
    let named = ranked.filter { $0.value.value != nil && $0.total.pico != 0 }
    layers = named.prefix(Self.limit).map {
      Layer(value: $0.value, label: $0.value.label, style: styles[$0.value] ?? .grey, amounts: $0.amounts)
    }
    for none in ranked where none.value.value == nil && !none.value.isOther && none.total.pico != 0 {
      layers.append(Layer(value: none.value, label: none.value.label, style: .grey, amounts: none.amounts))
    }
    let others = ranked.filter { $0.value.isOther && $0.total.pico != 0 }
    let rest = named.dropFirst(Self.limit) + others
    if !rest.isEmpty {
      let sums = starts.indices.map { i in rest.reduce(USD.zero) { $0 + $1.amounts[i] } }
      layers.append(Layer(value: nil, label: others.isEmpty ? "Other (\(rest.count))" : "Other", style: .grey, amounts: sums))
    }
  }

  var isEmpty: Bool { layers.isEmpty }
  func total(at step: Int) -> USD { layers.reduce(.zero) { $0 + $1.amounts[step] } }
  var maximum: USD { starts.indices.map { total(at: $0) }.max() ?? .zero }
}
