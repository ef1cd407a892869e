import Domain
import HTML

@testable import Pages

enum ContentSamples {
  private static let project = Project(id: ProjectID(1), slug: "support", name: "Support <desk>", team: TeamID(1))
  private static let rules = ContentRules(
    level: .masked, isHashed: true, patterns: [MaskPattern(name: "customer", text: "\\bKD-\\d{6}\\b")])

  static func page(trial: ContentRulesPage.Trial? = nil, problem: String? = nil) -> ContentRulesPage {
    ContentRulesPage(
      work: StructureSamples.work("/settings/content/support", problem: problem), project: project, draft: ContentDraft(rules), saved: rules,
      changedAt: Sample.ago(86_400), changedBy: "ada@meridian.example",
      counts: [ContentCount(what: "email", count: 48_120), ContentCount(what: "customer", count: 914), ContentCount(what: ContentTally.cut, count: 3)],
      trial: trial)
  }

  static var all: [(name: String, html: HTML)] {
    [
      (
        "content",
        ContentRulesList(
          work: StructureSamples.work("/settings/content"),
          rows: [
            .init(project: project, rules: rules, counted: 49_037),
            .init(project: Project(id: ProjectID(2), slug: "contracts", name: "Contract review", team: TeamID(1)), rules: ContentRules(), counted: 0),
          ]
        ).render()
      ), ("content-empty", ContentRulesList(work: StructureSamples.work("/settings/content"), rows: []).render()),
      ("content-rules", page().render()),
      (
        "content-tried",
        page(
          trial: .init(
            sent: "Write to ada@example.org <now>", left: "Write to [email:1a2b3c4d] <now>", found: [ContentCount(what: "email", count: 1)])
        ).render()
      ),
      ("content-refused", page(problem: "The pattern customer can't be used: missing closing parenthesis (at byte 3).").render()),
    ]
  }
}
