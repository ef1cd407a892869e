import Domain
import Postgres

/// The statement of a cost report: rows of the chosen table, with the ragged ends from observations, summed once.
struct CostSQL {
  var query: CostQuery
  var organisation: Organisation
  var source: CostSource
  var frame: CostFrame
  /// Conditions by table, dimension filters and access.
  var conditions: (CostSource) -> SQL
  /// One more than may be answered, so that a cut is noticed.
  var rowsMax: Int

  /// Columns: start or NULL, the dimensions, then as `CostSource.measures`.
  var statement: SQL {
    let keys = ["start"] + query.groupBy.indices.map { "d\($0)" }
    let sums =
      MeasureColumns.counts.map { "sum(\($0))::bigint" } + ["sum(cost_pico)"]
      + MeasureColumns.usage.map { "coalesce(sum(\($0)), 0)::bigint" }
    let ordinals = keys.indices.map { String($0 + 1) }.joined(separator: ", ")
    let sql: SQL = """
      with part as (
        \(parts.joined(by: "\n  union all\n  "))
      )
      select \(unescaped: (keys + sums).joined(separator: ", ")) from part group by \(unescaped: ordinals)
      having sum(calls) <> 0 limit \(rowsMax)
      """
    // Planned with the values at hand: only then the planner leaves out partitions.
    return sql.named("CostReport").uncached()
  }

  private var parts: [SQL] {
    switch source {
    case .observations: [part(.observations, during(frame.range))]
    case .spendUserDay, .spendDay, .spendEndpointDay: wholeDays
    case .spendHour, .spendEndpointHour: wholeHours
    }
  }

  /// Whole hours from the rollup. Calls before the first and from the end of the last on are told by the hour they are
  /// in, as the rollup tells them; the plain bounds beside it are there to leave out partitions.
  private var wholeHours: [SQL] {
    guard frame.hourFrom < frame.hourTo else { return [part(.observations, during(frame.range))] }
    let zone = organisation.timeZone
    var result = daysOfHours ?? [part(source, "hour >= \(frame.hourFrom) and hour < \(frame.hourTo)")]
    if frame.hasHourHead, let head = TimeRange(from: frame.range.from, to: frame.hourFrom.adding(seconds: 7200)) {
      result.append(
        part(.observations, during(head) + " and date_trunc('hour', started_at, \(zone)) < \(frame.hourFrom)"))
    }
    if frame.hasHourTail, let tail = TimeRange(from: frame.hourTo, to: frame.range.to) {
      result.append(
        part(.observations, during(tail) + " and date_trunc('hour', started_at, \(zone)) >= \(frame.hourTo)"))
    }
    return result
  }

  /// Whole hours, with sums by day for the whole days among them that are summed; nil where steps of time are shorter or
  /// other days.
  private var daysOfHours: [SQL]? {
    guard let days = source.days, frame.dayFrom < frame.dayTo else { return nil }
    if let interval = query.interval, interval == .hour || query.timeZone != organisation.timeZone { return nil }
    let (first, end) = (PostgresValue.date(frame.dayFrom), PostgresValue.date(frame.dayTo))
    let (zone, name) = (organisation.timeZone, days.rawValue)
    let summed: SQL = """
      day >= \(first) and day < \(end) and not exists (
        select from days_to_sum t where t.project_id = \(unescaped: name).project_id and t.day = \(unescaped: name).day)
      """
    let day: SQL = "(hour at time zone \(zone))::date"
    let head: SQL = "hour >= \(frame.hourFrom) and hour < \(frame.dayFromStart) and \(day) < \(first)"
    let tail: SQL = "hour >= \(frame.dayToStart) and hour < \(frame.hourTo) and \(day) >= \(end)"
    return [part(days, summed), part(source, head), part(source, tail), part(source, "true", from: hoursOfMarkedDays)]
  }

  /// Rows of days that wait to be summed, looked up day by day.
  private var hoursOfMarkedDays: SQL {
    let (first, end) = (PostgresValue.date(frame.dayFrom), PostgresValue.date(frame.dayTo))
    return """
      (select h.* from (
          select project_id, day, \(organisation.timeZone) as zone from days_to_sum where day >= \(first) and day < \(end)) t
        cross join lateral (select * from \(unescaped: source.rawValue) h
          where h.project_id = t.project_id and \(unescaped: DailySums.hoursOfDay) offset 0) h) marked
      """
  }

  /// The same with days.
  private var wholeDays: [SQL] {
    guard frame.dayFrom < frame.dayTo else { return [part(.observations, during(frame.range))] }
    let zone = organisation.timeZone
    let (first, end) = (PostgresValue.date(frame.dayFrom), PostgresValue.date(frame.dayTo))
    var result = [part(source, "day >= \(first) and day < \(end)")]
    if frame.hasDayHead, let head = TimeRange(from: frame.range.from, to: frame.dayFromStart) {
      result.append(part(.observations, during(head) + " and (started_at at time zone \(zone))::date < \(first)"))
    }
    if frame.hasDayTail, let tail = TimeRange(from: max(frame.range.from, frame.dayToStart), to: frame.range.to) {
      result.append(part(.observations, during(tail) + " and (started_at at time zone \(zone))::date >= \(end)"))
    }
    return result
  }

  private func during(_ range: TimeRange) -> SQL {
    "started_at >= \(range.from) and started_at < \(min(range.to, frame.range.to))"
  }

  private func part(_ table: CostSource, _ time: SQL, from relation: SQL? = nil) -> SQL {
    let values = query.groupBy.enumerated().map { place, dimension -> SQL in
      "\(table.value(dimension)) as \(unescaped: "d\(place)")"
    }
    let columns = ["\(step(table)) as start"] + values + [table.measures]
    let calls: SQL = table == .observations ? "is_call and " : ""
    return """
      select \(columns.joined(by: ", ")) from \(relation ?? SQL(table.rawValue))
        where \(calls)\(conditions(table)) and \(time)
      """
  }

  /// Start of the time step that a row is in.
  private func step(_ table: CostSource) -> SQL {
    guard let interval = query.interval else { return "null::timestamptz" }
    let zone = query.timeZone
    let unit: SQL = "'\(unescaped: interval.rawValue)'"
    switch table {
    case .observations: return "date_trunc(\(unit), started_at, \(zone))"
    case .spendUserDay, .spendDay, .spendEndpointDay: return "(date_trunc(\(unit), day::timestamp) at time zone \(zone))"
    case .spendHour, .spendEndpointHour:
      // The label of an hour is its own step; only longer steps are worked out.
      return interval == .hour && zone == organisation.timeZone ? "hour" : "date_trunc(\(unit), hour, \(zone))"
    }
  }
}
