import Domain
import Postgres

/// What teams, projects, groups, keys and declared dimensions are called: today, or when a month was closed.
enum StatementNames {
  static func today(_ organisation: OrganisationID, _ c: Connection) throws -> CostDirectory {
    try CostDirectory.read(Set(CostDimension.allCases), organisation, c)
  }

  /// Frozen names take the place of today's; colours are today's. Dimensions that were declared since are there when they are asked for.
  static func frozen(
    _ statement: StatementID, asked: Set<CostDimension>, _ organisation: OrganisationID, _ c: Connection
  ) throws -> CostDirectory {
    var names = try today(organisation, c)
    var kept = asked
    let sql: SQL = """
      select dimension, id, value, label, cost_centre, gl_account, owner from statement_names where statement_id = \(statement)
      """
    try c.stream(sql) { row in
      let (value, label) = (try row.string(2), try row.string(3))
      switch try row.string(0) {
      case "team":
        let id: TeamID = try row.id(1)
        var team = Team(id: id, name: value, colour: names.teams[id]?.colour ?? 0)
        team.costCentre = try row.stringOrNil(4)
        team.glAccount = try row.stringOrNil(5)
        team.owner = try row.stringOrNil(6)
        names.teams[id] = team
      case "project":
        let id: ProjectID = try row.id(1)
        names.projects[id]?.slug = value
        names.projects[id]?.name = label
      case "userGroup": names.groups[try row.id(1)] = value
      case "key": names.keys[try row.id(1)] = (value, label)
      case let dimension:
        guard let extra = CostDimension(rawValue: dimension), let i = names.declared.firstIndex(where: { $0.dimension == extra }) else { break }
        (names.declared[i].key, names.declared[i].label) = (value, label)
        kept.insert(extra)
      }
    }
    names.declared.removeAll { key in key.dimension.map { !kept.contains($0) } ?? true }
    return names
  }

  /// Writes today's names with a statement.
  static func freeze(_ statement: StatementID, _ organisation: OrganisationID, _ c: Connection) throws {
    try c.execute(
      """
      insert into statement_names (statement_id, dimension, id, value, label, cost_centre, gl_account, owner)
      select \(statement)::integer, n.* from (
        select 'team', id, name, name, cost_centre, gl_account, owner from teams where organisation_id = \(organisation)
        union all
        select 'project', id, slug, name, null, null, null from projects where organisation_id = \(organisation)
        union all
        select 'userGroup', id, name, name, null, null, null from user_groups where organisation_id = \(organisation)
        union all
        select 'key', k.id, k.public_key, k.name, null, null, null
        from api_keys k join projects p on p.id = k.project_id where p.organisation_id = \(organisation)
        union all
        select 'extra' || place, place, key, label, null, null, null
        from declared_keys where organisation_id = \(organisation) and place is not null
      ) n
      """)
  }
}

extension AllocationLine {
  /// A line of a team, with what is said of it; without one, Unallocated.
  static func of(_ team: TeamID?, _ kind: Kind, _ names: CostDirectory) -> AllocationLine {
    guard let team else { return AllocationLine(kind: kind, name: "Unallocated") }
    let known = names.teams[team]
    var line = AllocationLine(kind: kind, team: team, name: known?.name ?? "team \(team)")
    line.costCentre = known?.costCentre
    line.glAccount = known?.glAccount
    line.owner = known?.owner
    return line
  }
}
