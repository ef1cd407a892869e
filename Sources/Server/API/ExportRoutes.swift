import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Pages
import Store
import Wire

/// `/api/v1/exports`: files that are too large to wait for, made in the background and kept for a week.
struct ExportRoutes {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    try QueryParameters(request).allow([])
    let exports = try await backend.exports.list(scope: grant.moneyScope)
    return .json(.ok, ["exports": .array(exports.map(ExportJSON.value))])
  }

  /// The body has the parameters of the report, FOCUS by default: `{"month": "2026-10", "format": "focus"}`.
  func begin(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    guard let object = try await request.json(upTo: 1 << 16).objectValue else { throw Failure.badRequest("expected a JSON object") }
    let text = try ExportJSON.question(object)
    let question = try ReportQuestion(
      QueryParameters(text), declared: try await backend.declaredKeys.list(scope: grant.moneyScope), standard: .focus)
    let export = try await backend.beginExport(
      question, text: text, scope: grant.moneyScope, by: grant.actor, organisation: grant.organisation)
    var response = Response.json(.accepted, ExportJSON.value(export))
    response.headers[.location] = "/api/v1/exports/\(export.id)"
    return response
  }

  func one(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    return .json(.ok, ExportJSON.value(try await backend.export(try context.decoded("export"), scope: grant.moneyScope)))
  }

  func file(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    return try backend.file(of: try await backend.export(try context.decoded("export"), scope: grant.moneyScope), scope: grant.moneyScope)
  }

  func remove(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try context.keyGrant()
    let export = try await backend.export(try context.decoded("export"), scope: grant.moneyScope)
    guard try await backend.exports.remove(export.id, scope: grant.moneyScope, by: grant.actor) else {
      throw Failure.notFound("there is no export \(export.id)")
    }
    return Response(status: .noContent)
  }
}

extension Backend {
  /// - Throws: `Failure` 404, also for one that the reader may not have.
  func export(_ text: String, scope: AccessScope) async throws -> Export {
    guard let id = Int32(text), let export = try await exports.find(ExportID(id), scope: scope) else {
      throw Failure.notFound("there is no export \(text)")
    }
    return export
  }

  /// The file, piece by piece from the database. - Throws: `Failure` 409 while there is none.
  func file(of export: Export, scope: AccessScope) throws -> Response {
    guard export.state == .finished else {
      throw Failure(.conflict, "not_ready", export.failure ?? "the export is not finished: \(export.daysDone) of \(export.daysTotal) days are done")
    }
    let exports = exports
    let body = ResponseBody(contentLength: Int(clamping: export.bytes)) { writer in
      for position in 0..<export.chunks {
        // Removed meanwhile: a file cut short must not look whole.
        guard let bytes = try await exports.chunk(position, of: export.id, scope: scope) else { throw DamagedExport() }
        try await writer.write(ByteBuffer(bytes: bytes))
      }
      try await writer.finish(nil)
    }
    return Response(
      status: .ok,
      headers: [
        .contentType: export.mediaType, .contentDisposition: "attachment; filename=\"\(export.fileName)\"", .cacheControl: "no-store",
      ], body: body)
  }
}

enum ExportJSON {
  static func value(_ export: Export) -> JSONValue {
    let file = BasePath.current.carried("/api/v1/exports/\(export.id)/file")
    return [
      "id": .number(export.id.description), "state": .string(export.state.rawValue), "question": .string(export.question),
      "fileName": .string(export.fileName), "createdAt": .string(ISOTime.text(export.createdAt)), "createdBy": .string(export.createdBy),
      "rows": .number(String(export.rows)), "bytes": .number(String(export.bytes)), "daysDone": .number(String(export.daysDone)),
      "daysTotal": .number(String(export.daysTotal)), "finishedAt": export.finishedAt.map { .string(ISOTime.text($0)) } ?? .null,
      "keptUntil": .string(ISOTime.text(export.keptUntil)), "failure": export.failure.map(JSONValue.string) ?? .null,
      "file": export.state == .finished ? .string(file) : .null,
    ]
  }

  /// The members as a query string; of lists one parameter a value.
  static func question(_ object: JSONObject) throws -> String {
    var pairs: [String] = []
    for member in object.members {
      for value in member.value.arrayValue ?? [member.value] where !value.isNull {
        guard let text = value.stringValue ?? value.boolValue.map({ $0 ? "1" : "0" }) else {
          throw Failure.badRequest("\(member.key) is expected to be a text or a list of texts")
        }
        pairs.append(encoded(member.key) + "=" + encoded(text))
      }
    }
    return pairs.joined(separator: "&")
  }

  private static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.intersection(CharacterSet(charactersIn: "\u{0}"..."\u{7E}"))) ?? ""
  }
}
