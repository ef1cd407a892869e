import Domain
import Postgres

extension Storage {
  /// Looks once a day at what the days before hold of each project, and at the size of the database. One process at a time.
  public func count(now: Timestamp) async throws {
    try await pool.run { c in
      _ = try c.execute(
        """
        insert into storage_samples (taken_on, database_bytes)
        values (\(unescaped: "date '\(UTCDay(now).iso)'"), pg_database_size(current_database())) on conflict (taken_on) do nothing
        """)
    }
    for (day, what, partition) in try await uncounted(before: UTCDay(now)) { try await count(day, what, partition) }
    try await forgetDropped()
  }

  /// Partitions of days that are over and were not looked at: what each holds, and its name.
  private func uncounted(before today: UTCDay) async throws -> [(day: String, what: String, partition: String)] {
    let sql: SQL = """
      with parts as (
        select relname as name, to_date(right(relname, 8), 'YYYYMMDD') as day,
          case when relname like 'observations%' then 'observations' else 'payloads' end as what
        from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
          and relname ~ '^(observations|payloads_(7|30|90|400))_[0-9]{8}$'
      )
      select day::text, what, name from parts p
      where day < \(unescaped: "date '\(today.iso)'")
        and not exists (select from storage_counted s where s.partition = p.name)
      order by day desc, name limit 500
      """
    return try await pool.run { c in try c.query(sql) { (try $0.string(0), try $0.string(1), try $0.string(2)) } }
  }

  /// Rows by project; bytes by rows of the partition's size.
  private func count(_ day: String, _ what: String, _ partition: String) async throws {
    let name = SQL.quoted(identifier: partition)
    try await pool.transaction(Self.counting) { c in
      try c.execute(
        """
        with size as (select pg_total_relation_size(\(partition)::regclass) as bytes),
          counted as (select project_id, count(*) as n from \(unescaped: name) group by project_id),
          total as (select greatest(sum(n), 1) as n from counted)
        insert into storage_days (day, project_id, what, row_count, bytes)
        select \(unescaped: "date '\(day)'"), c.project_id, \(what), c.n, (size.bytes * c.n / total.n)::bigint
        from counted c, size, total
        on conflict (day, project_id, what) do update
          set row_count = storage_days.row_count + excluded.row_count, bytes = storage_days.bytes + excluded.bytes
        """)
      try c.execute("insert into storage_counted (partition, day, what) values (\(partition), \(unescaped: "date '\(day)'"), \(what)) on conflict do nothing")
    }
  }

  private static let counting = TransactionOptions(statementTimeoutMilliseconds: 600_000)

  /// A day whose partitions have all gone is no more on the disk; one that lost a class is counted anew.
  private func forgetDropped() async throws {
    try await pool.transaction { c in
      try c.execute(
        """
        with gone as (
          delete from storage_counted s where to_regclass(quote_ident(s.partition)) is null returning day, what
        ), cleared as (
          delete from storage_days d using gone g where d.day = g.day and d.what = g.what
        )
        delete from storage_counted s using gone g where s.day = g.day and s.what = g.what
        """)
    }
  }
}
