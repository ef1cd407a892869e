import Domain
import Postgres

/// The last requests received.
public struct RequestList: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Newest first, of one project or of all in reach. `withoutProject` adds those whose key was not recognised, for a
  /// reader with all projects; they belong to no organisation. Sentences of refusals, which may quote what
  /// was sent, only where content may be read.
  public func run(
    project: ProjectID? = nil, withoutProject: Bool = false, limit: Int = 100, scope: AccessScope
  ) async throws -> [RequestRecord] {
    var reached: SQL = """
      project_id in (select id from projects p
        where p.organisation_id = \(scope.organisation) and \(scope.traceCondition("p.id")))
      """
    if let project { reached = "(\(reached) and project_id = \(project))" }
    if withoutProject, scope.traces == .all { reached = "(\(reached) or project_id is null)" }
    let sql: SQL = """
      select received_at, project_id, public_key, path, sender, status, accepted, refused, bytes,
        array(select key from jsonb_each_text(reasons) order by key), array(select value::integer from jsonb_each_text(reasons) order by key)
      from request_log where \(reached) order by received_at desc, id desc limit \(min(max(limit, 1), 1000))
      """
    return try await pool.run { c in
      try c.query(sql.named("RequestList")) { row in
        let record = try RequestRecord(row: row)
        return record.project.map(scope.readsContent(of:)) ?? (scope.content == .all) ? record : record.withoutContent
      }
    }
  }

  /// Removes lines older than a week and all but the newest 100,000. Returns how many.
  @discardableResult
  public func removeOld() async throws -> Int {
    try await pool.run { c in
      let aged = try c.execute("delete from request_log where received_at < now() - interval '7 days'")
      let surplus = try c.execute(
        "delete from request_log where id <= (select id from request_log order by id desc offset 100000 limit 1)")
      return aged + surplus
    }
  }
}

extension RequestRecord {
  init(row: Row) throws {
    let reasons = zip(try row.strings(9), try row.int32s(10))
    self.init(
      receivedAt: try row.timestamp(0), project: try row.idOrNil(1), publicKey: try row.stringOrNil(2),
      path: try row.string(3),
      sender: try row.string(4), status: try row.int16(5), accepted: try row.int32(6), refused: try row.int32(7),
      reasons: Dictionary(reasons) { first, _ in first }, bytes: try row.int32(8))
  }
}
