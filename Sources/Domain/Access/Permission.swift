/// What a member may do. Whose money and whose traces are in reach is the scope's matter; this says whether the act is theirs at all.
public enum Permission: String, Sendable, Hashable, CaseIterable {
  /// Cost totals of what is in reach.
  case seeMoney
  /// Cost by end user.
  case seeUserCost
  /// Lists of traces and their structure, without content.
  case seeTraces
  /// The request log and how to connect.
  case seeRequests
  /// Prices, terms, aliases, re-pricing.
  case editPrices
  /// Teams, cost centres, end users' groups, operation types.
  case editTeams
  /// Attribution rules, dimensions, shared costs; re-attribution; closing months.
  case editRules
  /// API keys.
  case manageKeys
  /// Members, roles, grants for content, sign-in.
  case manageMembers
  /// Sampling, masking and content levels of projects.
  case manageContent
  /// Retention, storage, erasure and export of an end user's data; projects.
  case manageData
  /// Audit and access log.
  case readAudit
  /// Files of reports.
  case export

  /// How much of it a role has.
  public enum Extent: Sendable, Hashable {
    case none
    /// Within own teams, own projects or own keys.
    case own
    case all
  }
}

extension Member.Role {
  /// The matrix of roles and acts. *Source:* reference/gateway-finops.md §7.4; what it does not name follows its neighbours.
  public func extent(_ permission: Permission) -> Permission.Extent {
    switch permission {
    case .seeMoney, .seeTraces: hasOwnReach ? .own : .all
    case .seeUserCost: pick(all: [.owner, .admin, .finance, .auditor], own: [.teamLead])
    case .seeRequests: pick(all: [.owner, .admin], own: [.teamLead, .engineer])
    case .editPrices: pick(all: [.owner, .admin, .finance])
    case .editTeams: pick(all: [.owner, .admin, .finance])
    case .editRules: pick(all: [.owner, .finance])
    case .manageKeys: pick(all: [.owner, .admin], own: [.teamLead, .engineer])
    case .manageMembers: pick(all: [.owner, .admin])
    case .manageContent: pick(all: [.owner, .admin], own: [.teamLead])
    case .manageData: pick(all: [.owner, .admin])
    case .readAudit: pick(all: [.owner, .admin, .auditor])
    case .export: pick(all: [.owner, .admin, .finance, .auditor], own: [.teamLead, .engineer])
    }
  }

  /// Reaches only the teams and projects where the member has a role.
  public var hasOwnReach: Bool { [.teamLead, .engineer, .viewer].contains(self) }

  /// How the role comes to read prompts and answers.
  public var contentAccess: ContentAccess {
    switch self {
    case .owner, .admin, .teamLead, .viewer: .byGrant
    case .engineer: .ownProjects
    case .auditor: .breakGlass
    case .finance: .never
    }
  }

  private func pick(all: Set<Self>, own: Set<Self> = []) -> Permission.Extent {
    all.contains(self) ? .all : own.contains(self) ? .own : .none
  }
}

/// How a role comes to read content.
public enum ContentAccess: Sendable, Hashable {
  case never
  /// A grant, given by owners, withdrawn by whoever manages members.
  case byGrant
  /// In projects where the member has the role.
  case ownProjects
  /// Taken by oneself with a reason, for a time, and told in the audit log.
  case breakGlass
}
