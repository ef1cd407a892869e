/// The columns of charges, one list for all statements about them.
enum ChargeColumns {
  /// Of `dimension_sets`, '' and 0 for none.
  static let dimensions = [
    "team_id", "kind", "user_group_id", "key_id", "environment", "service", "provider", "model", "endpoint",
    "service_tier", "region", "extra_1", "extra_2", "extra_3", "extra_4",
  ]
  /// Of `charges_day`, in the order of the table.
  static let measures = MeasureColumns.counts + MeasureColumns.usage + [requestsCharged] + money
  /// Requests with the one that is charged to a call that counted none, where its unit prices say so (`rates.charges_requests`).
  static let requestsCharged = "requests_charged"
  private static let money = ["list_cost_pico", "contracted_cost_pico", "cost_pico", "avoided_cost_pico"]

  /// SHA-256 of the dimensions over a relation `alias`: an array's text tells any two lists of values apart.
  static func digest(_ alias: String) -> String {
    let values = dimensions.map { "\(alias).\($0)::text" }.joined(separator: ", ")
    return "sha256(convert_to(array[\(values)]::text, 'UTF8'))"
  }

  /// Charges of one day from `observations`: dimensions, rate_id and measures, grouped. `project`, `day` and `zone` are SQL
  /// expressions.
  static func ofDay(project: String, day: String, zone: String) -> String {
    let usage = (MeasureColumns.usage + [requestsCharged]).map { "coalesce(sum(c.\($0)), 0)::bigint as \($0)" }
    let sums =
      MeasureColumns.counts.map { "sum(c.\($0))::bigint as \($0)" } + usage
      + money.map { "coalesce(sum(c.\($0)), 0) as \($0)" }
    let keys = dimensions + ["rate_id"]
    return """
      select \((keys.map { "c.\($0)" } + sums).joined(separator: ", "))
      from (\(calls(project: project, day: day, zone: zone))) c
      group by \((1...keys.count).map(String.init).joined(separator: ", "))
      """
  }

  /// The bounds are for partitions; days that clocks change in begin and end up to two hours off.
  private static func calls(project: String, day: String, zone: String) -> String {
    let texts = ["service", "provider", "model", "endpoint", "service_tier", "region", "extra_1", "extra_2", "extra_3", "extra_4"]
    let usage = MeasureColumns.usage.map { "o.\($0)" } + ["\(charged) as \(requestsCharged)"]
    return """
      select coalesce(o.team_id, 0) as team_id, o.kind, coalesce(o.user_group_id, 0) as user_group_id,
        coalesce(o.key_id, 0) as key_id, o.environment,
        \(texts.map { "coalesce(o.\($0), '') as \($0)" }.joined(separator: ", ")), \(CallAmounts.rate) as rate_id,
        \(CallRelation.counts), \(usage.joined(separator: ", ")), \(CallAmounts.columns)
      from observations o left join rates r on r.id = o.rate_id
      where o.is_call and o.project_id = \(project)
        and o.started_at >= (\(day)::timestamp at time zone \(zone)) - interval '2 hours'
        and o.started_at < ((\(day) + 1)::timestamp at time zone \(zone)) + interval '2 hours'
        and (o.started_at at time zone \(zone))::date = \(day)
      """
  }

  private static let charged = """
    case when r.charges_requests and coalesce(o.usage_requests, 0) = 0 and (\(CallAmounts.rate)) <> 0 then 1
      else o.usage_requests end
    """
}
