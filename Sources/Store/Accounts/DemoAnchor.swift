import Domain
import Postgres

extension AccountStore {
  /// End of the demo's month: stored by the first run, so that a repetition makes the same data.
  public func demoAnchor(organisation: OrganisationID, orSet now: Timestamp) async throws -> Timestamp {
    let sql: SQL = """
      update organisations set demo_anchor = coalesce(demo_anchor, \(now)) where id = \(organisation) returning demo_anchor
      """
    return try await pool.run { c in try c.first(sql) { try $0.timestamp(0) } ?? now }
  }
}
