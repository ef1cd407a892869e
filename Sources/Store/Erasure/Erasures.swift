import Domain
import Postgres

/// Erases end users: their content and name go, their money stays under a pseudonym. One resumable job each; whoever was erased is stored
/// under the pseudonym from the beginning of the job on.
public struct Erasures: Sendable {
  let pool: ConnectionPool
  let door: ObservationDoor
  public static let userBytesMax = 1000

  public init(pool: ConnectionPool, door: ObservationDoor) {
    self.pool = pool
    self.door = door
  }

  /// Begins it: from the commit on nothing more is stored under the name. *Errors:* `StructureError`.
  public func begin(user: String, reason: String, scope: AccessScope, by actor: String) async throws -> Erasure {
    let user = try StructureChecks.text(user, "user", most: Self.userBytesMax)
    let reason = try StructureChecks.text(reason, "reason", most: 500)
    return try await pool.transaction { c in
      // Raising the revision refuses every writer that does not know it yet.
      let change = try StructureChange(scope, actor, c)
      let secret = try Self.secret(change.organisation, c)
      let pseudonym = ErasedUsers.pseudonym(of: user, secret: secret)
      guard try c.first("select 1 from erasures where organisation_id = \(change.organisation) and pseudonym = \(pseudonym) and finished_at is null", { _ in true }) == nil
      else { throw StructureError.conflict("This user is being erased already.") }
      try c.execute(
        """
        insert into erased_users (organisation_id, user_hash, pseudonym)
        values (\(change.organisation), \(ErasedUsers.hash(of: user, secret: secret)), \(pseudonym)) on conflict do nothing
        """)
      // Later decisions must find the group of the pseudonym as they found that of the user.
      try c.execute(
        """
        with gone as (delete from user_group_members where organisation_id = \(change.organisation) and user_id = \(user) returning group_id)
        insert into user_group_members (organisation_id, user_id, group_id)
        select \(change.organisation), \(pseudonym), group_id from gone on conflict do nothing
        """)
      try change.raise()
      let sql: SQL = """
        insert into erasures (organisation_id, user_id, pseudonym, reason, requested_by)
        values (\(change.organisation), \(user), \(pseudonym), \(reason), \(actor)) returning \(Erasure.columns)
        """
      guard let erasure = try c.first(sql, Erasure.init(row:)) else { throw MissingRow() }
      try change.audit("erasure of a user begun", "erasure \(erasure.id)", detail: "jsonb_build_object('pseudonym', \(pseudonym), 'reason', \(reason))")
      return erasure
    }
  }

  /// Newest first.
  public func list(scope: AccessScope, limit: Int = 200) async throws -> [Erasure] {
    let sql: SQL = """
      select \(Erasure.columns) from erasures where organisation_id = \(scope.organisation) order by id desc limit \(min(max(limit, 1), 1000))
      """
    return try await pool.run { c in try c.query(sql, Erasure.init(row:)) }
  }

  /// nil when there is none of this number.
  public func find(_ id: ErasureID, scope: AccessScope) async throws -> Erasure? {
    let sql: SQL = "select \(Erasure.columns) from erasures where organisation_id = \(scope.organisation) and id = \(id)"
    return try await pool.run { c in try c.first(sql, Erasure.init(row:)) }
  }

  static func secret(_ organisation: OrganisationID, _ c: Connection) throws -> [UInt8] {
    guard let secret = try c.first("select secret from organisations where id = \(organisation)", { try $0.bytes(0) }) else {
      throw StructureError.unknown("organisation")
    }
    return secret
  }
}

extension ErasedUsers {
  /// Of an organisation, in the caller's snapshot.
  static func read(_ organisation: OrganisationID, _ c: Connection) throws -> ErasedUsers {
    let sql: SQL = "select user_hash, pseudonym from erased_users where organisation_id = \(organisation)"
    let known = try c.query(sql) { (try $0.bytes(0), try $0.string(1)) }
    if known.isEmpty { return ErasedUsers() }
    return ErasedUsers(
      secret: try Erasures.secret(organisation, c), pseudonyms: Dictionary(known, uniquingKeysWith: { first, _ in first }))
  }
}

extension Erasure {
  static let columns: SQL = """
    id, pseudonym, reason, requested_by, requested_at, traces, observations, blocks, scores, receipt::text, finished_at
    """

  init(row: Row) throws {
    self.init(
      id: try row.id(0), pseudonym: try row.string(1), reason: try row.string(2), requestedBy: try row.string(3),
      requestedAt: try row.timestamp(4), traces: try row.int64(5), observations: try row.int64(6), blocks: try row.int64(7),
      scores: try row.int64(8), receipt: try row.stringOrNil(9), finishedAt: try row.timestampOrNil(10))
  }
}

extension ErasureID: PostgresEncodable {}
extension PayloadMoveID: PostgresEncodable {}
