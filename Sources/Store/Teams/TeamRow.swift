import Domain
import Postgres

extension AccountStore {
  /// Teams within reach, by name.
  public func teams(scope: AccessScope) async throws -> [Team] {
    try await pool.run { c in
      let sql: SQL = """
        \(Team.select) where organisation_id = \(scope.organisation) and \(scope.teamCondition("id")) order by name, id
        """
      return try c.query(sql, Team.init(row:))
    }
  }

  /// A new team with the palette place that fewest teams have. Errors: `AccountError.duplicateTeam`, `.invalid`.
  public func createTeam(name: String, scope: AccessScope) async throws -> Team {
    try await pool.transaction { c in try Team.insert(name: name, organisation: scope.organisation, c) }
  }
}

/// Names that reports print for what is no team.
enum TeamNames {
  private static let taken: Set<String> = ["unallocated", "other", "total", "-", "(other)"]
  static let accepted = "a name other than Unallocated, Other, Total, - and (other), which reports give to what is no team"

  static func isTaken(_ name: String) -> Bool { taken.contains(name.lowercased()) }
}

extension Team {
  static let columns: SQL = "id, name, colour, cost_centre, gl_account, owner, parent_id, valid_from::text, valid_to::text"
  static let select: SQL = "select \(columns) from teams"

  init(row: Row) throws {
    self.init(id: try row.id(0), name: try row.string(1), colour: try row.int16(2))
    costCentre = try row.stringOrNil(3)
    glAccount = try row.stringOrNil(4)
    owner = try row.stringOrNil(5)
    parent = try row.idOrNil(6)
    validFrom = try row.stringOrNil(7)
    validTo = try row.stringOrNil(8)
  }

  static func insert(name: String, organisation: OrganisationID, _ c: Connection) throws -> Team {
    let name = try AccountError.filled(name, "team name")
    guard !TeamNames.isTaken(name) else { throw AccountError.invalid(field: "team name", accepted: TeamNames.accepted) }
    // The lock keeps two new teams from taking the same place.
    try c.execute("select 1 from organisations where id = \(organisation) for update")
    let sql: SQL = """
      insert into teams (organisation_id, name, colour)
      select \(organisation), \(name), place::smallint
      from generate_series(0, 7) place left join teams t on t.colour = place and t.organisation_id = \(organisation)
      group by place order by count(t.id), place limit 1
      returning \(columns)
      """
    return try AccountError.naming(["teams_name_key": .duplicateTeam(name: name)]) {
      guard let team = try c.first(sql, Team.init(row:)) else { throw MissingRow() }
      return team
    }
  }
}
