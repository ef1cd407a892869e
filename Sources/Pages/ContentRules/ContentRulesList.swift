import Domain
import HTML

/// Projects and what each keeps of prompts and answers.
public struct ContentRulesList: Sendable {
  public struct Row: Sendable {
    public var project: Project
    public var rules: ContentRules
    /// Values masked, fields cut and left out in the last 30 days.
    public var counted: Int64

    public init(project: Project, rules: ContentRules, counted: Int64) {
      self.project = project
      self.rules = rules
      self.counted = counted
    }
  }

  public var work: WorkFrame
  public var rows: [Row]

  public init(work: WorkFrame, rows: [Row]) {
    self.work = work
    self.rows = rows
  }

  public func render() -> HTML {
    work.page(
      "Content", tab: SettingsTab.content,
      """
      <p class="note intro">What is kept of prompts and answers, project by project. It is applied before anything is stored, to what arrives from then on. \
      A key may keep less than its project, never more. Tokens and cost are always kept.</p>
      \(rows.isEmpty ? "<p class=\"empty\">No project is yours to set. Ask an owner or admin.</p>" : table)
      """)
  }

  private var table: HTML {
    """
    <table class="rows"><thead><tr><th scope="col">Project</th><th scope="col">Content</th><th scope="col" class="fold">Masks</th>\
    <th scope="col" class="n">Masked, cut, left out in 30 days</th></tr></thead>
    <tbody>\(rows, { row in
      """
      <tr><th scope="row"><a href="\(url: Route.contentRules(row.project.slug))">\(row.project.name)</a></th>\
      <td>\(ContentWords.level(row.rules.level))</td><td class="fold note">\(Self.masks(row.rules))</td><td class="n">\(CountText(row.counted))</td></tr>
      """
    })</tbody></table>
    """
  }

  private static func masks(_ rules: ContentRules) -> String {
    if rules.level == .full { return "nothing" }
    let kinds = MaskKind.allCases.filter(rules.kinds.contains).map(\.mark) + rules.patterns.map(\.name)
    return kinds.isEmpty ? "nothing" : kinds.joined(separator: ", ")
  }
}
