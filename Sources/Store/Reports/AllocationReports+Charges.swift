import Domain
import Postgres

extension AllocationReports {
  /// The charges behind a report: one a day, set of dimensions, unit prices and meter.
  ///
  /// *Shape:* own charges by day, then corrections (with `correctionOf`), shared costs, and last what rounding added, by kind of line and
  /// team: with it the money of a team is that of its rounded lines. Quantity × unit price is the cost exactly, list and contracted.
  /// *Memory:* handed over in pieces of some hundred rows, whatever the number. *Filter, scope, errors:* as `run`, and no single users.
  /// *Source:* charges by day, statements; the own charges and corrections are of one snapshot.
  public func charges(
    _ request: AllocationRequest, scope: AccessScope, organisation: Organisation, each: ([Charge]) async throws -> Void
  ) async throws {
    guard !request.breakdown.contains(.user), request.filter.active[.user] == nil else {
      throw CostQueryRefusal(message: "Charges know no single users. Accepted: other dimensions.")
    }
    let plan = try await read { c in try ChargePlan(AllocationRun(request, scope: scope, organisation: organisation, c)) }
    var lines = ChargeLines()
    try await pool.cursor(plan.sql, chunkRows: 400, statementTimeoutMilliseconds: 0, decode: { try plan.row($0) }) { rows in
      var charges: [Charge] = []
      for row in rows {
        lines.add(row)
        if plan.isInScope(row.team) { charges += row.charges }
      }
      if !charges.isEmpty { try await each(charges) }
    }
    let (own, adjustments) = (lines.own, lines.adjustments)
    let rest = try await read { c in
      let run = try AllocationRun(request, scope: scope, organisation: organisation, c)
      let all = try run.assembled(direct: own, adjustments: adjustments).lines.filter(run.isInScope)
      return plan.shared(all) + AllocationLine.rounding(all, day: plan.days.period.firstDay, range: plan.days.period.range)
    }
    if !rest.isEmpty { try await each(rest) }
  }

  private func read<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
    try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true), body)
  }
}

/// A question for charges with all that is needed to read them.
struct ChargePlan: Sendable {
  var sql: SQL
  var names: CostDirectory
  var days: ReportDays
  private let breakdown: [CostDimension]
  private let scope: AccessScope

  init(_ run: AllocationRun) throws {
    (names, days, breakdown, scope) = (run.names, run.days, run.request.breakdown, run.scope)
    let own =
      run.frozen.map { ChargeSQL.frozen($0) }
      ?? ChargeSQL.ledger(run.projects, from: days.from, to: run.isBeforeBooks ? days.from : days.to, zone: run.organisation.timeZone)
    let all = try [own] + (run.waiting().map { [$0] } ?? [])
    sql = Self.select(all.joined(by: " union all "), run).named("Charges").uncached()
  }

  /// Corrections are of the period that they are posted in.
  private static func select(_ relation: SQL, _ run: AllocationRun) -> SQL {
    let first = PostgresValue.date(run.days.from)
    let isCorrection: SQL = "x.month < date_trunc('month', \(first)::date)"
    let values = run.request.breakdown.map { CostSource.chargesDay.value($0) }
    let zone = run.organisation.timeZone
    return """
      select case when \(isCorrection) then \(first)::date else x.day end::text,
        (x.day::timestamp at time zone \(zone)), ((x.day + 1)::timestamp at time zone \(zone)),
        case when \(isCorrection) then to_char(x.month, 'YYYY-MM') end,
        x.project_id, nullif(x.team_id, 0), x.environment, nullif(x.service, ''), nullif(x.provider, ''), nullif(x.model, ''),
        nullif(x.endpoint, ''), nullif(x.user_group_id, 0), nullif(x.service_tier, ''), nullif(x.region, ''),
        array[x.extra_1, x.extra_2, x.extra_3, x.extra_4], r.price, r.variant, r.context_over, r.contracted_pico, r.list_pico,
        r.charges_requests, \(unescaped: ChargeMeasures.values)\(values.map { ", " + $0 }.joined(by: ""))
      from (\(relation)) x left join rates r on r.id = x.rate_id where \(run.condition)
      order by 4 nulls first, x.day, x.project_id, x.team_id, \(unescaped: dimensions), x.rate_id
      """
  }

  private static let dimensions = ChargeColumns.dimensions.map { "x.\($0)" }.joined(separator: ", ")

  func isInScope(_ team: TeamID?) -> Bool { team.map { scope.teams.includes($0) } ?? (scope.teams == .all) }

  func row(_ row: Row) throws -> ChargeRow {
    let team: TeamID? = try row.idOrNil(5)
    let correctionOf = try row.stringOrNil(3)
    let kind: AllocationLine.Kind = correctionOf != nil ? .adjustment : team == nil ? .unallocated : .team
    let range = correctionOf == nil ? TimeRange(spanning: try row.timestamp(1), try row.timestamp(2)) : days.period.range
    var charge = Charge(day: try row.string(0), range: range, team: .of(team, kind, names), meter: .stated)
    charge.correctionOf = correctionOf
    charge.project = try names.value(.project, row, 4)
    charge.environment = try row.string(6)
    charge.service = try row.stringOrNil(7)
    charge.provider = try row.stringOrNil(8)
    charge.model = try row.stringOrNil(9)
    charge.endpoint = try row.stringOrNil(10)
    charge.userGroup = try row.isNull(11) ? nil : names.value(.userGroup, row, 11).label
    charge.serviceTier = try row.stringOrNil(12)
    charge.region = try row.stringOrNil(13)
    charge.extras = names.declared.isEmpty ? [] : try row.strings(14)
    charge.rates = try rates(row)
    let first = 21 + ChargeMeasures.count
    return ChargeRow(
      charge: charge, team: team, values: try breakdown.enumerated().map { try names.value($1, row, first + $0) },
      measures: try ChargeMeasures(row: row, from: 21))
  }

  private func rates(_ row: Row) throws -> CallRates? {
    guard let price = try row.stringOrNil(15) else { return nil }
    return CallRates(
      price: price, variant: try row.stringOrNil(16), contextOver: try row.int64OrNil(17),
      contracted: try row.int64sWithNulls(18), list: try row.int64sWithNulls(19), chargesRequests: try row.bool(20))
  }

  /// Charges of shared costs.
  func shared(_ lines: [AllocationLine]) -> [Charge] {
    lines.compactMap { line in
      let told = scope.teams == .all ? line : .withoutOthers(line)
      guard let origin = told.shared else { return nil }
      var team = line
      team.values = []
      var charge = Charge(day: days.period.firstDay, range: days.period.range, team: team, meter: .shared(origin))
      charge.amounts = line.exact
      return charge
    }
  }
}
