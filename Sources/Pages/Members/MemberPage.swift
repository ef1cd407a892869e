import Domain
import HTML

/// A grant for content as shown.
public struct ContentGrantView: Sendable {
  public var id: Int32
  /// nil: all in reach.
  public var project: String?
  public var givenBy: String
  public var givenAt: Timestamp
  public var expiresAt: Timestamp?
  public var reason: String
  /// When and by whom it was withdrawn.
  public var withdrawnAt: Timestamp?
  public var withdrawnBy: String?

  public init(
    id: Int32, project: String?, givenBy: String, givenAt: Timestamp, expiresAt: Timestamp?, reason: String, withdrawnAt: Timestamp?,
    withdrawnBy: String?
  ) {
    self.id = id
    self.project = project
    self.givenBy = givenBy
    self.givenAt = givenAt
    self.expiresAt = expiresAt
    self.reason = reason
    self.withdrawnAt = withdrawnAt
    self.withdrawnBy = withdrawnBy
  }

  func isValid(at now: Timestamp) -> Bool { withdrawnAt == nil && (expiresAt.map { $0 > now } ?? true) }
}

/// One member: roles, grants for content, ways to sign in, sessions, and the end.
public struct MemberPage: Sendable {
  public var work: WorkFrame
  public var view: MemberView
  public var grants: [ContentGrantView]
  public var sessions: [SessionView]
  public var teams: [Team]
  public var projects: [Project]
  /// Roles that the reader may give this member; empty: the member is above the reader, who only looks.
  public var givenRoles: [Member.Role]
  public var isSelf: Bool
  /// Accounts at providers; nil: there are no providers.
  public var linked: [LinkedAccountView]?
  public var made: MadeLink?

  public init(
    work: WorkFrame, view: MemberView, grants: [ContentGrantView], sessions: [SessionView], teams: [Team], projects: [Project],
    givenRoles: [Member.Role], isSelf: Bool, linked: [LinkedAccountView]? = nil, made: MadeLink? = nil
  ) {
    self.work = work
    self.view = view
    self.grants = grants
    self.sessions = sessions
    self.teams = teams
    self.projects = projects
    self.givenRoles = givenRoles
    self.isSelf = isSelf
    self.linked = linked
    self.made = made
  }

  private var member: Member { view.member }
  private var path: String { Route.member(member.id) }
  private var mayChange: Bool { !givenRoles.isEmpty }
  /// Only owners give content, and links by which they could sign in as somebody who reads it.
  private var isOwners: Bool { givenRoles.contains(.owner) }

  public func render() -> HTML {
    work.page(
      member.email, tab: SettingsTab.members,
      """
      \(work.problemNote)\(made?.html)<p class="intro"><a href="\(url: Route.members)">All members</a> · \(MemberWords.role(member.role)) · \(state)</p>
      \(role)\(if: member.role.hasOwnReach, places)\(content)\(signIn)\
      \(LinkedAccountList(work: work, accounts: linked, path: mayChange && !isSelf ? path : nil, isSelf: false))\(SessionList(work: work, sessions: sessions, path: nil))\(if: mayChange && !isSelf, end)
      """)
  }

  private var state: HTML {
    switch view.state {
    case .active: view.lastSignInAt.map { "last signed in \(work.moment($0))" } ?? "never signed in"
    case .invited: "invited\(view.invitedUntil, some: { ", the link holds until \(work.moment($0))" })"
    case .disabled: "<span class=\"amber\">disabled: can’t sign in</span>"
    }
  }

  /// A form of one act.
  private func form(_ act: String, _ content: HTML, classes: String = "filters") -> HTML {
    """
    <form class="\(classes)" method="post" action="\(url: path)">\(work.token)<input type="hidden" name="do" value="\(act)">\(content)</form>
    """
  }

  private var role: HTML {
    let mayGive = mayChange && (!isSelf || member.role == .owner)
    return """
      <section class="measure"><h2>Role in the organisation</h2>\(if: mayGive, form("role", """
        <label>Role\(Select(name: "role", options: MemberWords.options(givenRoles), chosen: member.role.rawValue))</label><button>Change</button>
        """))<p class="note">\(MemberWords.role(member.role)): \(MemberWords.reach(member.role)).\
      \(if: mayGive, " Changing it signs the member out, withdraws grants for inputs and outputs, and ends open links to set a password; keys of theirs do what the new role may.")\
      \(if: mayGive && isOwners && member.role != .owner, " A new owner signs in with a password, or a provider’s account that they linked themselves.")\(if: isSelf && !mayGive, " Only an owner changes the own role.")\
      \(if: !mayChange, " Only an owner changes an owner.")</p>\(MemberWords.table)</section>
      """
  }

  private var places: HTML {
    """
    <section class="measure"><h2>Roles in teams and projects</h2>\(if: view.roles.isEmpty, "<p class=\"notice\">None yet: this member signs in and sees nothing.</p>")\
    \(if: !view.roles.isEmpty, placeTable)\(if: mayChange, form("place", """
      <label>In<select name="place" required>\(MemberPlaces(teams: teams, projects: projects).html)</select></label>\
      <label>Role\(Select(name: "role", options: MemberWords.options([.teamLead, .engineer, .viewer]), chosen: member.role.rawValue))</label><button>Give</button>
      """))<p class="note">A role in a team reaches the teams beneath it and the projects that they administer. Team leads lead teams; projects have engineers and viewers.</p></section>
    """
  }

