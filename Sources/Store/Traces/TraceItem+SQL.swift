import Domain
import Postgres

extension TraceItem {
  /// A list's columns: of `traces` t and `projects` p.
  static let columns: String =
    ([
      "t.trace_id", "t.external_id", "t.project_id", "p.slug", "t.name", "t.user_id", "t.session_id", "t.release", "t.tags",
      "t.started_at", "t.duration_us", "t.observations", "t.calls::bigint", "t.errors::bigint", "t.unpriced::bigint",
      "t.costed::bigint", "t.cost_pico",
    ] + MeasureColumns.usage.map { "t.\($0)" }).joined(separator: ", ")
  static let columnCount = 17 + MeasureColumns.usage.count

  /// Decodes `columns` and, after them, the environment.
  init(row: Row) throws {
    self.init(
      id: try row.traceID(0), externalID: try row.stringOrNil(1), project: try row.id(2), projectSlug: try row.string(3),
      name: try row.stringOrNil(4), environment: try row.string(Self.columnCount), user: try row.stringOrNil(5),
      session: try row.stringOrNil(6), release: try row.stringOrNil(7), tags: try row.strings(8),
      startedAt: try row.timestamp(9), durationMicroseconds: try row.int64OrNil(10), observations: try row.int32(11),
      measures: try Measures(row: row, from: 12))
  }

  /// The trace's environment, else that of its first observation. `bounds` limits the partitions to look in.
  static func environment(_ bounds: SQL) -> SQL {
    """
    coalesce(t.environment, (
      select o.environment from observations o
      where o.project_id = t.project_id and o.trace_id = t.trace_id and o.is_arrived
        and o.started_at >= t.first_started_at and o.started_at <= t.last_started_at and \(bounds)
      order by o.started_at, o.id limit 1), 'default')
    """
  }
}
