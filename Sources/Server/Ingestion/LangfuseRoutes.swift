import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Ingest
import Store
import Wire

/// What Langfuse SDKs call: batch ingestion, scores, and the questions they ask at start.
struct LangfuseRoutes {
  /// The Langfuse API that is spoken here; SDKs ask for it at start.
  static let version = "3.0.0"
  let backend: Backend
  private var routes: IngestRoutes { IngestRoutes(backend: backend) }

  /// Always 207 with a result per event, unless the envelope itself can't be read.
  func ingestion(_ request: Request, _ context: Context) async throws -> Response {
    let backend = backend
    return try await routes.handle(request, context, takesPublicKey: true) { ingest, _ in
      do {
        var decoded = try backend.pipeline.events(ingest.body, ingest.context)
        if ingest.grant.createsScoresOnly { decoded.keepScoresOnly() }
        let refused = try await Self.store(&decoded, ingest, backend)
        return IngestAnswer(
          response: .json(.init(code: 207), decoded.reply), accepted: decoded.events.filter(\.isAccepted).count, rejections: refused)
      } catch let failure as BatchFailure {
        return Self.unreadable(failure)
      }
    }
  }

  /// One score, or a list of them as the newest SDK sends it.
  func scores(_ request: Request, _ context: Context) async throws -> Response {
    let backend = backend
    return try await routes.handle(request, context, takesPublicKey: true) { ingest, _ in
      do {
        var decoded = try backend.pipeline.scores(ingest.body, ingest.context)
        if ingest.grant.createsScoresOnly { decoded.result.keepScoresOnly() }
        let refused = try await Self.store(&decoded.result, ingest, backend)
        return IngestAnswer(
          response: .json(.init(code: decoded.status), decoded.reply),
          accepted: decoded.result.events.filter(\.isAccepted).count, rejections: refused)
      } catch let failure as BatchFailure {
        return Self.unreadable(failure)
      }
    }
  }

  /// Stores what was decoded; refusals found while writing are added to the events' results.
  private static func store(
    _ decoded: inout LangfuseBatchResult, _ ingest: IngestRequest, _ backend: Backend
  ) async throws -> [Rejection] {
    try await backend.keyUses.admit(decoded.batch, ingest.grant)
    let result = try await backend.pipeline.store(decoded.batch, ingest.context)
    for rejection in result.rejections { decoded.refuse(rejection) }
    return result.rejections
  }

  private static func unreadable(_ failure: BatchFailure) -> IngestAnswer {
    let (status, reason): (HTTPResponse.Status, Rejection.Reason) =
      failure.isTooLarge ? (.contentTooLarge, .tooLarge) : (.badRequest, .malformed)
    return IngestAnswer(response: .json(status, failure.reply), refused: failure.errors.count, reason: reason)
  }

  func health(_ request: Request, _ context: Context) async throws -> Response {
    .json(.ok, ["status": "OK", "version": .string(Self.version)])
  }

  func ready(_ request: Request, _ context: Context) async throws -> Response {
    if let waiting = await backend.waitsFor() { throw Failure.busy("waiting for \(waiting)") }
    return .json(.ok, ["status": "OK"])
  }

  /// The key's own project: SDKs check their keys and build links with it.
  func projects(_ request: Request, _ context: Context) async throws -> Response {
    let grant = try await backend.keys.grant(request, scope: nil)
    let organisation: JSONValue = ["id": .string(grant.organisation.id.description), "name": .string(grant.organisation.name)]
    return .json(
      .ok,
      ["data": [["id": .string(grant.project.slug), "name": .string(grant.project.name), "organization": organisation, "metadata": [:]]]])
  }

  /// Prompts are not managed here; the form of the 404 lets SDKs use their fallback.
  func prompt(_ request: Request, _ context: Context) async throws -> Response {
    _ = try await backend.keys.grant(request, scope: nil)
    let name = context.parameters.getCatchAll().joined(separator: "/").removingPercentEncoding ?? ""
    throw Failure.notFound("Prompt not found: '\(name)'")
  }

  /// Files inside payloads are not kept; a null address tells the SDK not to upload.
  func media(_ request: Request, _ context: Context) async throws -> Response {
    _ = try await backend.keys.grant(request, scope: .ingest)
    let (body, ticket, _) = try await backend.bodies.read(request)
    defer { withExtendedLifetime(ticket) {} }
    let sent = try JSON.parse(body)
    guard let hash = sent["sha256Hash"]?.stringValue, hash.count == 44 else {
      throw Failure.badRequest("sha256Hash is missing or not a base64 SHA-256 of 44 characters")
    }
    let id = hash.replacing("+", with: "-").replacing("/", with: "_").prefix(22)
    return .json(.created, ["mediaId": .string(String(id)), "uploadUrl": .null])
  }
}
