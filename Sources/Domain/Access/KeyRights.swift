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

/// What is left of a key.
public struct KeyReach: Sendable, Hashable {
  public var scopes: Set<KeyScope>
  /// Whether inputs and outputs of its project may be read with it.
  public var readsContent: Bool
  public var money: MoneyBounds

  public init(scopes: Set<KeyScope>, readsContent: Bool, money: MoneyBounds) {
    self.scopes = scopes
    self.readsContent = readsContent
    self.money = money
  }

  /// As it was made.
  public init(_ key: APIKey) { self.init(scopes: key.scopes, readsContent: key.scopes.contains(.read), money: key.money) }
}

extension APIKey {
  /// What the key opens by what its maker may now: reading takes a maker who makes keys for the project, content one who reads it,
  /// administering one who administers, money what the maker sees of it. Sending goes on: applications run by it.
  /// - Parameter maker: nil: they have left. What is shown of money was fixed then.
  public func bounded(by maker: MemberAccess?, in project: Project) -> KeyReach {
    guard let maker else { return KeyReach(scopes: scopes.intersection([.ingest, .readMoney]), readsContent: false, money: money) }
    let rights = maker.keyRights(in: project)
    let left = scopes.filter { scope in
      switch scope {
      case .ingest, .readMoney: true
      case .read: rights.makesKeys
      case .admin: rights.scopes.contains(.admin)
      }
    }
    return KeyReach(
      scopes: left, readsContent: left.contains(.read) && rights.scopes.contains(.read), money: money.narrowed(to: maker.money(in: project)))
  }
}

extension MemberAccess {
  /// What the member sees of money where a key of the project shows it.
  func money(in project: Project) -> MoneyBounds {
    guard scope.projects.includes(project.id) else { return .nothing }
    return MoneyBounds(namesUsers: scope.users == .shown, teams: scope.teams)
  }

  /// Owners and admins: every key; team leads: those of projects of their teams; engineers: their own. Nobody makes a key that reads
  /// content which they may not read themselves, or money that they don't see.
  public func keyRights(in project: Project) -> KeyRights {
    let money = money(in: project)
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
