import Domain
import Exports
import HTTPTypes
import Hummingbird
import NIOCore
import Pages
import Store
import Wire

/// The audit log as a page and as a file of what the page shows.
struct AuditPages {
  let backend: Backend
  private let pageRows = 100

  init(backend: Backend) { self.backend = backend }

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let asked = QueryParameters(request), choice = AuditChoice(asked)
    do {
      let query = try choice.query(parts)
      let before = asked.text("before").flatMap { Int64($0) }
      let entries = try await backend.audit.entries(query, before: before, limit: pageRows + 1, scope: parts.scope)
      let next = entries.count > pageRows ? String(entries[pageRows - 1].id) : nil
      return .page(.ok, try await page(parts, choice, Array(entries.prefix(pageRows)), next: next).render())
    } catch let failure as Failure where failure.status == .badRequest {
      return .page(.badRequest, try await page(parts, choice, [], next: nil, problem: failure.message).render())
    }
  }

  private func page(
    _ parts: WorkParts, _ choice: AuditChoice, _ entries: [AuditEntry], next: String?, problem: String? = nil
  ) async throws -> AuditPage {
    AuditPage(
      work: parts.frame(problem), lines: entries.map(AuditLine.init), choice: choice,
      actions: try await backend.audit.actions(scope: parts.scope), next: next)
  }

  /// Oldest first; hashes as the log has them, so that a file can be held against it later.
  func file(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let query = try AuditChoice(QueryParameters(request)).query(parts), scope = parts.scope, log = backend.audit
    let body = ResponseBody { writer in
      var csv = CSVWriter()
      csv.header(AuditFile.columns)
      try await log.each(query, scope: scope) { entries in
        for entry in entries { csv.row(AuditFile.cells(entry)) }
        try await writer.write(ByteBuffer(bytes: csv.take()))
      }
      try await writer.write(ByteBuffer(bytes: csv.take()))
      try await writer.finish(nil)
    }
    return Response(
      status: .ok,
      headers: [
        .contentType: "text/csv; charset=utf-8", .contentDisposition: "attachment; filename=\"audit-log.csv\"", .cacheControl: "no-store",
      ], body: body)
  }
}

/// The log as a table.
enum AuditFile {
  static let columns = ["number", "at", "actor", "action", "subject", "detail", "before", "after", "address", "agent", "previous_sha256", "sha256"]

  static func cells(_ entry: AuditEntry) -> [Cell] {
    let texts: [String?] = [
      ISOTime.text(entry.at), entry.actor, entry.action, entry.subject, entry.detail, entry.before, entry.after, entry.address, entry.agent,
      entry.previousSHA256Text, entry.sha256Text,
    ]
    return [.integer(entry.number)] + texts.map { $0.map(Cell.text) ?? .empty }
  }

  /// A line of JSON.
  static func json(_ entry: AuditEntry) -> String { JSON.serialise(value(entry)) }

  static func value(_ entry: AuditEntry) -> JSONValue {
    func parsed(_ text: String?) -> JSONValue { text.flatMap { try? JSON.parse(Array($0.utf8)) } ?? .null }
    func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
    return [
      "number": .number(String(entry.number)), "at": .string(ISOTime.text(entry.at)), "actor": .string(entry.actor),
      "action": .string(entry.action), "subject": .string(entry.subject), "detail": parsed(entry.detail), "before": parsed(entry.before),
      "after": parsed(entry.after), "address": text(entry.address), "agent": text(entry.agent),
      "previousSha256": .string(entry.previousSHA256Text), "sha256": .string(entry.sha256Text),
    ]
  }
}

extension AuditChoice {
  init(_ asked: QueryParameters) {
    self.init(
      from: asked.typed("from"), to: asked.typed("to"), actor: asked.typed("actor"), action: asked.typed("action"),
      subject: asked.typed("subject"))
  }

  /// Days of the organisation's calendar. - Throws: `Failure` 400 naming a day that is none.
  func query(_ parts: WorkParts) throws -> AuditQuery {
    let from = try parts.day("from", self.from), to = try parts.day("to", self.to).map { parts.clock.startOfDay($0, addingDays: 1) }
    var range: TimeRange?
    if from != nil || to != nil {
      let end = to ?? Timestamp(microseconds: Timestamp.farFuture)
      guard let asked = TimeRange(from: from ?? Timestamp(seconds: 0), to: end) else { throw Failure.badRequest("from is after to") }
      range = asked
    }
    return AuditQuery(range: range, actor: actor, action: action, subject: subject)
  }
}

extension Timestamp {
  /// The year 9999, which the database can hold.
  static let farFuture: Int64 = 253_370_764_800_000_000
}

extension AuditLine {
  init(_ entry: AuditEntry) {
    let before = Self.members(entry.before), after = Self.members(entry.after)
    let names = before.map(\.name) + after.map(\.name).filter { name in !before.contains { $0.name == name } }
    let changes = names.map { name in
      (name: name, before: before.first { $0.name == name }?.value, after: after.first { $0.name == name }?.value)
    }
    self.init(
      number: entry.number, at: entry.at, actor: entry.actor, action: entry.action, subject: entry.subject,
      detail: Self.members(entry.detail), changes: changes.filter { $0.before != $0.after }, address: entry.address, agent: entry.agent,
      sha256: entry.sha256Text)
  }

  private static func members(_ text: String?) -> [(name: String, value: String)] {
    guard let text, let object = try? JSON.parse(Array(text.utf8)).objectValue else { return [] }
    return object.members.filter { !$0.value.isNull }.map { ($0.key, $0.value.stringValue ?? JSON.serialise($0.value)) }
  }
}

extension Backend {
  /// Whoever takes a file is told to the audit log: which, and what of, but no value that could name a person.
  func recordDownload(_ response: Response, _ request: Request, _ context: Context) async throws {
    guard request.method == .get, response.status == .ok, response.headers[.contentDisposition]?.hasPrefix("attachment") == true else { return }
    let organisation: OrganisationID, actor: String
    if let visit = context.visit {
      (organisation, actor) = (visit.member.organisation, visit.member.email)
    } else if let grant = context.grant {
      (organisation, actor) = (grant.organisation.id, grant.actor)
    } else {
      return
    }
    let asked = QueryParameters(request)
    var detail: [String: String?] = [:]
    for name in asked.names.prefix(30) { detail[name] = Self.toldOfFiles.contains(name) ? asked.all(name).joined(separator: ", ") : "…" }
    try await audit.record(AuditEvent("file downloaded", request.uri.path, detail: detail), by: actor, in: organisation)
  }

  private static let toldOfFiles: Set = [
    "from", "to", "range", "month", "format", "view", "by", "groupBy", "interval", "measure", "columns", "compare", "project", "team", "environment",
    "model", "provider", "kind", "timezone", "by2", "action",
  ]
}
