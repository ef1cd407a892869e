import Domain
import HTML

/// What roles are called and what they reach, on pages about members.
enum MemberWords {
  static func role(_ role: Member.Role) -> String {
    let name = RoleWords.name(role)
    return name.prefix(1).uppercased() + name.dropFirst()
  }

  /// One line under a choice of roles.
  static func reach(_ role: Member.Role) -> String {
    switch role {
    case .owner: "everything; inputs and outputs by grant"
    case .admin: "prices, teams, keys, members; inputs and outputs by grant"
    case .finance: "money of all teams, prices, rules, closing months; never inputs or outputs"
    case .teamLead: "own teams’ money, users and keys; inputs and outputs by grant"
    case .engineer: "own projects with inputs and outputs, own keys"
    case .viewer: "own projects; inputs and outputs by grant"
    case .auditor: "money, audit log; inputs and outputs for a time, with a reason"
    }
  }

  static func content(_ role: Member.Role) -> String {
    switch role.contentAccess {
    case .never: "never, by any route"
    case .byGrant: "by a grant, which owners give, and owners and admins withdraw"
    case .ownProjects: "in projects with the role engineer, else by a grant"
    case .breakGlass: "taken by themselves for up to 24 hours, with a reason"
    }
  }

  static let table: HTML = """
    <details class="add"><summary>What each role reaches</summary><dl class="facts roles">\(Member.Role.allCases, {
      "<div><dt>\(MemberWords.role($0))</dt><dd>\(MemberWords.reach($0))</dd></div>"
    })</dl></details>
    """

  static func options(_ roles: [Member.Role]) -> [(value: String, label: String)] { roles.map { ($0.rawValue, role($0)) } }

  /// "Chrome on Linux" of a User-Agent; what is not known stays as it was sent.
  static func agent(_ text: String) -> String {
    if text.isEmpty { return "unknown browser" }
    let browsers = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]
    let systems = [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")]
    guard let browser = browsers.first(where: { text.contains($0.0) })?.1 else { return String(text.prefix(60)) }
    return systems.first { text.contains($0.0) }.map { "\(browser) on \($0.1)" } ?? browser
  }
}

extension Route {
  public static let members = "/settings/members"
  public static let memberPolicy = "/settings/members/policy"
  public static let account = "/account"
  public static let accountPassword = "/account/password"
  public static let accountSessions = "/account/sessions"
  public static let accountSecondFactor = "/account/second-factor"
  public static let breakGlass = "/account/break-glass"
  public static func member(_ id: MemberID) -> String { "\(members)/\(id)" }
}

/// A role in a place, named.
public struct PlacedRole: Sendable {
  public var grant: RoleGrant
  /// "team Search", "project default".
  public var place: String

  public init(grant: RoleGrant, place: String) {
    self.grant = grant
    self.place = place
  }

  /// In forms: "team 3", "project 1".
  var value: String {
    switch grant.place {
    case .team(let id): "team \(id)"
    case .project(let id): "project \(id)"
    }
  }
}

/// A link to set a password, shown once to whoever made it.
public struct MadeLink: Sendable {
  public var email: String
  public var address: String
  public var isInvitation: Bool
  /// What became of the mail; nil: no mail server is set.
  public var mail: String?

  public init(email: String, address: String, isInvitation: Bool, mail: String?) {
    self.email = email
    self.address = address
    self.isInvitation = isInvitation
    self.mail = mail
  }

  var html: HTML {
    """
    <section class="measure made-link"><h2>\(isInvitation ? "\(email) is invited" : "A link for \(email)")</h2>
    <p class="note">\(mail ?? "No mail server is set: pass the link on yourself.") It works once, for \(isInvitation ? "seven days" : "24 hours"), and is shown this one time.</p>
    <pre data-copyable>\(address)</pre></section>
    """
  }
}
