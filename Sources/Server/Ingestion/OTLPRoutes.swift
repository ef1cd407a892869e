import Domain
import Hummingbird
import Store
import Wire

/// OTLP/HTTP: traces are stored, GenAI log events become content of their spans, metrics are counted and refused honestly.
struct OTLPRoutes {
  let backend: Backend
  private var routes: IngestRoutes { IngestRoutes(backend: backend) }

  func traces(_ request: Request, _ context: Context) async throws -> Response {
    let backend = backend
    return try await routes.handle(request, context) { ingest, request in
      let encoding = try Self.encoding(request)
      let batch = try backend.pipeline.spans(ingest.body, encoding, ingest.context)
      try await backend.keyUses.admit(batch, ingest.grant)
      let result = try await backend.pipeline.store(batch, ingest.context)
      return Self.answer(.traces, encoding, result.accepted, result.rejections)
    }
  }

  func logs(_ request: Request, _ context: Context) async throws -> Response {
    let backend = backend
    return try await routes.handle(request, context) { ingest, request in
      let encoding = try Self.encoding(request)
      let batch = try backend.pipeline.logs(ingest.body, encoding, ingest.context)
      try await backend.keyUses.admit(batch, ingest.grant)
      let result = try await backend.pipeline.store(batch, ingest.context)
      return Self.answer(.logs, encoding, result.accepted, result.rejections)
    }
  }

  func metrics(_ request: Request, _ context: Context) async throws -> Response {
    try await routes.handle(request, context) { ingest, request in
      let encoding = try Self.encoding(request)
      let points = try ingest.body.withUnsafeBytes { bytes throws(WireError) in try OTLP.countMetricPoints(bytes, encoding) }
      let detail = "metrics are not stored: usage and cost come from spans"
      let reply = OTLP.reply(.metrics, encoding, rejected: points, message: points == 0 ? nil : "\(points) notSupported (\(detail))")
      return IngestAnswer(response: .otlp(encoding, .ok, reply), refused: points, reason: .notSupported)
    }
  }

  /// - Throws: `Failure` 415 for anything but protobuf and JSON.
  private static func encoding(_ request: Request) throws -> OTLPEncoding {
    let sent = (request.headers[.contentType] ?? "").lowercased()
    let type = sent.prefix { $0 != ";" && $0 != " " }
    if type == "application/x-protobuf" || type == "application/protobuf" { return .protobuf }
    if type == "application/json" { return .json }
    throw Failure(
      .unsupportedMediaType, "unsupported_media_type",
      "Content-Type is \"\(sent.prefix(100))\": expected application/x-protobuf or application/json")
  }

  private static func answer(
    _ signal: OTLP.Signal, _ encoding: OTLPEncoding, _ accepted: Int, _ rejections: [Rejection]
  ) -> IngestAnswer {
    let reply = OTLP.reply(signal, encoding, rejected: rejections.count, message: summary(rejections))
    return IngestAnswer(response: .otlp(encoding, .ok, reply), accepted: accepted, rejections: rejections)
  }

  /// Reasons with counts and one example each: "3 invalidID (span 4: …)".
  private static func summary(_ rejections: [Rejection]) -> String? {
    if rejections.isEmpty { return nil }
    let byReason = Dictionary(grouping: rejections, by: \.reason).sorted { $0.value.count > $1.value.count }
    return byReason.map { reason, items in
      "\(items.count) \(reason.rawValue)" + (items.first.map { " (item \($0.index): \($0.detail))" } ?? "")
    }.joined(separator: "; ")
  }
}
