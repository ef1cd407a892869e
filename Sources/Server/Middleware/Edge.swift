import Hummingbird

/// What stands around all routes: headers, the form of errors, and a limit on reading. When the database hangs, people and scripts get an
/// error that says so instead of waiting for ever; ingest routes have limits of their own.
struct Edge: HTTPResponder {
  /// Over what a statement that is worth waiting for takes, under what people and proxies wait.
  private static let readingMax = Duration.seconds(15)
  /// A dry run looks at every call of its period; it says by itself when these are too many, a little before this.
  private static let dryRunMax = RepricingDryRuns.longest + .seconds(10)

  static func limit(_ request: Request) -> Duration { RepricingDryRuns.takes(request) ? dryRunMax : readingMax }

  let router: RouterResponder<Context>
  let errors: ErrorFormMiddleware
  private let headers = SecurityHeadersMiddleware()

  init(_ router: Router<Context>, _ backend: Backend) {
    self.router = router.buildResponder()
    errors = ErrorFormMiddleware(assets: backend.assets.links)
  }

  func respond(to request: Request, context: Context) async throws -> Response {
    try await headers.handle(request, context: context) { request, context in
      try await errors.handle(request, context: context) { request, context in
        if IngestRoutes.takes(request) { return try await router.respond(to: request, context: context) }
        return try await Deadline.reading(Self.limit(request)) { [router] in try await router.respond(to: request, context: context) }
      }
    }
  }
}
