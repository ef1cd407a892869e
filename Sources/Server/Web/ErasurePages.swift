import Domain
import HTTPTypes
import Hummingbird
import Pages
import Store

/// Erasing an end user, and giving them what is kept of them.
struct ErasurePages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, try await page(parts).render())
  }

  func begin(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    do {
      guard form.typed("user") == form.typed("again") else { throw Failure.badRequest("the two are not the same user") }
      _ = try await backend.erasures.begin(
        user: form.typed("user"), reason: form.typed("reason"), scope: parts.scope, by: parts.actor)
      return .seeOther(Route.erasures)
    } catch {
      var page = try await page(parts, problem: try PriceParts.sentence(error))
      (page.user, page.reason) = (form.typed("user"), form.typed("reason"))
      return .page(.badRequest, page.render())
    }
  }

  private func page(_ parts: WorkParts, problem: String? = nil) async throws -> ErasureListPage {
    ErasureListPage(
      work: parts.frame(problem, at: Route.erasures, changing: .manageData), erasures: try await backend.erasures.list(scope: parts.scope))
  }

  func receipt(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    guard let erasure = try await backend.erasures.find(try context.id("erasure", of: "erasure"), scope: parts.scope), let receipt = erasure.receipt else {
      throw Failure.notFound("no finished erasure of this number")
    }
    return .download("erasure-\(erasure.id).json", "application/json", receipt)
  }

  /// One JSON object a line: each trace with its observations, bodies and scores. Only what the reader may read.
  func export(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    guard let user = QueryParameters(request).text("user") else { throw Failure.badRequest("name the user") }
    let data = UserData(backend: backend, scope: parts.scope)
    let traces = try await data.traces(of: user, by: parts.actor)
    let body = ResponseBody { writer in
      for trace in traces {
        guard let line = try await data.line(trace) else { continue }
        try await writer.write(ByteBuffer(string: line))
      }
      try await writer.finish(nil)
    }
    var response = Response(status: .ok, headers: [.contentType: "application/x-ndjson; charset=utf-8"], body: body)
    response.headers[.contentDisposition] = "attachment; filename=\"user-data.ndjson\""
    return response
  }
}
