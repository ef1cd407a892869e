import Domain
import HTML

/// Projects and what each keeps of its traces.
public struct SamplingList: Sendable {
  public struct Row: Sendable {
    public var project: Project
    /// In force: the project's own first.
    public var settings: [SamplingVersion]
    public var noiseScopes: Int

    public init(project: Project, settings: [SamplingVersion], noiseScopes: Int) {
      self.project = project
      self.settings = settings
      self.noiseScopes = noiseScopes
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
      work: work, tab: .sampling,
      intro: "Which traces keep their payloads and their other spans. Usage, calls and cost are never sampled: every total stays the same, whatever is set here.",
      columns: [
        .init(name: "Payloads kept", isNumber: true), .init(name: "Spans kept", isNumber: true), .init(name: "Always kept", folds: true),
        .init(name: "Environments of their own", folds: true), .init(name: "Noise scopes", isNumber: true, folds: true),
      ],
      lines: rows.map { .init(project: $0.project, address: Route.sampling($0.project.slug), cells: Self.cells($0)) }
    ).render()
  }

  private static func cells(_ row: Row) -> [HTML] {
    let own = row.settings.first { $0.environment == nil }?.policy ?? .everything
    let others = row.settings.compactMap(\.environment)
    return [
      "\(SamplingWords.share(own.payloads))", "\(SamplingWords.share(own.spans))",
      "\(own.keepsEverything ? "everything" : SamplingWords.rules(own.keep))",
      "\(others.isEmpty ? "–" : others.joined(separator: ", "))", "\(row.noiseScopes == 0 ? "–" : String(row.noiseScopes))",
    ]
  }
}
