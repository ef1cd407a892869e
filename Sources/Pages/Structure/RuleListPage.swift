import Domain
import HTML

/// The attribution rules in their order, each with its way up, down and out.
public struct RuleListPage: Sendable {
  public var work: WorkFrame
  /// By position.
  public var rules: [AttributionRule]
  public var teams: [Team]
  public var groups: [UserGroup]

  public init(work: WorkFrame, rules: [AttributionRule], teams: [Team], groups: [UserGroup]) {
    self.work = work
    self.rules = rules
    self.teams = teams
    self.groups = groups
  }

  public func render() -> HTML {
    work.page("Attribution rules", tab: SettingsTab.rules, "\(work.problemNote)\(rules.isEmpty ? empty : list)")
  }

  private var empty: HTML {
    """
    <section class="empty"><h2>No rules</h2><p>A call belongs to the team of its key, then of its user’s group. A rule decides it by what the call says: its \
    project, service, endpoint, tag, model, user, or a declared metadata key. It can also name the endpoint or the user group.</p>
    \(if: work.canChange, "<p><a class=\"button\" href=\"\(Route.newRule)\">Write a rule</a></p>")</section>
    """
  }

  private var list: HTML {
    """
    <p class="note intro">A key’s fixed team comes first, then the first rule that matches, then the team of the user’s group, then the key’s default team. Rules count \
    for calls from now on; what is booked already changes only by a <a href="\(Route.reattributions)">re-attribution</a>.</p>
    \(if: work.canChange, "<p class=\"actions top-actions\"><a class=\"button\" href=\"\(Route.newRule)\">Write a rule</a></p>")
    <table class="rows rules"><thead><tr><th scope="col" class="n">#</th><th scope="col">Rule</th><th scope="col" class="fold">Gives</th>\
    <th scope="col" class="fold">Holds</th>\(if: work.canChange, "<th scope=\"col\" class=\"n\"><span class=\"hidden\">Move or end</span></th>")</tr></thead>
    <tbody>\(rules.enumerated(), { row($0, $1) })</tbody></table>
    """
  }

  private func row(_ place: Int, _ rule: AttributionRule) -> HTML {
    let gives = RuleWords.gives(rule, teams, groups)
    return """
      <tr\(if: isOver(rule), " class=\"over\"")><td class="n note">\(place + 1)</td><th scope="row">\(work.canChange ? "<a class=\"row\" href=\"\(url: Route.rule(rule.id))\">\(rule.name)</a>" : "\(rule.name)")\
      <small class="under show">\(RuleWords.conditions(rule.conditions))</small><small class="under">\(gives), \(RuleWords.dates(rule, work.zone))</small></th>\
      <td class="fold">\(gives)</td><td class="fold note">\(RuleWords.dates(rule, work.zone))\(if: isOver(rule), " · over")</td>\
      \(if: work.canChange, "<td class=\"n do\">\(actions(place, rule))</td>")</tr>
      """
  }

  private func isOver(_ rule: AttributionRule) -> Bool { rule.validTo.map { $0 <= work.frame.now } ?? false }

  private func actions(_ place: Int, _ rule: AttributionRule) -> HTML {
    """
    <form class="above moves" method="post" action="\(Route.rules)/change">\(work.token)<input type="hidden" name="id" value="\(rule.id.description)">\
    \(if: place > 0, "<button class=\"quiet\" name=\"do\" value=\"up\" title=\"One place up\"><span aria-hidden=\"true\">↑</span><span class=\"hidden\">Move \(rule.name) up</span></button>")\
    \(if: place + 1 < rules.count, "<button class=\"quiet\" name=\"do\" value=\"down\" title=\"One place down\"><span aria-hidden=\"true\">↓</span><span class=\"hidden\">Move \(rule.name) down</span></button>")\
    <button class="quiet" name="do" value="remove">Remove<span class="hidden"> \(rule.name)</span></button></form>
    """
  }
}
