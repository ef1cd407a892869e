import Domain

/// Listings as CSV (RFC 4180; comma, semicolon or tab): a header, then one listing a row.
///
/// Columns: provider, match, pattern, valid_from, valid_to, conditions, one per unit ("input_mtok"), source, checked; in any
/// order, all but pattern optional. Conditions are "service_tier=batch & region=eu", with %, & and = in them as %25, %26, %3D.
/// A cell that a spreadsheet would take for a formula gets a ' in front, which reading takes away again.
enum CSVPrices {
  private static let fixed = ["provider", "match", "pattern", "valid_from", "valid_to", "conditions"]
  private static let last = ["source", "checked"]
  /// Far above what an organisation has: the rest of a larger file is not read.
  static let rowsMax = 100_000

  static func read(_ bytes: [UInt8], _ defaults: PriceImportDefaults) -> PriceImport {
    var result = PriceImport()
    var rows = CSVRows(bytes)
    guard let header = rows.next() else {
      result.skip("line 1", "the header row is missing")
      return result
    }
    let columns = header.cells.map { lowercased($0) }
    for (i, name) in columns.enumerated() {
      if columns[..<i].contains(name) || (!(fixed + last).contains(name) && PriceUnit(rawValue: name) == nil) {
        result.skip(
          "line \(header.line)", "column \(i + 1) is given twice or not known: \(PriceEntryRules.shortened(name))")
        return result
      }
    }
    guard columns.contains("pattern") else {
      result.skip("line \(header.line)", "the column pattern is missing")
      return result
    }
    var count = 0
    while let row = rows.next() {
      count += 1
      guard count <= rowsMax else {
        result.skip("line \(row.line)", "the file has more than \(rowsMax) rows: the rest was not read")
        break
      }
      if row.cells.allSatisfy(\.isEmpty) { continue }
      let place = "line \(row.line)"
      do throws(PriceEntryFault) {
        if row.isUnclosed { throw PriceEntryFault("a quote is not closed") }
        result.add(try listing(columns, row.cells, defaults), at: place)
      } catch {
        result.skip(place, error.message)
      }
    }
    return result
  }

  static func write(_ agreements: PriceAgreements) -> PriceExport {
    let used = Set(agreements.listings.flatMap(\.prices.keys))
    let units = PriceUnit.allCases.map(\.rawValue).filter(used.contains)
    let rows = agreements.listings.map { listing in
      let head = [
        listing.provider ?? "", listing.pattern.kind.rawValue, listing.pattern.text,
        listing.dates.from.map(FileTime.text) ?? "", listing.dates.to.map(FileTime.text) ?? "",
        text(listing.conditions),
      ]
      let prices = units.map { listing.prices[$0] ?? "" }
      return head + prices + [listing.source, listing.checkedAt.map(FileTime.text) ?? ""]
    }
    let lines = ([fixed + units + last] + rows).map { $0.map(cell).joined(separator: ",") + "\r\n" }
    var export = PriceExport(text: lines.joined())
    export.leaveOutAllButListings(agreements)
    return export
  }

  // MARK: Reading

  private static func listing(
    _ columns: [String], _ cells: [String], _ defaults: PriceImportDefaults
  ) throws(PriceEntryFault) -> PriceListing {
    if cells.count > columns.count { throw PriceEntryFault("\(cells.count) cells under \(columns.count) columns") }
    var values: [String: String] = [:]
    for (name, raw) in zip(columns, cells) {
      let cell = raw.hasPrefix("'") ? String(raw.dropFirst()) : raw
      if !cell.isEmpty { values[name] = cell }
    }
    let word = values["match"] ?? "exact"
    guard let kind = NamePattern.Kind(rawValue: lowercased(word)) else {
      throw PriceEntryFault(
        "match is none of exact, prefix, suffix, contains, regex: \(PriceEntryRules.shortened(word))")
    }
    return PriceListing(
      id: PriceEntryID(0), provider: values["provider"], pattern: NamePattern(kind, values["pattern"] ?? ""),
      dates: DatedRange(from: try time(values["valid_from"]), to: try time(values["valid_to"])),
      conditions: try conditions(values["conditions"] ?? ""),
      prices: values.filter { PriceUnit(rawValue: $0.key) != nil }, source: values["source"] ?? defaults.source,
      checkedAt: try time(values["checked"]) ?? defaults.checkedAt)
  }

