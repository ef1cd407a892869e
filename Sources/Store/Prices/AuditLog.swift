import Domain
import Postgres

/// Who changed what that others must be able to follow.
public struct AuditEntry: Sendable, Hashable {
  public var id: Int64
  public var at: Timestamp
  public var actor: String
  /// "price listing added", "re-pricing finished".
  public var action: String
  /// "price listing 12".
  public var subject: String
  /// A JSON object.
  public var detail: String

  /// In the caller's transaction: what it tells of commits with it. `detail` is an expression of type jsonb.
  static func append(
    _ organisation: OrganisationID, _ actor: String, _ action: String, _ subject: String, detail: SQL = "'{}'::jsonb",
    _ c: Connection
  ) throws {
    try c.execute(
      """
      insert into audit_entries (organisation_id, actor, action, subject, detail)
      values (\(organisation), \(actor), \(action), \(subject), \(detail))
      """)
  }
}

/// Reads the audit log.
public struct AuditLog: Sendable {
  let pool: ConnectionPool
  public static let limitMax = 1000

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Newest first; `before` is the id of the last entry of the page before.
  public func entries(before: Int64? = nil, limit: Int = 100, scope: AccessScope) async throws -> [AuditEntry] {
    let sql: SQL = """
      select id, at, actor, action, subject, detail::text from audit_entries
      where organisation_id = \(scope.organisation) and id < \(before ?? .max)
      order by id desc limit \(min(max(limit, 1), Self.limitMax))
      """
    return try await pool.run { c in
      try c.query(sql) { row in
        AuditEntry(
          id: try row.int64(0), at: try row.timestamp(1), actor: try row.string(2), action: try row.string(3),
          subject: try row.string(4), detail: try row.string(5))
      }
    }
  }
}
