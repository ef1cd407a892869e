import Domain
import Postgres

/// Which days and months of which project are to be summed again: a mark says that the sums of longer time, and charges,
/// don't hold and that their parts are to be read.
enum DayMarks {
  /// Expressions of a fold's statement that mark the days of the calls in a relation `taken` of rows of `deltas`.
  ///
  /// What a process of the release before wrote lacks money and groups: its days are made again from observations.
  static let marking = """
    touched_days as materialized (
      select s.project_id, (s.slot at time zone coalesce(g.time_zone, 'UTC'))::date as day, bool_or(t.version = 2) as is_old
      from taken t cross join lateral unnest(t.slots, t.project_ids) as s(slot, project_id)
      left join projects p on p.id = s.project_id left join organisations g on g.id = p.organisation_id
      where t.rollup = \(Rollup.spendHour.code)
      group by 1, 2
    ), \(inserts(from: "touched_days")), marked_old_days as (
      insert into days_to_rebuild (project_id, day) select project_id, day from touched_days where is_old
      on conflict do nothing
    )
    """

  /// Marks all days of a project from the one that `from` is in to before the one that begins at `to` (nil: no end): their
  /// sums were made anew.
  static func mark(_ project: ProjectID, from: Timestamp, to: Timestamp? = nil, _ connection: Connection) throws {
    let zone: SQL = """
      (select coalesce((select g.time_zone from projects p join organisations g on g.id = p.organisation_id
        where p.id = \(project)), 'UTC'))
      """
    try connection.execute(
      """
      with ends as (
        select (\(from) at time zone \(zone))::date as first,
          coalesce((\(to) at time zone \(zone))::date, 'infinity'::date) as after
      ), days as (
        select \(project)::integer as project_id, (hour at time zone \(zone))::date as day
        from spend_hour where project_id = \(project) and hour >= \(from) and hour < coalesce(\(to), 'infinity'::timestamptz)
        union select project_id, day from spend_day, ends where project_id = \(project) and day >= first and day < after
        union select project_id, day from charges_day, ends where project_id = \(project) and day >= first and day < after
        union select project_id, day from charge_days_to_sum, ends
          where project_id = \(project) and day >= first and day < after
      ), \(unescaped: inserts(from: "days")) select count(*) from days
      """)
  }

  /// Marks of days in a relation of project_id and day, in key order so that nobody waits for somebody who waits.
  private static func inserts(from days: String) -> String {
    """
    marked_days as (
      insert into days_to_sum (project_id, day) select project_id, day from \(days) order by 1, 2 on conflict do nothing
    ), marked_months as (
      insert into months_to_sum (project_id, month)
      select distinct project_id, date_trunc('month', day)::date from \(days) order by 1, 2 on conflict do nothing
    ), marked_charges as (
      insert into charge_days_to_sum as t (project_id, day) select project_id, day from \(days) order by 1, 2
      on conflict (project_id, day) do update set marks = t.marks + 1, marked_at = now()
    )
    """
  }
}
