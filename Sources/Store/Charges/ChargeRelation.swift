import Domain
import Postgres

/// Charges of whole days as a relation: summed days from `charges_day`, marked ones from `observations`, with the same
/// columns and the same rows. In one statement (or one snapshot) it is exact at every moment, but for calls of the last
/// two seconds.
///
/// *Columns:* project_id, day, `ChargeColumns.dimensions` ('' and 0 for none), rate_id (0: no unit prices), calls,
/// errors, unpriced, costed, usage_…, requests_charged, list, contracted, effective (`cost_pico`) and
/// avoided cost in pico-USD. One row a project, day, dimensions and rate. Usage (requests as charged) × `rates.contracted_pico` is
/// contracted_cost_pico exactly where rate_id is not 0.
struct ChargeRelation {
  var projects: [ProjectID]
  /// Days since 1970-01-01 of the organisation's calendar; `dayTo` is the first after.
  var dayFrom: Int32
  var dayTo: Int32
  /// The organisation's.
  var timeZone: String

  /// A subselect in parentheses, to be given an alias. Plan it with its values (`uncached()`), so that partitions are
  /// left out.
  var sql: SQL {
    let days: SQL = """
      project_id = any(\(projects)) and day >= \(PostgresValue.date(dayFrom)) and day < \(PostgresValue.date(dayTo))
      """
    return """
      (select c.project_id, c.day, \(unescaped: Self.sets), c.rate_id, \(unescaped: Self.measures("c"))
        from (select * from charges_day where \(days)) c join dimension_sets s on s.id = c.set_id
        where not exists (select from charge_days_to_sum t where t.project_id = c.project_id and t.day = c.day)
      union all
      select t.project_id, t.day, \(unescaped: Self.lateral), d.rate_id, \(unescaped: Self.measures("d"))
        from (select project_id, day, \(timeZone)::text as zone from charge_days_to_sum where \(days)) t
        cross join lateral (\(unescaped: Self.marked)) d)
      """
  }

  /// For a transaction that reads many calls of marked days: the planner takes their dimensions for independent and sorts a
  /// million calls on disk for the few thousand groups that they are (28 s against 13 s).
  static func preferHashing(_ connection: Connection) throws {
    try connection.execute("select set_config('enable_sort', 'off', true)")
  }

  private static let sets = ChargeColumns.dimensions.map { "s.\($0)" }.joined(separator: ", ")
  private static let lateral = ChargeColumns.dimensions.map { "d.\($0)" }.joined(separator: ", ")
  private static let marked = ChargeColumns.ofDay(project: "t.project_id", day: "t.day", zone: "t.zone")
  private static func measures(_ alias: String) -> String {
    ChargeColumns.measures.map { "\(alias).\($0)" }.joined(separator: ", ")
  }
}
