import Domain
import Hummingbird
import Logging
import Store
import Wire

/// `/api/v1/audit`: the log of who did what, as its page has it, and the end of its chain.
struct AuditRoutes {
  let backend: Backend
  private enum Order: String, CaseIterable { case asc, desc }

  /// By place in the chain, which is the order of commits: whoever asks on from the last number misses nothing.
  func list(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant(), asked = QueryParameters(request)
    try asked.allow(["from", "to", "timeZone", "actor", "action", "subject", "order", "limit", "cursor"])
    let limit = try asked.number("limit", 1...AuditLog.limitMax) ?? 100
    let entries = try await backend.audit.chain(
      try Self.query(asked, grant), from: try asked.number("cursor", 0...Int.max).map { Int64($0) },
      isAscending: try asked.choice("order", Order.self) == .asc, limit: limit + 1, scope: grant.adminScope)
    let page = entries.prefix(limit)
    let next = entries.count > limit ? page.last.map { JSONValue.string(String($0.number)) } : nil
    return .json(.ok, ["entries": .array(page.map(AuditFile.value)), "nextCursor": next ?? .null])
  }

  /// To be kept elsewhere, for `quipu audit verify --since`.
  func head(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    try QueryParameters(request).allow([])
    let head = try await backend.audit.head(scope: grant.adminScope)
    return .json(
      .ok,
      [
        "entries": .number(String(head?.number ?? 0)), "sha256": head.map { JSONValue.string($0.sha256Text) } ?? .null,
        "mark": head.map { JSONValue.string($0.description) } ?? .null, "at": .string(ISOTime.text(Timestamp.now)),
      ])
  }

  private static func query(_ asked: QueryParameters, _ grant: KeyGrant) throws -> AuditQuery {
    let zone = try asked.zone("timeZone", standard: grant.organisation.timeZone)
    let from = try asked.time("from", zone: zone), to = try asked.time("to", zone: zone)
    var query = AuditQuery(actor: asked.text("actor"), action: asked.text("action"), subject: asked.text("subject"))
    guard from != nil || to != nil else { return query }
    query.range = TimeRange(from: from ?? Timestamp(seconds: 0), to: to ?? Timestamp(microseconds: Timestamp.farFuture))
    guard query.range != nil else { throw Failure.badRequest("from is after to") }
    return query
  }
}

extension Backend {
  /// Ends of the chains, where whoever changes the database does not reach them: in the service's log.
  func tellAuditHeads() async throws {
    for (organisation, head) in try await audit.heads() {
      logger.notice("audit head", metadata: ["organisation": "\(organisation)", "mark": "\(head)"])
    }
  }
}
