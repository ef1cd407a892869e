import Domain
import Postgres
import Testing

@testable import Store

extension WriteFixture {
  static let zone = "Asia/Kolkata"

  /// Every charge there is, as a relation.
  var charges: SQL {
    ChargeRelation(projects: [project], dayFrom: 0, dayTo: 40_000, timeZone: Self.zone).sql
  }

  /// Charges are calls: by every dimension, and by set and unit prices quantity × price is the cost.
  func expectChargesOfEveryDimension(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let charges = charges
    let differences = try await pool.transaction { c in
      try c.execute("create temporary table charges on commit drop as select * from \(charges) c")
      try c.execute("create temporary table calls on commit drop as \(Self.calls)")
      return try (ChargeColumns.dimensions + ["day"]).flatMap { try Self.difference(by: $0, c) } + Self.wrongCosts(c)
    }
    #expect(differences.isEmpty, "\(differences.prefix(6).joined(separator: "\n"))", sourceLocation: sourceLocation)
  }

  private static let measures = [
    "calls", "costed", "errors", "unpriced", "usage_input", "usage_output", "usage_requests", "cost_pico", "contracted_cost_pico",
    "list_cost_pico", "avoided_cost_pico",
  ]

  private static let calls: SQL = """
    select (started_at at time zone '\(unescaped: zone)')::date as day, o.*, 1 as calls, (cost_pico is not null)::integer as costed,
      (level is not distinct from 4)::integer as errors, (cost_status in (2, 3))::integer as unpriced,
      case when cost_pico is not null then coalesce(computed_cost_pico, cost_pico) end as contracted_cost_pico,
      case when cost_pico is not null then coalesce(o.list_cost_pico, computed_cost_pico, cost_pico) end as list
    from observations o where is_call
    """

  private static func difference(by dimension: String, _ c: Connection) throws -> [String] {
    let sums = { (list: String) in
      measures.map { "coalesce(sum(\($0 == "list_cost_pico" ? list : $0)), 0)" }.joined(separator: ", ")
    }
    let sql: SQL = """
      select n, t::text from (
        select nullif(nullif(\(unescaped: dimension)::text, ''), '0'), \(unescaped: sums("list")) from calls group by 1) t(n)
      except select n, t::text from (
        select nullif(nullif(\(unescaped: dimension)::text, ''), '0'), \(unescaped: sums("list_cost_pico")) from charges group by 1) t(n)
      """
    let groups = "select count(distinct nullif(nullif(\(dimension)::text, ''), '0')) from"
    let counts = try c.first("select (\(unescaped: groups) calls), (\(unescaped: groups) charges)") { try ($0.int64(0), $0.int64(1)) }
    let missing = counts.map { $0.0 == $0.1 ? [] : ["\(dimension): \($0.0) values of calls, \($0.1) of charges"] } ?? []
    return missing + (try c.query(sql) { "\(dimension) \(try $0.stringOrNil(0) ?? "none"): \(try $0.string(1))" })
  }

  private static func wrongCosts(_ c: Connection) throws -> [String] {
    try [("contracted_pico", "contracted_cost_pico"), ("list_pico", "list_cost_pico")].flatMap { prices, cost in
      let meters = MeasureColumns.usage.enumerated().map { place, column in
        "c.\(column == "usage_requests" ? ChargeColumns.requestsCharged : column)::numeric * coalesce(r.\(prices)[\(place + 1)], 0)"
      }
      let sql: SQL = """
        select c::text from charges c left join rates r on r.id = c.rate_id
        where c.rate_id <> 0 and (r.id is null or c.\(unescaped: cost) <> \(unescaped: meters.joined(separator: " + ")))
        """
      return try c.query(sql) { "usage times \(prices): \(try $0.string(0))" }
    }
  }

  /// Rows of a query as text, sorted.
  func lines(_ sql: SQL) async throws -> [String] {
    try await pool.run { c in
      try c.query("select t::text from (\(sql)) t order by 1") { try $0.string(0) }
    }
  }
}
