import Domain
import HTML

/// A session as shown.
public struct SessionView: Sendable {
  public var id: Int64
  public var address: String
  public var agent: String
  public var createdAt: Timestamp
  public var lastSeenAt: Timestamp
  public var isCurrent: Bool

  public init(id: Int64, address: String, agent: String, createdAt: Timestamp, lastSeenAt: Timestamp, isCurrent: Bool) {
    self.id = id
    self.address = address
    self.agent = agent
    self.createdAt = createdAt
    self.lastSeenAt = lastSeenAt
    self.isCurrent = isCurrent
  }
}

/// Browsers that are signed in.
struct SessionList: HTMLConvertible {
  var work: WorkFrame
  var sessions: [SessionView]
  /// Where ending one is sent; nil: all or none are ended.
  var path: String?

  var html: HTML {
    """
    <section class="measure" id="sessions"><h2>Sessions</h2>\(if: sessions.isEmpty, "<p class=\"note\">None.</p>")\(if: !sessions.isEmpty, """
      <table class="rows sessions"><thead><tr><th scope="col">Browser</th><th scope="col">From</th><th scope="col" class="fold">Since</th><th scope="col">Last seen</th>\
      <th scope="col" class="n"><span class="hidden">End</span></th></tr></thead><tbody>\(sessions, row)</tbody></table>
      """)\(if: path != nil && sessions.count > 1, form(nil, "<button>End all other sessions</button>"))</section>
    """
  }

  private func row(_ session: SessionView) -> HTML {
    """
    <tr><th scope="row" title="\(session.agent)">\(MemberWords.agent(session.agent))\(if: session.isCurrent, " <span class=\"tag\">this one</span>")</th>\
    <td>\(session.address.isEmpty ? "unknown" : session.address)</td><td class="fold">\(work.moment(session.createdAt))</td><td>\(work.moment(session.lastSeenAt))</td>\
    <td class="n">\(if: path != nil && !session.isCurrent, form(session.id, "<button class=\"quiet\">End</button>"))</td></tr>
    """
  }

  private func form(_ id: Int64?, _ button: HTML) -> HTML {
    """
    <form class="\(id == nil ? "actions" : "inline")" method="post" action="\(url: path ?? "")">\(work.token)\
    \(id, some: { "<input type=\"hidden\" name=\"id\" value=\"\($0)\">" })\(button)</form>
    """
  }
}

/// What belongs to the signed-in member: roles, password, second factor, sessions.
public struct AccountPage: Sendable {
  public var work: WorkFrame
  public var roles: [PlacedRole]
  public var grants: [ContentGrantView]
  public var sessions: [SessionView]
  /// False for who comes by a provider alone.
  public var hasPassword: Bool
  /// nil: no second factor.
  public var recoveryCodesLeft: Int?
  public var needsSecondFactor: Bool
  /// Accounts at providers; nil: there are no providers.
  public var linked: [LinkedAccountView]?
  /// What was done just now, one sentence.
  public var done: String?

  public init(
    work: WorkFrame, roles: [PlacedRole], grants: [ContentGrantView], sessions: [SessionView], hasPassword: Bool, recoveryCodesLeft: Int?,
    needsSecondFactor: Bool, linked: [LinkedAccountView]? = nil, done: String? = nil
  ) {
    self.work = work
    self.roles = roles
    self.grants = grants
    self.sessions = sessions
    self.hasPassword = hasPassword
    self.recoveryCodesLeft = recoveryCodesLeft
    self.needsSecondFactor = needsSecondFactor
    self.linked = linked
    self.done = done
  }

  private var member: Member { work.frame.access.member }

  public func render() -> HTML {
    work.page(
      "Your account", tab: SettingsTab.account,
      """
      \(work.problemNote)\(done, some: { "<p class=\"notice\" role=\"status\">\($0)</p>" })\(who)\(content)\(password)\(factor)\
      \(LinkedAccountList(work: work, accounts: linked, path: Route.accountLinked, isSelf: true))\
      \(SessionList(work: work, sessions: sessions, path: Route.accountSessions))
      """)
  }

  private var who: HTML {
    """
    <section class="measure"><h2>\(member.email)</h2><dl class="facts"><div><dt>Role</dt><dd>\(MemberWords.role(member.role)): \(MemberWords.reach(member.role))</dd></div>\
    \(if: member.role.hasOwnReach, "<div><dt>Where</dt><dd>\(places)</dd></div>")</dl></section>
    """
  }

  private var places: String {
    if roles.isEmpty { return "no team or project yet; an owner or admin gives you a role" }
    return roles.map { "\(RoleWords.name($0.grant.role)) in \($0.place)" }.joined(separator: ", ")
  }

  private var content: HTML {
    let valid = grants.filter { $0.isValid(at: work.frame.now) }
    return """
      <section class="measure"><h2>Inputs and outputs</h2><p class="note">For your role: \(MemberWords.content(member.role)).</p>\
      \(if: !valid.isEmpty, ContentGrantTable(work: work, grants: valid, path: nil).html)\
      \(if: member.role.contentAccess == .breakGlass, "<p class=\"actions\"><a class=\"button\" href=\"\(url: Route.breakGlass)\">Open inputs and outputs for a time</a></p>")</section>
      """
  }

