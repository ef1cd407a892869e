/// What attribution needs to know about keys, people and rules; loaded by the service, used by pure functions.
public struct AttributionDirectory: Sendable {
  public var keyTeams: [KeyID: KeyTeam]
  /// Groups of the calls whose user is in none, by key.
  public var keyGroups: [KeyID: UserGroupID] = [:]
  /// By explicit membership.
  public var groupOfUser: [String: UserGroupID]
  public var teamOfGroup: [UserGroupID: TeamID]
  /// Of the organisation's rules, teams' dates and declared keys (`DecisionRevisions.attribution`).
  public var revision: Int32 = 0
  /// Keys whose values are kept; in the order of their declaration.
  public var declaredKeys: [DeclaredKey] = []
  /// People whose name is not stored any more.
  public var erased = ErasedUsers()
  /// When a team can own cost; absent: always.
  public var teamValidity: [TeamID: TeamValidity] = [:]
  /// Names that conditions are about: public keys, project slugs, group names.
  public var keyNames: [KeyID: String] = [:]
  public var projectSlugs: [ProjectID: String] = [:]
  public var groupNames: [UserGroupID: String] = [:]
  /// In order of position. They take part once compiled.
  public private(set) var rules: [AttributionRule] = []
  private(set) var compiled = CompiledRules()

  public init(
    keyTeams: [KeyID: KeyTeam] = [:], groupOfUser: [String: UserGroupID] = [:], teamOfGroup: [UserGroupID: TeamID] = [:]
  ) {
    self.keyTeams = keyTeams
    self.groupOfUser = groupOfUser
    self.teamOfGroup = teamOfGroup
  }

  /// Takes the rules, in whatever order they are given. A rule with a regular expression that doesn't compile, or about a key that is
  /// not declared, matches nothing. Set `declaredKeys` and `teamValidity` first.
  public mutating func take(_ rules: [AttributionRule], patterns: PatternCompiler) {
    self.rules = rules.sorted { ($0.position, $0.id) < ($1.position, $1.id) }
    compiled = CompiledRules(self.rules, declaredKeys.map(\.key), teamValidity, patterns)
  }

  /// Whether the team's dates let it own what starts at `start`.
  public func canOwn(_ team: TeamID, at start: Timestamp) -> Bool { teamValidity[team]?.holds(at: start) ?? true }

  /// The team of a key's kind, when its dates allow it.
  func teamOfKey(_ key: KeyID?) -> KeyTeam { key.flatMap { keyTeams[$0] } ?? .none }
}
