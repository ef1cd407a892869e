import Domain
import HTML

/// A member in the list.
public struct MemberView: Sendable {
  public enum State: Sendable { case invited, active, disabled }
  public var member: Member
  public var state: State
  public var hasSecondFactor: Bool
  public var readsContent: Bool
  public var roles: [PlacedRole]
  public var lastSignInAt: Timestamp?
  /// Until when an invitation can be taken.
  public var invitedUntil: Timestamp?

  public init(
    member: Member, state: State, hasSecondFactor: Bool, readsContent: Bool, roles: [PlacedRole], lastSignInAt: Timestamp?, invitedUntil: Timestamp?
  ) {
    self.member = member
    self.state = state
    self.hasSecondFactor = hasSecondFactor
    self.readsContent = readsContent
    self.roles = roles
    self.lastSignInAt = lastSignInAt
    self.invitedUntil = invitedUntil
  }
}

/// What was typed into the form of an invitation.
public struct InvitationInput: Sendable {
  public var email = ""
  public var role = Member.Role.viewer.rawValue
  /// "team 3", "project 1" or "".
  public var place = ""
  public var readsContent = false
  public init() {}
}

/// Everybody who may sign in, the form that invites, and what is asked of all.
public struct MemberListPage: Sendable {
  public var work: WorkFrame
  public var members: [MemberView]
  public var teams: [Team]
  public var projects: [Project]
  /// Roles that the reader may give.
  public var givenRoles: [Member.Role]
  public var secondFactorRoles: Set<Member.Role>
  public var auditsPayloadReads: Bool
  public var input: InvitationInput
  public var made: MadeLink?

  public init(
    work: WorkFrame, members: [MemberView], teams: [Team], projects: [Project], givenRoles: [Member.Role], secondFactorRoles: Set<Member.Role>,
    auditsPayloadReads: Bool, input: InvitationInput = InvitationInput(), made: MadeLink? = nil
  ) {
    self.work = work
    self.members = members
    self.teams = teams
    self.projects = projects
    self.givenRoles = givenRoles
    self.secondFactorRoles = secondFactorRoles
    self.auditsPayloadReads = auditsPayloadReads
    self.input = input
    self.made = made
  }

  public func render() -> HTML {
    work.page("Members", tab: SettingsTab.members, "\(work.problemNote)\(made?.html)\(list)\(invite)\(policy)")
  }

  private var list: HTML {
    """
    <table class="rows members"><thead><tr><th scope="col">Member</th><th scope="col" class="fold">Role</th><th scope="col" class="fold">Teams and projects</th>\
    <th scope="col" class="fold">Inputs and outputs</th><th scope="col" class="fold">Second factor</th><th scope="col" class="n">Last sign-in</th></tr></thead>\
    <tbody>\(members, row)</tbody></table>
    """
  }

  private func row(_ view: MemberView) -> HTML {
    """
    <tr><th scope="row"><a class="row" href="\(url: Route.member(view.member.id))">\(view.member.email)</a><small class="under">\(under(view))</small></th>\
    <td class="fold">\(MemberWords.role(view.member.role))</td>\
    <td class="fold">\(view.member.role.hasOwnReach ? places(view) : "<span class=\"none\">the whole organisation</span>")</td>\
    <td class="fold">\(content(view))</td><td class="fold">\(factor(view))</td><td class="n">\(last(view))</td></tr>
    """
  }

  /// Role and places, for narrow pages.
  private func under(_ view: MemberView) -> HTML {
    "\(MemberWords.role(view.member.role))\(if: view.member.role.hasOwnReach, ": \(places(view))")"
  }

