import Domain
import HTTPTypes
import Hummingbird
import Store
import Wire

/// What an ingest handler made of a request.
struct IngestAnswer: Sendable {
  var response: Response
  var accepted: Int
  var refused: Int
  /// With counts.
  var reasons: [String: Int32]

  init(response: Response, accepted: Int, rejections: [Rejection]) {
    (self.response, self.accepted, refused, reasons) = (response, accepted, rejections.count, [:])
    for rejection in rejections { reasons[rejection.reason.rawValue, default: 0] += 1 }
  }

  /// All refused for one reason: millions of equal rejections would be gigabytes.
  init(response: Response, refused: Int, reason: Rejection.Reason) {
    (self.response, accepted, self.refused) = (response, 0, refused)
    reasons = refused == 0 ? [:] : [reason.rawValue: Int32(clamping: refused)]
  }
}

/// One request under way: who sends, and the inflated body with the room it holds.
struct IngestRequest: Sendable {
  let grant: KeyGrant
  let body: [UInt8]
  let path: String
  let context: IngestContext
}

/// What all ingest routes share: key, admission, body, and the record that Connect and /metrics show.
struct IngestRoutes {
  let backend: Backend

  /// Whether the request brings data: its waits have limits of their own.
  static func takes(_ request: Request) -> Bool {
    let path = request.uri.path
    return request.method == .post
      && ["/v1/traces", "/v1/logs", "/v1/metrics", "/public/ingestion", "/public/scores"].contains { path.hasSuffix($0) }
  }

  /// Mostly known already; else the database is asked, with a limit on waiting.
  private func grant(_ request: Request) async throws -> KeyGrant {
    if let known = backend.keys.known(request) { return known }
    let keys = backend.keys
    return try await Deadline.within(.seconds(2)) { try await keys.presented(request) }
  }

  typealias Handler = @Sendable (IngestRequest, Request) async throws -> IngestAnswer

  /// Runs one ingest request and records how it ended, refusals included.
  /// - Parameter takesPublicKey: whether scores may come, so that the public part of a key is enough.
  func handle(
    _ request: Request, _ context: Context, takesPublicKey: Bool = false, _ handler: @escaping Handler
  ) async throws -> Response {
    let receivedAt = Timestamp.now
    var record = RequestRecord(
      receivedAt: receivedAt, project: nil, publicKey: nil, path: request.uri.path, sender: Self.sender(request), status: 0,
      accepted: 0, refused: 0, reasons: [:], bytes: 0)
    var sentWith: KeyGrant?
    do {
      let grant = try await grant(request)
      sentWith = grant
      (record.project, record.publicKey) = (grant.project.id, grant.publicKey)
      record.sender = backend.content.masked(record.sender, grant)
      if !takesPublicKey { try grant.requireSecret() }
      try grant.require(.ingest)
      try await backend.keyUses.admit(grant)
      backend.directory.learn(grant.key)
      let (body, ticket, wireBytes) = try await backend.bodies.read(request, keyMaxBytes: grant.key.limits.requestBytesMax)
      record.bytes = Int32(clamping: wireBytes)
      let ingest = ingest(grant, body, request, receivedAt)
      let answer = try await Deadline.within(.seconds(4)) {
        // The room is held until the work ends, also when the sender was told to come back before.
        defer { withExtendedLifetime(ticket) {} }
        do {
          let answer = try await DecodingThreads.run(bytes: ingest.body.count) { try await handler(ingest, request) }
          if answer.accepted > 0 { backend.writes.succeeded() }
          return answer
        } catch {
          backend.writes.failed(error)
          throw error
        }
      }
      record.status = Int16(answer.response.status.code)
      record.accepted = Int32(clamping: answer.accepted)
      record.refused = Int32(clamping: answer.refused)
      record.reasons = answer.reasons
      await note(record, sentWith, request, context, reasons: record.reasons)
      return answer.response
    } catch {
      let failure = Failure(error)
      record.status = Int16(failure.status.code)
      // Some sentences quote what was sent.
      record.reasons = [String((sentWith.map { backend.content.masked(failure.message, $0) } ?? failure.message).prefix(200)): 1]
      await note(record, sentWith, request, context, reasons: [failure.code: 1])
      throw error
    }
  }

  private func ingest(_ grant: KeyGrant, _ body: [UInt8], _ request: Request, _ receivedAt: Timestamp) -> IngestRequest {
    var context = IngestContext(
      project: grant.project.id, key: grant.key.id, environment: grant.key.environment, receivedAt: receivedAt)
    context.contentPolicy = grant.key.contentPolicy
    context.declaredKeys = backend.directory.current.declaredKeys.map(\.key)
    return IngestRequest(grant: grant, body: body, path: request.uri.path, context: context)
  }

  /// `reasons` are few different ones, for /metrics; the record's can be sentences.
  private func note(
    _ record: RequestRecord, _ grant: KeyGrant?, _ request: Request, _ context: Context, reasons: [String: Int32]
  ) async {
    backend.keyUses.count(
      grant, Self.route(record.path), request, context, isRefused: record.status >= 400, items: record.accepted, bytes: record.bytes)
    await backend.requests.record(record)
    backend.counters.count(record, reasons)
  }

  /// As registered: the router takes "//v1/traces" too.
  private static func route(_ path: String) -> String {
    routes[path] ?? "POST /" + path.split(separator: "/").joined(separator: "/")
  }
  /// Making the text takes longer than all the rest of counting.
  private static let routes = Dictionary(
    uniqueKeysWithValues: (["", "/otlp", "/api/public/otel"].flatMap { ["\($0)/v1/traces", "\($0)/v1/logs", "\($0)/v1/metrics"] }
      + ["/api/public/ingestion", "/api/public/scores"]).map { ($0, "POST " + $0) })

  /// How the sender names itself: the Langfuse headers in either spelling, else its user agent.
  private static func sender(_ request: Request) -> String {
    let header = { (name: String) in HTTPField.Name(name).flatMap { request.headers[$0] } }
    let name = header("x-langfuse-sdk-name") ?? header("x_langfuse_sdk_name")
    let version = header("x-langfuse-sdk-version") ?? header("x_langfuse_sdk_version")
    let text = name.map { "langfuse-\($0) \(version ?? "")" } ?? request.headers[.userAgent] ?? "unknown"
    return String(text.prefix(120))
  }
}
