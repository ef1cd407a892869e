/// What a member may do with the API keys of a project.
public struct KeyRights: Sendable, Hashable {
  /// Sees, changes and revokes keys of others too.
  public var managesAll: Bool
  /// What a key may be given. Empty: no key at all.
  public var scopes: Set<KeyScope>
  /// Teams that a key may give its calls to.
  public var teams: AccessScope.Reach<TeamID>
  /// What a key shows of money at most: what the member sees.
  public var money: MoneyBounds

  public static let none = KeyRights(managesAll: false, scopes: [], teams: .none)

  public init(managesAll: Bool, scopes: Set<KeyScope>, teams: AccessScope.Reach<TeamID>, money: MoneyBounds = .none) {
    self.managesAll = managesAll
    self.scopes = scopes
    self.teams = teams
    self.money = money
  }

  public var makesKeys: Bool { !scopes.isEmpty }

  /// Whether the key is one that the member sees, changes and revokes. One that administrates is of the whole organisation, whatever its
  /// project.
  public func reaches(_ key: APIKey, by member: MemberID) -> Bool {
    if key.scopes.contains(.admin), !scopes.contains(.admin) { return false }
    return managesAll || makesKeys && key.maker == member
  }

  /// Whether a new secret of the key may be shown: it opens what the member may open.
  public func opens(_ key: APIKey) -> Bool { key.scopes.isSubset(of: scopes) && (!key.readsMoney || key.money.isWithin(money)) }
}

extension MemberAccess {
  /// Owners and admins: every key; team leads: those of projects of their teams; engineers: their own. Nobody makes a key that reads
  /// content which they may not read themselves, or money that they don't see.
  public func keyRights(in project: Project) -> KeyRights {
    let money = MoneyBounds(namesUsers: scope.users == .shown, teams: scope.teams)
    let reading: Set<KeyScope> = scope.readsContent(of: project.id) ? [.read] : []
    if extent(.manageKeys) == .all {
      return KeyRights(managesAll: true, scopes: reading.union([.ingest, .readMoney, .admin]), teams: .all, money: money)
    }
    if led.contains(project.team) {
      return KeyRights(managesAll: true, scopes: reading.union([.ingest, .readMoney]), teams: .only(led), money: money)
    }
    if engineered.contains(project.id) {
      return KeyRights(managesAll: false, scopes: reading.union([.ingest, .readMoney]), teams: .only([project.team]), money: money)
    }
    return .none
  }
}
