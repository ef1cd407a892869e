import Domain
import Hummingbird
import Pages

/// Every route of the service.
enum Routes {
  static func build(_ backend: Backend) -> Edge { Edge(router(backend).router, backend) }

  /// What is registered, for tests and the OpenAPI document.
  static func rows(_ backend: Backend) -> [RouteRow] { router(backend).rows }

  private static func router(_ backend: Backend) -> (router: Router<Context>, rows: [RouteRow]) {
    let router = Router(context: Context.self, options: .autoGenerateHeadEndpoints)
    let table = RouteTable(router, backend)
    health(table, backend)
    ingest(table, backend)
    api(table, backend)
    pages(table, backend)
    let document = OpenAPIRoute(table.rows + [OpenAPIRoute.row], backend)
    table.get(OpenAPIRoute.row.path, OpenAPIRoute.row.access, use: document.get)
    return (router, table.rows)
  }

  static func health(_ table: RouteTable, _ backend: Backend) {
    let health = HealthRoutes(backend: backend)
    table.get("livez", .open, use: health.live)
    table.get("readyz", .open, use: health.ready)
    table.get("metrics", .open, use: health.metrics)
  }

  /// OTLP on three prefixes, because SDKs append /v1/… to whatever base they are given; Langfuse's batch protocol; what SDKs ask at start.
  static func ingest(_ table: RouteTable, _ backend: Backend) {
    let otlp = OTLPRoutes(backend: backend)
    for prefix in ["", "otlp/", "api/public/otel/"] {
      table.post("\(prefix)v1/traces", .open, use: otlp.traces)
      table.post("\(prefix)v1/logs", .open, use: otlp.logs)
      table.post("\(prefix)v1/metrics", .open, use: otlp.metrics)
    }
    // Their only method is POST; a browser or a probe that asks gets told so.
    for path in ["v1/traces", "v1/logs", "v1/metrics"].flatMap({ path in ["", "otlp/", "api/public/otel/"].map { $0 + path } }) {
      table.get("\(path)", .open) { _, _ -> Response in
        throw Failure(.methodNotAllowed, "method_not_allowed", "this address takes POST only")
      }
    }
    let langfuse = LangfuseRoutes(backend: backend)
    table.post("api/public/ingestion", .open, use: langfuse.ingestion)
    table.post("api/public/scores", .open, use: langfuse.scores)
    table.post("api/public/media", .key([.ingest]), use: langfuse.media)
    table.get("api/public/health", .open, use: langfuse.health)
    table.get("api/public/ready", .open, use: langfuse.ready)
    table.get("api/public/projects", .key([]), use: langfuse.projects)
    table.get("api/public/v2/prompts/**", .key([]), use: langfuse.prompt)
  }
}
