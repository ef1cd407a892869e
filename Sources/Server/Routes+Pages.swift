import Domain
import Hummingbird
import Pages

/// Pages for people: each route says which permission it asks for.
extension Routes {
  static func pages(_ table: RouteTable, _ backend: Backend) {
    let assets = backend.assets
    table.get("assets/**", .open, use: assets.serve)
    table.get("favicon.ico", .open, use: assets.favicon)
    let signIn = SignInPages(backend: backend)
    table.get("sign-in", .open, use: signIn.form)
    table.post("sign-in", .open, use: signIn.signIn)
    table.post("sign-out", .open, use: signIn.signOut)
    table.post("theme", .open, use: signIn.theme)
    members(table, backend)

    table.get("", .permitted(.seeMoney), use: OverviewPages(backend: backend).overview)
    let traces = TracePages(backend: backend)
    table.get("traces", .permitted(.seeTraces), use: traces.list)
    table.get("project/:project/traces/:trace", .permitted(.seeTraces), use: traces.trace)
    table.get("project/:project/traces/:trace/observations/:observation", .permitted(.seeTraces), use: traces.observation)
    table.get("trace/:trace", .permitted(.seeTraces), use: traces.find)
    table.get("connect", .permitted(.seeRequests), use: ConnectPages(backend: backend).connect)
    spending(table, backend)
    prices(table, backend)
    settings(table, backend)
    audit(table, backend)
    providers(table, backend)
    reportPages(table, backend)
    contentPages(table, backend)
    samplingPages(table, backend)
    keyPages(table, backend)
    data(table, backend)
  }

  static func reportPages(_ table: RouteTable, _ backend: Backend) {
    let allocation = AllocationPages(backend: backend), statements = StatementPages(backend: backend)
    let pools = PoolPages(backend: backend), exports = ExportPages(backend: backend)
    table.get("reports", .permitted(.seeMoney)) { _, _ in Response.seeOther(Route.allocation) }
    table.get("reports/allocation", .permitted(.seeMoney), use: allocation.report)
    table.get("reports/allocation/file", .permitted(.export), use: allocation.file)
    table.get("reports/statements", .permitted(.seeMoney), use: statements.list)
    table.get("reports/statements/:month", .permitted(.seeMoney), use: statements.statement)
    table.get("reports/statements/:month/text", .permittedForAll(.export), use: statements.text)
    table.post("reports/statements/:month/close", .permitted(.editRules), use: statements.close)
    table.get("reports/pools", .permittedForAll(.seeMoney), use: pools.list)
    table.post("reports/pools", .permitted(.editRules), use: pools.save)
    table.post("reports/pools/end", .permitted(.editRules), use: pools.end)
    table.get("reports/pools/new", .permitted(.editRules), use: pools.new)
    table.get("reports/pools/:pool", .permitted(.editRules), use: pools.edit)
    table.get("reports/exports", .permitted(.export), use: exports.list)
    table.post("reports/exports", .permitted(.export), use: exports.begin)
    table.post("reports/exports/remove", .permitted(.export), use: exports.remove)
    table.get("reports/exports/:export/file", .permitted(.export), use: exports.file)
  }

