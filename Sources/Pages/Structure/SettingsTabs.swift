import Domain

/// The pages about who owns what, in the order of the tabs: in each cluster what is needed most comes first.
enum SettingsTab: PageTab {
  case teams, rules, groups, dimensions, rerun
  case projects, keys, content, sampling, storage, erasure
  case members, signIn, audit
  case account

  static var section: Section { .settings }
  static var group: String { "Settings" }
  var label: String {
    switch self {
    case .teams: "Teams"
    case .rules: "Rules"
    case .rerun: "Re-attribution"
    case .dimensions: "Dimensions"
    case .groups: "User groups"
    case .audit: "Audit log"
    case .members: "Members"
    case .account: "Your account"
    case .content: "Content"
    case .sampling: "Sampling"
    case .signIn: "Sign-in"
    case .storage: "Storage"
    case .erasure: "End users’ data"
    case .projects: "Projects"
    case .keys: "Keys"
    }
  }
  var path: String {
    switch self {
    case .teams: Route.settingsTeams
    case .rules: Route.rules
    case .rerun: Route.reattributions
    case .dimensions: Route.dimensions
    case .groups: Route.groups
    case .audit: Route.audit
    case .members: Route.members
    case .account: Route.account
    case .content: Route.contentRules
    case .sampling: Route.sampling
    case .signIn: Route.providers
    case .storage: Route.storage
    case .erasure: Route.erasures
    case .projects: Route.projects
    case .keys: Route.keys
    }
  }
}

extension SettingsTab {
  var permission: Permission? {
    switch self {
    case .teams, .groups, .dimensions: .editTeams
    case .rules, .rerun: .editRules
    case .audit: .readAudit
    case .content, .sampling: .manageContent
    case .signIn, .members: .manageMembers
    case .account: nil
    case .storage, .erasure: .manageData
    case .projects: .manageData
    case .keys: .manageKeys
    }
  }
}

extension SettingsTab {
  var cluster: String {
    switch self {
    case .teams, .rules, .rerun, .dimensions, .groups: "Ownership"
    case .members, .signIn, .audit: "People"
    case .account: "Your account"
    default: "Projects"
    }
  }
}

extension Route {
  /// The first page of settings that is open to the member; nil when none is.
  public static func settings(in frame: PageFrame) -> String? { SettingsTab.open(in: frame).first?.path }

  public static let settingsTeams = "/settings/teams"
  public static let newTeam = "/settings/teams/new"
  public static let rules = "/settings/rules"
  public static let newRule = "/settings/rules/new"
  public static let reattributions = "/settings/rules/rerun"
  public static let newReattribution = "/settings/rules/rerun/new"
  public static let dimensions = "/settings/dimensions"
  public static let groups = "/settings/groups"

  public static func settingsTeam(_ id: TeamID) -> String { "\(settingsTeams)/\(id)" }
  public static func rule(_ id: RuleID) -> String { "\(rules)/\(id)" }
  public static func reattribution(_ id: ReattributionID) -> String { "\(reattributions)/\(id)" }

  /// What running the rules again over a period would change; nothing is changed by looking.
  public static func newReattribution(from: Timestamp?, to: Timestamp? = nil, reason: String) -> String {
    query(newReattribution, [("from", from.map(TimeText.rfc3339)), ("to", to.map(TimeText.rfc3339)), ("reason", reason), ("dry", "1")])
  }
}
