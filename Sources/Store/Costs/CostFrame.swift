import Domain
import Postgres

/// How a range of time lies on the hours and days of the organisation, in which rollups are kept.
///
/// Labels are what rollup rows carry (`hour`, `day`). A range is whole rollup rows from `…From` to before `…To` plus
/// what is left at its ends, which is read from observations; so the answer is exact whatever the range.
struct CostFrame: Sendable {
  var range: TimeRange
  var hourFrom: Timestamp
  var hourTo: Timestamp
  /// Days since 1970-01-01.
  var dayFrom: Int32
  var dayTo: Int32
  /// Whole months among the days, by their first days.
  var monthFrom: Int32
  var monthTo: Int32
  /// First instant of `dayFrom` (or a little before) and of `dayTo`: bounds for partition pruning, not the exact edge.
  var dayFromStart: Timestamp
  var dayToStart: Timestamp
  /// Something is left before the first whole hour or day, or after the last.
  var hasHourHead: Bool
  var hasHourTail: Bool
  var hasDayHead: Bool
  var hasDayTail: Bool
  /// Steps of the query's time zone begin where hours of the organisation do.
  var hoursAgree: Bool
  /// Some days of the range are sums of an earlier release that are still to be made again (`days_to_rebuild`).
  var isRebuilding: Bool

  /// 1970 to 2100: calls outside are refused, and the database's calendar has limits.
  static func clamped(_ range: TimeRange) -> TimeRange {
    let most: Int64 = 4_102_444_800_000_000
    let from = min(max(range.from.microseconds, 0), most)
    let to = min(max(range.to.microseconds, from), most)
    return TimeRange(from: Timestamp(microseconds: from), to: Timestamp(microseconds: to)) ?? range
  }

  /// The database's own calendar does all of it, so that it can't disagree with the one that made the rollups. A range
  /// that begins within an hour that is there twice or cut short by a change of clocks is handled too: an hour is whole
  /// when the instant before is in another.
  static func read(_ query: CostQuery, _ organisation: Organisation, _ c: Connection) throws -> CostFrame {
    let range = clamped(query.range)
    let sql: SQL = """
      with given as (
        select \(range.from) as f, \(range.to) as t, \(range.from.adding(microseconds: -1)) as before_f,
          \(range.to.adding(microseconds: -1)) as before_t, \(organisation.timeZone) as zone, \(query.timeZone) as asked
      ), hours as (
        select given.*,
          case when date_trunc('hour', before_f, zone) < date_trunc('hour', f, zone) then date_trunc('hour', f, zone)
            else date_trunc('hour', date_trunc('hour', f, zone) + interval '1 hour', zone) end as hour_from,
          date_trunc('hour', t, zone) as hour_to,
          case when (before_f at time zone zone)::date < (f at time zone zone)::date then (f at time zone zone)::date
            else (f at time zone zone)::date + 1 end as day_from,
          (t at time zone zone)::date as day_to
        from given
      )
      select hour_from, hour_to, day_from, day_to,
        (day_from::timestamp at time zone zone) + interval '2 hours', (day_to::timestamp at time zone zone) - interval '2 hours',
        date_trunc('hour', f, zone) < hour_from, date_trunc('hour', before_t, zone) >= hour_to,
        (f at time zone zone)::date < day_from, (before_t at time zone zone)::date >= day_to,
        zone = asked or (
          select bool_and(extract(epoch from (i at time zone zone) - (i at time zone asked))::bigint % 3600 = 0)
          from (select generate_series(f, t, interval '1 day') union all select t) instants(i)),
        date_trunc('month', day_from + interval '1 month' - interval '1 day')::date, date_trunc('month', day_to)::date,
        exists (
          select from days_to_rebuild r join projects p on p.id = r.project_id
          where p.organisation_id = \(organisation.id) and r.day >= day_from - 1 and r.day <= day_to)
      from hours
      """
    do {
      return try c.first(sql.named("CostFrame")) { try CostFrame(range: range, row: $0) } ?? CostFrame(whole: range)
    } catch let error as DatabaseError where error.sqlState == "22023" {
      throw CostQueryRefusal(
        message: "\(query.timeZone) is no time zone. Accepted: an IANA name such as Europe/Berlin or UTC.")
    }
  }

  private init(range: TimeRange, row: Row) throws {
    self.range = range
    hourFrom = try row.timestamp(0)
    hourTo = try row.timestamp(1)
    dayFrom = try row.dateDays(2)
    dayTo = try row.dateDays(3)
    dayFromStart = try row.timestamp(4)
    dayToStart = try row.timestamp(5)
    hasHourHead = try row.bool(6)
    hasHourTail = try row.bool(7)
    hasDayHead = try row.bool(8)
    hasDayTail = try row.bool(9)
    hoursAgree = try row.bool(10)
    monthFrom = try row.dateDays(11)
    monthTo = try row.dateDays(12)
    isRebuilding = try row.bool(13)
  }

  /// No whole hour or day: everything is read from observations.
  private init(whole range: TimeRange) {
    (self.range, hourFrom, hourTo, dayFrom, dayTo) = (range, range.to, range.from, .max, .min)
    (dayFromStart, dayToStart) = (range.to, range.from)
    (monthFrom, monthTo, isRebuilding) = (.max, .min, false)
    (hasHourHead, hasHourTail, hasDayHead, hasDayTail, hoursAgree) = (true, true, true, true, false)
  }
}
