import CXLSX

/// Why a workbook could not be written, in the library's words.
public struct WorkbookError: Error, Sendable, CustomStringConvertible {
  public var description: String
}

/// An XLSX file being written by libxlsxwriter: rows go to the file as they come, so that memory does not grow with them.
/// One thread at a time.
final class Workbook {
  private let book: UnsafeMutablePointer<lxw_workbook>
  private var isOpen = true
  let formats: Formats

  /// Numbers as spreadsheets show them; the library owns the objects.
  struct Formats {
    var header: UnsafeMutablePointer<lxw_format>?
    var money: UnsafeMutablePointer<lxw_format>?
    var exact: UnsafeMutablePointer<lxw_format>?
    var amount: UnsafeMutablePointer<lxw_format>?
    var count: UnsafeMutablePointer<lxw_format>?
    var share: UnsafeMutablePointer<lxw_format>?
    var bold: UnsafeMutablePointer<lxw_format>?
    var boldMoney: UnsafeMutablePointer<lxw_format>?
    var boldExact: UnsafeMutablePointer<lxw_format>?
    var boldAmount: UnsafeMutablePointer<lxw_format>?
    var boldCount: UnsafeMutablePointer<lxw_format>?
    var boldShare: UnsafeMutablePointer<lxw_format>?
  }

  /// - Parameter folder: for the rows until the file is put together.
  init(path: String, folder: String) throws {
    let opened = folder.withCString { folder in
      var options = lxw_workbook_options(
        constant_memory: UInt8(LXW_TRUE.rawValue), tmpdir: UnsafeMutablePointer(mutating: folder), use_zip64: 0)
      return workbook_new_opt(path, &options)
    }
    guard let opened else { throw WorkbookError(description: "the workbook could not be begun") }
    book = opened
    formats = Self.formats(opened)
  }

  deinit { if isOpen { _ = workbook_close(book) } }

  private static func formats(_ book: UnsafeMutablePointer<lxw_workbook>) -> Formats {
    func format(_ number: String?, bold: Bool = false, right: Bool = false) -> UnsafeMutablePointer<lxw_format>? {
      guard let format = workbook_add_format(book) else { return nil }
      if let number { format_set_num_format(format, number) }
      if bold { format_set_bold(format) }
      if right { format_set_align(format, UInt8(LXW_ALIGN_RIGHT.rawValue)) }
      return format
    }
    var formats = Formats()
    formats.header = format(nil, bold: true)
    format_set_bottom(formats.header, UInt8(LXW_BORDER_THIN.rawValue))
    formats.money = format("#,##0.00")
    formats.exact = format("@", right: true)
    formats.amount = format("#,##0.00####")
    formats.count = format("#,##0")
    formats.share = format("0.00%")
    formats.bold = format(nil, bold: true)
    formats.boldMoney = format("#,##0.00", bold: true)
    formats.boldExact = format("@", bold: true, right: true)
    formats.boldAmount = format("#,##0.00####", bold: true)
    formats.boldCount = format("#,##0", bold: true)
    formats.boldShare = format("0.00%", bold: true)
    return formats
  }

  /// A sheet with a header that stays in view. Names are cut to the 31 characters that Excel takes.
  func sheet(_ name: String, columns: [(title: String, width: Double)]) throws -> Sheet {
    let allowed = name.map { "[]:*?/\\'".contains($0) ? " " : $0 }
    guard let sheet = workbook_add_worksheet(book, String(allowed.prefix(31))) else {
      throw WorkbookError(description: "the sheet \(name) could not be added")
    }
    for (i, column) in columns.enumerated() {
      try check(worksheet_set_column(sheet, UInt16(clamping: i), UInt16(clamping: i), column.width, nil))
    }
    let new = Sheet(sheet: sheet)
    try new.row(columns.map { (Cell.text($0.title), formats.header) })
    worksheet_freeze_panes(sheet, 1, 0)
    return new
  }

  /// Puts the file together.
  func close() throws {
    isOpen = false
    try check(workbook_close(book))
  }
}

/// One sheet, filled row by row.
final class Sheet {
  private let sheet: UnsafeMutablePointer<lxw_worksheet>
  private(set) var rows: UInt32 = 0
  /// Excel's own limits.
  static let rowsMax: UInt32 = 1_048_576
  static let charactersMax = 32_767

  init(sheet: UnsafeMutablePointer<lxw_worksheet>) { self.sheet = sheet }

  /// Texts are never taken for formulas; decimals that a double doesn't carry are to be given as texts.
  func row(_ cells: [(Cell, UnsafeMutablePointer<lxw_format>?)]) throws {
    guard rows < Self.rowsMax else { throw WorkbookError(description: "a sheet holds \(Self.rowsMax) rows at most") }
    for (i, (cell, format)) in cells.enumerated() { try write(cell, format, UInt16(clamping: i)) }
    rows += 1
  }

  private func write(_ cell: Cell, _ format: UnsafeMutablePointer<lxw_format>?, _ column: UInt16) throws {
    switch cell {
    case .empty: break
    case .text(let text): try check(worksheet_write_string(sheet, rows, column, Self.cut(SafeText.neutral(text)), format))
    case .verbatim(let text): try check(worksheet_write_string(sheet, rows, column, Self.cut(text), format))
    case .integer(let number): try check(worksheet_write_number(sheet, rows, column, Double(number), format))
    case .decimal(let text): try check(worksheet_write_number(sheet, rows, column, Double(text) ?? 0, format))
    }
  }

  private static func cut(_ text: String) -> String {
    let text = text.unicodeScalars.contains(where: isNotXML) ? String(String.UnicodeScalarView(text.unicodeScalars.map { isNotXML($0) ? "\u{FFFD}" : $0 })) : text
    return text.utf16.count <= charactersMax ? text : String(text.prefix(charactersMax / 4))
  }

  /// XML 1.0 §2.2 has no such characters, and the library writes them as they are; one makes the whole file unreadable. It escapes
  /// control characters itself.
  private static func isNotXML(_ scalar: Unicode.Scalar) -> Bool { scalar.value == 0xFFFE || scalar.value == 0xFFFF }

  /// Exact amounts are texts on purpose: no green triangles.
  func keepsNumbersAsText(columns: Int) {
    let last = lastColumn(columns)
    _ = worksheet_ignore_errors(sheet, UInt8(LXW_IGNORE_NUMBER_STORED_AS_TEXT.rawValue), "A1:\(last)\(max(1, rows))")
  }

  private func lastColumn(_ count: Int) -> String {
    var (rest, name) = (max(1, count), "")
    while rest > 0 {
      name = String(UnicodeScalar(UInt8(65 + (rest - 1) % 26))) + name
      rest = (rest - 1) / 26
    }
    return name
  }
}

private func check(_ error: lxw_error) throws {
  guard error != LXW_NO_ERROR else { return }
  throw WorkbookError(description: lxw_strerror(error).map { String(cString: $0) } ?? "error \(error.rawValue)")
}
