import Domain
import Exports

/// A cost report as CSV: a header and exactly its rows, in their order. Names are those of the JSON in snake case, buckets
/// are columns of their own (`tokens_cache_read`), the period before has `previous_` in front.
enum CostCSV {
  static func text(_ report: CostReport, _ figures: [CostFigure]) -> String {
    var writer = CSVWriter()
    writer.header(header(report, figures))
    for row in report.rows { writer.row(cells(row, report, figures)) }
    return writer.text
  }

  private static func header(_ report: CostReport, _ figures: [CostFigure]) -> [String] {
    let names = CostNames(report.declared)
    let columns = figures.flatMap(columns)
    return (report.query.interval == nil ? [] : ["start"]) + report.query.groupBy.map { column(names.name($0)) }
      + (report.query.top == nil ? [] : ["is_other"]) + columns
      + (report.previousRange == nil ? [] : columns.map { "previous_" + $0 })
  }

  private static func cells(_ row: CostRow, _ report: CostReport, _ figures: [CostFigure]) -> [Cell] {
    let start: [Cell] = row.start.map { [.verbatim(ISOTime.text($0))] } ?? []
    let values = row.values.map { $0.value.map(Cell.text) ?? .empty }
    let other: [Cell] = report.query.top == nil ? [] : [.verbatim(String(row.values.contains(where: \.isOther)))]
    let now = figures.flatMap { cells($0, row.measures) }
    guard report.previousRange != nil else { return start + values + other + now }
    let before = figures.flatMap { figure in
      row.previous.map { cells(figure, $0) } ?? [Cell](repeating: .empty, count: columns(figure).count)
    }
    return start + values + other + now + before
  }

  private static func columns(_ figure: CostFigure) -> [String] {
    guard figure == .tokens else { return [column(figure.rawValue)] }
    return UsageBucket.allCases.map { "tokens_" + column($0.rawValue) }
  }

  private static func cells(_ figure: CostFigure, _ measures: Measures) -> [Cell] {
    switch CostCells.value(figure, measures) {
    case .count(let count): [.integer(orEmpty: count)]
    case .money(let amount): [.exact(amount)]
    case .share(let share): [share.map { .decimal($0.description) } ?? .empty]
    case .usage(let usage): UsageBucket.allCases.map { .integer(usage[$0]) }
    }
  }

  /// "userGroup" is "user_group", "metadata.tenant" "metadata_tenant", "cacheWrite1h" "cache_write_1h", "latencyP50Milliseconds" "latency_p50_milliseconds".
  static func column(_ name: String) -> String {
    var text = ""
    var isAfterDigit = false
    for c in name {
      if !(c.isLetter || c.isNumber) {
        text += "_"
      } else {
        let startsWord = c.isUppercase || (c.isNumber && !isAfterDigit && text.hasSuffix("write"))
        text += (startsWord ? "_" : "") + c.lowercased()
      }
      isAfterDigit = c.isNumber
    }
    return text
  }
}
