import Hummingbird

/// What stands around all routes: the base path, headers, the form of errors, and a limit on reading. When the database hangs, people and scripts get an
/// error that says so instead of waiting for ever; ingest routes have limits of their own.
struct Edge: HTTPResponder {
  /// Over what a statement that is worth waiting for takes, under what people and proxies wait.
  private static let readingMax = Duration.seconds(15)
  /// A dry run looks at every call of its period; it says by itself when these are too many, a little before this.
  private static let dryRunMax = RepricingDryRuns.longest + .seconds(10)

  /// Files of a whole month, closing one, and looks of rules over the past: what people wait for, and know it.
  private static let longMax = Duration.seconds(120)
  private static let longPaths = [
    "/reports/allocation/file", "/reports/statements/", "/api/v1/reports/", "/api/v1/statements/", "/settings/rules",
    "/api/v1/attribution-rules/preview", "/api/v1/reattributions", "/settings/storage", "/settings/users-data/export",
  ]

  static func limit(_ request: Request) -> Duration {
    if RepricingDryRuns.takes(request) { return dryRunMax }
    let path = request.uri.path
    return longPaths.contains { path.hasPrefix($0) } ? longMax : readingMax
  }

  /// What is said when the limit is met; nil: that the same may be sent again.
  static func late(_ request: Request) -> Failure? {
    let isFile = ["/reports/allocation/file", "/api/v1/reports/"].contains { request.uri.path.hasPrefix($0) }
    return isFile ? ReportFiles.tooLong : nil
  }

  let router: RouterResponder<Context>
  let errors: ErrorFormMiddleware
  private let front: Front
  private let headers = SecurityHeadersMiddleware()

  init(_ router: Router<Context>, _ backend: Backend) {
    self.router = router.buildResponder()
    errors = ErrorFormMiddleware(assets: backend.assets.links)
    front = Front(settings: backend.settings)
  }

  func respond(to request: Request, context: Context) async throws -> Response {
    try await front.respond(to: request, context) { request in
      try await headers.handle(request, context: context) { request, context in
        try await errors.handle(request, context: context) { request, context in
          if IngestRoutes.takes(request) { return try await router.respond(to: request, context: context) }
          return try await Deadline.reading(Self.limit(request), late: Self.late(request)) { [router] in
            try await router.respond(to: request, context: context)
          }
        }
      }
    }
  }
}
