import ArgumentParser
import Server

struct Report: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write cost allocation reports, close months.", subcommands: [Allocation.self, Close.self, List.self])

  struct Allocation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write the cost allocation report by team.")
    @Option(help: "The month, such as 2026-10; or --from and --to.")
    var month: String?
    @Option(help: "First day, such as 2026-10-01.")
    var from: String?
    @Option(help: "First day that is not in it any more.")
    var to: String?
    @Option(help: "json, csv, xlsx, or focus (FOCUS 1.2 as CSV).")
    var format = "csv"
    @Option(help: "The file; without it standard output.")
    var output: String?
    @Option(help: "bookedMonth (statements) or usageMonth (the ledger as it stands).")
    var view: String?
    @Option(help: "Dimensions to break teams down by, such as model,endpoint.")
    var breakdown: String?
    @Option(help: "Only this value of a dimension, such as team=Search; may be repeated.")
    var filter: [String] = []
    @Option(help: "comma or semicolon, between the columns of a CSV.")
    var separator: String?
    @Option(help: "point or comma, in the numbers of a CSV.")
    var decimal: String?
    @Flag(help: "Begin a CSV with a byte order mark, by which Excel knows UTF-8.")
    var bom = false

    func run() async throws {
      try await Commands.writeReport(
        Commands.ReportOptions(
          month: month, from: from, to: to, format: format, view: view, breakdown: breakdown, filters: filter, separator: separator,
          decimal: decimal, hasByteOrderMark: bom), to: output)
    }
  }

  struct Close: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Close a month: its lines are frozen, what changes later becomes a correction.")
    @Option(help: "The month, such as 2026-10.")
    var month: String
    @Option(help: "Kept with the statement.")
    var comment: String

    func run() async throws { try await Commands.closeMonth(month, comment: comment) }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the months and their statements.")

    func run() async throws { try await Commands.listStatements() }
  }
}
