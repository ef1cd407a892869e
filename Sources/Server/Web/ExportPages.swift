import Domain
import HTTPTypes
import Hummingbird
import Pages
import Store

/// Exports that are too large to wait for.
struct ExportPages {
  let backend: Backend
  private static let formats: [(value: String, label: String)] = [
    ("focus", "FOCUS 1.2"), ("xlsx", "XLSX"), ("csv", "CSV"), ("json", "JSON"),
  ]

  init(backend: Backend) { self.backend = backend }

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let page = try await page(parts)
    var response = Response.page(.ok, page.render())
    // Shows progress without a script.
    if page.exports.contains(where: { $0.finishedAt == nil && $0.failure == nil }), let refresh = HTTPField.Name("Refresh") {
      response.headers[refresh] = "2"
    }
    return response
  }

  func begin(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let text = Route.query("", [("month", form.text("month")), ("view", form.text("view")), ("format", form.text("format"))])
    do {
      let question = String(text.dropFirst())
      _ = try await backend.beginExport(
        try ReportQuestion(QueryParameters(question), declared: []), text: question, scope: parts.scope, by: parts.actor, organisation: parts.organisation)
      return .seeOther(Route.exports)
    } catch {
      var page = try await page(parts, problem: try PriceParts.sentence(error))
      (page.month, page.view, page.format) = (form.typed("month"), form.typed("view"), form.typed("format"))
      return .page(.badRequest, page.render())
    }
  }

  func file(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return try backend.file(of: try await backend.export(try context.decoded("export"), scope: parts.scope), scope: parts.scope)
  }

  func remove(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    guard let id = try form.id("id", as: ExportID.self) else { throw Failure.badRequest("the form did not arrive whole") }
    // Who may read a file need not be who may throw it away.
    let removesAny = [.owner, .admin, .finance].contains(parts.visit.member.role)
    guard try await backend.exports.remove(id, onlyOwn: !removesAny, scope: parts.scope, by: parts.actor) else {
      throw Failure.forbidden("this export is another's: whoever asked for it can remove it, or an owner, admin or finance")
    }
    return .seeOther(Route.exports)
  }

  private func page(_ parts: WorkParts, problem: String? = nil) async throws -> ExportListPage {
    let exports = try await backend.exports.list(scope: parts.scope)
    return ExportListPage(
      work: parts.frame(problem, at: Route.exports), exports: exports.map(ExportView.init),
      months: try await backend.statements.list(scope: parts.scope, organisation: parts.organisation), formats: Self.formats,
      month: parts.lastMonth, format: "focus")
  }
}

extension ExportView {
  init(_ export: Export) {
    self.init(
      id: export.id, name: Self.name(export), rows: export.rows, bytes: export.bytes,
      progress: export.daysTotal > 0 ? Double(export.daysDone) / Double(export.daysTotal) : nil, createdAt: export.createdAt,
      createdBy: export.createdBy, finishedAt: export.finishedAt, expiresAt: export.keptUntil, failure: export.failure)
  }

  /// "FOCUS 1.2, October 2026, booked month"; a question of the API that is asked otherwise has its file's name.
  private static func name(_ export: Export) -> String {
    guard let question = try? ReportQuestion(QueryParameters(export.question), declared: []), question.request.filter.isEmpty,
      case .month(let month) = question.request.period
    else { return export.fileName }
    let format = question.format == .focus ? "FOCUS 1.2" : question.format.rawValue.uppercased()
    return "\(format), \(AllocationChoice.name(ofMonth: month)), \(AllocationChoice.name(of: question.request.view))"
  }
}
