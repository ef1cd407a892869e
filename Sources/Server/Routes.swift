import Hummingbird
import Pages

/// Every route of the service.
enum Routes {
  static func build(_ backend: Backend) -> Edge { Edge(router(backend), backend) }

  private static func router(_ backend: Backend) -> Router<Context> {
    let router = Router(context: Context.self, options: .autoGenerateHeadEndpoints)
    health(router, backend)
    ingest(router, backend)
    api(router, backend)
    pages(router, backend)
    return router
  }

  private static func health(_ router: Router<Context>, _ backend: Backend) {
    let health = HealthRoutes(backend: backend)
    router.get("livez", use: health.live)
    router.get("readyz", use: health.ready)
    router.get("metrics", use: health.metrics)
  }

  /// OTLP on three prefixes, because SDKs append /v1/… to whatever base they are given; Langfuse's batch protocol; what SDKs ask at start.
  private static func ingest(_ router: Router<Context>, _ backend: Backend) {
    let otlp = OTLPRoutes(backend: backend)
    for prefix in ["", "otlp/", "api/public/otel/"] {
      router.post("\(prefix)v1/traces", use: otlp.traces)
      router.post("\(prefix)v1/logs", use: otlp.logs)
      router.post("\(prefix)v1/metrics", use: otlp.metrics)
    }
    // Their only method is POST; a browser or a probe that asks gets told so.
    for path in ["v1/traces", "v1/logs", "v1/metrics"].flatMap({ path in ["", "otlp/", "api/public/otel/"].map { $0 + path } }) {
      router.get("\(path)") { _, _ -> Response in
        throw Failure(.methodNotAllowed, "method_not_allowed", "this address takes POST only")
      }
    }
    let langfuse = LangfuseRoutes(backend: backend)
    router.post("api/public/ingestion", use: langfuse.ingestion)
    router.post("api/public/scores", use: langfuse.scores)
    router.post("api/public/media", use: langfuse.media)
    router.get("api/public/health", use: langfuse.health)
    router.get("api/public/ready", use: langfuse.ready)
    router.get("api/public/projects", use: langfuse.projects)
    router.get("api/public/v2/prompts/**", use: langfuse.prompt)
  }

  private static func api(_ router: Router<Context>, _ backend: Backend) {
    let costs = CostRoutes(backend: backend), traces = TraceRoutes(backend: backend)
    router.get("api/v1/costs", use: costs.costs)
    router.get("api/v1/traces", use: traces.list)
    router.get("api/v1/traces/:trace", use: traces.trace)
    router.get("api/v1/observations/:observation", use: traces.observation)
    router.get("api/v1/observations/:observation/cost", use: ExplainRoutes(backend: backend).cost)
    let prices = PriceRoutes(backend: backend), repricings = RepricingRoutes(backend: backend), whatIf = WhatIfRoutes(backend: backend)
    router.get("api/v1/prices", use: prices.list)
    router.post("api/v1/prices", use: prices.add)
    router.delete("api/v1/prices/:kind/:id", use: prices.remove)
    router.post("api/v1/prices/import", use: prices.importFile)
    router.get("api/v1/prices/export", use: prices.export)
    router.get("api/v1/prices/unpriced", use: prices.unpriced)
    router.get("api/v1/repricings", use: repricings.list)
    router.post("api/v1/repricings", use: repricings.begin)
    router.get("api/v1/repricings/:repricing", use: repricings.one)
    router.delete("api/v1/repricings/:repricing", use: repricings.stop)
    router.get("api/v1/what-if", use: whatIf.get)
    router.post("api/v1/what-if", use: whatIf.post)
    structure(router, backend)
    reports(router, backend)
  }