  private func places(_ view: MemberView) -> HTML {
    if view.roles.isEmpty { return "<span class=\"amber\">none yet</span>" }
    let shown = view.roles.prefix(2).map { "\(RoleWords.name($0.grant.role)) in \($0.place)" }.joined(separator: ", ")
    return "\(shown)\(if: view.roles.count > 2, " <span class=\"note\">and \(view.roles.count - 2) more</span>")"
  }

  private func content(_ view: MemberView) -> HTML {
    switch view.member.role.contentAccess {
    case .never: "<span class=\"none\">never</span>"
    case .ownProjects: "\(view.readsContent ? "own projects, and by grant" : "own projects")"
    case .breakGlass: view.readsContent ? "<span class=\"amber\">open now</span>" : "<span class=\"none\">with a reason</span>"
    case .byGrant: view.readsContent ? "by grant" : "<span class=\"none\">no</span>"
    }
  }

  private func factor(_ view: MemberView) -> HTML {
    if view.hasSecondFactor { return "set up" }
    let isNeeded = secondFactorRoles.contains(view.member.role) || view.roles.contains { secondFactorRoles.contains($0.grant.role) }
    return isNeeded ? "<span class=\"amber\">at the next sign-in</span>" : "<span class=\"none\">none</span>"
  }

  private func last(_ view: MemberView) -> HTML {
    switch view.state {
    case .disabled: "<span class=\"amber\">disabled</span>"
    case .invited: isOpen(view) ? "<span class=\"note\">invited until \(view.invitedUntil, some: work.moment)</span>" : "<span class=\"amber\">invitation over</span>"
    case .active: view.lastSignInAt.map { work.moment($0) } ?? "<span class=\"none\">never</span>"
    }
  }

  private func isOpen(_ view: MemberView) -> Bool { view.invitedUntil.map { $0 > work.frame.now } ?? false }

  private var invite: HTML {
    """
    <section class="measure"><h2>Invite somebody</h2><form class="filters" method="post" action="\(Route.members)">\(work.token)
    <label>E-mail<input type="email" name="email" value="\(input.email)" required maxlength="254" placeholder="name@example.com"></label>\
    <label>Role\(Select(name: "role", options: MemberWords.options(givenRoles), chosen: input.role))</label>\
    <label>In<select name="place"><option value="">no team or project yet</option>\(MemberPlaces(teams: teams, projects: projects, chosen: input.place).html)</select></label>\
    \(if: givenRoles.contains(.owner), "<label class=\"check\"><input type=\"checkbox\" name=\"content\" value=\"1\"\(if: input.readsContent, " checked")> reads inputs and outputs</label>")\
    <button>Invite</button></form>
    <p class="note">Team leads, engineers and viewers reach only where they have a role. The link to set a password is shown next; a change of roles ends it.</p>\(MemberWords.table)</section>
    """
  }

  private var policy: HTML {
    """
    <section class="measure"><h2>What signing in asks</h2><form class="entry wide policy" method="post" action="\(Route.memberPolicy)">\(work.token)
    <fieldset><legend class="note">A second factor (six digits of an app) is required of</legend>\(Member.Role.allCases, { role in
      """
      <label class="check"><input type="checkbox" name="role" value="\(role.rawValue)"\(if: secondFactorRoles.contains(role), " checked")> \(MemberWords.role(role))</label>
      """
    })</fieldset>
    <label class="check"><input type="checkbox" name="payloads" value="1"\(if: auditsPayloadReads, " checked")> Each reading of inputs and outputs stands in the audit log</label>
    <p class="note">Whoever is required to and has none is signed out and sets one up at the next sign-in with a password. Members who come by an identity provider prove there what it asks.</p>
    <p class="actions"><button>Save</button></p></form></section>
    """
  }
}

/// Teams and projects to choose from.
struct MemberPlaces {
  var teams: [Team]
  var projects: [Project]
  var chosen = ""

  var html: HTML {
    """
    \(if: !teams.isEmpty, "<optgroup label=\"Teams\">\(teams, { option("team \($0.id)", $0.name) })</optgroup>")\
    \(if: !projects.isEmpty, "<optgroup label=\"Projects\">\(projects, { option("project \($0.id)", $0.name) })</optgroup>")
    """
  }

  private func option(_ value: String, _ label: String) -> HTML {
    "<option value=\"\(value)\"\(if: value == chosen, " selected")>\(label)</option>"
  }
}
