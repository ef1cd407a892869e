import Domain
import Postgres

/// Files that are too large to be made while somebody waits. Made by `work`, one at a time, kept in pieces of up to 1 MiB in the
/// database, so that every process can serve them, and removed after a week.
public struct Exports: Sendable {
  let pool: ConnectionPool
  /// Bytes of a piece at most, before compression.
  public static let chunkBytesMax = 1 << 20
  /// Files of an organisation that may wait.
  public static let waitingMax = 20

  public init(pool: ConnectionPool) { self.pool = pool }

  /// *Errors:* `ExportRefusal` when too many wait.
  public func begin(_ request: ExportRequest, scope: AccessScope, by actor: String) async throws -> Export {
    try await pool.transaction { c in
      let waiting: SQL = "select count(*) from exports where organisation_id = \(scope.organisation) and finished_at is null"
      guard try c.first(waiting, { try $0.int64(0) }) ?? 0 < Int64(Self.waitingMax) else {
        throw ExportRefusal(message: "\(Self.waitingMax) exports are not finished yet. Accepted: after one of them is, or is removed.")
      }
      let sql: SQL = """
        insert into exports (organisation_id, question, file_name, media_type, project_ids, team_ids, trace_project_ids,
          content_project_ids, users, created_by, days_total)
        values (\(scope.organisation), \(request.question), \(request.fileName), \(request.mediaType), \(scope.projects.stored),
          \(scope.teams.stored), \(scope.traces.stored), \(scope.content.stored), \(scope.users.rawValue), \(actor), \(Int32(clamping: max(0, request.days))))
        returning id
        """
      guard let id: ExportID = try c.first(sql, { try $0.id(0) }) else { throw MissingRow() }
      try AuditEntry.append(
        scope.organisation, actor, "export asked for", "export \(id)",
        detail: "jsonb_build_object('question', \(request.question)::text, 'file', \(request.fileName)::text)", c)
      guard let export = try c.first("\(Export.select) where id = \(id)", Export.init(row:)) else { throw MissingRow() }
      return export
    }
  }

  /// Newest first.
  public func list(scope: AccessScope, limit: Int = 100) async throws -> [Export] {
    let sql: SQL = "\(Export.select) where \(scope.exportCondition) order by id desc limit \(min(max(limit, 1), 1000))"
    return try await pool.run { c in try c.query(sql, Export.init(row:)) }
  }

  /// nil when there is none of this id that the reader may have.
  public func find(_ id: ExportID, scope: AccessScope) async throws -> Export? {
    let sql: SQL = "\(Export.select) where id = \(id) and \(scope.exportCondition)"
    return try await pool.run { c in try c.first(sql, Export.init(row:)) }
  }

  /// Also one that is being made: its maker ends with the next piece. False when there is none, or it is another's and only one's own
  /// may go.
  public func remove(_ id: ExportID, onlyOwn: Bool = false, scope: AccessScope, by actor: String) async throws -> Bool {
    let isTheirs: SQL = onlyOwn ? "created_by = \(actor)" : "true"
    return try await pool.transaction { c in
      guard try c.execute("delete from exports where id = \(id) and \(isTheirs) and \(scope.exportCondition)") > 0 else { return false }
      try AuditEntry.append(scope.organisation, actor, "export removed", "export \(id)", c)
      return true
    }
  }

  /// A piece of a file, by position from 0; nil when it is gone or out of reach. *Errors:* `DamagedExport`.
  public func chunk(_ position: Int32, of id: ExportID, scope: AccessScope) async throws -> [UInt8]? {
    let sql: SQL = """
      select encoding, bytes from export_chunks where export_id = \(id) and position = \(position)
        and exists (select from exports where id = \(id) and \(scope.exportCondition))
      """
    guard let (encoding, bytes) = try await pool.run({ c in try c.first(sql) { (try $0.int16(0), try $0.bytes(1)) } })
    else { return nil }
    guard encoding == ExportSink.zstd else { return bytes }
    guard let plain = bytes.withUnsafeBytes({ Zstd().decompress($0) }) else { throw DamagedExport() }
    return plain
  }

  /// How many were removed.
  public func removeOld(now: Timestamp) async throws -> Int {
    let oldest = now.adding(seconds: -Export.keptSeconds)
    return try await pool.run { c in try c.execute("delete from exports where created_at < \(oldest)") }
  }
}

/// A stored piece can't be read.
public struct DamagedExport: Error, Sendable, CustomStringConvertible {
  public init() {}
  public var description: String { "a stored piece of the export is damaged" }
}