  private static func time(_ cell: String?) throws(PriceEntryFault) -> Timestamp? {
    guard let cell else { return nil }
    return try FileTime.read(cell)
  }

  private static func conditions(_ cell: String) throws(PriceEntryFault) -> [String: String] {
    var result: [String: String] = [:]
    for pair in cell.split(separator: "&") {
      let sides = pair.split(separator: "=", omittingEmptySubsequences: false).map { unescaped(String($0)) }
      guard sides.count == 2, !sides[0].isEmpty else {
        throw PriceEntryFault("conditions are no \"name=value & name=value\": \(PriceEntryRules.shortened(cell))")
      }
      result[sides[0]] = sides[1]
    }
    return result
  }

  // MARK: Writing

  private static func text(_ conditions: [String: String]) -> String {
    conditions.sorted { $0.key < $1.key }.map { "\(escaped($0))=\(escaped($1))" }.joined(separator: " & ")
  }

  private static let marks: [(plain: Character, escaped: String)] = [
    ("%", "%25"), ("&", "%26"), ("=", "%3D"), (" ", "%20"),
  ]

  private static func escaped(_ text: String) -> String {
    text.map { c in marks.first { $0.plain == c }?.escaped ?? String(c) }.joined()
  }

  private static func unescaped(_ text: String) -> String {
    var bytes = Array(text.utf8)
    while bytes.first == 32 { bytes.removeFirst() }
    while bytes.last == 32 { bytes.removeLast() }
    var out: [UInt8] = []
    var i = 0
    while i < bytes.count {
      let code = String(decoding: bytes[i..<min(i + 3, bytes.count)], as: UTF8.self)
      if let mark = marks.first(where: { $0.escaped == code.uppercased() }) {
        out += Array(String(mark.plain).utf8)
        i += 3
      } else {
        out.append(bytes[i])
        i += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func cell(_ text: String) -> String {
    let guarded = text.utf8.first.map { "=+-@'\t\r".utf8.contains($0) } == true ? "'" + text : text
    let needsQuotes =
      guarded.utf8.contains { "\",;\t\r\n".utf8.contains($0) } || guarded.hasPrefix(" ") || guarded.hasSuffix(" ")
    return needsQuotes ? "\"" + guarded.replacingQuotes + "\"" : guarded
  }
}

extension String {
  fileprivate var replacingQuotes: String {
    split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
  }
}

/// The rows of a CSV text; the first tells the separator.
struct CSVRows {
  struct Row {
    /// Of its first cell, from 1.
    let line: Int
    var cells: [String]
    var isUnclosed = false
  }
  private let bytes: [UInt8]
  private let separator: UInt8
  private var at: Int
  private var line = 1

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let head = bytes.prefix { $0 != 10 && $0 != 13 }
    let marks = [UInt8(ascii: ","), UInt8(ascii: ";"), 9]
    separator = marks.max { a, b in head.count { $0 == a } < head.count { $0 == b } } ?? marks[0]
  }

  /// nil at the end.
  mutating func next() -> Row? {
    guard at < bytes.count else { return nil }
    var row = Row(line: line, cells: [])
    repeat { row.cells.append(cell(&row)) } while take(separator)
    if at < bytes.count, bytes[at] == 13 { at += 1 }
    if at < bytes.count, bytes[at] == 10 { at += 1 }
    line += 1
    return row
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func cell(_ row: inout Row) -> String {
    var text: [UInt8] = []
    if take(UInt8(ascii: "\"")) {
      row.isUnclosed = !quoted(into: &text) || row.isUnclosed
    }
    while at < bytes.count, bytes[at] != separator, bytes[at] != 10, bytes[at] != 13 {
      text.append(bytes[at])
      at += 1
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// After the opening quote; false when the text ends before the closing one.
  private mutating func quoted(into text: inout [UInt8]) -> Bool {
    while at < bytes.count {
      if take(UInt8(ascii: "\"")) {
        if !take(UInt8(ascii: "\"")) { return true }
        text.append(UInt8(ascii: "\""))
        continue
      }
      if bytes[at] == 10 { line += 1 }
      text.append(bytes[at])
      at += 1
    }
    return false
  }
}
