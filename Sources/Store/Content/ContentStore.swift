import Domain
import Postgres

/// What projects keep of content, and how much was masked, cut and left out.
public struct ContentStore: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Rules of a project, with who set them and when.
  public struct Saved: Sendable, Hashable {
    public var rules: ContentRules
    /// nil: never changed.
    public var changedAt: Timestamp?
    public var changedBy: String?
  }

  /// nil when the project is out of reach.
  public func rules(of project: ProjectID, scope: AccessScope) async throws -> Saved? {
    let sql: SQL = """
      select \(ContentRules.columns), r.changed_at, r.changed_by from projects p left join content_rules r on r.project_id = p.id
      where p.id = \(project) and p.organisation_id = \(scope.organisation) and \(scope.projectCondition("p.id"))
      """
    return try await pool.run { c in
      try c.first(sql) { row in
        Saved(
          rules: try ContentRules(row: row, from: 0) ?? ContentRules(), changedAt: try row.timestampOrNil(ContentRules.columnCount),
          changedBy: try row.stringOrNil(ContentRules.columnCount + 1))
      }
    }
  }

  /// Replaces a project's rules, with an entry in the audit log. Patterns must have been compiled before. *Errors:* `StructureError`.
  /// - Parameter mayLoosen: whether the actor may have more kept than is now (`MemberAccess.mayLoosenContent`).
  public func save(_ rules: ContentRules, project: ProjectID, mayLoosen: Bool = true, scope: AccessScope, by actor: String) async throws {
    try Self.check(rules)
    let actor = try StructureChecks.text(actor, "actor", most: 300)
    try await pool.transaction { c in
      let found: SQL = """
        select p.slug, \(ContentRules.columns) from projects p left join content_rules r on r.project_id = p.id
        where p.id = \(project) and p.organisation_id = \(scope.organisation) and \(scope.projectCondition("p.id")) for update of p
        """
      guard let known = try c.first(found, { (try $0.string(0), try ContentRules(row: $0, from: 1) ?? ContentRules()) }) else {
        throw StructureError.unknown("project")
      }
      if known.1 == rules { return }
      guard mayLoosen || rules.isAsStrict(as: known.1) else {
        throw StructureError.conflict(
          "More would be kept of the project's content than now, and you may not read it. Accepted: rules as strict as these or stricter; "
            + "an owner, or whoever has access to the content, sets others.")
      }
      try c.execute(Self.upsert(rules, project, actor))
      let detail: SQL = "jsonb_build_object('before', \(known.1.summary)::text, 'after', \(rules.summary)::text)"
      try AuditEntry.append(scope.organisation, actor, "content rules changed", "project \(known.0)", detail: detail, c)
    }
  }

  private static func upsert(_ rules: ContentRules, _ project: ProjectID, _ actor: String) -> SQL {
    """
    insert into content_rules (project_id, level, kinds, is_hashed, masks_identifiers, pattern_names, patterns, body_bytes_max, changed_by)
    values (\(project), \(rules.level.rawValue), \(rules.kinds.map(\.rawValue).sorted()), \(rules.isHashed), \(rules.masksIdentifiers),
      \(rules.patterns.map(\.name)), \(rules.patterns.map(\.text)), \(Int32(clamping: rules.bodyBytesMax)), \(actor))
    on conflict (project_id) do update set (level, kinds, is_hashed, masks_identifiers, pattern_names, patterns, body_bytes_max, changed_by,
      changed_at) = row(excluded.level, excluded.kinds, excluded.is_hashed, excluded.masks_identifiers, excluded.pattern_names,
      excluded.patterns, excluded.body_bytes_max, excluded.changed_by, now())
    """
  }

  private static func check(_ rules: ContentRules) throws {
    guard ContentRules.bodyBytesRange.contains(rules.bodyBytesMax) else {
      throw StructureError.invalid(field: "bodyBytesMax", accepted: "4096 to 67108864 bytes")
    }
    guard rules.patterns.count <= MaskPattern.countMax else {
      throw StructureError.conflict("A project has \(MaskPattern.countMax) patterns at most.")
    }
    for pattern in rules.patterns {
      guard MaskPattern.accepts(name: pattern.name) else {
        throw StructureError.invalid(
          field: "name of a pattern", accepted: "1 to 30 of a–z, 0–9 and \"-\", beginning with a letter, and none of masking's own (email, card …)")
      }
      guard !pattern.text.isEmpty, pattern.text.utf8.count <= MaskPattern.textBytesMax, pattern.text.isStorable else {
        throw StructureError.invalid(field: "pattern \(pattern.name)", accepted: "1 to \(MaskPattern.textBytesMax) bytes")
      }
    }
    guard Set(rules.patterns.map(\.name)).count == rules.patterns.count else {
      throw StructureError.conflict("Two patterns have the same name.")
    }
  }
}

