import Domain

extension AllocationTable {
  static func facts(_ report: AllocationReport) -> [Fact] {
    func fact(_ name: String, _ title: String, _ text: String?) -> Fact { Fact(name: name, title: title, cell: .text(orEmpty: text)) }
    let statement = report.statement, period = report.period
    return [
      fact("organisation", "Organisation", report.organisation),
      fact("month", "Month", period.month),
      fact("firstDay", "First day", period.firstDay),
      fact("endDay", "First day after", period.endDay),
      fact("periodStart", "Start, UTC", UTCText.seconds(period.range.from)),
      fact("periodEnd", "End, UTC, excluded", UTCText.seconds(period.range.to)),
      fact("timeZone", "Time zone", period.timeZone),
      fact("view", "View", report.view.rawValue),
      fact("breakdown", "Broken down by", report.breakdown.map { label($0, report.declared) }.joined(separator: ", ")),
      fact("filter", "Filter", filter(report.filter, report.declared)),
      fact("part", "Only the part that the reader may see", report.part),
      fact("priceSet", "Prices", report.priceSet),
      fact("currency", "Currency", "USD"),
      Fact(name: "statementId", title: "Statement", cell: .integer(orEmpty: statement?.id.map { Int64($0.rawValue) })),
      fact("statementState", "Statement is", statement?.state.rawValue),
      fact("statementHash", "SHA-256 of the statement", statement?.sha256),
      fact("closedAt", "Closed at", statement?.closedAt.map(UTCText.seconds)),
      fact("generatedAt", "Generated at", UTCText.seconds(report.generatedAt)),
    ]
  }

  /// "team = Search, Growth; environment = (none)"; "" without a filter.
  static func filter(_ filter: CostFilter, _ declared: [DeclaredKey]) -> String {
    CostDimension.allCases.compactMap { dimension in
      filter[dimension].map { values in
        "\(label(dimension, declared)) = " + values.map { $0.isEmpty ? "(none)" : $0 }.joined(separator: ", ")
      }
    }.joined(separator: "; ")
  }

  static func label(_ dimension: CostDimension, _ declared: [DeclaredKey]) -> String {
    declared.first { $0.dimension == dimension }?.label ?? dimension.rawValue
  }
}
