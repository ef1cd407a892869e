import Domain
import Postgres

extension AccountStore {
  /// The instant that the organisation's demonstration data ends at: `now` the first time, and the same ever after, so
  /// that loading the demonstration again sends the same requests.
  public func demoAnchor(organisation: OrganisationID, orSet now: Timestamp) async throws -> Timestamp {
    let sql: SQL = """
      update organisations set demo_anchor = coalesce(demo_anchor, \(now)) where id = \(organisation) returning demo_anchor
      """
    return try await pool.run { c in
      guard let anchor = try c.first(sql, { try $0.timestamp(0) }) else { throw AccountError.unknownOrganisation }
      return anchor
    }
  }
}