  private var password: HTML {
    if !hasPassword {
      return "<section class=\"measure\"><h2>Password</h2><p class=\"note\">You have none: you sign in by an identity provider.</p></section>"
    }
    return """
      <section class="measure" id="password"><h2>Password</h2><form class="entry wide" method="post" action="\(Route.accountPassword)">\(work.token)\
      <input type="hidden" name="username" value="\(member.email)" autocomplete="username"><fieldset>
      <label>Current password<input type="password" name="current" autocomplete="current-password" required maxlength="256"></label>\
      <label>New password<input type="password" name="password" autocomplete="new-password" required minlength="12" maxlength="256"></label>\
      <label>The same again<input type="password" name="again" autocomplete="new-password" required maxlength="256"></label></fieldset>
      <p class="note">\(PasswordWords.hint) You stay signed in here and are signed out everywhere else.</p><p class="actions"><button>Change the password</button></p></form></section>
      """
  }

  private var factor: HTML {
    guard let left = recoveryCodesLeft else {
      return """
        <section class="measure" id="second-factor"><h2>Second factor</h2><p class="note">None: the password alone lets in.\
        \(if: !hasPassword, " It would be asked for beside a password, which you don’t have.")</p>
        \(if: hasPassword, "<p class=\"actions\"><a class=\"button\" href=\"\(url: Route.accountSecondFactor)\">Set up a second factor</a></p>")</section>
        """
    }
    return """
      <section class="measure" id="second-factor"><h2>Second factor</h2><p class="note">Set up: six digits of an app are asked for beside the password. \
      \(left) of 10 recovery codes are left.\(if: needsSecondFactor, " Your role asks for it, so it can be replaced and not taken off.")</p>
      <form class="filters" method="post" action="\(Route.accountSecondFactor)">\(work.token)
      <label>Six digits of the app<input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="10"></label>\
      <button name="do" value="codes">New recovery codes</button>\
      <button name="do" value="replace">Set up another app</button>\
      \(if: !needsSecondFactor, "<button name=\"do\" value=\"remove\">Take it off</button>")</form></section>
      """
  }
}

/// Setting up a second factor while signed in.
public struct SecondFactorPage: Sendable {
  public var work: WorkFrame
  public var offer: SecondFactorOffer

  public init(work: WorkFrame, offer: SecondFactorOffer) {
    self.work = work
    self.offer = offer
  }

  public func render() -> HTML {
    work.page(
      "Set up a second factor", tab: SettingsTab.account,
      """
      \(work.problemNote)<section class="measure">\(offer.html)
      <form class="filters" method="post" action="\(Route.accountSecondFactor)">\(work.token)<input type="hidden" name="do" value="confirm">
      <label>Six digits<input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="10" autofocus></label><button class="primary">Set up</button></form>
      <p class="note">Recovery codes come next. Your other sessions end. <a href="\(url: Route.account)">Leave it</a></p></section>
      """)
  }
}

/// An auditor opens inputs and outputs for a time.
public struct BreakGlassPage: Sendable {
  public var work: WorkFrame
  public var grants: [ContentGrantView]
  public var projects: [Project]
  /// Typed, given back when it was not accepted.
  public var reason: String
  public var hours: String
  public var project: String

  public init(
    work: WorkFrame, grants: [ContentGrantView], projects: [Project], reason: String = "", hours: String = "1", project: String = ""
  ) {
    self.work = work
    self.grants = grants
    self.projects = projects
    self.reason = reason
    self.hours = hours
    self.project = project
  }

  public func render() -> HTML {
    work.page(
      "Open inputs and outputs", tab: SettingsTab.account,
      """
      \(work.problemNote)<p class="intro">For a time and with a reason, which stand in the audit log and on your page, where owners and admins see them. They can end it before.</p>
      <section class="measure"><form class="entry wide" method="post" action="\(Route.breakGlass)">\(work.token)<input type="hidden" name="do" value="open">
      <fieldset><label>Project<select name="project"><option value="">all projects</option>\(projects, { entry in
        "<option value=\"\(entry.id.description)\"\(if: entry.id.description == project, " selected")>\(entry.name)</option>"
      })</select></label>\
      <label>Hours, 1 to 24<input type="number" name="hours" min="1" max="24" value="\(hours)" required></label></fieldset>
      <label>Reason<input name="reason" value="\(reason)" required minlength="10" maxlength="500" placeholder="complaint 4711: what the assistant answered on 3 November"></label>
      <p class="actions"><button>Open</button></p></form></section>
      \(if: !grants.isEmpty, "<section class=\"measure\"><h2>Opened before</h2>\(ContentGrantTable(work: work, grants: grants, path: Route.breakGlass).html)</section>")
      """)
  }
}
