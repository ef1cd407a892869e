import Domain
import Postgres

/// Looks at the disk.
public struct Storage: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// *Cost:* sizes of all partitions, some ms for thousands; projects from what was counted once a day.
  public func report(scope: AccessScope) async throws -> StorageReport {
    try await pool.transaction(Repricings.reading) { c in
      StorageReport(
        databaseBytes: try c.first("select pg_database_size(current_database())") { try $0.int64(0) } ?? 0,
        tables: try Self.tables(c), projects: try Self.projects(scope, c), samples: try Self.samples(c))
    }
  }

  private static func tables(_ c: Connection) throws -> [StorageReport.Table] {
    let sql: SQL = """
      with parts as (
        select regexp_replace(relname, '(_holding)?_[0-9]{8,}$', '\\1') as name, pg_table_size(oid) as data, pg_indexes_size(oid) as index
        from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
      )
      select name, count(*)::integer, sum(data)::bigint, sum(index)::bigint from parts group by name order by sum(data + index) desc, name
      """
    return try c.query(sql.uncached()) { row in
      let name = try row.string(0)
      let parts = name.split(separator: "_")
      let isClass = name.hasPrefix("payload") && parts.last.flatMap { Int($0) } != nil
      return StorageReport.Table(
        name: isClass ? "\(parts.dropLast().joined(separator: "_")), \(parts.last == "0" ? "held" : "\(parts.last ?? "") days")" : name, parts: try row.int32(1),
        tableBytes: try row.int64(2), indexBytes: try row.int64(3))
    }
  }

  private static func projects(_ scope: AccessScope, _ c: Connection) throws -> [StorageReport.ProjectShare] {
    let sql: SQL = """
      select p.id, p.slug, p.name, p.team_id, p.retention_days, p.payload_days is not null,
        coalesce(sum(d.row_count) filter (where d.what = 'observations'), 0)::bigint,
        coalesce(sum(d.bytes) filter (where d.what = 'observations'), 0)::bigint,
        coalesce(sum(d.row_count) filter (where d.what = 'payloads'), 0)::bigint,
        coalesce(sum(d.bytes) filter (where d.what = 'payloads'), 0)::bigint
      from projects p left join storage_days d on d.project_id = p.id
      where p.organisation_id = \(scope.organisation) and \(scope.projectCondition("p.id"))
      group by p.id order by coalesce(sum(d.bytes), 0) desc, p.name
      """
    return try c.query(sql) { row in
      StorageReport.ProjectShare(
        project: try Project(row: row), observations: try row.int64(6), observationBytes: try row.int64(7),
        blocks: try row.int64(8), payloadBytes: try row.int64(9), retentionDays: try row.int16(4), isChosen: try row.bool(5))
    }
  }

  private static func samples(_ c: Connection) throws -> [StorageReport.Sample] {
    try c.query("select taken_on::text, database_bytes from storage_samples order by taken_on desc limit 30") {
      StorageReport.Sample(day: try $0.string(0), databaseBytes: try $0.int64(1))
    }
  }
}
