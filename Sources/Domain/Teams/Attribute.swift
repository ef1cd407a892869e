/// Who pays for a call.
public enum Attribution {
  /// Sets the user's group, the owning team and the step that decided (design §3.9): the key's fixed team, else the
  /// team of the user's group, else the key's default team, else Unallocated. Reads `decision.user`, so settle first.
  public static func attribute(_ observation: inout Observation, directory: AttributionDirectory) {
    let group = observation.decision.user.flatMap { directory.groupOfUser[$0] }
    let keyTeam = observation.facts.key.flatMap { directory.keyTeams[$0] } ?? .none
    let (team, step) = owner(keyTeam, group.flatMap { directory.teamOfGroup[$0] })
    observation.decision.userGroup = group
    observation.decision.team = team
    observation.decision.ownerStep = step
  }

  private static func owner(_ keyTeam: KeyTeam, _ groupTeam: TeamID?) -> (TeamID?, OwnerStep) {
    if case .fixed(let team) = keyTeam { return (team, .fixedKey) }
    if let groupTeam { return (groupTeam, .userGroup) }
    if case .default(let team) = keyTeam { return (team, .defaultKey) }
    return (nil, .unallocated)
  }
}
