import Domain
import Postgres

/// Lines of a closed month.
enum FrozenLines {
  private static let columns: [String] = [
    "position", "kind", "team_id", "name", "cost_centre", "gl_account", "owner", "calls", "errors", "unpriced", "usage",
    "active_users", "list_pico", "contracted_pico", "effective_pico", "avoided_pico", "list_rounded_pico",
    "contracted_rounded_pico", "effective_rounded_pico", "avoided_rounded_pico", "pool_id", "pool_name", "method", "driver",
    "driver_total", "correction_of",
  ]

  /// In the order they were frozen in.
  static func read(_ statement: StatementID, _ c: Connection) throws -> [AllocationLine] {
    try c.query(select(statement)) { try line($0) }
  }

  static func select(_ statement: StatementID) -> SQL {
    """
    select \(unescaped: columns.map { $0 == "correction_of" ? "to_char(correction_of, 'YYYY-MM')" : $0 }.joined(separator: ", "))
    from statement_lines where statement_id = \(statement) order by position
    """
  }

  /// A row of `select`.
  static func line(_ row: Row) throws -> AllocationLine {
    let kind = AllocationLine.Kind(rawValue: try row.string(1)) ?? .team
    var line = AllocationLine(kind: kind, team: try row.idOrNil(2), name: try row.string(3))
    line.costCentre = try row.stringOrNil(4)
    line.glAccount = try row.stringOrNil(5)
    line.owner = try row.stringOrNil(6)
    line.calls = try row.int64(7)
    line.errors = try row.int64(8)
    line.unpricedCalls = try row.int64(9)
    line.usage = Usage(counts: try row.int64s(10)) ?? Usage()
    line.activeUsers = try row.int64OrNil(11)
    for (i, column) in Amounts.columns.enumerated() {
      line.exact[keyPath: column] = USD(pico: try row.numericInteger(12 + i))
      line.rounded[keyPath: column] = USD(pico: try row.numericInteger(16 + i))
    }
    if let pool: PoolID = try row.idOrNil(20) {
      line.shared = SharedOrigin(
        pool: pool, poolName: try row.string(21), method: AllocationMethod(rawValue: try row.string(22)) ?? .proportionalCost,
        driver: try row.numericInteger(23), driverTotal: try row.numericInteger(24))
    }
    line.correctionOf = try row.stringOrNil(25)
    return line
  }

  static func write(_ lines: [AllocationLine], _ statement: StatementID, _ c: Connection) throws {
    for (position, line) in lines.enumerated() {
      let counts = line.usage.isEmpty ? Array(repeating: Int64(0), count: UsageBucket.allCases.count) : line.usage.positional
      let money = (Amounts.columns.map { line.exact[keyPath: $0] } + Amounts.columns.map { line.rounded[keyPath: $0] })
        .map { amount -> SQL in "\(amount.pico)" }
      let shared = line.shared
      try c.execute(
        """
        insert into statement_lines (statement_id, \(unescaped: columns.joined(separator: ", ")))
        values (\(statement), \(Int32(clamping: position)), \(line.kind.rawValue), \(line.team), \(line.name), \(line.costCentre),
          \(line.glAccount), \(line.owner), \(line.calls), \(line.errors), \(line.unpricedCalls), \(counts), \(line.activeUsers),
          \(money.joined(by: ", ")), \(shared?.pool), \(shared?.poolName), \(shared?.method.rawValue), \(shared?.driver),
          \(shared?.driverTotal), \(line.correctionOf.map { $0 + "-01" })::date)
        """)
    }
  }
}
