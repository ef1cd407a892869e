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
    let texts = Set(["endpoint", "environment", "service", "provider", "model", "service_tier", "region"])
    for dimension in ChargeColumns.dimensions + ["day"] {
      let none = texts.contains(dimension) || dimension.hasPrefix("extra") ? "''" : "0"
      let value =
        dimension == "day" ? "(started_at at time zone '\(Self.zone)')::date" : "coalesce(\(dimension), \(none))"
      let calls = try await lines(
        """
        select \(unescaped: value)::text, count(*), count(cost_pico), count(*) filter (where level = 4),
          count(*) filter (where cost_status in (2, 3)), coalesce(sum(usage_input), 0), coalesce(sum(usage_output), 0),
          coalesce(sum(cost_pico), 0), coalesce(sum(coalesce(computed_cost_pico, cost_pico)) filter (where cost_pico is not null), 0),
          coalesce(sum(coalesce(list_cost_pico, computed_cost_pico, cost_pico)) filter (where cost_pico is not null), 0),
          coalesce(sum(avoided_cost_pico), 0)
        from observations where is_call group by 1
        """)
      let charges = try await lines(
        """
        select \(unescaped: dimension)::text, sum(calls), sum(costed), sum(errors), sum(unpriced), sum(usage_input), sum(usage_output),
          sum(cost_pico), sum(contracted_cost_pico), sum(list_cost_pico), sum(avoided_cost_pico)
        from \(charges) c group by 1
        """)
      #expect(calls == charges, "\(dimension)", sourceLocation: sourceLocation)
    }
    for (prices, cost) in [("contracted_pico", "contracted_cost_pico"), ("list_pico", "list_cost_pico")] {
      let meters = MeasureColumns.usage.enumerated().map { place, column in
        "c.\(column)::numeric * coalesce(r.\(prices)[\(place + 1)], 0)"
      }
      let wrong: SQL = """
        select count(*) from \(charges) c left join rates r on r.id = c.rate_id
        where c.rate_id <> 0 and (r.id is null or c.\(unescaped: cost) <> \(unescaped: meters.joined(separator: " + ")))
        """
      #expect(try await number(wrong) == 0, "usage times \(prices)", sourceLocation: sourceLocation)
    }
  }

  /// Rows of a query as text, sorted.
  func lines(_ sql: SQL) async throws -> [String] {
    try await pool.run { c in
      try c.query("select t::text from (\(sql)) t order by 1") { try $0.string(0) }
    }
  }
}