  private var placeTable: HTML {
    """
    <table class="rows"><thead><tr><th scope="col">In</th><th scope="col">Role</th><th scope="col" class="n"><span class="hidden">Take</span></th></tr></thead><tbody>\(view.roles, { placed in
      """
      <tr><th scope="row">\(placed.place)</th><td>\(MemberWords.role(placed.grant.role))</td><td class="n">\(if: mayChange, form("unplace", """
        <input type="hidden" name="place" value="\(placed.value)"><button class="quiet">Take away<span class="hidden"> \(placed.place)</span></button>
        """, classes: "inline"))</td></tr>
      """
    })</tbody></table>
    """
  }

  private var content: HTML {
    let isGiven = isOwners && [.byGrant, .ownProjects].contains(member.role.contentAccess)
    return """
      <section class="measure" id="content"><h2>Inputs and outputs</h2><p class="note">\(MemberWords.role(member.role)): \(MemberWords.content(member.role)).</p>
      \(if: !grants.isEmpty, ContentGrantTable(work: work, grants: grants, path: mayChange ? path : nil).html)\(if: isGiven, form("grant", """
        <label>Of<select name="project"><option value="">all that the role reaches</option>\(projects, { "<option value=\"\($0.id.description)\">\($0.name)</option>" })</select></label>\
        <label>For\(Select(name: "days", options: [("", "until withdrawn"), ("1", "a day"), ("7", "7 days"), ("30", "30 days"), ("90", "90 days")], chosen: ""))</label>\
        <label>Why<input name="reason" maxlength="500" placeholder="debugging of …"></label><button>Give access</button>
        """))</section>
      """
  }

  private var mayLink: Bool {
    isOwners || view.state == .invited && !grants.contains { $0.withdrawnAt == nil }
  }

  private var signIn: HTML {
    """
    <section class="measure"><h2>Signing in</h2><p class="note">Second factor: \(if: view.hasSecondFactor, "set up")\(if: !view.hasSecondFactor, "none").\(if: mayChange && !isSelf && !mayLink, " A link to set a password is made by an owner.")</p>
    \(if: mayChange && view.state != .disabled, """
      <div class="actions">\(if: !isSelf && mayLink, form("link", "<button>\(view.state == .invited ? "New invitation link" : "Link to set a new password")</button>"))\
      \(if: view.hasSecondFactor && !isSelf, form("unfactor", "<button>Take the second factor off</button>"))\
      \(if: !sessions.isEmpty, form("sessions", "<button>End all sessions</button>"))</div>
      """)</section>
    """
  }

  private var end: HTML {
    """
    <section class="measure end"><h2>\(if: view.state == .disabled, "Disabled")\(if: view.state != .disabled, "Leaving")</h2>
    <p class="note">A disabled member is signed out, can’t sign in and keeps roles and grants. A removed one is gone; what the audit log says of them stays. \
    Either way, keys of theirs that read traces or administer are revoked for good, with those made by them; those that only send or read money go on. Open links end.</p>
    <div class="actions">\(form(view.state == .disabled ? "enable" : "disable", "<button>\(view.state == .disabled ? "Enable" : "Disable") \(member.email)</button>"))</div>
    \(form("remove", """
      <label class="long">Type \(member.email) to remove<input name="email" required autocomplete="off" maxlength="254"></label><button class="danger">Remove</button>
      """))</section>
    """
  }
}

/// Grants for content, valid ones first.
struct ContentGrantTable {
  var work: WorkFrame
  var grants: [ContentGrantView]
  /// Where a withdrawal is sent; nil: the reader only looks.
  var path: String?

  var html: HTML {
    let now = work.frame.now, sorted = grants.filter { $0.isValid(at: now) } + grants.filter { !$0.isValid(at: now) }
    return """
      <table class="rows grants"><thead><tr><th scope="col">Of</th><th scope="col" class="fold">Given</th><th scope="col" class="fold">Why</th><th scope="col">Until</th>\
      <th scope="col" class="n"><span class="hidden">Withdraw</span></th></tr></thead><tbody>\(sorted, row)</tbody></table>
      """
  }

  private func row(_ grant: ContentGrantView) -> HTML {
    let isValid = grant.isValid(at: work.frame.now)
    return """
      <tr\(if: !isValid, " class=\"over\"")><th scope="row">\(grant.project ?? "all in reach")<small class="under">given \(work.moment(grant.givenAt)) by \(grant.givenBy)</small></th>\
      <td class="fold">\(work.moment(grant.givenAt)) by \(grant.givenBy)</td>\
      <td class="fold">\(if: grant.reason.isEmpty, "<span class=\"none\">not said</span>")\(grant.reason)</td><td>\(until(grant))</td>\
      <td class="n">\(if: isValid, path.map(withdraw(grant)) ?? "")</td></tr>
      """
  }

  private func until(_ grant: ContentGrantView) -> HTML {
    if let at = grant.withdrawnAt { return "withdrawn \(work.moment(at)) by \(grant.withdrawnBy)" }
    return grant.expiresAt.map { "\(if: $0 <= work.frame.now, "over since ")\(work.moment($0))" } ?? "somebody withdraws it"
  }

  private func withdraw(_ grant: ContentGrantView) -> (String) -> HTML {
    { path in
      """
      <form class="inline" method="post" action="\(url: path)">\(work.token)<input type="hidden" name="do" value="withdraw">\
      <input type="hidden" name="grant" value="\(grant.id)"><button class="quiet">Withdraw</button></form>
      """
    }
  }
}
