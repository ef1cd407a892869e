import Postgres

extension AccountStore {
  /// Brings every project to the installation's ages: payloads written from now on are kept for `payloadDays`, and observations that
  /// start more than `observationMonths` ago are refused. The limit of observations only moves forward. Writers see it within seconds.
  public func applyRetention(payloadDays: Int16, observationMonths: Int32) async throws {
    let sql: SQL = """
      with wanted as (
        select id, greatest(frozen_before, date_trunc('day', now() - make_interval(months => \(observationMonths)))) as frozen
        from projects
      )
      update projects p set retention_days = \(payloadDays), frozen_before = w.frozen
      from wanted w
      where w.id = p.id and (p.retention_days, p.frozen_before) is distinct from (\(payloadDays), w.frozen)
      """
    try await pool.run { c in _ = try c.execute(sql) }
  }
}
