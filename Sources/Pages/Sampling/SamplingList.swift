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
    work.page(
      "Sampling", tab: SettingsTab.sampling,
      """
      <p class="note intro">Which traces keep their payloads and their other spans. Usage, calls and cost are never sampled: every total stays the same, whatever is set here.</p>
      \(rows.isEmpty ? "<p class=\"empty\">No project is yours to set. Ask an owner or admin.</p>" : table)
      """)
  }

  private var table: HTML {
    """
    <table class="rows"><thead><tr><th scope="col">Project</th><th scope="col" class="n">Payloads kept</th><th scope="col" class="n">Spans kept</th>\
    <th scope="col" class="fold">Always kept</th><th scope="col" class="fold">Environments of their own</th><th scope="col" class="n fold">Noise scopes</th></tr></thead>
    <tbody>\(rows, row)</tbody></table>
    """
  }

  private func row(_ row: Row) -> HTML {
    let own = row.settings.first { $0.environment == nil }?.policy ?? .everything
    let others = row.settings.compactMap(\.environment)
    return """
      <tr><th scope="row"><a class="row" href="\(url: Route.sampling(row.project.slug))">\(row.project.name)</a></th>\
      <td class="n">\(SamplingWords.share(own.payloads))</td><td class="n">\(SamplingWords.share(own.spans))</td>\
      <td class="fold note">\(own.keepsEverything ? "everything" : SamplingWords.rules(own.keep))</td>\
      <td class="fold note">\(others.isEmpty ? "–" : others.joined(separator: ", "))</td><td class="n fold">\(row.noiseScopes == 0 ? "–" : String(row.noiseScopes))</td></tr>
      """
  }
}
