import Domain
import Exports
import HTTPTypes
import Hummingbird
import Pages
import Store

/// The cost allocation report as a page. Its files come from the same code as those of the API.
struct AllocationPages {
  let backend: Backend

  func report(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let choice = AllocationChoice(request, parts)
    let months = try await backend.statements.list(scope: parts.scope, organisation: parts.organisation)
    do {
      try AllocationChoice.check(request, parts)
      let wanted = try choice.request(parts)
      let report = try await backend.allocations.run(wanted, scope: parts.scope, organisation: parts.organisation)
      var page = page(parts, choice, report, months, try await bridge(choice, parts))
      page.now = try await backend.ownLinesNow(report, wanted, parts)
      return .page(.ok, page.render())
    } catch where AllocationChoice.isRefusal(error) {
      return .page(.badRequest, page(parts, choice, nil, months, problem: try PriceParts.sentence(error)).render())
    }
  }

  private func page(
    _ parts: WorkParts, _ choice: AllocationChoice, _ report: AllocationReport?, _ months: [Statement], _ bridge: StatementBridge? = nil,
    problem: String? = nil
  ) -> AllocationPage {
    AllocationPage(work: parts.frame(problem, at: choice.url), choice: choice, report: report, months: months, bridge: bridge)
  }

  /// Of the whole books only: with a filter, or to who sees a part, the two views are parts that no bridge joins.
  private func bridge(_ choice: AllocationChoice, _ parts: WorkParts) async throws -> StatementBridge? {
    guard let month = choice.month, choice.view == .bookedMonth, choice.filter.isEmpty, parts.scope.seesAllMoney else { return nil }
    return try await backend.statements.bridge(month, scope: parts.scope, organisation: parts.organisation)
  }
}

extension AllocationChoice {
  /// What the reader can ask otherwise; other errors are told as everywhere.
  static func isRefusal(_ error: any Error) -> Bool {
    error is CostQueryRefusal || error is StatementRefusal || (error as? Failure)?.status == .badRequest
  }

  /// What an address asks for in words that nothing is known by is no reason to show something else.
  static func check(_ request: Request, _ parts: WorkParts) throws {
    let parameters = QueryParameters(request), dimensions = CostNames(parts.parts.backend.directory.current.declaredKeys)
    _ = try parameters.choice("view", ReportView.self)
    for name in parameters.all("breakdown").flatMap({ $0.split(separator: ",").map(String.init) }) where dimensions.dimension(name) == nil {
      throw Failure.badRequest("there is no breakdown by \(name): expected \(breakdowns.map(\.rawValue).joined(separator: ", "))")
    }
  }

  /// From the query of a request; without a period it is the month before this one.
  init(_ request: Request, _ parts: WorkParts) {
    let parameters = QueryParameters(request), dimensions = CostNames(parts.parts.backend.directory.current.declaredKeys)
    let hasDays = parameters.text("from") != nil || parameters.text("to") != nil
    let names = parameters.all("breakdown").flatMap { $0.split(separator: ",").map(String.init) }
    let breakdown = names.compactMap(dimensions.dimension).reduce(into: [CostDimension]()) { list, dimension in
      if !list.contains(dimension) { list.append(dimension) }
    }
    self.init(
      month: parameters.text("month") ?? (hasDays ? nil : parts.lastMonth), from: parameters.text("from"), to: parameters.text("to"),
      view: parameters.text("view").flatMap(ReportView.init(rawValue:)) ?? .bookedMonth, breakdown: breakdown, filter: parts.parts.address.filter)
    if month != nil { (from, to) = (nil, nil) }
  }

  /// - Throws: `Failure` 400 naming the field and what it accepts.
  func request(_ parts: WorkParts) throws -> AllocationRequest {
    guard month == nil else { return AllocationRequest(period: .month(month ?? ""), view: view, breakdown: breakdown, filter: filter) }
    guard let from = try parts.day("from", from ?? ""), let last = try parts.day("to", to ?? "") else {
      throw Failure.badRequest("the period has no beginning or no end: expected a month, or both days")
    }
    guard last >= from else { throw Failure.badRequest("the last day lies before the first: expected both days in their order") }
    func day(_ time: Timestamp, adding days: Int = 0) -> String { parts.clock.civil(parts.clock.startOfDay(time, addingDays: days)).date }
    return AllocationRequest(period: .days(from: day(from), to: day(last, adding: 1)), view: .usageMonth, breakdown: breakdown, filter: filter)
  }
}

extension Backend {
  /// What the calls behind a closed month's own lines are by now; nil for other reports.
  func ownLinesNow(_ report: AllocationReport, _ request: AllocationRequest, _ parts: WorkParts) async throws -> [AllocationLine]? {
    guard report.view == .bookedMonth, report.statement?.state == .closed else { return nil }
    return try await allocations.ownLinesNow(request, scope: parts.scope, organisation: parts.organisation)
  }
}

extension AllocationPages {
  /// The report as a file: the same question as the page's, the same code as the API's.
  func file(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let parameters = QueryParameters(request)
    let choice = AllocationChoice(request, parts)
    try AllocationChoice.check(request, parts)
    let format = try parameters.choice("format", ReportQuestion.Format.self) ?? .csv
    let csv = parameters.text("dialect") == "excel" ? CSVOptions.european : CSVOptions()
    let question = ReportQuestion(try choice.request(parts), format: format, csv: csv)
    var response = try await ReportFiles(reports: backend.allocations).response(question, scope: parts.scope, organisation: parts.organisation)
    // JSON too: the page's button keeps a file.
    response.headers[.contentDisposition] = "attachment; filename=\"\(question.fileName)\""
    return response
  }
}
