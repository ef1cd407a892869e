import Domain
import HTML

/// A group of end users in the list.
public struct UserGroupView: Sendable {
  public var group: UserGroup
  public var members: Int64

  public init(group: UserGroup, members: Int64) {
    self.group = group
    self.members = members
  }
}

/// What became of one line of an uploaded list.
public struct GroupUploadOutcome: Sendable {
  public struct Line: Sendable {
    /// From 1.
    public var number: Int
    public var problem: String
    public init(number: Int, problem: String) {
      self.number = number
      self.problem = problem
    }
  }
  /// Users that are new or in another group now.
  public var changed: Int
  public var unchanged: Int
  public var newGroups: [String]
  /// The first of them; `refusedCount` are all.
  public var refused: [Line]
  public var refusedCount: Int

  public init(changed: Int, unchanged: Int, newGroups: [String], refused: [Line], refusedCount: Int) {
    self.changed = changed
    self.unchanged = unchanged
    self.newGroups = newGroups
    self.refused = refused
    self.refusedCount = refusedCount
  }
}

/// Groups of end users: whose team pays, who is in them, and the rules that fill them.
public struct UserGroupPage: Sendable {
  public var work: WorkFrame
  public var groups: [UserGroupView]
  public var teams: [Team]
  /// Those that give a user group.
  public var rules: [AttributionRule]
  public var outcome: GroupUploadOutcome?
  /// Typed, given back when it was not accepted.
  public var name: String
  public var team: String
  public var text: String

  public init(
    work: WorkFrame, groups: [UserGroupView], teams: [Team], rules: [AttributionRule], outcome: GroupUploadOutcome? = nil,
    name: String = "", team: String = "", text: String = ""
  ) {
    self.work = work
    self.groups = groups
    self.teams = teams
    self.rules = rules
    self.outcome = outcome
    self.name = name
    self.team = team
    self.text = text
  }

  public func render() -> HTML {
    work.page(
      "User groups", tab: SettingsTab.groups,
      """
      \(outcome, some: result)\(work.problemNote)
      \(groups.isEmpty ? Self.empty : list)\(if: work.canChange, forms)
      """)
  }

  private static let empty: HTML = """
    <section class="empty"><h2>No user groups</h2><p>A group gathers the end users of your applications: a customer, a plan, a department. Its team pays for calls that no \
    key or rule has given to another, and reports can be split by it.</p></section>
    """

  private var list: HTML {
    """
    <table class="rows groups"><thead><tr><th scope="col">Group</th><th scope="col">Team</th><th scope="col" class="n">Members</th><th scope="col" class="fold">Filled also by</th>\
    \(if: work.canChange, "<th scope=\"col\" class=\"n\"><span class=\"hidden\">Save</span></th>")</tr></thead><tbody>\(groups, row)</tbody></table>
    """
  }

  private func row(_ entry: UserGroupView) -> HTML {
    let filling = rules.filter { $0.userGroup == entry.group.id }
    let team = teams.first { $0.id == entry.group.team }?.name
    return """
      <tr><th scope="row"><a class="plain-link" href="\(url: PageAddress(path: Route.costs).keeping(.userGroup, entry.group.name).url)">\(entry.group.name)</a></th>\
      <td>\(work.canChange ? teamForm(entry.group) : team.map { HTML(text: $0) } ?? "<span class=\"none\">none</span>")</td>\
      <td class="n">\(CountText(entry.members))</td><td class="fold">\(if: filling.isEmpty, "<span class=\"none\">nothing</span>")\
      \(filling.enumerated(), { "\(if: $0 > 0, ", ")<a href=\"\(url: Route.rule($1.id))\">rule \($1.name)</a>" })</td>\
      \(if: work.canChange, buttons(entry.group))</tr>
      """
  }

  /// They send the form around the team's menu.
  private func buttons(_ group: UserGroup) -> HTML {
    let form = "group-\(group.id)"
    return """
      <td class="n"><span class="moves"><button class="quiet" form="\(form)">Save team<span class="hidden"> of \(group.name)</span></button>\
      <button class="quiet" form="\(form)" name="do" value="remove">Remove<span class="hidden"> \(group.name)</span></button></span></td>
      """
  }

  private func teamForm(_ group: UserGroup) -> HTML {
    """
    <form id="group-\(group.id.description)" class="inline" method="post" action="\(Route.groups)">\(work.token)<input type="hidden" name="id" value="\(group.id.description)">\
    <label><span class="hidden">Team of \(group.name)</span>\(Select(name: "team", options: options, chosen: group.team?.description ?? ""))</label></form>
    """
  }

  private var options: [(value: String, label: String)] { [("", "none")] + teams.map { ($0.id.description, $0.name) } }

  private var forms: HTML {
    """
    <section class="measure"><h2>Add a group</h2><form class="filters" method="post" action="\(Route.groups)">\(work.token)
    <label>Name<input name="name" value="\(name)" required maxlength="200" placeholder="Enterprise customers"></label>\
    <label>Team that pays\(Select(name: "team", options: options, chosen: team))</label><button>Add</button></form></section>
    <section class="measure"><h2>Upload members</h2><p class="note">CSV whose first line names the columns <code>user,group</code>. A user is in one group; who is not in the list stays \
    where they are. Groups that don’t exist yet are made. To fill a group by user id, e-mail domain or metadata, \(work.frame.allows(.editRules) ? "<a href=\"\(Route.newRule)\">write a rule</a>" as HTML : "ask who writes the rules").</p>
    <form class="entry wide" method="post" action="\(Route.groups)/members" enctype="multipart/form-data">\(work.token)
    <fieldset><label class="span">File<input type="file" name="file" accept=".csv,text/csv,text/plain"></label></fieldset>
    <label>or its text<textarea name="text" rows="5" spellcheck="false" placeholder="user,group">\(text)</textarea></label>
    <p class="actions"><button>Upload</button></p></form></section>
    """
  }

  private func result(_ outcome: GroupUploadOutcome) -> HTML {
    """
    <section class="measure"><h2>Uploaded</h2><div class="verdict" role="status"><p><b>\(CountText(Int64(outcome.changed)))</b> users are new or changed their group, \
    <b>\(CountText(Int64(outcome.unchanged)))</b> were in it already\(if: !outcome.newGroups.isEmpty, "; new groups: \(outcome.newGroups.joined(separator: ", "))")\
    \(if: outcome.refusedCount > 0, "; <span class=\"amber\"><b>\(CountText(Int64(outcome.refusedCount)))</b> lines not taken</span>").</p></div>
    \(if: !outcome.refused.isEmpty, refused(outcome))</section>
    """
  }

  private func refused(_ outcome: GroupUploadOutcome) -> HTML {
    """
    <table class="rows"><thead><tr><th scope="col">Line</th><th scope="col">Why it was not taken</th></tr></thead><tbody>\(outcome.refused.prefix(Self.shown), { line in
      "<tr><th scope=\"row\">\(line.number)</th><td>\(line.problem)</td></tr>"
    })</tbody></table>\(if: outcome.refusedCount > Self.shown, "<p class=\"more note\">The first \(Self.shown) of \(outcome.refusedCount).</p>")
    """
  }

  private static let shown = 200
}
