import Domain
import Hummingbird

/// The JSON API for scripts: each route says which keys may call it.
extension Routes {
  static func api(_ table: RouteTable, _ backend: Backend) {
    let costs = CostRoutes(backend: backend), traces = TraceRoutes(backend: backend)
    table.get("api/v1/costs", .key([.read, .readMoney, .admin]), use: costs.costs)
    table.get("api/v1/traces", .key([.read, .admin]), use: traces.list)
    table.get("api/v1/traces/:trace", .key([.read, .admin]), use: traces.trace)
    table.get("api/v1/observations/:observation", .key([.read, .admin]), use: traces.observation)
    table.get("api/v1/observations/:observation/cost", .key([.read, .admin]), use: ExplainRoutes(backend: backend).cost)
    let prices = PriceRoutes(backend: backend), repricings = RepricingRoutes(backend: backend), whatIf = WhatIfRoutes(backend: backend)
    table.get("api/v1/prices", .key([.read, .readMoney, .admin]), use: prices.list)
    table.post("api/v1/prices", .key([.admin], .editPrices), use: prices.add)
    table.delete("api/v1/prices/:kind/:id", .key([.admin], .editPrices), use: prices.remove)
    table.post("api/v1/prices/import", .key([.admin], .editPrices), use: prices.importFile)
    table.get("api/v1/prices/export", .key([.read, .readMoney, .admin]), use: prices.export)
    table.get("api/v1/prices/unpriced", .key([.read, .readMoney, .admin]), use: prices.unpriced)
    table.get("api/v1/repricings", .key([.admin], .editPrices), use: repricings.list)
    table.post("api/v1/repricings", .key([.admin], .editPrices), use: repricings.begin)
    table.get("api/v1/repricings/:repricing", .key([.admin], .editPrices), use: repricings.one)
    table.delete("api/v1/repricings/:repricing", .key([.admin], .editPrices), use: repricings.stop)
    table.get("api/v1/what-if", .key([.read, .readMoney, .admin]), use: whatIf.get)
    table.post("api/v1/what-if", .key([.read, .readMoney, .admin]), use: whatIf.post)
    structure(table, backend)
    reports(table, backend)
    contentAPI(table, backend)
    samplingAPI(table, backend)
    keys(table, backend)
    auditAPI(table, backend)
  }

  /// The cost allocation report, statements, and large exports.
  static func reports(_ table: RouteTable, _ backend: Backend) {
    let reports = ReportRoutes(backend: backend), exports = ExportRoutes(backend: backend)
    table.get("api/v1/reports/allocation", .key([.read, .readMoney, .admin]), use: reports.allocation)
    table.get("api/v1/statements", .key([.admin], .seeMoney), use: reports.statements)
    table.get("api/v1/statements/:month", .key([.admin], .seeMoney), use: reports.statement)
    table.get("api/v1/statements/:month/text", .key([.admin], .export), use: reports.text)
    table.post("api/v1/statements/:month/close", .key([.admin], .editRules), use: reports.close)
    table.get("api/v1/exports", .key([.read, .readMoney, .admin]), use: exports.list)
    table.post("api/v1/exports", .key([.read, .readMoney, .admin]), use: exports.begin)
    table.get("api/v1/exports/:export", .key([.read, .readMoney, .admin]), use: exports.one)
    table.get("api/v1/exports/:export/file", .key([.read, .readMoney, .admin]), use: exports.file)
    table.delete("api/v1/exports/:export", .key([.read, .readMoney, .admin]), use: exports.remove)
  }

  /// Teams, rules, declared keys, user groups and re-attributions.
  static func structure(_ table: RouteTable, _ backend: Backend) {
    let teams = TeamRoutes(backend: backend), rules = RuleRoutes(backend: backend), groups = UserGroupRoutes(backend: backend)
    let reattributions = ReattributionRoutes(backend: backend)
    table.get("api/v1/teams", .key([.read, .readMoney, .admin]), use: teams.list)
    table.post("api/v1/teams", .key([.admin], .editTeams), use: teams.add)
    table.patch("api/v1/teams/:id", .key([.admin], .editTeams), use: teams.change)
    table.get("api/v1/attribution-rules", .key([.admin], .editRules), use: rules.list)
    table.post("api/v1/attribution-rules", .key([.admin], .editRules), use: rules.add)
    table.post("api/v1/attribution-rules/preview", .key([.admin], .editRules), use: rules.preview)
    table.put("api/v1/attribution-rules/:id", .key([.admin], .editRules), use: rules.replace)
    table.delete("api/v1/attribution-rules/:id", .key([.admin], .editRules), use: rules.end)
    table.post("api/v1/attribution-rules/:id/move", .key([.admin], .editRules), use: rules.move)
    table.get("api/v1/declared-keys", .key([.read, .readMoney, .admin]), use: rules.keys)
    table.post("api/v1/declared-keys", .key([.admin], .manageContent), use: rules.declare)
    table.get("api/v1/user-groups", .key([.admin], .editTeams), use: groups.list)
    table.post("api/v1/user-groups", .key([.admin], .editTeams), use: groups.add)
    table.put("api/v1/user-groups/members", .key([.admin], .editTeams), use: groups.importList)
    table.patch("api/v1/user-groups/:id", .key([.admin], .editTeams), use: groups.change)
    table.delete("api/v1/user-groups/:id", .key([.admin], .editTeams), use: groups.remove)
    table.get("api/v1/user-groups/:id/members", .key([.admin], .editTeams), use: groups.members)
    table.put("api/v1/user-groups/:id/members", .key([.admin], .editTeams), use: groups.setMembers)
    table.get("api/v1/reattributions", .key([.admin], .editRules), use: reattributions.list)
    table.post("api/v1/reattributions", .key([.admin], .editRules), use: reattributions.begin)
    table.post("api/v1/reattributions/dry-run", .key([.admin], .editRules), use: reattributions.dryRun)
    table.get("api/v1/reattributions/:id", .key([.admin], .editRules), use: reattributions.one)
    table.delete("api/v1/reattributions/:id", .key([.admin], .editRules), use: reattributions.stop)
  }
}
