import Domain
import Postgres

/// Sampling settings of projects: versions, never changed, each with who and when. Writers of every process follow within ten seconds.
public struct SamplingStore: Sendable {
  let pool: ConnectionPool
  public init(pool: ConnectionPool) { self.pool = pool }

  /// Settings in force: of each project the project's own (`environment` nil) first, then environments by name. Projects without
  /// settings have none. Projects outside of the scope's traces are left out.
  public func current(scope: AccessScope) async throws -> [SamplingVersion] {
    try await pool.run { c in
      try c.query(
        """
        select s.project_id, s.environment, s.created_at, s.created_by, s.is_end, \(unescaped: SamplingVersion.columns)
        from projects p cross join lateral (
          select distinct on (environment) * from sampling_settings where project_id = p.id order by environment, id desc
        ) s
        where p.organisation_id = \(scope.organisation) and \(scope.traceCondition("p.id")) and not s.is_end
        order by s.project_id, s.environment
        """, SamplingVersion.init(row:))
    }
  }

  /// All versions of a project, newest first.
  public func history(_ project: ProjectID, limit: Int = 100, scope: AccessScope) async throws -> [SamplingVersion] {
    try await pool.run { c in
      try c.query(
        """
        select s.project_id, s.environment, s.created_at, s.created_by, s.is_end, \(unescaped: SamplingVersion.columns)
        from sampling_settings s join projects p on p.id = s.project_id
        where p.id = \(project) and p.organisation_id = \(scope.organisation) and \(scope.traceCondition("p.id"))
        order by s.id desc limit \(min(max(limit, 1), 1000))
        """, SamplingVersion.init(row:))
    }
  }

  /// Puts a version in force; its number. `environment` nil: for all environments without settings of their own.
  ///
  /// *Errors:* `AccountError.invalid`, `SamplingRefusal.unknownProject`.
  @discardableResult
  public func save(
    _ policy: SamplingPolicy, of project: ProjectID, environment: String?, scope: AccessScope, by actor: String
  ) async throws -> Int32 {
    let environment = try Self.checked(environment)
    let keep = try Self.checked(policy.keep)
    return try await change(project, scope, actor, "sampling changed", environment) { c in
      let sql: SQL = """
        insert into sampling_settings (project_id, environment, payload_share, span_share, keep, created_by)
        values (\(project), \(environment), \(policy.payloads.millionths), \(policy.spans.millionths), \(SamplingVersion.json(keep)), \(actor))
        returning id
        """
      return try c.first(sql) { try $0.int32(0) } ?? 0
    }
  }

  /// Lets an environment follow the project again.
  public func end(_ environment: String, of project: ProjectID, scope: AccessScope, by actor: String) async throws {
    let environment = try Self.checked(environment)
    guard !environment.isEmpty else { throw AccountError.invalid(field: "environment", accepted: "the name of an environment") }
    _ = try await change(project, scope, actor, "sampling ended", environment) { c in
      let sql: SQL = """
        insert into sampling_settings (project_id, environment, payload_share, span_share, is_end, created_by)
        values (\(project), \(environment), 1000000, 1000000, true, \(actor)) returning id
        """
      return try c.first(sql) { try $0.int32(0) } ?? 0
    }
  }

  /// Versions of a project's noise filter, newest first.
  public func noise(_ project: ProjectID, limit: Int = 20, scope: AccessScope) async throws -> [NoiseVersion] {
    try await pool.run { c in
      try c.query(
        """
        select n.id, n.scopes, n.created_at, n.created_by from noise_filters n join projects p on p.id = n.project_id
        where p.id = \(project) and p.organisation_id = \(scope.organisation) and \(scope.traceCondition("p.id"))
        order by n.id desc limit \(min(max(limit, 1), 1000))
        """
      ) { row in
        NoiseVersion(version: try row.int32(0), scopes: try row.strings(1), createdAt: try row.timestamp(2), createdBy: try row.string(3))
      }
    }
  }

