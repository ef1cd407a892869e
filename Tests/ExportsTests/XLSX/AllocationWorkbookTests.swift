import Domain
import Foundation
import Testing

@testable import Exports

@Suite struct AllocationWorkbookTests {
  /// A folder of its own that is gone afterwards.
  private func inFolder(_ work: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("quipu-xlsx-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try work(folder)
  }

  private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process(), pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"))) func namesWithCharactersThatXMLHasNotKeepTheFileReadable() throws {
    try inFolder { folder in
      var report = Samples.report
      report.lines[0].name = "a\u{FFFE}b\u{FFFF}c\u{1}d\u{E000}<&>"
      let file = folder.appendingPathComponent("report.xlsx")
      try AllocationWorkbook.write(report, to: file.path)
      let program = """
        import sys, zipfile, xml.dom.minidom
        book = zipfile.ZipFile(sys.argv[1])
        print("".join(xml.dom.minidom.parseString(book.read(name)).documentElement.toxml() for name in book.namelist() if name.endswith(".xml")).count("a\\ufffdb\\ufffdc"))
        """
      let done = try run("/usr/bin/python3", ["-c", program, file.path])
      #expect(done.status == 0 && done.output == "1\n", "\(done.output)")
    }
  }

  static let office = ["/usr/bin/soffice", "/usr/local/bin/soffice", "/opt/libreoffice/program/soffice"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(.enabled(if: office != nil, "soffice is not installed: deploy/test installs libreoffice-calc"))
  func libreOfficeReadsEveryCell() throws {
    try inFolder { folder in
      let file = folder.appendingPathComponent("report.xlsx")
      try AllocationWorkbook.write(
        Samples.report, breakdowns: [Samples.broken], charges: Samples.charges, source: Samples.source, to: file.path)
      let done = try run(
        Self.office ?? "",
        [
          "-env:UserInstallation=file://\(folder.path)/profile", "--headless", "--convert-to",
          "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1", "--outdir", folder.path, file.path,
        ])
      #expect(done.status == 0, "\(done.output)")
      #expect(!done.output.lowercased().contains("error") && !done.output.lowercased().contains("repair"), "\(done.output)")
      func rows(_ sheet: String) throws -> [[String]] {
        CSVReader.rows([UInt8](try Data(contentsOf: folder.appendingPathComponent("report-\(sheet).csv"))))
      }
      try expectSame(rows("Report"), AllocationTable(Samples.report))
      try expectSame(rows("By model, customer tier"), AllocationTable(Samples.broken))
      let about = try rows("About")
      #expect(about.contains(["Time zone", "Europe/Berlin"]))
      #expect(about.contains(["Filter", "environment = prod, (none); Customer tier = gold"]))
      #expect(!about.contains { $0.first == "Charges" })
      let charges = try rows("Charges")
      #expect(charges.count == Samples.charges.count + 1)
      let cost = try #require(charges[0].firstIndex(of: "EffectiveCost"))
      #expect(charges.dropFirst().map { $0[cost] } == Samples.charges.map(\.amounts.effective.decimal))
    }
  }

  /// Texts as they are, numbers as numbers: equal as doubles.
  private func expectSame(_ rows: [[String]], _ table: AllocationTable) {
    #expect(rows.first == table.columns.map(\.title))
    #expect(rows.count == table.lines.count + 1)
    for (row, line) in zip(rows.dropFirst(), table.lines) {
      #expect(row.count == table.columns.count)
      for (value, column) in zip(row, table.columns) {
        switch column.cell(line) {
        case .empty: #expect(value.isEmpty)
        case .text(let text): #expect(value == SafeText.neutral(text))
        case .verbatim(let text): #expect(value == text)
        case .integer(let number): #expect(Double(value) == Double(number), "\(column.name)")
        case .decimal(let text) where column.form == .exact: #expect(value == text)
        case .decimal(let text) where column.form == .ratio:
          #expect(value.hasSuffix("%") && abs((Double(value.dropLast()) ?? .nan) / 100 - (Double(text) ?? 0)) < 1e-12, "\(column.name)")
        case .decimal(let text) where column.form == .amount:
          let (shown, exact) = (Double(value) ?? .nan, Double(text) ?? 0)
          #expect(abs(shown - exact) <= abs(exact) * 1e-14, "\(column.name), in the 15 digits that are shown")
        case .decimal(let text): #expect(Double(value) == Double(text), "\(column.name)")
        }
      }
    }
  }

  @Test func aBookWithoutChargesSaysWhereTheyAre() {
    #expect(AllocationWorkbook.notes(hasCharges: true).allSatisfy { $0.name != "Charges" })
    let left = AllocationWorkbook.notes(hasCharges: false).first { $0.name == "Charges" }
    #expect(left?.words.contains("5000") == true && left?.words.contains("FOCUS") == true)
  }

  @Test func anUnwritablePlaceIsAnErrorInWords() {
    #expect(throws: WorkbookError.self) { try AllocationWorkbook.write(Samples.report, to: "/nowhere/at/all/report.xlsx") }
  }

  @Test func longTextsAreCut() throws {
    try inFolder { folder in
      var report = Samples.report
      report.lines[1].name = String(repeating: "ß😀", count: 40_000)
      let file = folder.appendingPathComponent("report.xlsx")
      try AllocationWorkbook.write(report, to: file.path)
      #expect(try Data(contentsOf: file).prefix(2) == Data("PK".utf8))
    }
  }
}