  /// The cost allocation report, statements, and large exports.
  private static func reports(_ router: Router<Context>, _ backend: Backend) {
    let reports = ReportRoutes(backend: backend), exports = ExportRoutes(backend: backend)
    router.get("api/v1/reports/allocation", use: reports.allocation)
    router.get("api/v1/statements", use: reports.statements)
    router.get("api/v1/statements/:month", use: reports.statement)
    router.get("api/v1/statements/:month/text", use: reports.text)
    router.post("api/v1/statements/:month/close", use: reports.close)
    router.get("api/v1/exports", use: exports.list)
    router.post("api/v1/exports", use: exports.begin)
    router.get("api/v1/exports/:export", use: exports.one)
    router.get("api/v1/exports/:export/file", use: exports.file)
    router.delete("api/v1/exports/:export", use: exports.remove)
  }

  /// Teams, rules, declared keys, user groups and re-attributions.
  private static func structure(_ router: Router<Context>, _ backend: Backend) {
    let teams = TeamRoutes(backend: backend), rules = RuleRoutes(backend: backend), groups = UserGroupRoutes(backend: backend)
    let reattributions = ReattributionRoutes(backend: backend)
    router.get("api/v1/teams", use: teams.list)
    router.post("api/v1/teams", use: teams.add)
    router.patch("api/v1/teams/:id", use: teams.change)
    router.get("api/v1/attribution-rules", use: rules.list)
    router.post("api/v1/attribution-rules", use: rules.add)
    router.post("api/v1/attribution-rules/preview", use: rules.preview)
    router.put("api/v1/attribution-rules/:id", use: rules.replace)
    router.delete("api/v1/attribution-rules/:id", use: rules.end)
    router.post("api/v1/attribution-rules/:id/move", use: rules.move)
    router.get("api/v1/declared-keys", use: rules.keys)
    router.post("api/v1/declared-keys", use: rules.declare)
    router.get("api/v1/user-groups", use: groups.list)
    router.post("api/v1/user-groups", use: groups.add)
    router.put("api/v1/user-groups/members", use: groups.importList)
    router.patch("api/v1/user-groups/:id", use: groups.change)
    router.delete("api/v1/user-groups/:id", use: groups.remove)
    router.get("api/v1/user-groups/:id/members", use: groups.members)
    router.put("api/v1/user-groups/:id/members", use: groups.setMembers)
    router.get("api/v1/reattributions", use: reattributions.list)
    router.post("api/v1/reattributions", use: reattributions.begin)
    router.post("api/v1/reattributions/dry-run", use: reattributions.dryRun)
    router.get("api/v1/reattributions/:id", use: reattributions.one)
    router.delete("api/v1/reattributions/:id", use: reattributions.stop)
  }

  private static func pages(_ router: Router<Context>, _ backend: Backend) {
    let assets = backend.assets
    router.get("assets/**", use: assets.serve)
    router.get("favicon.ico", use: assets.favicon)
    let signIn = SignInPages(backend: backend)
    router.get("sign-in", use: signIn.form)
    router.post("sign-in", use: signIn.signIn)
    router.post("sign-out", use: signIn.signOut)
    router.post("theme", use: signIn.theme)

    let inside = router.group().add(middleware: SignedInMiddleware(backend: backend))
    inside.get("", use: OverviewPages(backend: backend).overview)
    let traces = TracePages(backend: backend)
    inside.get("traces", use: traces.list)
    inside.get("project/:project/traces/:trace", use: traces.trace)
    inside.get("project/:project/traces/:trace/observations/:observation", use: traces.observation)
    inside.get("trace/:trace", use: traces.find)
    inside.get("connect", use: ConnectPages(backend: backend).connect)
    spending(inside, backend)
    prices(inside, backend)
    settings(inside, backend)
    reportPages(inside, backend)
  }

  private static func reportPages(_ inside: RouterGroup<Context>, _ backend: Backend) {
    let allocation = AllocationPages(backend: backend), statements = StatementPages(backend: backend)
    let pools = PoolPages(backend: backend), exports = ExportPages(backend: backend)
    inside.get("reports") { _, _ in Response.seeOther(Route.allocation) }
    inside.get("reports/allocation", use: allocation.report)
    inside.get("reports/allocation/file", use: allocation.file)
    inside.get("reports/statements", use: statements.list)
    inside.get("reports/statements/:month", use: statements.statement)
    inside.get("reports/statements/:month/text", use: statements.text)
    inside.post("reports/statements/:month/close", use: statements.close)
    inside.get("reports/pools", use: pools.list)
    inside.post("reports/pools", use: pools.save)
    inside.post("reports/pools/end", use: pools.end)
    inside.get("reports/pools/new", use: pools.new)
    inside.get("reports/pools/:pool", use: pools.edit)
    inside.get("reports/exports", use: exports.list)
    inside.post("reports/exports", use: exports.begin)
    inside.post("reports/exports/remove", use: exports.remove)
    inside.get("reports/exports/:export/file", use: exports.file)
  }

