import Domain
import Postgres

/// What is said of a team, beside its id and colour.
public struct TeamDraft: Sendable, Hashable {
  public var name: String
  public var costCentre: String?
  public var glAccount: String?
  /// Who answers for its cost.
  public var owner: String?
  public var parent: TeamID?
  /// Days of the organisation's calendar ("2026-11-01"): the first that it can own cost on, and the first that it can't any more.
  public var validFrom: String?
  public var validTo: String?

  public init(
    name: String, costCentre: String? = nil, glAccount: String? = nil, owner: String? = nil, parent: TeamID? = nil,
    validFrom: String? = nil, validTo: String? = nil
  ) {
    self.name = name
    self.costCentre = costCentre
    self.glAccount = glAccount
    self.owner = owner
    self.parent = parent
    self.validFrom = validFrom
    self.validTo = validTo
  }

  public init(_ team: Team) {
    self.init(
      name: team.name, costCentre: team.costCentre, glAccount: team.glAccount, owner: team.owner, parent: team.parent,
      validFrom: team.validFrom, validTo: team.validTo)
  }
}

/// Teams of an organisation. They are ended by their dates, never removed: their cost stays theirs.
public struct TeamStore: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// Teams within reach, by name.
  public func list(scope: AccessScope) async throws -> [Team] { try await AccountStore(pool: pool).teams(scope: scope) }

  /// nil when it doesn't exist or is out of reach.
  public func find(_ id: TeamID, scope: AccessScope) async throws -> Team? {
    let sql: SQL = """
      \(Team.select) where id = \(id) and organisation_id = \(scope.organisation) and \(scope.teamCondition("id"))
      """
    return try await pool.run { c in try c.first(sql, Team.init(row:)) }
  }

  /// Makes a team, or gives one another name, place and dates. What is booked stays where it is; calls are decided by the new dates from
  /// now on. *Errors:* `StructureError` (a name that is taken, a parent that is below the team or not the actor's to give).
  /// - Parameter placesTeams: whether the actor manages members: roles in a team reach projects and prompts of what is beneath it, so that
  ///   a parent gives access. Without it a team may leave its parent, and have no new one.
  public func save(
    _ draft: TeamDraft, as id: TeamID? = nil, placesTeams: Bool = true, scope: AccessScope, by actor: String
  ) async throws -> Team {
    let draft = try draft.checked()
    return try await pool.transaction { c in
      let change = try StructureChange(scope, actor, c)
      do { return try Self.save(draft, id, placesTeams, change) } catch let error as AccountError {
        if case .duplicateTeam = error { throw Self.taken(draft) }
        throw error
      } catch let error as DatabaseError where error.constraint == "teams_name_key" { throw Self.taken(draft) }
    }
  }

  private static func taken(_ draft: TeamDraft) -> StructureError {
    .conflict("There is a team \"\(draft.name)\" already. Accepted: a name that no other team has.")
  }

  private static func save(_ draft: TeamDraft, _ id: TeamID?, _ placesTeams: Bool, _ change: StructureChange) throws -> Team {
    let c = change.c
    let known = try id.map { id -> Team in
      let sql: SQL = "\(Team.select) where id = \(id) and organisation_id = \(change.organisation)"
      guard let team = try c.first(sql, Team.init(row:)) else { throw StructureError.unknown("team") }
      return team
    }
    if let known, TeamDraft(known) == draft { return known }
    guard placesTeams || draft.parent == nil || draft.parent == known?.parent else {
      throw StructureError.conflict(
        "Who has a role in a team reaches the projects and prompts of the teams that are part of it. Accepted: no other team, or the one it is part of now; "
          + "an owner or admin sets another.")
    }
    let team = try known ?? Team.insert(name: draft.name, organisation: change.organisation, c)
    try checkParent(draft.parent, of: team.id, change)
    let sql: SQL = """
      update teams set name = \(draft.name), cost_centre = \(draft.costCentre), gl_account = \(draft.glAccount),
        owner = \(draft.owner), parent_id = \(draft.parent), valid_from = \(draft.validFrom)::date, valid_to = \(draft.validTo)::date
      where id = \(team.id) returning \(Team.columns)
      """
    guard let saved = try c.first(sql, Team.init(row:)) else { throw MissingRow() }
    let detail: SQL = """
      (select jsonb_strip_nulls(to_jsonb(t) - '{organisation_id,created_at,colour}'::text[]) from teams t where t.id = \(saved.id))
      """
    try change.audit(known == nil ? "team added" : "team changed", "team \(saved.id)", detail: detail)
    if (known?.validFrom, known?.validTo) != (saved.validFrom, saved.validTo) { try change.raise() }
    return saved
  }

  private static func checkParent(_ parent: TeamID?, of team: TeamID, _ change: StructureChange) throws {
    guard let parent else { return }
    try change.check(team: parent)
    let sql: SQL = """
      with recursive above(id) as (
        select \(parent) union select t.parent_id from teams t join above on above.id = t.id where t.parent_id is not null)
      select 1 from above where id = \(team)
      """
    if try change.c.first(sql, { _ in true }) != nil {
      throw StructureError.conflict("The parent is the team itself or below it. Accepted: a team that is not.")
    }
  }
}

extension TeamDraft {
  func checked() throws -> TeamDraft {
    var checked = self
    checked.name = try StructureChecks.text(name, "name")
    if TeamNames.isTaken(checked.name) { throw StructureError.invalid(field: "name", accepted: TeamNames.accepted) }
    checked.costCentre = try StructureChecks.optionalText(costCentre, "costCentre")
    checked.glAccount = try StructureChecks.optionalText(glAccount, "glAccount")
    checked.owner = try StructureChecks.optionalText(owner, "owner")
    checked.validFrom = try StructureChecks.day(validFrom, "validFrom")
    checked.validTo = try StructureChecks.day(validTo, "validTo")
    if let from = checked.validFrom, let to = checked.validTo, from >= to {
      throw StructureError.invalid(field: "validTo", accepted: "a day after validFrom")
    }
    return checked
  }
}
