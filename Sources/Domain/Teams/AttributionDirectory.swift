/// What attribution needs to know about keys and people; loaded by the service, used by pure functions.
public struct AttributionDirectory: Sendable {
  public var keyTeams: [KeyID: KeyTeam]
  public var groupOfUser: [String: UserGroupID]
  public var teamOfGroup: [UserGroupID: TeamID]

  public init(
    keyTeams: [KeyID: KeyTeam] = [:], groupOfUser: [String: UserGroupID] = [:], teamOfGroup: [UserGroupID: TeamID] = [:]
  ) {
    self.keyTeams = keyTeams
    self.groupOfUser = groupOfUser
    self.teamOfGroup = teamOfGroup
  }
}
