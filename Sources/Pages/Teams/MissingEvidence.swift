import Domain
import HTML

/// Why calls have no owner: each key and user group among them, with what every step that looks for an owner found missing.
struct MissingEvidence: HTMLConvertible {
  let frame: PageFrame
  /// Of unallocated calls, by key and user group.
  let report: CostReport
  let address: PageAddress

  var html: HTML {
    """
    <section class="measure" id="why"><h2>Why these calls have no owner</h2>
    <p class="note">An owner is looked for in this order: the team a key is fixed to, rules, the team of the user’s group, the team a key falls \
    back on. For these calls every step came back empty when they were booked.</p>
    <table class="rows why"><thead><tr><th scope="col">Key</th><th scope="col">What was missing</th><th scope="col" class="n fold">Calls</th>\
    <th scope="col" class="n">Cost</th><th scope="col" class="fold"></th></tr></thead><tbody>\(report.rows.prefix(20), { row($0) })</tbody></table>
    \(if: report.rows.count > 20, "<p class=\"more note\">The 20 largest of \(report.rows.count).</p>")
    <p class="actions">\(if: makesRules, "<a class=\"button\" href=\"\(url: Route.newRule)\">New rule</a>")\
    \(if: frame.allows(.editTeams), "<a class=\"button\" href=\"\(url: Route.settingsTeams)\">Teams and keys</a>")\
    <span class="note">A rule counts from the day its author gives it; earlier calls move when the rules are run again.</span></p></section>
    """
  }

  private var makesRules: Bool { frame.allows(.editRules) }

  private func row(_ row: CostRow) -> HTML {
    let (key, group) = (row.values[0], row.values[1])
    let traces = address.traces.keeping(.team, nil).keeping(.key, key.value).keeping(.userGroup, group.value)
    return """
      <tr><th scope="row"><span class="cell"><a class="row" href="\(url: traces.url)">\(key.label)</a></span></th>\
      <td class="missing">\(Self.missing(key, group))</td><td class="n fold">\(CountText(row.measures.calls))</td>\
      <td class="n">\(MoneyText(row.measures))</td><td class="n fold">\(if: makesRules, "<a class=\"above\" href=\"\(url: rule(key, group))\">Make a rule</a>")</td></tr>
      """
  }

  static func missing(_ key: DimensionValue, _ group: DimensionValue) -> String {
    let owner = key.value == nil ? "came without a key" : "the key names no team"
    let people = group.value == nil ? "no user was named, or one in no group" : "the group \(group.label) has no team"
    return "No rule matched; \(owner); \(people)"
  }

  /// The form of a rule with what is known of these calls.
  private func rule(_ key: DimensionValue, _ group: DimensionValue) -> String {
    var input = RuleInput()
    input.name = group.value.map { "Calls of \($0)" } ?? "Calls with \(key.label)"
    if let key = key.value { input.conditions.append(.init(field: RuleField.key.text, values: key)) }
    if let group = group.value { input.conditions.append(.init(field: RuleField.userGroup.text, values: group)) }
    return Route.query(Route.newRule, input.fields.map { ($0.name, Optional($0.value)) })
  }
}
