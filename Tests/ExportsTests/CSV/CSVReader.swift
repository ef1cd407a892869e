/// Reads RFC 4180, for tests.
enum CSVReader {
  static func rows(_ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ",")) -> [[String]] {
    var rows: [[String]] = [], row: [String] = [], cell: [UInt8] = []
    var isQuoted = false, i = 0
    func ends() { row.append(String(decoding: cell, as: UTF8.self)); cell = [] }
    while i < bytes.count {
      let byte = bytes[i]
      if isQuoted {
        if byte == 0x22, i + 1 < bytes.count, bytes[i + 1] == 0x22 { cell.append(0x22); i += 1 } else if byte == 0x22 { isQuoted = false } else { cell.append(byte) }
      } else if byte == 0x22 { isQuoted = true } else if byte == separator { ends() } else if byte == 0x0A {
        if cell.last == 0x0D { cell.removeLast() }
        ends()
        rows.append(row)
        row = []
      } else { cell.append(byte) }
      i += 1
    }
    return rows
  }

  /// Rows as dictionaries by the header.
  static func table(_ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ",")) -> [[String: String]] {
    let rows = rows(bytes, separator: separator)
    guard let header = rows.first else { return [] }
    return rows.dropFirst().map { Dictionary(zip(header, $0), uniquingKeysWith: { a, _ in a }) }
  }
}
