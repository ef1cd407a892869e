import CXLSX
import Domain

/// The cost allocation report as a workbook: the report, a sheet for each breakdown, charges where they are few, and a sheet that says
/// what it is about.
public enum AllocationWorkbook {
  /// More charges are left to FOCUS files; the last sheet says so.
  public static let chargesMax = 5_000

  /// - Parameters:
  ///   - breakdowns: the same report broken down, each a sheet of its own.
  ///   - charges: nil when they are more than `chargesMax`.
  ///   - path: of the file, written anew; its folder takes temporary files.
  /// *Errors:* `WorkbookError`.
  public static func write(
    _ report: AllocationReport, breakdowns: [AllocationReport] = [], charges: [Charge]? = nil, source: FocusSource? = nil, to path: String
  ) throws {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let book = try Workbook(path: path, folder: folder.isEmpty ? "." : folder)
    try write(report, name(report), book)
    for breakdown in breakdowns { try write(breakdown, name(breakdown), book) }
    let shown = charges.flatMap { $0.count <= chargesMax ? $0 : nil }
    if let shown, let source { try write(shown, source, book) }
    try about(AllocationTable(report), hasCharges: shown != nil && source != nil, book)
    try book.close()
  }

  /// "Report", "By model".
  private static func name(_ report: AllocationReport) -> String {
    guard !report.breakdown.isEmpty else { return "Report" }
    return "By " + report.breakdown.map { SnakeCase.title(AllocationTable.label($0, report.declared)).lowercased() }.joined(separator: ", ")
  }

  private static func write(_ report: AllocationReport, _ name: String, _ book: Workbook) throws {
    let table = AllocationTable(report)
    let sheet = try book.sheet(name, columns: table.columns.map { ($0.title, width($0)) })
    for line in table.lines {
      let isTotal = line.kind == .total
      try sheet.row(table.columns.map { column in shown(column.cell(line), column.form, book.formats, isTotal) })
    }
    sheet.keepsNumbersAsText(columns: table.columns.count)
  }

  /// Exact amounts have more digits than a double carries: they are texts.
  private static func shown(
    _ cell: Cell, _ form: AllocationTable.Column.Form, _ formats: Workbook.Formats, _ isTotal: Bool
  ) -> (Cell, UnsafeMutablePointer<lxw_format>?) {
    switch form {
    case .text: (cell, isTotal ? formats.bold : nil)
    case .count: (cell, isTotal ? formats.boldCount : formats.count)
    case .money: (cell, isTotal ? formats.boldMoney : formats.money)
    case .ratio: (cell, isTotal ? formats.boldShare : formats.share)
    case .amount: (cell, isTotal ? formats.boldAmount : formats.amount)
    case .exact: (asText(cell), isTotal ? formats.boldExact : formats.exact)
    }
  }

  private static func asText(_ cell: Cell) -> Cell {
    if case .decimal(let digits) = cell { .verbatim(digits) } else { cell }
  }

  private static func width(_ column: AllocationTable.Column) -> Double {
    switch column.form {
    case .text: column.name == "line" ? 13 : 24
    case .exact: 22
    case .money, .count, .ratio, .amount: max(14, Double(column.title.count) + 2)
    }
  }

  private static func write(_ charges: [Charge], _ source: FocusSource, _ book: Workbook) throws {
    let sheet = try book.sheet("Charges", columns: FocusFile.columns.map { ($0.name, 20) })
    let exact = Set(["BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ListUnitPrice", "ContractedUnitPrice", "PricingQuantity", "ConsumedQuantity", "x_AvoidedCost", "x_AllocationDriver", "x_AllocationDriverTotal"])
    let isExact = FocusFile.columns.map { exact.contains($0.name) }
    for charge in charges {
      let row = FocusRow(charge, source, source.billingPeriod(charge.day))
      try sheet.row(
        zip(FocusFile.columns, isExact).map { column, isExact in
          isExact ? (asText(column.cell(row)), book.formats.exact) : (column.cell(row), nil)
        })
    }
    sheet.keepsNumbersAsText(columns: FocusFile.columns.count)
  }

  private static func about(_ table: AllocationTable, hasCharges: Bool, _ book: Workbook) throws {
    let sheet = try book.sheet("About", columns: [("About this file", 30), ("", 70)])
    for fact in table.facts where fact.cell != .empty { try sheet.row([(.text(fact.title), book.formats.bold), (fact.cell, nil)]) }
    for (name, words) in notes(hasCharges: hasCharges) { try sheet.row([(.text(name), book.formats.bold), (.text(words), nil)]) }
  }

  static func notes(hasCharges: Bool) -> [(name: String, words: String)] {
    let notes = [
      ("Amounts", "Rounded amounts add up to the rounded total; exact amounts are texts, because a spreadsheet's numbers hold 15 digits."),
      ("Texts", "What a spreadsheet would take for a formula has an apostrophe in front."),
      ("Cost per call", "Of calls in the period with a full price, without shared costs and corrections."),
    ]
    let left = "Not in this file: there are more than \(chargesMax). The same period as a FOCUS file has all of them."
    return hasCharges ? notes : notes + [("Charges", left)]
  }
}
