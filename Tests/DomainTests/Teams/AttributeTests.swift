import Testing

@testable import Domain

@Suite struct AttributeTests {
  private let directory = AttributionDirectory(
    keyTeams: [KeyID(1): .fixed(TeamID(1)), KeyID(2): .default(TeamID(2)), KeyID(3): .none],
    groupOfUser: ["anna": UserGroupID(7), "ben": UserGroupID(8)], teamOfGroup: [UserGroupID(7): TeamID(3)])

  private func owner(key: Int32?, user: String?) -> Decision {
    var observation = row(1).with {
      $0.facts.key = key.map { KeyID($0) }
      $0.decision.user = user
      $0.decision.team = TeamID(99)
    }
    Attribution.attribute(&observation, directory: directory)
    return observation.decision
  }

  @Test(
    arguments: [
      (1, "anna", 1, OwnerStep.fixedKey), (2, "anna", 3, .userGroup), (3, "anna", 3, .userGroup),
      (nil, "anna", 3, .userGroup),
      (2, "ben", 2, .defaultKey), (2, nil, 2, .defaultKey), (3, "ben", nil, .unallocated),
      (9, "zoe", nil, .unallocated),
    ] as [(Int32?, String?, Int32?, OwnerStep)])
  func theFirstStepThatKnowsATeamOwns(key: Int32?, user: String?, team: Int32?, step: OwnerStep) {
    let decision = owner(key: key, user: user)
    #expect(decision.team == team.map { TeamID($0) })
    #expect(decision.ownerStep == step)
  }

  @Test func theUsersGroupIsKnownEvenWhereItDoesNotOwn() {
    #expect(owner(key: 1, user: "anna").userGroup == UserGroupID(7))
    #expect(owner(key: 1, user: "ben").userGroup == UserGroupID(8))
    #expect(owner(key: 1, user: nil).userGroup == nil)
  }

  @Test func theKeysGroupIsForCallsWhoseUserIsInNone() {
    var directory = directory
    directory.keyGroups = [KeyID(3): UserGroupID(7)]
    func group(_ user: String?) -> Decision {
      var observation = row(1).with {
        $0.facts.key = KeyID(3)
        $0.decision.user = user
      }
      Attribution.attribute(&observation, directory: directory)
      return observation.decision
    }
    #expect(group("ben").userGroup == UserGroupID(8))
    for user in ["zoe", nil] {
      #expect(group(user).userGroup == UserGroupID(7))
      #expect(group(user).team == TeamID(3) && group(user).ownerStep == .userGroup)
    }
  }
}
