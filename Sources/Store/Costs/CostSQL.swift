import Domain
import Postgres

/// The statement of a cost report: rows of the chosen table, with the ragged ends from observations, summed once.
struct CostSQL {
  var query: CostQuery
  var organisation: Organisation
  var source: CostSource
  var frame: CostFrame
  /// Projects in reach and filter.
  var projects: [ProjectID]
  /// Conditions by table, dimension filters and access.
  var conditions: (CostSource) -> SQL
  /// One more than may be answered, so that a cut is noticed.
  var rowsMax: Int
  /// What of the range's days is told by sums to date; nil: nothing.
  var spans: CostSpans?
  /// Moves steps of time to where they are compared.
  var shift = StepShift.none
  /// The largest by this measure only, "none" first.
  var rankedBy: CostMeasure?
  /// What is selected beside step and dimensions, when it isn't `columns`.
  var selected: ((CostSource) -> SQL)?

  var columns: CostColumns { CostColumns(query.measures) }

  /// Columns: start or NULL, the dimensions, then `columns`.
  var statement: SQL {
    let keys = ["step"] + query.groupBy.indices.map { "d\($0)" }
    let ordinals = keys.indices.map { String($0 + 1) }.joined(separator: ", ")
    let told = query.groupBy.indices.map { "d\($0)" } + columns.names
    let sql: SQL = """
      with part as (
        \(parts.joined(by: "\n  union all\n  "))
      ), summed as (
        select \(unescaped: (keys + columns.sums).joined(separator: ", ")) from part group by \(unescaped: ordinals)
        having sum(calls) <> 0 \(order) limit \(rowsMax)
      )
      select \(start) as start, \(unescaped: told.joined(separator: ", ")) from summed
      """
    // Planned with the values at hand: only then the planner leaves out partitions.
    return sql.named("CostReport").uncached()
  }

  private var order: SQL {
    guard let rankedBy else { return .empty }
    return "order by (d0 is null) desc, sum(\(unescaped: CostColumns.column(rankedBy))) desc, d0"
  }

