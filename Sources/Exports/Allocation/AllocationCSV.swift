import Domain

/// The cost allocation report as CSV: one row a line and the total; period, filter and statement in columns of their own in every
/// row, so that no row loses them and no import meets a line of comment.
public enum AllocationCSV {
  public static func bytes(_ report: AllocationReport, _ options: CSVOptions = CSVOptions()) -> [UInt8] {
    let table = AllocationTable(report)
    var writer = CSVWriter(options: options)
    writer.header(table.columns.map(\.snakeName) + table.facts.map(\.snakeName))
    let facts = table.facts.map(\.cell)
    for line in table.lines { writer.row(table.cells(line) + facts) }
    return writer.take()
  }
}
