import Domain
import HTML

/// The teams and what finance needs to know about each.
public struct TeamListPage: Sendable {
  public var work: WorkFrame
  public var teams: [Team]

  public init(work: WorkFrame, teams: [Team]) {
    self.work = work
    self.teams = teams
  }

  public func render() -> HTML {
    work.page(
      "Teams", tab: SettingsTab.teams,
      """
      \(work.problemNote)\(if: work.canChange, "<p class=\"actions top-actions\"><a class=\"button\" href=\"\(Route.newTeam)\">Add a team</a></p>")
      <table class="rows"><thead><tr><th scope="col">Team</th><th scope="col">Cost centre</th><th scope="col">GL account</th><th scope="col" class="fold">Owner</th>\
      <th scope="col" class="fold">Part of</th><th scope="col" class="fold">Owns cost</th></tr></thead><tbody>\(teams, row)</tbody></table>
      <p class="more note">A team owns cost by its keys, by \(rules) and by its <a href="\(Route.groups)">user groups</a>. What nobody owns is Unallocated.</p>
      """)
  }

  /// Who may not open the rules is told of them without a link.
  private var rules: HTML { work.frame.allows(.editRules) ? "<a href=\"\(Route.rules)\">rules</a>" : "rules" }

  private func row(_ team: Team) -> HTML {
    """
    <tr><th scope="row"><span class="cell">\(SeriesStyle(place: Int(team.colour) & 7, isHatched: false).swatch)\(work.canChange ? "<a class=\"row\" href=\"\(url: Route.settingsTeam(team.id))\">\(team.name)</a>" : "<span class=\"row\">\(team.name)</span>")</span>\
    \(team.owner, some: { "<small class=\"under\">\($0)</small>" })</th><td>\(Self.value(team.costCentre))</td><td>\(Self.value(team.glAccount))</td>\
    <td class="fold">\(team.owner)</td><td class="fold">\(parent(team))</td><td class="fold note">\(TeamWords.dates(team))</td></tr>
    """
  }

  private func parent(_ team: Team) -> String? { teams.first { $0.id == team.parent }?.name }
  private static func value(_ text: String?) -> HTML { text.map { HTML(text: $0) } ?? "<span class=\"none\">–</span>" }
}

enum TeamWords {
  /// Days in which it can own cost.
  static func dates(_ team: Team) -> String {
    switch (team.validFrom, team.validTo) {
    case (nil, nil): "always"
    case (let from?, nil): "from \(CalendarWords.day(from))"
    case (nil, let to?): "until \(CalendarWords.day(CalendarWords.before(to)))"
    case (let from?, let to?): "\(CalendarWords.day(from)) – \(CalendarWords.day(CalendarWords.before(to)))"
    }
  }
}

/// What was typed into the form of a team.
public struct TeamInput: Sendable, Hashable {
  /// nil: a new one.
  public var id: TeamID?
  public var name = ""
  public var costCentre = ""
  public var glAccount = ""
  public var owner = ""
  /// Id of the parent as sent; "" for none.
  public var parent = ""
  public var validFrom = ""
  public var validTo = ""

  public init() {}

  public init(_ team: Team) {
    id = team.id
    name = team.name
    costCentre = team.costCentre ?? ""
    glAccount = team.glAccount ?? ""
    owner = team.owner ?? ""
    parent = team.parent?.description ?? ""
    validFrom = team.validFrom ?? ""
    validTo = team.validTo ?? ""
  }
}

public struct TeamFormPage: Sendable {
  public var work: WorkFrame
  public var draft: TeamInput
  public var teams: [Team]

  public init(work: WorkFrame, draft: TeamInput, teams: [Team]) {
    self.work = work
    self.draft = draft
    self.teams = teams
  }

  private var rerun: HTML {
    work.frame.allows(.editRules) ? "<a href=\"\(Route.newReattribution)\">re-attribution</a>" : "re-attribution"
  }

  public func render() -> HTML {
    work.page(
      draft.id == nil ? "Add a team" : "Team \(draft.name)", tab: SettingsTab.teams,
      """
      \(work.problemNote)<form class="entry wide" method="post" action="\(Route.settingsTeams)">\(work.token)\(draft.id, some: { "<input type=\"hidden\" name=\"id\" value=\"\($0.description)\">" })
      <fieldset><legend>Who</legend><label>Name<input name="name" value="\(draft.name)" required maxlength="200"></label>\
      <label>Owner<input name="owner" value="\(draft.owner)" maxlength="200" placeholder="who answers for its cost"></label>\
      <label>Part of\(Select(name: "parent", options: parents, chosen: draft.parent))</label>\(if: !placesTeams, Self.whoPlaces)</fieldset>
      <fieldset><legend>For the books</legend><label>Cost centre<input name="costCentre" value="\(draft.costCentre)" maxlength="100" placeholder="4711"></label>\
      <label>GL account<input name="glAccount" value="\(draft.glAccount)" maxlength="100" placeholder="655000"></label></fieldset>
      <fieldset><legend>Can own cost</legend><label>From<input type="date" name="validFrom" value="\(draft.validFrom)"></label>\
      <label>Until, excluded<input type="date" name="validTo" value="\(draft.validTo)"></label></fieldset>
      <p class="note">Dates count for calls from now on; earlier ones change only by a \(rerun). Closed statements keep what they say.</p>
      <p class="actions"><button class="primary">Save team</button></p></form>
      """)
  }

  private var placesTeams: Bool { work.frame.allows(.manageMembers) }

  private static let whoPlaces: HTML =
    "<p class=\"note\">Owners and admins make a team part of another: roles there reach its projects and prompts.</p>"

  /// Of who may not place teams: the one it is part of now.
  private var parents: [(value: String, label: String)] {
    let now = teams.first { $0.id == draft.id }?.parent
    let choice = teams.filter { $0.id != draft.id && (placesTeams || $0.id == now) }
    return [("", "no other team")] + choice.map { ($0.id.description, $0.name) }
  }
}