  var parts: [SQL] {
    switch source.grain {
    case .call: [part(.observations, during(frame.range))]
    case .hour: wholeHours
    case .day, .month: wholeDays
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
    guard let days = source.days, frame.dayFrom < frame.dayTo, stepsAreOfDays else { return nil }
    let (first, end) = (PostgresValue.date(frame.dayFrom), PostgresValue.date(frame.dayTo))
    let day: SQL = "(hour at time zone \(organisation.timeZone))::date"
    let head: SQL = "hour >= \(frame.hourFrom) and hour < \(frame.dayFromStart) and \(day) < \(first)"
    let tail: SQL = "hour >= \(frame.dayToStart) and hour < \(frame.hourTo) and \(day) >= \(end)"
    return daysAndMonths(days) + [part(source, head), part(source, tail), part(source, "true", from: hoursOfMarkedDays)]
  }

  private var stepsAreOfDays: Bool {
    query.interval == nil || (query.interval != .hour && query.timeZone == organisation.timeZone)
  }

  /// Summed days from the first whole one to the last, with sums by month for the whole months that are summed, and sums to
  /// date for parts of months.
  private func daysAndMonths(_ days: CostSource) -> [SQL] {
    let (first, end) = (PostgresValue.date(frame.dayFrom), PostgresValue.date(frame.dayTo))
    let whole: SQL = "day >= \(first) and day < \(end)\(summed(days))"
    guard let months = source.months, query.interval == nil || query.interval == .month else { return [part(days, whole)] }
    if let toDate = source.toDate, let spans {
      return partsOfMonths(spans, days, toDate, months) + (frame.monthFrom < frame.monthTo ? wholeMonths(months, days) : [])
    }
    guard frame.monthFrom < frame.monthTo else { return [part(days, whole)] }
    let (monthFirst, monthEnd) = (PostgresValue.date(frame.monthFrom), PostgresValue.date(frame.monthTo))
    return wholeMonths(months, days) + [
      part(days, "day >= \(first) and day < \(monthFirst)\(summed(days))"),
      part(days, "day >= \(monthEnd) and day < \(end)\(summed(days))"),
    ]
  }

  private func partsOfMonths(_ spans: CostSpans, _ days: CostSource, _ toDate: CostSource, _ months: CostSource) -> [SQL] {
    var result: [SQL] = []
    if !spans.wholeHeads.isEmpty {
      result.append(part(months, "month = \(PostgresValue.date(spans.headMonth)) and project_id = any(\(spans.wholeHeads))"))
    }
    for (sums, isTaken) in [(spans.addedToDate, false), (spans.takenToDate, true)] where !sums.isEmpty {
      result.append(part(toDate, "true", from: sums.relation(toDate), isTaken: isTaken))
    }
    for (left, isTaken) in [(spans.added, false), (spans.taken, true)] where !left.isEmpty {
      result.append(part(days, "true\(summed(days))", from: left.relation(days), isTaken: isTaken))
    }
    return result
  }

  /// Those that are summed, and the days of the others.
  private func wholeMonths(_ months: CostSource, _ days: CostSource) -> [SQL] {
    let (monthFirst, monthEnd) = (PostgresValue.date(frame.monthFrom), PostgresValue.date(frame.monthTo))
    let whole: SQL = """
      month >= \(monthFirst) and month < \(monthEnd) and (project_id, month) not in (
        select project_id, month from months_to_sum)
      """
    return [part(months, whole), part(days, "true\(summed(days))", from: daysOfMarkedMonths(days))]
  }

  /// Days that hold; those of users are folded as they are.
  private func summed(_ days: CostSource) -> SQL {
    days == source ? .empty : " and (project_id, day) not in (select project_id, day from days_to_sum)"
  }

  /// Rows of whole months that wait to be summed, looked up month by month.
  private func daysOfMarkedMonths(_ days: CostSource) -> SQL {
    let (first, end) = (PostgresValue.date(frame.monthFrom), PostgresValue.date(frame.monthTo))
    return """
      (select d.* from (
          select project_id, month from months_to_sum
          where project_id = any(\(projects)) and month >= \(first) and month < \(end)) t
        cross join lateral (select * from \(unescaped: days.rawValue) d
          where d.project_id = t.project_id and d.day >= t.month and d.day < (t.month + interval '1 month')::date
          offset 0) d) marked
      """
  }

  /// Rows of days that wait to be summed, looked up day by day.
  private var hoursOfMarkedDays: SQL {
    let (first, end) = (PostgresValue.date(frame.dayFrom), PostgresValue.date(frame.dayTo))
    return """
      (select h.* from (
          select project_id, day, \(organisation.timeZone) as zone from days_to_sum
          where project_id = any(\(projects)) and day >= \(first) and day < \(end)) t
        cross join lateral (select * from \(unescaped: source.rawValue) h
          where h.project_id = t.project_id and \(unescaped: DailySums.hoursOfDay) offset 0) h) marked
      """
  }

  /// The same with days.
  private var wholeDays: [SQL] {
    guard frame.dayFrom < frame.dayTo else { return [part(.observations, during(frame.range))] }
    let zone = organisation.timeZone
    let (first, end) = (PostgresValue.date(frame.dayFrom), PostgresValue.date(frame.dayTo))
    var result = source == .chargesDay ? [part(source, "true", from: charges)] : daysAndMonths(source)
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

  private var charges: SQL {
    let days = ChargeRelation(
      projects: projects, dayFrom: frame.dayFrom, dayTo: frame.dayTo, timeZone: organisation.timeZone)
    return days.sql + " charges"
  }

  func part(_ table: CostSource, _ time: SQL, from relation: SQL? = nil, isTaken: Bool = false) -> SQL {
    let values = query.groupBy.enumerated().map { place, dimension -> SQL in
      "\(table.value(dimension)) as \(unescaped: "d\(place)")"
    }
    let columns = ["\(step(table)) as step"] + values + [selected?(table) ?? columns.values(table, isTaken: isTaken)]
    let calls: SQL = table == .observations ? "is_call and " : ""
    let join: SQL = table == .observations ? self.columns.callJoin : .empty
    return """
      select \(columns.joined(by: ", ")) from \(relation ?? SQL(table.rawValue))\(join)
        where \(calls)\(conditions(table)) and \(time)
      """
  }

  /// The time step that a row is in: the start of an hour; else a date, which is quicker to group by.
  private func step(_ table: CostSource) -> SQL {
    let zone = query.timeZone
    let time: SQL = SQL(table.grain.rawValue)
    switch (query.interval, table.grain) {
    case (nil, _): return "null::date"
    case (.hour, .hour) where zone == organisation.timeZone: return time
    case (.hour, _): return "date_trunc('hour', \(time), \(zone))"
    case (.day, .call), (.day, .hour): return "(\(time) at time zone \(zone))::date"
    case (.month, .call), (.month, .hour): return "date_trunc('month', \(time) at time zone \(zone))::date"
    case (.month, .day): return "date_trunc('month', day::timestamp)::date"
    case (.day, _), (.month, .month): return time
    }
  }

  /// When the step begins, moved by `shift`.
  var start: SQL {
    let zone = query.timeZone
    switch query.interval {
    case nil: return "null::timestamptz"
    case .hour:
      if shift.days == 0 { return "step + make_interval(secs => \(Double(shift.microseconds) / 1_000_000))" }
      return "(step at time zone \(zone) + make_interval(days => \(shift.days))) at time zone \(zone)"
    case .day: return "((step + \(shift.days))::timestamp at time zone \(zone))"
    case .month: return "((step + make_interval(months => \(shift.months))) at time zone \(zone))"
    }
  }
}

/// From a step of the period before to its counterpart.
struct StepShift: Sendable, Hashable {
  var months: Int32 = 0
  var days: Int32 = 0
  var microseconds: Int64 = 0
  static let none = StepShift()
}