  /// Who owns what: teams, rules, re-attributions, dimensions, user groups.
  private static func settings(_ inside: RouterGroup<Context>, _ backend: Backend) {
    let teams = StructureTeamPages(backend: backend), rules = RulePages(backend: backend), runs = ReattributionPages(backend: backend)
    let groups = GroupPages(backend: backend), dimensions = DimensionPages(backend: backend)
    inside.get("settings") { _, _ in Response.seeOther(Route.settingsTeams) }
    inside.get("settings/teams", use: teams.list)
    inside.post("settings/teams", use: teams.save)
    inside.get("settings/teams/new", use: teams.new)
    inside.get("settings/teams/:team", use: teams.edit)
    inside.get("settings/rules", use: rules.list)
    inside.post("settings/rules", use: rules.save)
    inside.post("settings/rules/change", use: rules.change)
    inside.get("settings/rules/new", use: rules.new)
    inside.get("settings/rules/rerun", use: runs.list)
    inside.post("settings/rules/rerun", use: runs.apply)
    inside.get("settings/rules/rerun/new", use: runs.new)
    inside.get("settings/rules/rerun/:run", use: runs.job)
    inside.post("settings/rules/rerun/:run/stop", use: runs.stop)
    inside.get("settings/rules/:rule", use: rules.edit)
    inside.get("settings/dimensions", use: dimensions.list)
    inside.post("settings/dimensions", use: dimensions.declare)
    inside.get("settings/groups", use: groups.list)
    inside.post("settings/groups", use: groups.save)
    inside.post("settings/groups/members", use: groups.upload)
  }

  private static func spending(_ inside: RouterGroup<Context>, _ backend: Backend) {
    let costs = CostPages(backend: backend), teams = TeamSpendPages(backend: backend), endpoints = EndpointPages(backend: backend)
    inside.get("costs", use: costs.costs)
    inside.get("costs.csv", use: costs.file)
    inside.get("teams", use: teams.list)
    inside.get("teams/:team", use: teams.team)
    inside.get("users", use: UserSpendPages(backend: backend).users)
    inside.get("endpoints", use: endpoints.list)
    inside.post("endpoints/type", use: endpoints.assign)
    inside.post("endpoints/types", use: endpoints.saveType)
    inside.post("endpoints/types/remove", use: endpoints.removeType)
  }

  private static func prices(_ inside: RouterGroup<Context>, _ backend: Backend) {
    let prices = PricePages(backend: backend), files = PriceFilePages(backend: backend), repricings = RepricingPages(backend: backend)
    inside.get("prices", use: prices.list)
    inside.get("prices/model", use: prices.model)
    inside.get("prices/new", use: prices.new)
    inside.post("prices/listings", use: prices.saveListing)
    inside.post("prices/terms", use: prices.saveTerm)
    inside.post("prices/aliases", use: prices.saveAlias)
    inside.post("prices/switches", use: prices.saveSwitch)
    inside.post("prices/remove", use: prices.remove)
    inside.get("prices/unpriced", use: UnpricedPages(backend: backend).list)
    inside.get("prices/import", use: files.form)
    inside.post("prices/import", use: files.take)
    inside.get("prices/export", use: files.export)
    inside.get("prices/repricings", use: repricings.list)
    inside.get("prices/repricings/new", use: repricings.new)
    inside.post("prices/repricings", use: repricings.apply)
    inside.get("prices/repricings/:repricing", use: repricings.job)
  }
}
