import Domain
import Postgres

extension AccountStore {
  /// Projects within reach, by name.
  public func projects(scope: AccessScope) async throws -> [Project] {
    try await pool.run { c in try c.query("\(Project.select(scope)) order by name, id", Project.init(row:)) }
  }

  /// nil when it doesn't exist or is out of reach.
  public func project(slug: String, scope: AccessScope) async throws -> Project? {
    guard slug.isStorable else { return nil }
    return try await pool.run { c in try c.first("\(Project.select(scope)) and slug = \(slug)", Project.init(row:)) }
  }

  /// nil when it doesn't exist or is out of reach.
  public func project(_ id: ProjectID, scope: AccessScope) async throws -> Project? {
    try await pool.run { c in try c.first("\(Project.select(scope)) and id = \(id)", Project.init(row:)) }
  }

  /// Without a `slug` one is made from the name. Errors: `AccountError.duplicateProject`, `.unknownTeam`, `.invalid`.
  public func createProject(
    name: String, slug: String? = nil, team: TeamID, scope: AccessScope, by actor: String = "service"
  ) async throws -> Project {
    try await pool.transaction { c in
      let project = try Project.insert(name: name, slug: slug, team: team, organisation: scope.organisation, c)
      try AuditEntry.append(
        scope.organisation, actor, "project made", "project \(project.slug)", after: AuditEntry.object(project.facts), c)
      return project
    }
  }

  /// Another name, or another team that administers it; what is booked stays where it is. nil when it doesn't exist or is out of reach.
  /// Errors: `AccountError.unknownTeam`, `.invalid`.
  public func changeProject(
    _ id: ProjectID, name: String, team: TeamID, scope: AccessScope, by actor: String
  ) async throws -> Project? {
    let name = try AccountError.filled(name, "project name")
    return try await pool.transaction { c in
      guard let known = try c.first("\(Project.select(scope)) and id = \(id) for no key update", Project.init(row:)) else { return nil }
      if known.name == name, known.team == team { return known }
      let sql: SQL = """
        update projects p set name = \(name), team_id = t.id from teams t
        where p.id = \(id) and t.id = \(team) and t.organisation_id = p.organisation_id returning p.id, p.slug, p.name, p.team_id
        """
      guard let changed = try c.first(sql, Project.init(row:)) else { throw AccountError.unknownTeam }
      try AuditEntry.append(
        scope.organisation, actor, "project changed", "project \(known.slug)", before: AuditEntry.object(known.facts),
        after: AuditEntry.object(changed.facts), c)
      return changed
    }
  }
}

extension Project {
  /// For the audit log.
  var facts: [String: String?] { ["name": name, "team": "\(team)"] }

  static func select(_ scope: AccessScope) -> SQL {
    """
    select id, slug, name, team_id from projects
    where organisation_id = \(scope.organisation) and \(scope.projectCondition("id"))
    """
  }

  init(row: Row) throws {
    self.init(id: try row.id(0), slug: try row.string(1), name: try row.string(2), team: try row.id(3))
  }

  static func insert(name: String, slug: String?, team: TeamID, organisation: OrganisationID, _ c: Connection) throws
    -> Project
  {
    let name = try AccountError.filled(name, "project name")
    let slug = try slug.map(checked) ?? free(after: slugged(name), c)
    let sql: SQL = """
      insert into projects (organisation_id, slug, name, team_id)
      select \(organisation), \(slug), \(name), id from teams where id = \(team) and organisation_id = \(organisation)
      returning id, slug, name, team_id
      """
    return try AccountError.naming(["projects_slug_key": .duplicateProject(slug: slug)]) {
      guard let project = try c.first(sql, Project.init(row:)) else { throw AccountError.unknownTeam }
      return project
    }
  }

  /// Letters, digits, '-' and '_', so that it needs no escaping in a link.
  private static func checked(_ slug: String) throws -> String {
    let isPlain = slug.utf8.allSatisfy { isPlainCharacter($0) || (65...90).contains($0) || $0 == UInt8(ascii: "_") }
    guard isPlain, (1...64).contains(slug.utf8.count) else {
      throw AccountError.invalid(field: "project slug", accepted: "1 to 64 letters, digits, '-' and '_'")
    }
    return slug
  }

  private static func slugged(_ name: String) -> String {
    let runs = name.lowercased().utf8.split { !isPlainCharacter($0) || $0 == UInt8(ascii: "-") }
    let slug = runs.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-").prefix(48)
    return slug.isEmpty ? "project" : String(slug)
  }

  private static func isPlainCharacter(_ byte: UInt8) -> Bool {
    (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
  }

  /// `slug`, or with the first number from 2 that makes it unique.
  private static func free(after slug: String, _ c: Connection) throws -> String {
    let sql: SQL = "select slug from projects where slug = \(slug) or starts_with(slug, \(slug + "-"))"
    let taken = Set(try c.query(sql) { try $0.string(0) })
    guard taken.contains(slug) else { return slug }
    return (2...(taken.count + 2)).lazy.map { "\(slug)-\($0)" }.first { !taken.contains($0) } ?? slug
  }
}
