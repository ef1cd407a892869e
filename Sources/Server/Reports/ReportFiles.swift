import Domain
import Exports
import HTTPTypes
import Hummingbird
import Pages
import Postgres
import Store

/// Writes reports as files, for pages, API, exports and the command line alike.
struct ReportFiles: Sendable {
  let reports: AllocationReports
  /// What somebody may wait for.
  static let directBytesMax = 64 << 20
  /// For whoever asked for more than can be waited for: sending again never helps.
  static let advice = "ask for it by POST /api/v1/exports, or as an export on the page Reports, Exports"
  private static let pieceBytes = 1 << 18

  /// Bytes of the file, data rows in them, and how many days are begun.
  typealias Take = (_ bytes: [UInt8], _ rows: Int64, _ day: Int?) async throws -> Void

  /// *Errors:* `CostQueryRefusal`, `WorkbookError`, `DatabaseError`, what `take` throws.
  func write(_ question: ReportQuestion, scope: AccessScope, organisation: Organisation, to take: Take) async throws {
    switch question.format {
    case .focus: try await focus(question, scope, organisation, take)
    case .xlsx: try await workbook(question, scope, organisation, take)
    case .json, .csv:
      let report = try await reports.run(question.request, scope: scope, organisation: organisation)
      let bytes = question.format == .csv ? AllocationCSV.bytes(report, question.csv) : AllocationJSON.bytes(report)
      try await take(bytes, Int64(report.lines.count) + 1, nil)
    }
  }

  /// The answer to a request: from a file on disk, so that neither a slow reader holds a connection of the database, nor an error comes
  /// after the first byte. *Errors:* also `Failure` 413.
  func response(_ question: ReportQuestion, scope: AccessScope, organisation: Organisation) async throws -> Response {
    let file = try TemporaryFile()
    try await advising {
      try await write(question, scope: scope, organisation: organisation) { bytes, _, _ in
        guard file.count + bytes.count <= Self.directBytesMax else {
          throw Failure.tooLarge("the file is larger than \(Self.directBytesMax >> 20) MiB: \(Self.advice)")
        }
        try file.append(bytes)
      }
    }
    var headers: HTTPFields = [.contentType: question.mediaType, .cacheControl: "no-store"]
    if question.format != .json { headers[.contentDisposition] = "attachment; filename=\"\(question.fileName)\"" }
    return Response(status: .ok, headers: headers, body: file.body)
  }

  /// A statement of the database that took too long is no fault that sending again would cure.
  private func advising(_ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch let error as DatabaseError where error.isTimeout {
      throw Self.tooLong
    }
  }

  static let tooLong = Failure.tooLarge("the file takes longer to make than anybody waits for: \(advice)")

  private func focus(_ question: ReportQuestion, _ scope: AccessScope, _ organisation: Organisation, _ take: Take) async throws {
    var request = question.request
    request.breakdown = []
    let report = try await reports.run(request, scope: scope, organisation: organisation)
    var file = FocusFile(Self.source(report, organisation))
    var rows: Int64 = 0, day = 0
    try await reports.charges(request, scope: scope, organisation: organisation) { charges in
      for charge in charges {
        file.append(charge)
        rows += 1
        day = max(day, 1 + Int(clamping: charge.range.from.since(report.period.range.from) / 86_400_000_000))
        if file.count >= Self.pieceBytes {
          try await take(file.take(), rows, day)
          rows = 0
        }
      }
    }
    try await take(file.take(), rows, day)
  }

  /// The report, then the same by model, endpoint and user group, or as asked; and its charges where they are few.
  private func workbook(_ question: ReportQuestion, _ scope: AccessScope, _ organisation: Organisation, _ take: Take) async throws {
    var request = question.request
    let asked = request.breakdown
    request.breakdown = []
    let report = try await reports.run(request, scope: scope, organisation: organisation)
    var breakdowns: [AllocationReport] = []
    for breakdown in asked.isEmpty ? [[.model], [.endpoint], [.userGroup]] : [asked] {
      request.breakdown = breakdown
      breakdowns.append(try await reports.run(request, scope: scope, organisation: organisation))
    }
    request.breakdown = []
    let charges = try await fewCharges(request, scope, organisation)
    let file = try TemporaryFile { path in
      try AllocationWorkbook.write(
        report, breakdowns: breakdowns, charges: charges, source: Self.source(report, organisation), to: path)
    }
    try await file.read { try await take($0, 0, nil) }
  }

  private struct TooMany: Error {}

  private func fewCharges(_ request: AllocationRequest, _ scope: AccessScope, _ organisation: Organisation) async throws -> [Charge]? {
    var few: [Charge] = []
    do {
      try await reports.charges(request, scope: scope, organisation: organisation) { charges in
        few += charges
        if few.count > AllocationWorkbook.chargesMax { throw TooMany() }
      }
      return few
    } catch is TooMany {
      return nil
    }
  }

  private static func source(_ report: AllocationReport, _ organisation: Organisation) -> FocusSource {
    let zone = ClockZone(report.period.timeZone), whole = report.period.range
    return FocusSource(
      organisation: organisation.id, organisationName: report.organisation, view: report.view, filter: report.filter,
      part: report.part, declared: report.declared, priceSet: report.priceSet, timeZone: report.period.timeZone, statement: report.statement,
      generatedAt: report.generatedAt
    ) { day in
      let parts = day.split(separator: "-").compactMap { Int($0) }
      guard parts.count == 3 else { return whole }
      let start = zone.instant(CivilTime(year: parts[0], month: parts[1], day: 1))
      return TimeRange(spanning: start, zone.startOfMonth(start, addingMonths: 1))
    }
  }
}
