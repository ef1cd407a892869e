import Domain
import Postgres

/// Sums over charges: counts, usage and the four amounts, as the columns of one row.
struct ChargeMeasures: Sendable, Hashable {
  var calls: Int64 = 0
  var errors: Int64 = 0
  var unpriced: Int64 = 0
  var usage = Usage()
  /// Requests as they are charged; `usage` has them as counted.
  var requestsCharged: Int64 = 0
  var amounts = Amounts()

  /// Columns that `init(row:from:)` reads, summed over a relation `x`.
  static let sums = columns { "coalesce(sum(x.\($0)), 0)" }
  /// The same of single rows of a relation `x`.
  static let values = columns { "x.\($0)" }
  static let count = 3 + quantities.count + money.count
  private static let quantities = MeasureColumns.usage + [ChargeColumns.requestsCharged]
  private static let money = ["list_cost_pico", "contracted_cost_pico", "cost_pico", "avoided_cost_pico"]

  private static func columns(_ expression: (String) -> String) -> String {
    (["calls", "errors", "unpriced"] + quantities).map { "\(expression($0))::bigint" }.joined(separator: ", ")
      + ", " + money.map { "\(expression($0))::numeric" }.joined(separator: ", ")
  }

  init() {}

  init(row: Row, from first: Int) throws {
    calls = try row.int64(first)
    errors = try row.int64(first + 1)
    unpriced = try row.int64(first + 2)
    let buckets = MeasureColumns.usage.count
    usage = Usage(counts: try (0..<buckets).map { try row.int64(first + 3 + $0) }) ?? Usage()
    requestsCharged = try row.int64(first + 3 + buckets)
    let at = first + 4 + buckets
    amounts = Amounts(
      list: USD(pico: try row.numericInteger(at)), contracted: USD(pico: try row.numericInteger(at + 1)),
      effective: USD(pico: try row.numericInteger(at + 2)), avoided: USD(pico: try row.numericInteger(at + 3)))
  }

  static func += (a: inout Self, b: Self) {
    a.calls &+= b.calls
    a.errors &+= b.errors
    a.unpriced &+= b.unpriced
    a.usage += b.usage
    a.requestsCharged &+= b.requestsCharged
    a.amounts = a.amounts + b.amounts
  }
}

extension AllocationLine {
  mutating func add(_ m: ChargeMeasures) {
    calls &+= m.calls
    errors &+= m.errors
    unpricedCalls &+= m.unpriced
    usage += m.usage
    exact = exact + m.amounts
  }
}

/// Relations with the columns month, day, project_id, `ChargeColumns.dimensions`, rate_id and `ChargeColumns.measures`.
enum ChargeSQL {
  static let dimensions = ChargeColumns.dimensions.joined(separator: ", ")
  static let measures = ChargeColumns.measures.joined(separator: ", ")
  private static let ofSet = ChargeColumns.dimensions.map { "s.\($0)" }.joined(separator: ", ")

  /// The ledger of whole days as it stands; its month is the day's.
  static func ledger(_ projects: [ProjectID], from: Int32, to: Int32, zone: String) -> SQL {
    """
    select date_trunc('month', l.day)::date as month, l.day, l.project_id, \(unescaped: dimensions), l.rate_id, \(unescaped: measures)
    from \(ChargeRelation(projects: projects, dayFrom: from, dayTo: to, timeZone: zone).sql) l
    """
  }

  /// What a closed statement holds: its month's own charges, and corrections, whose month is earlier.
  static func frozen(_ statement: StatementID) -> SQL {
    """
    select f.month, f.day, f.project_id, \(unescaped: ofSet), f.rate_id, \(unescaped: prefixed("f."))
    from statement_charges f join dimension_sets s on s.id = f.set_id where f.statement_id = \(statement)
    """
  }

  /// What the ledger of months differs by from all that was booked of them: one row a month, project, dimensions and unit
  /// prices, where anything differs. Quantity × unit price stays the contracted cost, because both sides are of the same unit price.
  static func corrections(_ months: [ReportDays], projects: [ProjectID], organisation: Organisation) -> SQL {
    let names = months.map { $0.period.firstDay }
    let booked: SQL = """
      select f.month, f.project_id, \(unescaped: ofSet), f.rate_id, \(unescaped: prefixed("-f."))
      from statements t join statement_charges f on f.statement_id = t.id and f.month = any(\(names)::date[])
      join dimension_sets s on s.id = f.set_id where t.organisation_id = \(organisation.id)
      """
    let ledgers = months.map { month -> SQL in
      """
      select month, project_id, \(unescaped: dimensions), rate_id, \(unescaped: measures)
      from (\(ledger(projects, from: month.from, to: month.to, zone: organisation.timeZone))) m
      """
    }
    let sums = ChargeColumns.measures.map { "sum(d.\($0)) as \($0)" }.joined(separator: ", ")
    let differs = ChargeColumns.measures.map { "sum(d.\($0)) <> 0" }.joined(separator: " or ")
    let keys = 3 + ChargeColumns.dimensions.count
    return """
      select d.month, d.month as day, d.project_id, \(unescaped: prefixedDimensions("d.")), d.rate_id, \(unescaped: sums)
      from (\((ledgers + [booked]).joined(by: " union all "))) d
      group by \(unescaped: (1...keys + 1).map(String.init).joined(separator: ", ")) having \(unescaped: differs)
      """
  }

  private static func prefixed(_ prefix: String) -> String {
    ChargeColumns.measures.map { "\(prefix)\($0)" }.joined(separator: ", ")
  }
  private static func prefixedDimensions(_ prefix: String) -> String {
    ChargeColumns.dimensions.map { "\(prefix)\($0)" }.joined(separator: ", ")
  }
}
