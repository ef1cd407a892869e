import Domain
import Postgres

/// Shared costs of a month as lines.
enum SharedCosts {
  /// Every pool that is charged in the month, split; by pool and team.
  static func lines(
    _ month: ReportDays, costs: [TeamID: USD], names: CostDirectory, _ organisation: OrganisationID, _ c: Connection
  ) throws -> [AllocationLine] {
    let valid = names.teams.values.filter { team in
      (team.validFrom.map { $0 < month.period.endDay } ?? true) && (team.validTo.map { $0 > month.period.firstDay } ?? true)
    }.map(\.id).sorted()
    return try pools(month, organisation, c).flatMap { pool -> [AllocationLine] in
      let amount = PoolSplit.amount(pool.amount) ?? .zero
      return PoolSplit.parts(of: pool, amount: amount, costs: costs, valid: valid).map { line(pool, $0, names) }
    }
  }

  static func pools(_ month: ReportDays, _ organisation: OrganisationID, _ c: Connection) throws -> [CostPool] {
    let day = PostgresValue.date(month.from)
    return try CostPool.read(
      """
      organisation_id = \(organisation) and month_from <= \(day)::date and (month_to is null or month_to > \(day)::date)
      """, c)
  }

  private static func line(_ pool: CostPool, _ part: PoolSplit.Part, _ names: CostDirectory) -> AllocationLine {
    var line = AllocationLine.of(part.team, .shared, names)
    line.exact = Amounts(list: part.amount, contracted: part.amount, effective: part.amount)
    line.shared = SharedOrigin(
      pool: pool.id, poolName: pool.name, method: pool.method, driver: part.driver, driverTotal: part.driverTotal)
    return line
  }
}

extension CostPool {
  /// Pools that a condition over `cost_pools` holds for, by id.
  static func read(_ condition: SQL, _ c: Connection) throws -> [CostPool] {
    let sql: SQL = """
      select id, name, monthly_pico, hourly_pico, trim_scale(hours)::text, purchase, method, to_char(month_from, 'YYYY-MM'),
        to_char(month_to, 'YYYY-MM'),
        array(select team_id from cost_pool_shares s where s.pool_id = p.id order by 1),
        array(select millionths from cost_pool_shares s where s.pool_id = p.id order by team_id)
      from cost_pools p where \(condition) order by id
      """
    return try c.query(sql.named("CostPools"), CostPool.init(row:))
  }

  private init(row: Row) throws {
    let amount: Amount =
      if let monthly = try row.numericIntegerOrNil(2) {
        .monthly(USD(pico: monthly))
      } else {
        .hourly(USD(pico: try row.numericInteger(3)), hours: try row.string(4))
      }
    let teams = try row.int32s(9).map { TeamID($0) }
    // Millionths of a percent print as a decimal the way millionths of a dollar do.
    let shares = try row.int64s(10).map { USD(pico: Int128($0) * 1_000_000).decimal }
    self.init(
      id: try row.id(0), name: try row.string(1), amount: amount, purchase: try row.stringOrNil(5),
      method: AllocationMethod(rawValue: try row.string(6)) ?? .proportionalCost,
      percentages: Dictionary(zip(teams, shares), uniquingKeysWith: { a, _ in a }), monthFrom: try row.string(7),
      monthTo: try row.stringOrNil(8))
  }
}
