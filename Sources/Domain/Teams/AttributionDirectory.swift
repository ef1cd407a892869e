/// What attribution needs to know about keys, people and rules; loaded by the service, used by pure functions.
public struct AttributionDirectory: Sendable {
  public var keyTeams: [KeyID: KeyTeam]
  public var groupOfUser: [String: UserGroupID]
  public var teamOfGroup: [UserGroupID: TeamID]
  /// Of the organisation's rules, teams' dates and declared keys (`DecisionRevisions.attribution`).
  public var revision: Int32 = 0
  /// Keys whose values are kept; in the order of their declaration.
  public var declaredKeys: [DeclaredKey] = []

  public init(
    keyTeams: [KeyID: KeyTeam] = [:], groupOfUser: [String: UserGroupID] = [:], teamOfGroup: [UserGroupID: TeamID] = [:]
  ) {
    self.keyTeams = keyTeams
    self.groupOfUser = groupOfUser
    self.teamOfGroup = teamOfGroup
  }
}
