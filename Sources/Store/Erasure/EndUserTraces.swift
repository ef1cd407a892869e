import Domain
import Postgres

/// Which traces an end user took part in, for giving them what is kept.
public struct EndUserTraces: Sendable {
  let pool: ConnectionPool
  /// More are cut.
  public static let tracesMax = 100_000

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Traces that name the user, and those with a call that does, in reach; by project and time. Leaves an audit entry under the user's
  /// pseudonym: who asked is to be known, whose data it was only to who can ask for the same name again.
  /// *Cost:* an index scan a project, and the partitions of days on which the user made calls.
  public func list(_ user: String, scope: AccessScope, by actor: String) async throws -> [(project: ProjectID, trace: TraceID)] {
    let user = try StructureChecks.text(user, "user", most: Erasures.userBytesMax)
    return try await pool.transaction(TransactionOptions(statementTimeoutMilliseconds: 110_000)) { c in
      let reached: SQL = """
        select id from projects p where p.organisation_id = \(scope.organisation) and \(scope.traceCondition("p.id"))
        """
      let days = try c.query(
        "select distinct (day - date '1970-01-01')::integer from spend_user_day where user_id = \(user) and project_id in (\(reached)) order by 1"
      ) { UTCDay(try $0.int32(0)) }
      // Days are the organisation's: their instants fall on up to three UTC days.
      let wanted = Set(days.flatMap { day in (-1...1).map { day.adding($0) } }).intersection(try Repricings.observationDays(c))
      let calls = wanted.sorted().map { day -> SQL in
        """
         union select o.project_id, o.trace_id from \(unescaped: Partitions.Place.observations(day).name) o
        where o.user_id = \(user) and o.project_id in (\(reached))
        """
      }
      let sql: SQL = """
        select t.project_id, t.trace_id from traces t where t.user_id = \(user) and t.project_id in (\(reached))\(calls.joined(by: ""))
        order by 1, 2 limit \(Self.tracesMax)
        """
      let found = try c.query(sql.uncached()) { (project: try $0.id(0) as ProjectID, trace: try $0.traceID(1)) }
      let pseudonym = KeyedHash(secret: try Erasures.secret(scope.organisation, c)).pseudonym(ofUser: user)
      try AuditEntry.append(
        scope.organisation, actor, "data of an end user exported", pseudonym, detail: "jsonb_build_object('traces', \(Int64(found.count))::bigint)", c)
      return found
    }
  }
}