  /// Puts a noise filter in force; an empty one keeps everything. *Errors:* as `save`.
  public func saveNoise(_ scopes: [String], of project: ProjectID, scope: AccessScope, by actor: String) async throws {
    let scopes = try Self.list(scopes, "scopes", max: NoiseFilter.scopesMax)
    _ = try await change(project, scope, actor, "noise filter changed", "") { c in
      let sql: SQL = "insert into noise_filters (project_id, scopes, created_by) values (\(project), \(scopes), \(actor)) returning id"
      return try c.first(sql) { try $0.int32(0) } ?? 0
    }
  }

  private func change(
    _ project: ProjectID, _ scope: AccessScope, _ actor: String, _ action: String, _ environment: String,
    _ insert: @escaping @Sendable (Connection) throws -> Int32
  ) async throws -> Int32 {
    try await pool.transaction { c in
      let sql: SQL = """
        select slug from projects p where p.id = \(project) and p.organisation_id = \(scope.organisation) and \(scope.traceCondition("p.id"))
        """
      guard let slug = try c.first(sql, { try $0.string(0) }) else { throw SamplingRefusal.unknownProject }
      let version = try insert(c)
      let isNoise = action == "noise filter changed"
      let users = try UserTelling.pseudonyms(of: scope.organisation, c).array("t.keep -> 'users'")
      let detail: SQL = isNoise ? "to_jsonb(t)" : """
        case when jsonb_typeof(t.keep -> 'users') = 'array' then jsonb_set(to_jsonb(t), '{keep,users}', \(users)) else to_jsonb(t) end
        """
      let table = isNoise ? "noise_filters" : "sampling_settings"
      try AuditEntry.append(
        scope.organisation, actor, action, "project \(slug)\(environment.isEmpty ? "" : ", environment \(environment)")",
        detail: "(select (\(detail)) - 'created_by' - 'created_at' from \(unescaped: table) t where id = \(version))", c)
      return version
    }
  }

  // MARK: Checks

  private static func checked(_ environment: String?) throws -> String {
    let name = environment ?? ""
    guard name.utf8.count <= 200, name.isStorable else { throw AccountError.invalid(field: "environment", accepted: "at most 200 bytes") }
    return name
  }

  private static func checked(_ keep: KeepRules) throws -> KeepRules {
    var keep = keep
    if let cost = keep.costAbove, cost < .zero || cost.pico > 1_000_000_000 * USD.scale {
      throw AccountError.invalid(field: "cost above", accepted: "0 to 1,000,000,000 US dollars")
    }
    if let milliseconds = keep.durationAboveMilliseconds, !(0...31_536_000_000).contains(milliseconds) {
      throw AccountError.invalid(field: "duration above", accepted: "up to a year")
    }
    keep.users = try list(keep.users, "users")
    keep.tags = try list(keep.tags, "tags")
    keep.endpoints = try list(keep.endpoints, "endpoints")
    return keep
  }

  private static func list(_ texts: [String], _ field: String, max: Int = 500) throws -> [String] {
    var seen: Set<[UInt8]> = []
    let distinct = texts.filter { !$0.isEmpty && seen.insert(Array($0.utf8)).inserted }
    guard distinct.count <= max, distinct.allSatisfy({ $0.utf8.count <= 500 && $0.isStorable }) else {
      throw AccountError.invalid(field: field, accepted: "at most \(max), each at most 500 bytes")
    }
    return distinct
  }
}

/// Why settings were not saved.
public enum SamplingRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  case unknownProject
  public var description: String { "There is no such project in reach." }
}

extension SamplingVersion {
  fileprivate init(row: Row) throws {
    let environment = try row.string(1)
    self.init(
      policy: try Self.policy(row, from: 5), project: try row.id(0), environment: environment.isEmpty ? nil : environment,
      createdAt: try row.timestamp(2), createdBy: try row.string(3), isEnd: try row.bool(4))
  }
}