extension ContentStore {
  /// What filters are made from: rules of all projects that have some, and the organisations' secrets.
  public struct Everything: Sendable, Hashable {
    public var rules: [ProjectID: ContentRules] = [:]
    public var secrets: [ProjectID: [UInt8]] = [:]
  }

  /// For the filters of this process; not for readers.
  public func everything() async throws -> Everything {
    let sql: SQL = """
      select p.id, o.secret, \(ContentRules.columns) from projects p join organisations o on o.id = p.organisation_id
      left join content_rules r on r.project_id = p.id
      """
    return try await pool.run { c in
      var all = Everything()
      for (project, secret, rules) in try c.query(sql, { (try $0.id(0, as: ProjectID.self), try $0.bytes(1), try ContentRules(row: $0, from: 2)) }) {
        all.secrets[project] = secret
        all.rules[project] = rules
      }
      return all
    }
  }

  /// Adds to the day's counts. Counts of several processes add up.
  public func add(_ tallies: [ProjectID: ContentTally], on now: Timestamp) async throws {
    let rows = tallies.flatMap { project, tally in tally.counts.map { (project, $0.key, $0.value) } }
      .sorted { ($0.0.rawValue, $0.1) < ($1.0.rawValue, $1.1) }
    if rows.isEmpty { return }
    let sql: SQL = """
      insert into content_counts (project_id, counted_on, what, count)
      select t.project, (\(now) at time zone 'UTC')::date, t.what, t.count from unnest(
        \(PostgresValue.int32s(rows.map { $0.0.rawValue })), \(PostgresValue.texts(rows.map { $0.1 })),
        \(PostgresValue.int64s(rows.map { $0.2 }))) as t (project, what, count)
      on conflict (project_id, counted_on, what) do update set count = content_counts.count + excluded.count
      """
    try await pool.run { c in _ = try c.execute(sql) }
  }

  /// Of the last days, largest first; empty when the project is out of reach.
  public func counts(of project: ProjectID, days: Int, now: Timestamp, scope: AccessScope) async throws -> [ContentCount] {
    let sql: SQL = """
      select n.what, sum(n.count)::bigint from content_counts n join projects p on p.id = n.project_id
      where p.id = \(project) and p.organisation_id = \(scope.organisation) and \(scope.projectCondition("p.id"))
        and n.counted_on > (\(now) at time zone 'UTC')::date - \(Int32(clamping: days))::integer
      group by 1 order by 2 desc, 1
      """
    return try await pool.run { c in try c.query(sql) { ContentCount(what: try $0.string(0), count: try $0.int64(1)) } }
  }
}

extension ContentRules {
  /// Of a table named `r`, which may have no row.
  static let columns: SQL = "r.level, r.kinds, r.is_hashed, r.masks_identifiers, r.pattern_names, r.patterns, r.body_bytes_max"
  static let columnCount = 7

  /// nil when the project has no rules of its own.
  init?(row: Row, from at: Int) throws {
    guard let level = try row.int16OrNil(at) else { return nil }
    self.init(
      // A level of a newer release keeps nothing, rather than everything.
      level: ContentLevel(rawValue: level) ?? .none, kinds: Set(try row.strings(at + 1).compactMap(MaskKind.init(rawValue:))),
      isHashed: try row.bool(at + 2), masksIdentifiers: try row.bool(at + 3),
      patterns: zip(try row.strings(at + 4), try row.strings(at + 5)).map { MaskPattern(name: $0, text: $1) },
      bodyBytesMax: Int(try row.int32(at + 6)))
  }

  /// For the audit log.
  var summary: String {
    let kinds = kinds.map(\.rawValue).sorted().joined(separator: " ")
    return "\(level.name), masks \(kinds.isEmpty ? "nothing" : kinds)\(isHashed ? ", hashed" : "")\(masksIdentifiers ? ", identifiers too" : "")"
      + "\(patterns.isEmpty ? "" : ", patterns \(patterns.map { "\($0.name)=\($0.text)" }.joined(separator: " "))"), \(bodyBytesMax) bytes a field"
  }
}
