import Domain
import HTTPTypes
import Hummingbird
import Pages
import Store

/// The months' books: looking, closing, verifying.
struct StatementPages {
  let backend: Backend
  /// Months whose sums are shown in the list; older ones show theirs on their own page.
  private static let summed = 13

  init(backend: Backend) { self.backend = backend }

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    var summaries: [StatementSummary] = []
    for statement in try await backend.statements.list(scope: parts.scope, organisation: parts.organisation) {
      var bridge: StatementBridge?
      if summaries.count < Self.summed, parts.scope.seesAllMoney, let month = statement.period.month {
        bridge = try await backend.statements.bridge(month, scope: parts.scope, organisation: parts.organisation)
      }
      summaries.append(StatementSummary(statement: statement, total: statement.total ?? bridge?.booked, corrections: bridge?.corrections))
    }
    return .page(.ok, StatementListPage(work: parts.frame(), statements: summaries).render())
  }

  func statement(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    var page = try await page(try context.decoded("month"), parts)
    if QueryParameters(request).text("verify") == "1", page.statement.state == .closed {
      page.isVerified = try await backend.statements.verify(
        page.statement.period.month ?? "", scope: parts.scope, organisation: parts.organisation)
    }
    return .page(.ok, page.render())
  }

  func close(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let month = try context.decoded("month")
    do {
      // What is frozen can't be changed by anybody: the month is typed, not clicked.
      guard form.typed("confirm").filter({ $0 != " " }) == month else {
        throw Failure.badRequest("\"\(form.typed("confirm"))\" is not \(month): type the month as it stands there to close it")
      }
      _ = try await backend.statements.close(
        month, comment: form.typed("comment"), by: parts.actor, scope: parts.scope, organisation: parts.organisation)
      return .seeOther(Route.statement(month))
    } catch {
      var page = try await page(month, parts, problem: try PriceParts.sentence(error))
      (page.typed, page.comment) = (form.typed("confirm"), form.typed("comment"))
      return .page(.badRequest, page.render())
    }
  }

  /// What the SHA-256 is of. From a file on disk, so that a slow reader holds no connection of the database.
  func text(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let month = try context.decoded("month")
    let file = try TemporaryFile()
    try await backend.statements.canonicalText(month, scope: parts.scope, organisation: parts.organisation) { try file.append($0) }
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/csv; charset=utf-8", .contentDisposition: "attachment; filename=\"statement-\(month).csv\"", .cacheControl: "no-store",
      ], body: file.body)
  }

  private func page(_ month: String, _ parts: WorkParts, problem: String? = nil) async throws -> StatementPage {
    let statement = try await backend.statements.find(month, scope: parts.scope, organisation: parts.organisation)
    let request = AllocationRequest(period: .month(month))
    let report = try await backend.allocations.run(request, scope: parts.scope, organisation: parts.organisation)
    return StatementPage(
      work: parts.frame(problem, at: Route.statement(month), changing: .editRules), statement: statement, report: report,
      bridge: parts.scope.seesAllMoney ? try await backend.statements.bridge(month, scope: parts.scope, organisation: parts.organisation) : nil,
      now: try await backend.ownLinesNow(report, request, parts))
  }
}
