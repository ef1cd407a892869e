import Domain
import Hummingbird
import Pages
import Store

/// Endpoints beside what their kind usually costs, and the forms that say what is usual.
struct EndpointPages {
  let backend: Backend
  private var store: OperationStore { OperationStore(pool: backend.pool) }

  /// What drives cost: calls, tokens and prices.
  private static let measures = CostMeasure.basic.union(CostMeasure.tokens)

  func list(_ request: Request, _ context: Context) async throws -> Response {
    .page(.ok, try await page(try PageParts(request, context, backend)).render())
  }

  private func page(_ parts: PageParts, problem: String? = nil, draft: OperationDraft? = nil) async throws -> EndpointsPage {
    async let before = parts.costs([.endpoint, .model], range: parts.range.previous, measures: Self.measures)
    let now = try await parts.costs([.endpoint, .model], measures: Self.measures)
    let types = try await store.types(scope: parts.visit.scope), assignments = try await store.assignments(scope: parts.visit.scope)
    return EndpointsPage(
      work: WorkFrame(frame: parts.frame, address: parts.address, canChange: parts.frame.allows(.editTeams), problem: problem),
      bar: try await parts.bar(), lines: EndpointLine.lines(now, before: try await before, types: types, assignments: assignments),
      types: types, draft: draft)
  }

  func assign(_ request: Request, _ context: Context) async throws -> Response {
    try await change(request, context) { parts, form in
      try await store.assign(form.text("type"), to: form.text("endpoint") ?? "", scope: parts.visit.scope, by: parts.visit.member.email)
    }
  }

  func saveType(_ request: Request, _ context: Context) async throws -> Response {
    try await change(request, context) { parts, form in
      guard let low = form.text("low").flatMap({ USD(decimal: $0) }), let high = form.text("high").flatMap({ USD(decimal: $0) }) else {
        throw OperationError.band
      }
      let type = OperationType(name: form.text("name") ?? "", low: low, high: high)
      try await store.save(type, isNew: form.has("new"), scope: parts.visit.scope, by: parts.visit.member.email)
    }
  }

  func removeType(_ request: Request, _ context: Context) async throws -> Response {
    try await change(request, context) { parts, form in
      try await store.remove(form.text("name") ?? "", scope: parts.visit.scope, by: parts.visit.member.email)
    }
  }

  /// Does `work` and goes back to where the form stood; what it refuses is said on the page.
  private func change(
    _ request: Request, _ context: Context, _ work: (PageParts, QueryParameters) async throws -> Void
  ) async throws -> Response {
    let form = try await request.form()
    let place = form.text("return").flatMap { $0.hasPrefix(Route.endpoints + "?") ? $0 : nil } ?? Route.endpoints
    let parts = try PageParts(request, context, backend).at(place)
    try FormToken.check(request, sent: form.text("csrf"), expected: parts.visit.csrfToken)
    do {
      try await work(parts, form)
      return .seeOther(place)
    } catch let error as OperationError {
      let sentence = error.description.prefix(1).uppercased() + error.description.dropFirst() + "."
      let isType = form.has("low")
      let draft = OperationDraft(name: form.text("name") ?? "", low: form.text("low") ?? "", high: form.text("high") ?? "")
      return .page(.badRequest, try await page(parts, problem: sentence, draft: isType ? draft : nil).render())
    }
  }
}
