/// What a reader may see (design §3.12): money by owner team, traces by project, and a grant for content. Every query takes one.
public struct AccessScope: Sendable, Hashable {
  public enum Reach<ID: Sendable & Hashable>: Sendable, Hashable {
    case all
    case only(Set<ID>)

    public func includes(_ id: ID) -> Bool {
      switch self {
      case .all: true
      case .only(let ids): ids.contains(id)
      }
    }
  }

  public var organisation: OrganisationID
  public var teams: Reach<TeamID>
  public var projects: Reach<ProjectID>
  /// May read inputs, outputs and metadata.
  public var readsContent: Bool

  public init(organisation: OrganisationID, teams: Reach<TeamID>, projects: Reach<ProjectID>, readsContent: Bool) {
    self.organisation = organisation
    self.teams = teams
    self.projects = projects
    self.readsContent = readsContent
  }
}
