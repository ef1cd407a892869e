/// A role in a team (team lead, engineer, viewer) or in a project (engineer, viewer), beside the one in the organisation.
public struct RoleGrant: Sendable, Hashable {
  public enum Place: Sendable, Hashable {
    case team(TeamID)
    case project(ProjectID)
  }
  public var place: Place
  public var role: Member.Role

  public init(place: Place, role: Member.Role) {
    self.place = place
    self.role = role
  }

  /// Roles of the whole organisation can't be given for a part of it.
  public static func accepts(_ role: Member.Role, in place: Place) -> Bool {
    switch place {
    case .team: role.hasOwnReach
    case .project: role == .engineer || role == .viewer
    }
  }
}

/// A grant to read prompts and answers: of one project, or of all in reach.
public struct ContentGrant: Sendable, Hashable {
  /// nil: all that the member reaches.
  public var project: ProjectID?
  public var givenAt: Timestamp
  /// nil: until it is withdrawn.
  public var expiresAt: Timestamp?
  /// Whether it says why.
  public var hasReason: Bool

  public init(project: ProjectID?, givenAt: Timestamp, expiresAt: Timestamp?, hasReason: Bool = true) {
    self.project = project
    self.givenAt = givenAt
    self.expiresAt = expiresAt
    self.hasReason = hasReason
  }

  /// The longest that an auditor opens content for.
  public static let breakGlassHoursMax = 24

  func isValid(at now: Timestamp) -> Bool { expiresAt.map { $0 > now } ?? true }

  /// With a reason and for a day at most: whatever else was given to somebody who is an auditor now opens nothing.
  var isBreakGlass: Bool {
    hasReason && expiresAt.map { $0.since(givenAt) <= Int64(Self.breakGlassHoursMax) * 3_600_000_000 } ?? false
  }
}

/// What a signed-in member may do and see: the one place that decides it. Pure, so that tests can ask for any role.
public struct MemberAccess: Sendable, Hashable {
  public let member: Member
  public let scope: AccessScope
  /// When the first of the grants that count now ends by itself; nil: none does.
  public let contentChangesAt: Timestamp?
  private let roles: Set<Member.Role>
  /// Where each of the roles in teams and projects holds.
  private let places: [Member.Role: Set<ProjectID>]
  /// Led teams and those beneath them; projects where the member is an engineer.
  let led: Set<TeamID>
  let engineered: Set<ProjectID>

  /// - Parameters:
  ///   - grants: roles in teams and projects; those that the place does not accept count for nothing.
  ///   - content: grants for content; expired ones count for nothing, an auditor's only with a reason and for a day at most.
  ///   - teams: all of the organisation, for what stands beneath a team.
  ///   - projects: all of the organisation, with the team that administers each.
  public init(
    _ member: Member, grants: [RoleGrant], content: [ContentGrant], teams: [Team], projects: [Project], at now: Timestamp
  ) {
    self.member = member
    let accepted = member.role.hasOwnReach ? grants.filter { RoleGrant.accepts($0.role, in: $0.place) } : []
    // A role that holds somewhere is no role elsewhere, nor is the one that the member came with.
    roles = accepted.isEmpty ? [member.role] : Set(accepted.map(\.role))
    let reach = OwnReach(accepted, teams, projects)
    (led, engineered, places) = (reach.ledTeams, reach.engineered, reach.places)
    let counted = member.role.contentAccess == .breakGlass ? content.filter(\.isBreakGlass) : content
    let valid = counted.filter { $0.isValid(at: now) }
    contentChangesAt = valid.compactMap(\.expiresAt).min()
    var scope = AccessScope(
      organisation: member.organisation,
      teams: member.role.hasOwnReach && !reach.ledTeams.isEmpty ? .only(reach.ledTeams) : .all,
      projects: member.role.hasOwnReach ? .only(reach.projects) : .all,
      traces: member.role.hasOwnReach ? .only(reach.projects) : .all,
      content: Self.content(member.role, reach, valid), users: Self.users(roles))
    if member.role.hasOwnReach { scope.usersNamed = .only(reach.projects { $0.extent(.seeUserCost) != .none }) }
    self.scope = scope
  }

  /// What the member may see for an act: projects where a role has the permission. Money of led teams stays theirs.
  public func scope(for permission: Permission) -> AccessScope {
    guard member.role.hasOwnReach else { return scope }
    let held = places.filter { $0.key.extent(permission) != .none }.values
    return scope.within(held.reduce(into: []) { $0.formUnion($1) })
  }

  /// Whether any of the member's roles has it, wholly or for its own teams and projects.
  public func allows(_ permission: Permission) -> Bool { extent(permission) != .none }

  /// Whether the member may have more of a project's content kept than is: who may read it, and owners, who give that right.
  public func mayLoosenContent(of project: ProjectID) -> Bool { member.role == .owner || scope.readsContent(of: project) }

  /// The widest extent among the member's roles.
  public func extent(_ permission: Permission) -> Permission.Extent {
    let extents = roles.map { $0.extent(permission) }
    return extents.contains(.all) ? .all : extents.contains(.own) ? .own : .none
  }

  /// Finance never reads content, whatever was granted.
  private static func content(_ role: Member.Role, _ reach: OwnReach, _ grants: [ContentGrant]) -> AccessScope.Reach<ProjectID> {
    guard role.contentAccess != .never else { return .none }
    let named = Set(grants.compactMap(\.project)), isForAll = grants.contains { $0.project == nil }
    guard role.hasOwnReach else { return isForAll ? .all : .only(named) }
    return .only(reach.engineered.union(isForAll ? reach.projects : named.intersection(reach.projects)))
  }

  private static func users(_ roles: Set<Member.Role>) -> AccessScope.UserNaming {
    if roles.contains(.auditor) { return .pseudonyms }
    return roles.contains { $0.extent(.seeUserCost) != .none } ? .shown : .hidden
  }
}

/// Teams and projects where a member has a role.
private struct OwnReach {
  /// Led teams and those beneath them.
  private(set) var ledTeams: Set<TeamID> = []
  private(set) var places: [Member.Role: Set<ProjectID>] = [:]

  var projects: Set<ProjectID> { projects { _ in true } }
  /// Those whose prompts an engineer reads.
  var engineered: Set<ProjectID> { places[.engineer] ?? [] }

  func projects(where holds: (Member.Role) -> Bool) -> Set<ProjectID> {
    places.filter { holds($0.key) }.values.reduce(into: []) { $0.formUnion($1) }
  }

  init(_ grants: [RoleGrant], _ teams: [Team], _ all: [Project]) {
    for grant in grants {
      switch grant.place {
      case .team(let team):
        let reached = Self.beneath(team, teams)
        if grant.role == .teamLead { ledTeams.formUnion(reached) }
        add(all.filter { reached.contains($0.team) }.map(\.id), grant.role)
      case .project(let project):
        add(all.contains { $0.id == project } ? [project] : [], grant.role)
      }
    }
  }

  private mutating func add(_ found: [ProjectID], _ role: Member.Role) { places[role, default: []].formUnion(found) }

  private static func beneath(_ team: TeamID, _ teams: [Team]) -> Set<TeamID> {
    var reached: Set<TeamID> = [team]
    while true {
      let more = teams.filter { team in team.parent.map { reached.contains($0) } ?? false && !reached.contains(team.id) }
      if more.isEmpty { return reached }
      reached.formUnion(more.map(\.id))
    }
  }
}
