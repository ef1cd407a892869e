import Domain
import Postgres

/// A range of time of a report with how it lies on hours, days and months.
struct CostPeriod {
  var range: TimeRange
  var frame: CostFrame
  var spans: CostSpans?
  var shift = StepShift.none

  init(_ range: TimeRange, _ run: CostRun) throws {
    var query = run.query
    query.range = range
    frame = try CostFrame.read(query, run.organisation, run.connection)
    self.range = frame.range
    spans = try CostSpans.read(frame, run.projects, run.connection)
  }

  /// The period before: as many months, days, or the same time, right before.
  init(previousOf period: CostPeriod, _ comparison: CostComparison, _ run: CostRun) throws {
    let (zone, range) = (run.query.timeZone, period.range)
    // Whole days begin where the day does, also where clocks skip midnight.
    let sql: SQL = """
      with given as (
        select \(range.from) as f, \(range.to) as t, \(zone)::text as zone, (\(range.from) at time zone \(zone)) as lf,
          (\(range.to) at time zone \(zone)) as lt
      ), lengths as (
        select *, date_trunc('day', f, zone) = f and date_trunc('day', t, zone) = t and f < t as is_days,
          date_trunc('month', f, zone) = f and date_trunc('month', t, zone) = t and f < t as is_months,
          ((extract(year from lt) - extract(year from lf)) * 12 + extract(month from lt) - extract(month from lf))::integer as months
        from given
      ), befores as (
        select *, case
          when is_months then (date_trunc('month', lf) - make_interval(months => months)) at time zone zone
          when is_days then (lf::date - (lt::date - lf::date))::timestamp at time zone zone
          else f - (t - f) end as p
        from lengths
      )
      select p, is_days,
        ((extract(year from lf) - extract(year from p at time zone zone)) * 12 + extract(month from lf)
          - extract(month from p at time zone zone))::integer,
        lf::date - (p at time zone zone)::date
      from befores
      """
    let found = try run.connection.first(sql.named("CostComparison")) { row in
      (try row.timestamp(0), try row.bool(1), try row.int32(2), try row.int32(3))
    }
    let (from, isDays, months, days) = found ?? (range.from, false, 0, 0)
    try self.init(TimeRange(spanning: max(from, Timestamp(microseconds: 0)), range.from), run)
    shift.microseconds = range.from.since(from)
    switch run.query.interval {
    case .month: shift.months = months
    case .day: shift.days = days
    case .hour where isDays: shift.days = days
    case .hour, nil: break
    }
  }

  /// Refuses when single calls that `source` needs have been removed by age: sums by hour still know of them.
  func mustHaveCalls(for source: CostSource, _ run: CostRun) throws {
    let until: Timestamp
    switch source.grain {
    case .call: until = range.to
    case .hour: until = frame.hasHourHead ? frame.hourFrom : range.from
    case .day, .month: until = frame.hasDayHead ? frame.dayFromStart : range.from
    }
    guard range.from < until else { return }
    let sql: SQL = """
      select to_char(p.frozen_before at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from projects p
      where p.id = any(\(run.projects)) and p.frozen_before > \(range.from) and exists (
        select from spend_hour h where h.project_id = p.id and h.hour >= \(range.from.adding(seconds: -3600))
          and h.hour < least(p.frozen_before, \(until)) and h.calls <> 0)
      order by p.frozen_before desc limit 1
      """
    if let time = try run.connection.first(sql.named("CallsRemoved"), { try $0.string(0) }) {
      throw CostQueryRefusal(
        message: "This needs single calls, and those before \(time) have been removed by age. Accepted: a later range; or "
          + "whole hours or days, in steps and by dimensions that sums are kept by.")
    }
  }
}