  /// Who owns what: teams, rules, re-attributions, dimensions, user groups.
  static func settings(_ table: RouteTable, _ backend: Backend) {
    let teams = StructureTeamPages(backend: backend), rules = RulePages(backend: backend), runs = ReattributionPages(backend: backend)
    let groups = GroupPages(backend: backend), dimensions = DimensionPages(backend: backend)
    table.get("settings", .member) { request, context in
      guard let first = Route.settings(in: try PageParts(request, context, backend).frame) else {
        throw Failure.forbidden("your role has no settings to look at")
      }
      return .seeOther(first)
    }
    table.get("settings/teams", .permitted(.editTeams), use: teams.list)
    table.post("settings/teams", .permitted(.editTeams), use: teams.save)
    table.get("settings/teams/new", .permitted(.editTeams), use: teams.new)
    table.get("settings/teams/:team", .permitted(.editTeams), use: teams.edit)
    table.get("settings/rules", .permitted(.editRules), use: rules.list)
    table.post("settings/rules", .permitted(.editRules), use: rules.save)
    table.post("settings/rules/change", .permitted(.editRules), use: rules.change)
    table.get("settings/rules/new", .permitted(.editRules), use: rules.new)
    table.get("settings/rules/rerun", .permitted(.editRules), use: runs.list)
    table.post("settings/rules/rerun", .permitted(.editRules), use: runs.apply)
    table.get("settings/rules/rerun/new", .permitted(.editRules), use: runs.new)
    table.get("settings/rules/rerun/:run", .permitted(.editRules), use: runs.job)
    table.post("settings/rules/rerun/:run/stop", .permitted(.editRules), use: runs.stop)
    table.get("settings/rules/:rule", .permitted(.editRules), use: rules.edit)
    table.get("settings/dimensions", .permitted(.editTeams), use: dimensions.list)
    // What is declared is told with the money, to those who may read no metadata: whoever sets what is kept of content decides it.
    table.post("settings/dimensions", .permittedForAll(.manageContent), use: dimensions.declare)
    table.get("settings/groups", .permitted(.editTeams), use: groups.list)
    table.post("settings/groups", .permitted(.editTeams), use: groups.save)
    table.post("settings/groups/members", .permitted(.editTeams), use: groups.upload)
  }

  static func spending(_ table: RouteTable, _ backend: Backend) {
    let costs = CostPages(backend: backend), teams = TeamSpendPages(backend: backend), endpoints = EndpointPages(backend: backend)
    table.get("costs", .permitted(.seeMoney), use: costs.costs)
    table.get("costs.csv", .permitted(.export), use: costs.file)
    table.get("teams", .permitted(.seeMoney), use: teams.list)
    table.get("teams/:team", .permitted(.seeMoney), use: teams.team)
    table.get("users", .permitted(.seeUserCost), use: UserSpendPages(backend: backend).users)
    table.get("endpoints", .permitted(.seeMoney), use: endpoints.list)
    table.post("endpoints/type", .permitted(.editTeams), use: endpoints.assign)
    table.post("endpoints/types", .permitted(.editTeams), use: endpoints.saveType)
    table.post("endpoints/types/remove", .permitted(.editTeams), use: endpoints.removeType)
  }

  static func prices(_ table: RouteTable, _ backend: Backend) {
    let prices = PricePages(backend: backend), files = PriceFilePages(backend: backend), repricings = RepricingPages(backend: backend)
    table.get("prices", .permitted(.seeMoney), use: prices.list)
    table.get("prices/model", .permitted(.seeMoney), use: prices.model)
    table.get("prices/new", .permitted(.editPrices), use: prices.new)
    table.post("prices/listings", .permitted(.editPrices), use: prices.saveListing)
    table.post("prices/terms", .permitted(.editPrices), use: prices.saveTerm)
    table.post("prices/aliases", .permitted(.editPrices), use: prices.saveAlias)
    table.post("prices/switches", .permitted(.editPrices), use: prices.saveSwitch)
    table.post("prices/remove", .permitted(.editPrices), use: prices.remove)
    table.get("prices/unpriced", .permitted(.seeMoney), use: UnpricedPages(backend: backend).list)
    table.get("prices/import", .permitted(.editPrices), use: files.form)
    table.post("prices/import", .permitted(.editPrices), use: files.take)
    table.get("prices/export", .permitted(.export), use: files.export)
    table.get("prices/repricings", .permitted(.editPrices), use: repricings.list)
    table.get("prices/repricings/new", .permitted(.editPrices), use: repricings.new)
    table.post("prices/repricings", .permitted(.editPrices), use: repricings.apply)
    table.get("prices/repricings/:repricing", .permitted(.editPrices), use: repricings.job)
  }
}
