import Domain
import Postgres

extension TraceItem {
  /// Observations of a trace that names no environment are of this one too (Domain/Traces/Settle.swift).
  static let environment = "coalesce(t.environment, 'default')"
  /// A list's columns: of `traces` t and `projects` p.
  static let columns: String = columnList.joined(separator: ", ")
  static let columnCount = columnList.count
  private static let columnList =
    [
      "t.trace_id", "t.external_id", "t.project_id", "p.slug", "t.name", environment, "t.user_id", "t.session_id",
      "t.release", "t.tags",
      "t.started_at", "t.duration_us", "t.observations", "t.calls::bigint", "t.errors::bigint", "t.unpriced::bigint",
      "t.costed::bigint", "t.cost_pico",
    ] + MeasureColumns.usage.map { "t.\($0)" } + ["t.settle_due_at is not null"]

  /// Decodes `columns`.
  init(row: Row) throws {
    self.init(
      id: try row.traceID(0), externalID: try row.stringOrNil(1), project: try row.id(2),
      projectSlug: try row.string(3),
      name: try row.stringOrNil(4), environment: try row.string(5), user: try row.stringOrNil(6),
      session: try row.stringOrNil(7), release: try row.stringOrNil(8), tags: try row.strings(9),
      startedAt: try row.timestamp(10), durationMicroseconds: try row.int64OrNil(11), observations: try row.int32(12),
      measures: try Measures(row: row, from: 13), isCountingPending: try row.bool(Self.columnCount - 1))
  }
}
