import Postgres

extension AccountStore {
  /// Brings every project to its ages: payloads written from now on are kept for the class chosen for it, else `payloadDays`, and observations that
  /// start more than `observationMonths` ago are refused. The limit of observations only moves forward. Writers see it within seconds.
  public func applyRetention(payloadDays: Int16, observationMonths: Int32) async throws {
    let sql: SQL = """
      with wanted as (
        select id, coalesce(payload_days, \(payloadDays)) as days, greatest(frozen_before, date_trunc('day', now() - make_interval(months => \(observationMonths)))) as frozen
        from projects
      )
      update projects p set retention_days = w.days, frozen_before = w.frozen
      from wanted w
      where w.id = p.id and (p.retention_days, p.frozen_before) is distinct from (w.days, w.frozen)
      """
    try await pool.run { c in _ = try c.execute(sql) }
  }
}
