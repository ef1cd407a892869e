import Domain
import Postgres

/// Names of an organisation's teams, projects, groups and keys, as reports print them and filters take them.
struct CostDirectory: Sendable {
  var teams: [TeamID: Team] = [:]
  var projects: [ProjectID: Project] = [:]
  var groups: [UserGroupID: String] = [:]
  /// Public key and name.
  var keys: [KeyID: (publicKey: String, name: String)] = [:]
  /// Declared dimensions, by place.
  var declared: [DeclaredKey] = []
  var users = UserTelling.all

  /// For a reader: users as this one may know them.
  static func read(_ dimensions: Set<CostDimension>, _ scope: AccessScope, _ c: Connection) throws -> CostDirectory {
    var directory = try read(dimensions, scope.organisation, c)
    directory.users = try UserTelling.read(scope, c)
    return directory
  }

  /// Projects whose traces a reader may list; of a filter by user those where the reader may know users.
  func traceProjects(_ filter: CostFilter, _ scope: AccessScope) -> [ProjectID] {
    let wanted = filter.active[.project], asksUser = filter.active[.user] != nil
    return projects.values.filter { project in
      scope.traces.includes(project.id) && (wanted.map { $0.contains(project.slug) } ?? true)
        && (!asksUser || scope.naming(usersOf: project.id) != .hidden)
    }.map(\.id).sorted()
  }

  /// Reads what `dimensions` need; projects always, because every statement names them.
  static func read(_ dimensions: Set<CostDimension>, _ organisation: OrganisationID, _ c: Connection) throws
    -> CostDirectory
  {
    var directory = CostDirectory()
    try c.stream("select id, slug, name, team_id from projects where organisation_id = \(organisation)") { row in
      let project = try Project(row: row)
      directory.projects[project.id] = project
    }
    if dimensions.contains(.team) {
      try c.stream("\(Team.select) where organisation_id = \(organisation)") { row in
        let team = try Team(row: row)
        directory.teams[team.id] = team
      }
    }
    if dimensions.contains(.userGroup) {
      try c.stream("select id, name from user_groups where organisation_id = \(organisation)") { row in
        directory.groups[try row.id(0)] = try row.string(1)
      }
    }
    if dimensions.contains(.key) {
      let sql: SQL = """
        select k.id, k.public_key, k.name from api_keys k join projects p on p.id = k.project_id
        where p.organisation_id = \(organisation)
        """
      try c.stream(sql) { row in directory.keys[try row.id(0)] = (try row.string(1), try row.string(2)) }
    }
    if !dimensions.isDisjoint(with: CostDimension.extras) {
      let sql: SQL = "\(DeclaredKey.select(organisation))"
      directory.declared = try c.query(sql, DeclaredKey.init(row:)).filter { $0.dimension != nil }
    }
    return directory
  }

  /// Projects that a reader's numbers may come from: those of the scope, when the scope has all teams; else money is
  /// told by its owner team alone, wherever the call was traced (design §3.12).
  func projects(within scope: AccessScope, filter: [String]?) -> [ProjectID] {
    projects.values.filter { project in
      let isReached = scope.teams != .all || scope.projects.includes(project.id)
      return isReached && (filter.map { $0.contains(project.slug) } ?? true)
    }.map(\.id).sorted()
  }

  /// The value of a dimension in a row of a report.
  func value(_ dimension: CostDimension, _ row: Row, _ column: Int) throws -> DimensionValue {
    switch dimension {
    case .project:
      return value(try row.idOrNil(column), dimension) { (id: ProjectID) in
        projects[id].map { DimensionValue(value: $0.slug, label: $0.name) }
      }
    case .team:
      return value(try row.idOrNil(column), dimension) { (id: TeamID) in
        teams[id].map { DimensionValue(value: $0.name, label: $0.name, colour: $0.colour) }
      }
    case .userGroup:
      return value(try row.idOrNil(column), dimension) { (id: UserGroupID) in
        groups[id].map { DimensionValue(value: $0, label: $0) }
      }
    case .key:
      return value(try row.idOrNil(column), dimension) { (id: KeyID) in
        keys[id].map { DimensionValue(value: $0.publicKey, label: $0.name) }
      }
    case .kind:
      let code = try row.int16(column)
      let text = ObservationKind(code: code)?.rawValue ?? "kind \(code)"
      return DimensionValue(value: text, label: text)
    case .user:
      guard let text = try row.stringOrNil(column).map(users.name) else { return none(dimension) }
      return DimensionValue(value: text, label: text)
    case .model, .provider, .endpoint, .environment, .service, .extra1, .extra2, .extra3, .extra4:
      guard let text = try row.stringOrNil(column) else { return none(dimension) }
      return DimensionValue(value: text, label: text)
    }
  }

  /// An id that is not in the directory prints as itself, so that rows of two such ids stay two rows.
  private func value<ID: RowID>(_ id: ID?, _ dimension: CostDimension, _ named: (ID) -> DimensionValue?)
    -> DimensionValue
  {
    guard let id else { return none(dimension) }
    let fallback = "\(dimension.rawValue) \(id.rawValue)"
    return named(id) ?? DimensionValue(value: fallback, label: fallback)
  }

  func none(_ dimension: CostDimension) -> DimensionValue {
    let label =
      switch dimension {
      case .team: "Unallocated"
      case .userGroup: "No group"
      case .extra1, .extra2, .extra3, .extra4:
        "No \(declared.first { $0.dimension == dimension }?.label ?? dimension.rawValue)"
      default: "No \(dimension.rawValue)"
      }
    return DimensionValue(value: nil, label: label)
  }
}
