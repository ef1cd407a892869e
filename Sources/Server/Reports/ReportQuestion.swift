import Domain
import Exports
import Foundation

/// What a report or an export is asked for: `month` or `from` and `to`, `view`, `breakdown`, filters, and the form of the file.
struct ReportQuestion: Sendable, Hashable {
  enum Format: String, Sendable, Hashable, CaseIterable { case json, csv, xlsx, focus }

  var request: AllocationRequest
  var format: Format
  var csv: CSVOptions

  static let names = ["month", "from", "to", "view", "breakdown", "format", "separator", "decimal", "bom"]

  init(_ request: AllocationRequest, format: Format, csv: CSVOptions = CSVOptions()) {
    self.request = request
    self.format = format
    self.csv = csv
  }

  /// `declared` keys are `metadata.KEY` in filters and breakdowns, as for costs.
  /// - Throws: `Failure` 400 naming the parameter and what it accepts.
  init(_ parameters: QueryParameters, declared: [DeclaredKey], standard: Format = .json) throws {
    let names = CostNames(declared)
    let parameters = parameters.renamed { names.dimension($0)?.rawValue ?? $0 }
    try parameters.allowOnly(Self.names, dimensions: names.accepted)
    let period = try Self.period(parameters)
    let isMonth = if case .month = period { true } else { false }
    request = AllocationRequest(
      period: period, view: try parameters.choice("view", ReportView.self) ?? (isMonth ? .bookedMonth : .usageMonth),
      breakdown: try Self.breakdown(parameters, names), filter: try parameters.checkedFilter())
    format = try parameters.choice("format", Format.self) ?? standard
    csv = CSVOptions(
      separator: try parameters.choice("separator", CSVOptions.Separator.self) ?? .comma,
      decimal: try parameters.choice("decimal", CSVOptions.DecimalMark.self) ?? .point, hasByteOrderMark: try parameters.flag("bom"))
  }

  private static func period(_ parameters: QueryParameters) throws -> AllocationRequest.Period {
    let month = parameters.text("month"), from = parameters.text("from"), to = parameters.text("to")
    switch (month, from, to) {
    case (let month?, nil, nil): return .month(month)
    case (nil, let from?, let to?): return .days(from: from, to: to)
    default:
      throw Failure.badRequest(
        "expected month, such as month=2026-10, or from and to: the first day and the first that is not in it any more, such as 2026-10-01")
    }
  }

  private static func breakdown(_ parameters: QueryParameters, _ known: CostNames) throws -> [CostDimension] {
    let names = parameters.all("breakdown").flatMap { $0.split(separator: ",").map(String.init) }
    let dimensions = try names.map { name in
      guard let dimension = known.dimension(name), dimension != .team else {
        let accepted = known.accepted.filter { $0 != CostDimension.team.rawValue }.joined(separator: ", ")
        throw Failure.badRequest("breakdown has \"\(name)\": expected some of \(accepted)")
      }
      return dimension
    }
    guard Set(dimensions).count == dimensions.count, dimensions.count <= AllocationRequest.breakdownMax else {
      throw Failure.badRequest("breakdown has \(names.count) names: expected up to \(AllocationRequest.breakdownMax) different ones")
    }
    return dimensions
  }

  /// "cost-allocation-2026-10.csv", "focus-1.2-2026-10-01-to-2026-10-15.csv"; `to` is the first day that is not in it.
  var fileName: String {
    let period =
      switch request.period {
      case .month(let month): month
      case .days(let from, let to): "\(from)-to-\(to)"
      }
    let name = (format == .focus ? "focus-1.2-" : "cost-allocation-") + period + (request.view == .usageMonth ? "-usage" : "")
    let safe = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") ? $0 : "_" }
    return String(safe.prefix(100)) + "." + fileExtension
  }

  private var fileExtension: String {
    switch format {
    case .json: "json"
    case .csv, .focus: "csv"
    case .xlsx: "xlsx"
    }
  }

  var mediaType: String {
    switch format {
    case .json: "application/json"
    case .csv, .focus: "text/csv; charset=utf-8"
    case .xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    }
  }
}
