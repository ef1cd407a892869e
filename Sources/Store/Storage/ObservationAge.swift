import Domain
import Postgres

/// Drops observations that have reached the installation's age, whole days at once, and with them the traces that are older altogether.
/// Sums, charges and statements stay. A day goes only once nothing of it waits to be summed.
public struct ObservationAge: Sendable {
  let pool: ConnectionPool
  private static let tracesAtOnce = 5000

  public init(pool: ConnectionPool) { self.pool = pool }

  /// The oldest day that could go, "2024-10-01"; nil when there is none, or not yet. Call again until nil. One process at a time does it.
  public func dropNext() async throws -> String? {
    guard let cut = try await cut() else { return nil }
    let oldest = try await oldestDay()
    // Traces after their rows: as long as a day waits, its traces are listed.
    while try await !removeTraces(before: min(cut, oldest ?? cut)) {}
    guard let oldest, oldest < cut, try await drop(oldest) else { return nil }
    return oldest.iso
  }

  /// Days before it are frozen in every project, and have been for a day: writers remember the time for some seconds.
  private func cut() async throws -> UTCDay? {
    let frozen = try await pool.run { c in try c.first("select min(frozen_before) from projects") { try $0.timestampOrNil(0) } ?? nil }
    return frozen.map { UTCDay($0).adding(-1) }
  }

  private func oldestDay() async throws -> UTCDay? {
    try await pool.run { c in try Repricings.observationDays(c).min() }
  }

  /// Traces that end before the cut, with what scores say of them; false while some are left.
  private func removeTraces(before cut: UTCDay) async throws -> Bool {
    let start = cut.start
    let removed = try await pool.transaction(Self.slowly) { c in
      let sql: SQL = """
        with aged as (
          select t.project_id, t.trace_id from projects p cross join lateral (
            select t.project_id, t.trace_id from traces t
            where t.project_id = p.id and t.started_at < \(start) and coalesce(t.last_started_at, t.started_at) < \(start)
            order by t.started_at limit \(Self.tracesAtOnce)) t
        ), gone as (
          delete from traces t using aged a where t.project_id = a.project_id and t.trace_id = a.trace_id returning t.project_id, t.trace_id
        ), scored as (
          delete from scores s using gone g where s.project_id = g.project_id and s.trace_id = g.trace_id
        )
        select count(*) from gone
        """
      return try c.first(sql.uncached()) { try $0.int64(0) } ?? 0
    }
    return removed < Self.tracesAtOnce
  }

  /// False when something of the day is still to be summed, or a long read holds the partition.
  private func drop(_ day: UTCDay) async throws -> Bool {
    do {
      return try await pool.transaction(Self.slowly) { c in
        guard try AdvisoryLock.tryTake(AdvisoryLock.fold, c) else { return false }
        while try Fold.fold(c) > 0 {}
        // Days of the organisation reach into three UTC days.
        let around: SQL = "day between \(unescaped: "date '\(day.adding(-1).iso)'") and \(unescaped: "date '\(day.adding(1).iso)'")"
        let waiting: SQL = """
          select 1 where exists (select from charge_days_to_sum where \(around)) or exists (select from days_to_rebuild where \(around))
          """
        if try c.first(waiting, { _ in true }) != nil { return false }
        let tables = ["observations_\(day.compact)", "omitted_spans_\(day.compact)"].map { SQL.quoted(identifier: $0) }
        try c.executeScript("set local lock_timeout = '2s'; drop table if exists \(tables.joined(separator: ", "))")
        for organisation in try c.query("select id from organisations", { try $0.id(0) as OrganisationID }) {
          try AuditEntry.append(organisation, "service", "observations dropped by age", "observations of \(day.iso)", c)
        }
        return true
      }
    } catch let error as DatabaseError where error.sqlState == "55P03" {
      return false
    }
  }

  private static let slowly = TransactionOptions(statementTimeoutMilliseconds: 600_000)
}
