/// How a CSV file is written. The default is RFC 4180; spreadsheets set to a European language want `.european`.
public struct CSVOptions: Sendable, Hashable {
  public enum Separator: String, Sendable, Hashable, CaseIterable {
    case comma
    case semicolon
    var byte: UInt8 { self == .comma ? UInt8(ascii: ",") : UInt8(ascii: ";") }
  }
  /// What stands before the fraction of a number.
  public enum DecimalMark: String, Sendable, Hashable, CaseIterable {
    case point
    case comma
  }

  public var separator: Separator
  public var decimal: DecimalMark
  /// Begins with U+FEFF, by which Excel knows UTF-8.
  public var hasByteOrderMark: Bool

  public init(separator: Separator = .comma, decimal: DecimalMark = .point, hasByteOrderMark: Bool = false) {
    self.separator = separator
    self.decimal = decimal
    self.hasByteOrderMark = hasByteOrderMark
  }

  public static let european = CSVOptions(separator: .semicolon, decimal: .comma, hasByteOrderMark: true)
}

/// Writes rows by RFC 4180: CRLF after each, quotes where needed. Rows are taken out in pieces, so that no file is held whole.
public struct CSVWriter: Sendable {
  public let options: CSVOptions
  private var bytes: [UInt8] = []

  /// Nothing is written yet but the byte order mark, if there is one.
  public init(options: CSVOptions = CSVOptions()) {
    self.options = options
    if options.hasByteOrderMark { bytes = [0xEF, 0xBB, 0xBF] }
  }

  /// Bytes that wait to be taken.
  public var count: Int { bytes.count }
  /// What was written since it was taken last, as UTF-8.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  public mutating func row(_ cells: some Collection<Cell>) {
    var isFirst = true
    for cell in cells {
      if !isFirst { bytes.append(options.separator.byte) }
      isFirst = false
      append(cell)
    }
    bytes.append(0x0D)
    bytes.append(0x0A)
  }

  /// Names of columns.
  public mutating func header(_ names: some Collection<String>) { row(names.map(Cell.text)) }

  /// Hands over what was written since the last time.
  public mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  private mutating func append(_ cell: Cell) {
    switch cell {
    case .empty: break
    case .integer(let number): bytes.append(contentsOf: String(number).utf8)
    case .decimal(let text) where options.decimal == .point: bytes.append(contentsOf: text.utf8)
    case .decimal(let text): quoted(String(text.map { $0 == "." ? "," : $0 }))
    case .text(let text): quoted(SafeText.neutral(text))
    case .verbatim(let text): quoted(text)
    }
  }

  /// Either separator calls for quotes: spreadsheets guess which one is meant.
  private mutating func quoted(_ text: String) {
    let needsQuotes = text.utf8.contains { [0x22, 0x2C, 0x3B, 0x0D, 0x0A, 0x09].contains($0) }
    let isPlainNumber = options.separator == .semicolon && !text.utf8.contains { !(0x2C...0x39).contains($0) }
    guard needsQuotes, !isPlainNumber else { return bytes.append(contentsOf: text.utf8) }
    bytes.append(0x22)
    for byte in text.utf8 {
      if byte == 0x22 { bytes.append(0x22) }
      bytes.append(byte)
    }
    bytes.append(0x22)
  }
}
