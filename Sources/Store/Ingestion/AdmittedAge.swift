import Domain
import Postgres

/// Removes what was admitted for days that can't be written to any more: frozen, and their observations have gone. Until then
/// an erasure may still change rows of a frozen day. Admitted combinations hold for later days and stay, but for those that have ended.
public struct AdmittedAge: Sendable {
  /// Days of a project at once; each has up to 1,000 values of five dimensions.
  private static let daysAtOnce: Int32 = 7
  private static let setsAtOnce = 20_000
  private let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Removes all there is, some days in a transaction; how many rows. Run it before `AccountStore.applyRetention`: writers
  /// remember frozen times for some seconds.
  @discardableResult
  public func remove() async throws -> Int {
    var removed = 0
    for (project, cut) in try await cuts() {
      while let count = try await removeValues(of: project, before: cut) { removed += count }
      while case let count = try await removeSets(of: project, before: cut), count > 0 { removed += count }
    }
    return removed
  }

  /// By project, the first day that is still needed.
  private func cuts() async throws -> [(ProjectID, UTCDay)] {
    try await pool.run { c in
      let oldest = try Repricings.observationDays(c).min()
      return try c.query("select id, frozen_before from projects order by id") { row in
        let frozen = UTCDay(try row.timestamp(1)).adding(-1)
        return (try row.id(0), min(frozen, oldest ?? frozen))
      }
    }
  }

  /// nil when there is none.
  private func removeValues(of project: ProjectID, before cut: UTCDay) async throws -> Int? {
    try await pool.transaction(attempts: 3) { c in
      let first = try c.first("select min(day) from admitted_values where project_id = \(project)") { try $0.dateDaysOrNil(0) } ?? nil
      guard let first, first < cut.number else { return nil }
      let until = min(cut, UTCDay(first).adding(Self.daysAtOnce))
      return try c.execute("delete from admitted_values where project_id = \(project) and day < \(PostgresValue.date(until.number))")
    }
  }

  private func removeSets(of project: ProjectID, before cut: UTCDay) async throws -> Int {
    let day = PostgresValue.date(cut.number)
    return try await pool.transaction(attempts: 3) { c in
      try c.execute("delete from admitted_set_days where project_id = \(project) and day < \(day)")
        + c.execute(
          """
          delete from admitted_sets a using (
            select digest, day from admitted_sets where project_id = \(project) and until <= \(day) order by until limit \(Self.setsAtOnce)
          ) old where a.project_id = \(project) and a.digest = old.digest and a.day = old.day
          """)
    }
  }
}
