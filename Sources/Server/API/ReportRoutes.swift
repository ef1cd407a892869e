import Domain
import HTTPTypes
import Hummingbird
import Store
import Wire

/// `/api/v1/reports/allocation`, and `/api/v1/statements`: the cost allocation report in four forms, and the books of the months.
struct ReportRoutes {
  let backend: Backend

  /// `format` is json, csv, xlsx or focus.
  func allocation(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let question = try ReportQuestion(
      QueryParameters(request), declared: try await backend.declaredKeys.list(scope: grant.moneyScope))
    return try await ReportFiles(reports: backend.allocations).response(
      question, scope: grant.moneyScope, organisation: grant.organisation)
  }

  func statements(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    try QueryParameters(request).allow([])
    let statements = try await backend.statements.list(scope: grant.adminScope, organisation: grant.organisation)
    return .json(.ok, ["statements": .array(statements.map(StatementJSON.value))])
  }

  /// One month with the bridge from its ledger to its books.
  func statement(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    try QueryParameters(request).allow([])
    let month = try context.decoded("month")
    let statement = try await backend.statements.find(month, scope: grant.adminScope, organisation: grant.organisation)
    let bridge = try await backend.statements.bridge(month, scope: grant.adminScope, organisation: grant.organisation)
    return .json(
      .ok, .object(JSONObject(StatementJSON.members(statement) + [JSONMember(key: "bridge", value: StatementJSON.bridge(bridge))])))
  }

  /// What the SHA-256 of a closed month is of.
  func text(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    try QueryParameters(request).allow([])
    let month = try context.decoded("month"), file = try TemporaryFile()
    try await backend.statements.canonicalText(month, scope: grant.adminScope, organisation: grant.organisation) { try file.append($0) }
    return Response(
      status: .ok, headers: [.contentType: "text/csv; charset=utf-8", .contentDisposition: "attachment; filename=\"statement-\(month).csv\""],
      body: file.body)
  }

  /// The body is `{"comment": "…"}`.
  func close(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let month = try context.decoded("month")
    let body = try await request.json(upTo: 1 << 16)
    guard let object = body.objectValue, object.members.allSatisfy({ $0.key == "comment" }) else {
      throw Failure.badRequest("expected a JSON object with comment")
    }
    if let comment = object["comment"], !comment.isNull, comment.stringValue == nil {
      throw Failure.badRequest("comment is expected to be a text")
    }
    let statement = try await backend.statements.close(
      month, comment: object["comment"]?.stringValue ?? "", by: grant.actor, scope: grant.adminScope,
      organisation: grant.organisation)
    return .json(.created, StatementJSON.value(statement))
  }
}
