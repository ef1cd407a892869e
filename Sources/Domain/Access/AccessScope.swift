/// What a reader may see (design §3.12): money by owner team, traces by project, content by grant, end users by name or not.
/// Every query takes one; only `MemberAccess` and keys make them.
public struct AccessScope: Sendable, Hashable {
  public enum Reach<ID: Sendable & Hashable>: Sendable, Hashable {
    case all
    case only(Set<ID>)

    public static var none: Reach { .only([]) }

    public func includes(_ id: ID) -> Bool {
      switch self {
      case .all: true
      case .only(let ids): ids.contains(id)
      }
    }

    public var isEmpty: Bool { self == .only([]) }

    func within(_ most: Set<ID>) -> Reach {
      switch self {
      case .all: .only(most)
      case .only(let ids): .only(ids.intersection(most))
      }
    }
  }

  /// How end users of the traced applications are told.
  public enum UserNaming: String, Sendable, Hashable, CaseIterable {
    case shown
    /// A keyed hash in place of the id, equal for equal ids.
    case pseudonyms
    /// No money by user: neither grouped nor filtered by one.
    case hidden
  }

  public var organisation: OrganisationID
  /// Whose money: with `.all`, that of `projects`; else of these teams, wherever it was spent.
  public var teams: Reach<TeamID>
  public var projects: Reach<ProjectID>
  /// Projects whose traces are listed: names, times, tokens and what each cost, no content.
  public var traces: Reach<ProjectID>
  /// Projects whose content may be read: inputs, outputs, metadata values, error texts, comments. Without it nothing is found, counted
  /// or sorted by content either.
  public var content: Reach<ProjectID>
  /// In money, and in traces of `usersNamed` (`naming(usersOf:)`).
  public var users: UserNaming
  /// Projects whose traces tell end users so; those of others hide them.
  public var usersNamed: Reach<ProjectID> = .all

  public init(
    organisation: OrganisationID, teams: Reach<TeamID>, projects: Reach<ProjectID>, traces: Reach<ProjectID>,
    content: Reach<ProjectID>, users: UserNaming
  ) {
    self.organisation = organisation
    self.teams = teams
    self.projects = projects
    self.traces = traces
    self.content = content
    self.users = users
  }

  /// Money and traces of the same projects, users by name; content of all of them or of none.
  public init(organisation: OrganisationID, teams: Reach<TeamID>, projects: Reach<ProjectID>, readsContent: Bool) {
    self.init(
      organisation: organisation, teams: teams, projects: projects, traces: projects, content: readsContent ? projects : .none,
      users: .shown)
  }

  /// Whether bodies, error texts and comments of a project's traces may be read; what goes across projects asks for each.
  public func readsContent(of project: ProjectID) -> Bool { content.includes(project) && traces.includes(project) }

  /// How end users of a project's traces are told: whoever reads what they wrote may know them.
  public func naming(usersOf project: ProjectID) -> UserNaming {
    let told = usersNamed.includes(project) ? users : .hidden
    return told == .hidden && readsContent(of: project) ? .shown : told
  }

  /// Of these projects alone; money of `teams` stays theirs.
  func within(_ ids: Set<ProjectID>) -> AccessScope {
    var scope = self
    scope.projects = projects.within(ids)
    scope.traces = traces.within(ids)
    scope.content = content.within(ids)
    return scope
  }

  /// The whole organisation's money.
  public var seesAllMoney: Bool { teams == .all && projects == .all }
}
