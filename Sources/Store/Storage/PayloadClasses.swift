import Domain
import Postgres

/// How long payloads of each project are kept. New blocks follow the class at once; older ones are moved on request.
public struct PayloadClasses: Sendable {
  let pool: ConnectionPool
  let partitions: Partitions

  public init(pool: ConnectionPool, partitions: Partitions) {
    self.pool = pool
    self.partitions = partitions
  }

  /// nil: the installation's. *Errors:* `StructureError`.
  public func choose(_ days: RetentionClass?, installation: Int16, for project: ProjectID, scope: AccessScope, by actor: String) async throws {
    try await pool.transaction { c in
      let sql: SQL = """
        update projects set payload_days = \(days?.rawValue), retention_days = \(days?.rawValue ?? installation)
        where id = \(project) and organisation_id = \(scope.organisation) and \(scope.projectCondition("id"))
        """
      guard try c.execute(sql) > 0 else { throw StructureError.unknown("project") }
      try AuditEntry.append(
        scope.organisation, actor, "retention changed", "project \(project)",
        detail: "jsonb_build_object('payloadDays', \(days?.rawValue)::smallint)", c)
    }
  }

  /// Brings all older blocks of the project to the class it has now. *Errors:* `StructureError` (one runs already).
  public func move(_ project: ProjectID, scope: AccessScope, by actor: String) async throws {
    try await BrokenConstraint.naming("payload_moves_one_at_a_time", "Blocks of this project are being moved already.") {
      try await pool.transaction { c in
        let sql: SQL = """
          insert into payload_moves (project_id, to_days, created_by)
          select id, retention_days, \(actor) from projects
          where id = \(project) and organisation_id = \(scope.organisation) and \(scope.projectCondition("id"))
          """
        guard try c.execute(sql) > 0 else { throw StructureError.unknown("project") }
        // Files live about as long as the bodies that name them, and never longer than a body of today.
        try c.execute(
          """
          update media m
          set kept_until = least(greatest(m.kept_until, m.first_seen_at::date + p.retention_days + 1), current_date + p.retention_days + 1)
          from projects p where p.id = \(project) and m.project_id = p.id
          """)
        try AuditEntry.append(scope.organisation, actor, "older payloads moved to the project's class", "project \(project)", c)
      }
    }
  }

  /// Newest first.
  public func moves(scope: AccessScope) async throws -> [PayloadMove] {
    let sql: SQL = """
      select p.id, p.slug, p.name, p.team_id, m.id, m.to_days, m.created_by, m.created_at, m.blocks_moved, m.blocks_removed, m.finished_at
      from payload_moves m join projects p on p.id = m.project_id
      where p.organisation_id = \(scope.organisation) and \(scope.projectCondition("p.id")) order by m.id desc limit 20
      """
    return try await pool.run { c in
      try c.query(sql) { row in
        PayloadMove(
          id: try row.id(4), project: try Project(row: row), toDays: try row.int16(5), createdBy: try row.string(6),
          createdAt: try row.timestamp(7), blocksMoved: try row.int64(8), blocksRemoved: try row.int64(9),
          finishedAt: try row.timestampOrNil(10))
      }
    }
  }

  /// Moves one day's blocks of the oldest request; false when there is none. A block keeps its id: readers that miss it in the class
  /// that the id names look in the others.
  public func work(now: Timestamp) async throws -> Bool {
    let sql: SQL = "select id, project_id, to_days from payload_moves where finished_at is null order by id limit 1"
    guard
      let job = try await pool.run({ c in
        try c.first(sql) { (id: try $0.id(0) as PayloadMoveID, project: try $0.id(1) as ProjectID, days: try $0.int16(2)) }
      }), let target = RetentionClass(rawValue: job.days)
    else { return false }
    guard let place = try await next(job.project, target) else {
      try await pool.run { c in _ = try c.execute("update payload_moves set finished_at = now() where id = \(job.id)") }
      return true
    }
    let isExpired = place.day.adding(Int32(target.rawValue)) < UTCDay(now)
    if !isExpired { try await partitions.ensure([.payloads(target, place.day)]) }
    try await pool.transaction(Self.moving) { c in
      let moved = try Self.move(job.project, from: place, to: isExpired ? nil : target, c)
      let column = isExpired ? "blocks_removed" : "blocks_moved"
      try c.execute("update payload_moves set \(unescaped: column) = \(unescaped: column) + \(Int64(moved)) where id = \(job.id)")
    }
    return true
  }

  private struct Place {
    var retention: Int16
    var day: UTCDay
    var condition: SQL {
      "retention_days = \(unescaped: String(retention)) and written_on = \(unescaped: "date '\(day.iso)'")"
    }
  }

  /// A day and class that still holds blocks of the project outside of the target.
  private func next(_ project: ProjectID, _ target: RetentionClass) async throws -> Place? {
    let sql: SQL = """
      select retention_days, (written_on - date '1970-01-01')::integer from payloads
      where project_id = \(project) and retention_days not in (0, \(target.rawValue)) limit 1
      """
    return try await pool.transaction(Repricings.reading) { c in
      try c.first(sql.uncached()) { Place(retention: try $0.int16(0), day: UTCDay(try $0.int32(1))) }
    }
  }

  private static let moving = TransactionOptions(statementTimeoutMilliseconds: 600_000)

  /// nil as target: they are too old for it.
  private static func move(_ project: ProjectID, from place: Place, to target: RetentionClass?, _ c: Connection) throws -> Int {
    var count = 0
    for table in ["payloads", "payload_signatures"] {
      let columns = table == "payloads"
        ? "project_id, trace_id, block_id, written_on, retention_days, data"
        : "block_id, trace_id, first_started_at, last_started_at, project_id, inflated_bytes, written_on, retention_days, continues, signature"
      let gone: SQL = "delete from \(unescaped: table) where project_id = \(project) and \(place.condition)"
      guard let target else {
        let removed = try c.execute(gone)
        if table == "payloads" { count = removed }
        continue
      }
      let values = columns.replacing("retention_days", with: String(target.rawValue))
      let sql: SQL = """
        with gone as (\(gone) returning \(unescaped: columns))
        insert into \(unescaped: table) (\(unescaped: columns)) select \(unescaped: values) from gone
        """
      let moved = try c.execute(sql)
      if table == "payloads" { count = moved }
    }
    return count
  }
}

extension String {
  /// Without Foundation.
  fileprivate func replacing(_ word: String, with other: String) -> String {
    split(separator: ", ").map { $0 == word ? other : String($0) }.joined(separator: ", ")
  }
}

/// A broken constraint as a sentence.
enum BrokenConstraint {
  static func naming<T>(_ constraint: String, _ message: String, _ body: () async throws -> T) async throws -> T {
    do { return try await body() } catch let error as DatabaseError where error.constraint == constraint {
      throw StructureError.conflict(message)
    }
  }
}
