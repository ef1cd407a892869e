import Domain
import Hummingbird
import Pages
import Store

/// Costs that are not one team's, and how they are split.
struct PoolPages {
  let backend: Backend

  func list(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    return .page(.ok, try await listPage(parts).render())
  }

  private func listPage(_ parts: WorkParts, problem: String? = nil) async throws -> PoolListPage {
    // One that was changed before it was ever charged has no months.
    let pools = try await backend.pools.list(scope: parts.scope).filter { pool in pool.monthTo.map { $0 > pool.monthFrom } ?? true }
    let report = pools.isEmpty ? nil : try await lastMonth(parts)
    return PoolListPage(
      work: parts.frame(problem, at: Route.pools, changing: .editRules), pools: pools, teams: try await backend.teams.list(scope: parts.scope),
      month: parts.lastMonth, lines: report?.lines.filter { $0.kind == .shared } ?? [])
  }

  private func lastMonth(_ parts: WorkParts) async throws -> AllocationReport {
    try await backend.allocations.run(
      AllocationRequest(period: .month(parts.lastMonth)), scope: parts.scope, organisation: parts.organisation)
  }

  func new(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    var input = PoolInput()
    input.monthFrom = String(parts.clock.civil(parts.now).date.dropLast(3))
    return .page(.ok, try await page(parts, input).render())
  }

  func edit(_ request: Request, _ context: Context) async throws -> Response {
    let parts = try WorkParts(request, context, backend)
    let id: PoolID = try context.id("pool", of: "shared cost")
    guard let pool = try await backend.pools.list(scope: parts.scope).first(where: { $0.id == id }) else {
      throw Failure.notFound("no shared cost of this number, or it was changed since")
    }
    var input = PoolInput(pool)
    // What changes is charged from this month on; months before keep what they have.
    input.monthFrom = max(pool.monthFrom, String(parts.clock.civil(parts.now).date.dropLast(3)))
    return .page(.ok, try await page(parts, input).render())
  }

  /// Shows the split of last month, or saves.
  func save(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    let teams = try await backend.teams.list(scope: parts.scope)
    let input = PoolInput(form, teams: teams)
    do {
      let pool = try input.pool(id: try form.id("id") ?? PoolID(0))
      if form.text("do") == "preview" {
        return .page(.ok, try await page(parts, input, preview: try preview(pool, teams, try await lastMonth(parts), parts)).render())
      }
      _ = try await backend.pools.save(pool, replacing: try form.id("id"), scope: parts.scope, by: parts.actor)
      return .seeOther(Route.pools)
    } catch {
      return .page(.badRequest, try await page(parts, input, problem: try PriceParts.sentence(error)).render())
    }
  }

  func end(_ request: Request, _ context: Context) async throws -> Response {
    let (parts, form) = try await WorkParts.changing(request, context, backend)
    do {
      guard let id = try form.id("id", as: PoolID.self) else { throw Failure.badRequest("the form did not arrive whole") }
      try await backend.pools.end(id, month: form.typed("monthTo"), scope: parts.scope, by: parts.actor)
      return .seeOther(Route.pools)
    } catch {
      return .page(.badRequest, try await listPage(parts, problem: try PriceParts.sentence(error)).render())
    }
  }

  private func page(
    _ parts: WorkParts, _ input: PoolInput, problem: String? = nil, preview: PoolPreview? = nil
  ) async throws -> PoolFormPage {
    let path = input.id.map(Route.pool) ?? Route.newPool
    return PoolFormPage(
      work: parts.frame(problem, at: path, changing: .editRules), draft: input, teams: try await backend.teams.list(scope: parts.scope),
      preview: preview)
  }

  /// As a report of last month would split it, by the same code.
  private func preview(_ pool: CostPool, _ teams: [Team], _ report: AllocationReport, _ parts: WorkParts) throws -> PoolPreview {
    guard let amount = PoolSplit.amount(pool.amount) else {
      throw Failure.badRequest("rate times hours is no exact amount: expected hours up to 744 with at most six decimals")
    }
    var costs: [TeamID: USD] = [:]
    for line in report.lines where line.kind == .team {
      if let team = line.team { costs[team, default: .zero] = costs[team, default: .zero] + line.exact.effective }
    }
    let valid = teams.filter { team in
      (team.validFrom.map { $0 < report.period.endDay } ?? true) && (team.validTo.map { $0 > report.period.firstDay } ?? true)
    }
    let split = PoolSplit.parts(of: pool, amount: amount, costs: costs, valid: valid.map(\.id).sorted())
    return PoolPreview(
      month: parts.lastMonth, amount: amount,
      parts: split.map { part in
        let origin = SharedOrigin(
          pool: pool.id, poolName: pool.name, method: pool.method, driver: part.driver, driverTotal: part.driverTotal)
        let name = teams.first { $0.id == part.team }?.name ?? "Unallocated"
        return PoolPreview.Part(team: name, origin: part.team == nil ? nil : origin, amount: part.amount)
      })
  }
}

extension PoolInput {
  init(_ form: QueryParameters, teams: [Team]) {
    self.init()
    id = try? form.id("id")
    (name, purchase, basis) = (form.typed("name"), form.typed("purchase"), form.typed("basis"))
    (monthly, rate, hours) = (form.typed("monthly"), form.typed("rate"), form.typed("hours"))
    (method, monthFrom, monthTo) = (form.typed("method"), form.typed("monthFrom"), form.typed("monthTo"))
    for team in teams {
      if let percent = form.text("percent.\(team.id)") { percentages[team.id] = percent }
    }
  }

  /// - Throws: `Failure` 400 naming the field and what it accepts.
  func pool(id: PoolID) throws -> CostPool {
    guard let method = AllocationMethod(rawValue: method) else { throw Failure.badRequest("method is not one of the menu") }
    if name.isEmpty { throw Failure.badRequest("name is empty: expected what the cost is, such as GPU node a100-1") }
    return CostPool(
      id: id, name: name, amount: try amount(), purchase: purchase.isEmpty ? nil : purchase, method: method,
      percentages: method == .fixedPercent ? percentages : [:], monthFrom: monthFrom, monthTo: monthTo.isEmpty ? nil : monthTo)
  }

  private func amount() throws -> CostPool.Amount {
    if basis == "hourly" {
      guard let rate = USD(exactDecimal: rate), rate.pico >= 0 else {
        throw Failure.badRequest("the price of an hour is \"\(self.rate)\": expected an amount in US dollars such as 2.50, with at most 12 decimals")
      }
      if hours.isEmpty { throw Failure.badRequest("hours are empty: expected hours a month, such as 720") }
      return .hourly(rate, hours: hours)
    }
    guard let monthly = USD(exactDecimal: monthly), monthly.pico >= 0 else {
      throw Failure.badRequest("the amount of a month is \"\(self.monthly)\": expected an amount in US dollars such as 480, with at most 12 decimals")
    }
    return .monthly(monthly)
  }
}
