import Domain
import HTML

/// Writing a rule: first what it would have moved in the last seven days, then saving exactly that.
public struct RuleFormPage: Sendable {
  public var work: WorkFrame
  public var draft: RuleInput
  public var teams: [Team]
  public var groups: [UserGroup]
  public var declared: [DeclaredKey]
  /// nil: not looked at yet.
  public var preview: RulePreviewView?
  /// Rules there are, for its place.
  public var count: Int

  public init(
    work: WorkFrame, draft: RuleInput, teams: [Team], groups: [UserGroup], declared: [DeclaredKey], count: Int,
    preview: RulePreviewView? = nil
  ) {
    self.work = work
    self.draft = draft
    self.teams = teams
    self.groups = groups
    self.declared = declared
    self.count = count
    self.preview = preview
  }

  /// Lines for conditions that stand empty below the filled ones.
  private static let spare = 2
  public static let conditionsMax = 12

  public func render() -> HTML {
    work.page(
      draft.id == nil ? "Write a rule" : "Rule \(draft.name)", tab: SettingsTab.rules,
      "\(work.problemNote)\(preview, some: outcome)\(form)\(if: draft.id != nil && preview == nil, endForm)")
  }

  private var form: HTML {
    let lines = draft.conditions + Array(repeating: RuleInput.Condition(), count: Self.spare)
    return """
      <form class="entry wide rule-form" method="post" action="\(Route.rules)">\(work.token)\(draft.id, some: { "<input type=\"hidden\" name=\"id\" value=\"\($0.description)\">" })
      <fieldset><legend>Rule</legend><label class="span">Name<input name="name" value="\(draft.name)" required maxlength="200" placeholder="Search by its tag"></label>\
      <label>Place in the order<input name="place" value="\(draft.place)" inputmode="numeric" maxlength="6" placeholder="\(count + 1), the last"></label></fieldset>
      <fieldset class="conditions"><legend>When all of these hold; none: every call</legend>\(lines.prefix(Self.conditionsMax).enumerated(), { condition($0, $1) })</fieldset>
      <fieldset><legend>Then it gives</legend><label>Team\(Select(name: "team", options: [("", "as before")] + teams.map { ($0.id.description, $0.name) }, chosen: draft.team))</label>\
      <label>Endpoint<input name="endpoint" value="\(draft.endpoint)" maxlength="200" placeholder="as before"></label>\
      <label>User group\(Select(name: "userGroup", options: [("", "as before")] + groups.map { ($0.id.description, $0.name) }, chosen: draft.userGroup))</label></fieldset>
      <fieldset><legend>For calls that start</legend><label>From<input type="\(Self.kind(draft.validFrom))" name="validFrom" value="\(draft.validFrom)"></label>\
      <label>Until, excluded<input type="\(Self.kind(draft.validTo))" name="validTo" value="\(draft.validTo)"></label></fieldset>
      <p class="actions"><button\(if: preview == nil, " class=\"primary\"") name="do" value="preview">Preview on the last seven days</button><button name="do" value="more" formnovalidate>More conditions</button>\
      <span class="note">A rule is saved after its preview.</span></p></form>
      """
  }

  /// A rule that was written elsewhere may begin within a day, which a field for dates would drop.
  private static func kind(_ moment: String) -> String { moment.utf8.count > 10 ? "text" : "date" }

  private func condition(_ place: Int, _ condition: RuleInput.Condition) -> HTML {
    """
    <div class="condition"><label><span class="hidden">Condition \(place + 1): </span>Look at\(Select(name: "field.\(place)", options: fields, chosen: condition.field))</label>\
    <label>How\(Select(name: "match.\(place)", options: Self.matches, chosen: (condition.isNegated ? "not." : "") + condition.match))</label>\
    <label>Values, one a line<textarea name="values.\(place)" rows="\(max(1, min(6, condition.values.split(whereSeparator: \.isNewline).count)))" maxlength="20000" spellcheck="false">\(condition.values)</textarea></label></div>
    """
  }

  private var fields: [(value: String, label: String)] {
    [("", "nothing")] + RuleField.plain.map { ($0.text, RuleWords.field($0)) }
      + declared.map { (RuleField.metadata($0.key).text, "\(RuleWords.field(.metadata($0.key)))") }
  }

  private static let matches: [(value: String, label: String)] = RuleCondition.Match.allCases.flatMap { match in
    [
      (match.rawValue, RuleWords.match(match, isNegated: false)), ("not." + match.rawValue, RuleWords.match(match, isNegated: true)),
    ]
  }

  private func outcome(_ preview: RulePreviewView) -> HTML {
    """
    <section class="measure preview"><h2>What it would have done from \(work.moment(preview.from)) until now</h2>
    <div class="verdict" role="status"><p>\(headline(preview.outcome))</p>\(save)</div>
    \(preview.owned, some: { "<p class=\"note\">It would own \(CountText($0.calls)) calls with \(MoneyText($0.cost, unknown: "No known cost")), those included that its team has already.</p>" })\
    \(preview.outcome.onlyFrom, some: { "<p class=\"notice amber\"><b>Not all seven days.</b> There was time for calls from \(work.moment($0)) on.</p>" })
    \(preview.declared, { key in
      """
      <p class="notice"><b>metadata \(key.key)</b> counts since \(work.moment(key.declaredAt)), when it was declared. Calls before have no value of it, also in a re-attribution.</p>
      """
    })\(TeamMovements(title: "By team", teams: preview.outcome.teams))
    <p class="more note">Calls that come after saving are attributed by it. For those before, run a <a href="\(Route.newReattribution)">re-attribution</a>.</p></section>
    """
  }

  private func headline(_ outcome: ReattributionDryRunView) -> HTML {
    outcome.changed == 0
      ? "<b>No call would change.</b> \(CountText(outcome.calls)) were looked at."
      : """
        <b>\(CountText(outcome.changed))</b> of \(CountText(outcome.calls)) calls would change; \(CountText(outcome.moved)), with <b>\(MoneyText(outcome.movedCost, unknown: "No known cost"))</b>, \
        would belong to another team.
        """
  }

  /// Saves exactly what was looked at.
  private var save: HTML {
    """
    <form method="post" action="\(Route.rules)">\(work.token)\(draft.fields, { "<input type=\"hidden\" name=\"\($0.name)\" value=\"\($0.value)\">" })\
    <button class="primary" name="do" value="save">Save rule</button></form>
    """
  }

  private var endForm: HTML {
    """
    <section class="measure"><h2>End it</h2><p class="note">Calls that start before keep its word, also in a re-attribution. Removing it instead is as if it had never been.</p>
    <form class="filters" method="post" action="\(Route.rules)/change">\(work.token)<input type="hidden" name="id" value="\(draft.id?.description)">\
    <label>First day without it<input type="date" name="at" required></label><button name="do" value="end">End</button></form></section>
    """
  }
}
