import Domain
import Postgres

/// Files that were taken out of bodies: once a project and hash, as long as the payloads that name them.
public struct MediaStore: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Stores files before what names them is stored. One that is there already is kept longer, written once a day at most.
  public func keep(_ files: [MediaFile], project: ProjectID) async throws {
    if files.isEmpty { return }
    var unique: [[UInt8]: MediaFile] = [:]
    for file in files { unique[file.sha256] = file }
    // In key order, so that two requests never wait for each other.
    let rows = unique.values.sorted { $0.sha256.lexicographicallyPrecedes($1.sha256) }
    let uses = Set(files.map { Use(trace: $0.trace, sha256: $0.sha256) })
      .sorted { ($0.trace.high, $0.trace.low) != ($1.trace.high, $1.trace.low)
        ? ($0.trace.high, $0.trace.low) < ($1.trace.high, $1.trace.low) : $0.sha256.lexicographicallyPrecedes($1.sha256) }
    try await pool.transaction { c in
      for file in rows { try Self.keep(file, project, c) }
      let sql: SQL = """
        insert into media_uses (project_id, trace_id, sha256)
        select \(project), * from unnest(\(PostgresValue.uuids(uses.map { $0.trace.uuid })), \(PostgresValue.byteas(uses.map(\.sha256))))
        on conflict do nothing
        """
      try c.execute(sql)
    }
  }

  private struct Use: Hashable {
    var trace: TraceID
    var sha256: [UInt8]
  }

  /// The bytes travel only when the file is new here.
  private static func keep(_ file: MediaFile, _ project: ProjectID, _ c: Connection) throws {
    let until: SQL = "(select current_date + retention_days + 1 from projects where id = \(project))"
    let known: SQL = """
      with known as (select kept_until from media where project_id = \(project) and sha256 = \(file.sha256)),
        moved as (
          update media set kept_until = \(until) where project_id = \(project) and sha256 = \(file.sha256) and kept_until < \(until))
      select 1 from known
      """
    if try c.first(known, { _ in true }) != nil { return }
    try c.execute(
      """
      insert into media (project_id, sha256, type, data, byte_count, kept_until)
      values (\(project), \(file.sha256), \(file.type), \(file.bytes), \(Int32(clamping: file.bytes.count)), \(until))
      on conflict (project_id, sha256) do nothing
      """)
  }

  /// nil when there is none, or content of the project may not be read.
  public func file(_ sha256: [UInt8], project: ProjectID, scope: AccessScope) async throws -> (type: String, bytes: [UInt8])? {
    guard scope.readsContent(of: project) else { return nil }
    let sql: SQL = """
      select m.type, m.data from media m join projects p on p.id = m.project_id
      where m.project_id = \(project) and m.sha256 = \(sha256) and p.organisation_id = \(scope.organisation)
      """
    return try await pool.run { c in try c.first(sql) { (try $0.string(0), try $0.bytes(1)) } }
  }

  /// Removes files that nothing kept names any more; how many.
  public func removeExpired(limit: Int = 1000) async throws -> Int {
    let sql: SQL = """
      with gone as (
        delete from media where (project_id, sha256) in (
          select project_id, sha256 from media where kept_until < current_date limit \(Int32(clamping: limit)) for update skip locked)
        returning project_id, sha256),
      uses as (delete from media_uses u using gone g where u.project_id = g.project_id and u.sha256 = g.sha256)
      select count(*) from gone
      """
    return try await pool.run { c in Int(try c.first(sql) { try $0.int64(0) } ?? 0) }
  }
}
