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
    ProjectSettingList(
      work: work, tab: .content,
      intro: "What is kept of prompts and answers, project by project. It is applied before anything is stored, to what arrives from then on. "
        + "A key may keep less than its project, never more. Tokens and cost are always kept.",
      columns: [
        .init(name: "Content"), .init(name: "Masks", folds: true), .init(name: "Masked, cut, left out in 30 days", isNumber: true),
      ],
      lines: rows.map { row in
        .init(
          project: row.project, address: Route.contentRules(row.project.slug),
          cells: ["\(ContentWords.level(row.rules.level))", "\(Self.masks(row.rules))", CountText(row.counted).html])
      }
    ).render()
  }

  private static func masks(_ rules: ContentRules) -> String {
    if rules.level == .full { return "nothing" }
    let kinds = MaskKind.allCases.filter(rules.kinds.contains).map(\.mark) + rules.patterns.map(\.name)
    return kinds.isEmpty ? "nothing" : kinds.joined(separator: ", ")
  }
}
