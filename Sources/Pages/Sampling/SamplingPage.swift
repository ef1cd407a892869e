import Domain
import HTML

/// Sampling of one project: what is in force, a form with a preview, the noise filter, what it did, and who changed what.
public struct SamplingPage: Sendable {
  public var work: WorkFrame
  public var project: Project
  public var draft: SamplingDraft
  /// In force: the project's own first.
  public var settings: [SamplingVersion]
  /// Newest first.
  public var history: [SamplingVersion]
  public var noise: [NoiseVersion]
  public var scopes: [ScopeTraffic]
  public var activity: SamplingActivity
  /// Of the last month, for the picker.
  public var environments: [String]
  public var preview: SamplingPreview?

  public init(
    work: WorkFrame, project: Project, draft: SamplingDraft, settings: [SamplingVersion], history: [SamplingVersion], noise: [NoiseVersion],
    scopes: [ScopeTraffic], activity: SamplingActivity, environments: [String], preview: SamplingPreview? = nil
  ) {
    self.work = work
    self.project = project
    self.draft = draft
    self.settings = settings
    self.history = history
    self.noise = noise
    self.scopes = scopes
    self.activity = activity
    self.environments = environments
    self.preview = preview
  }

  public func render() -> HTML {
    work.page(
      "Sampling of \(project.name)", tab: SettingsTab.sampling,
      """
      <p class="note intro">Payloads are inputs, outputs, metadata and attributes. Usage, calls and cost are never sampled: every total stays the same, whatever is set here.</p>
      \(work.problemNote)\(inForce)\(form)\(NoiseSection(work: work, project: project, versions: noise, scopes: scopes))
      \(ActivitySection(activity: activity))\(versions)
      """)
  }

  private var inForce: HTML {
    """
    <section class="measure"><h2>In force</h2><table class="rows"><thead><tr><th scope="col">Environment</th><th scope="col" class="n">Payloads kept</th>\
    <th scope="col" class="n">Spans kept</th><th scope="col" class="fold">Always kept</th><th scope="col" class="fold">Since</th></tr></thead><tbody>\
    \(if: !settings.contains { $0.environment == nil }, everything)\(settings, line)</tbody></table></section>
    """
  }

  private var everything: HTML {
    """
    <tr><th scope="row"><a class="row" href="\(url: Route.sampling(project.slug))">\(settings.isEmpty ? "all" : SamplingWords.environment(nil))</a></th>\
    <td class="n">100\u{A0}%</td><td class="n">100\u{A0}%</td><td class="fold note">everything</td><td class="fold note">–</td></tr>
    """
  }

  private func line(_ version: SamplingVersion) -> HTML {
    let name = version.environment ?? (settings.count == 1 ? "all" : SamplingWords.environment(nil))
    return """
      <tr><th scope="row"><a class="row" href="\(url: Route.sampling(project.slug, environment: version.environment))">\(name)</a></th>\
      <td class="n">\(SamplingWords.share(version.policy.payloads))</td><td class="n">\(SamplingWords.share(version.policy.spans))</td>\
      <td class="fold note">\(version.policy.keepsEverything ? "everything" : SamplingWords.rules(version.policy.keep))</td>\
      <td class="fold note">\(work.moment(version.createdAt)), \(version.createdBy)</td></tr>
      """
  }

  // MARK: The form

  private var form: HTML {
    """
    <section class="measure"><h2>\(draft.environment.isEmpty ? "Change" : "Change \(draft.environment)")</h2>
    <form class="entry wide content-rules" method="post" action="\(url: Route.sampling(project.slug))">\(work.token)
    <fieldset><legend>Of which traces</legend><label class="span">Environment; empty for all without settings of their own\
    <input name="environment" value="\(draft.environment)" maxlength="200" list="environments" placeholder="all others"></label>\
    <datalist id="environments">\(environments, { "<option value=\"\($0)\">" })</datalist></fieldset>
    <fieldset><legend>Share that is kept, per cent of traces</legend><label>Payloads<input name="payloads" value="\(draft.payloads)" inputmode="decimal" required maxlength="20"></label>\
    <label>Spans that are no calls<input name="spans" value="\(draft.spans)" inputmode="decimal" required maxlength="20"></label></fieldset>
    \(rules)\(preview, some: outcome)
    <p class="actions"><button class="primary">Save</button><button formaction="\(url: Route.samplingPreview(project.slug))#preview">Preview on the last day</button></p></form>
    \(if: hasOwn, end)</section>
    """
  }

  private var rules: HTML {
    """
    <fieldset class="levels"><legend>Always kept, whole</legend><label class="check"><input type="checkbox" name="errors" value="1"\(if: draft.errors, " checked")>\
    <span><b>Traces with an error</b><small>Also one that comes at the end: what arrived in the last quarter of an hour is still there.</small></span></label>\
    <label class="check"><input type="checkbox" name="scored" value="1"\(if: draft.scored, " checked")><span><b>Scored traces</b><small>With any score on them or in them.</small></span></label></fieldset>
    <fieldset><legend>and those with</legend><label>Cost above, US dollars<input name="costAbove" value="\(draft.costAbove)" inputmode="decimal" maxlength="40" placeholder="any"></label>\
    <label>Duration above, seconds<input name="durationAbove" value="\(draft.durationAbove)" inputmode="decimal" maxlength="20" placeholder="any"></label></fieldset>
    <fieldset><legend>or any of, one a line</legend><label>Users<textarea name="users" rows="2" spellcheck="false">\(draft.users)</textarea></label>\
    <label>Tags<textarea name="tags" rows="2" spellcheck="false">\(draft.tags)</textarea></label>\
    <label>Endpoints<textarea name="endpoints" rows="2" spellcheck="false" placeholder="/summarise">\(draft.endpoints)</textarea></label></fieldset>
    """
  }

  private var hasOwn: Bool { !draft.environment.isEmpty && settings.contains { $0.environment == draft.environment } }

  private var end: HTML {
    """
    <form method="post" action="\(url: Route.samplingEnd(project.slug))">\(work.token)<input type="hidden" name="environment" value="\(draft.environment)">\
    <p class="note">\(draft.environment) has settings of its own. <button>Follow the project again</button></p></form>
    """
  }

  private func outcome(_ preview: SamplingPreview) -> HTML {
    if preview.traces == 0 { return "<p class=\"notice\" role=\"status\"><b>Nothing to look at.</b> No such trace arrived in the last day.</p>" }
    let byRule = KeepReason.allCases.compactMap { reason in preview.kept[reason].map { (reason, $0) } }
    let saved = preview.payloadBytes - preview.payloadBytesKept
    return """
      <div class="verdict preview" id="preview" role="status"><p>Of the last day’s \(if: preview.isCut, "latest ")<b>\(CountText(preview.traces))</b> traces <b>\(CountText(preview.tracesKept))</b> \
      (\(SamplingWords.percent(preview.tracesKept, of: preview.traces))) would keep their payloads\(if: !byRule.isEmpty, ": ")\(byRule.enumerated(), { i, entry in
        "\(if: i > 0, ", ")\(CountText(entry.1)) \(SamplingWords.reason(entry.0))"
      }). That saves <b>\(SizeText(saved))</b> of \(SizeText(preview.payloadBytes)) stored.</p>
      \(if: preview.spans > 0, """
        <p>Of \(CountText(preview.spans)) spans of the latest of them <b>\(CountText(preview.spansOmitted))</b> (\(SamplingWords.percent(preview.spansOmitted, of: preview.spans))) \
        would be left out; all \(CountText(preview.calls)) calls and what stands above them stay.</p>
        """)<p class="note">Nothing is saved yet. What today’s settings have dropped already is not in these figures.</p></div>
      """
  }

  private var versions: HTML {
    if history.isEmpty { return "" }
    return """
      <section class="measure"><h2>Versions</h2><table class="rows"><thead><tr><th scope="col">Version</th><th scope="col">Environment</th><th scope="col" class="n">Payloads</th>\
      <th scope="col" class="n">Spans</th><th scope="col" class="fold">Always kept</th><th scope="col" class="fold">When and who</th></tr></thead><tbody>\(history, { version in
        """
        <tr><th scope="row">\(version.policy.version)<small class="under">\(work.moment(version.createdAt)), \(version.createdBy)</small></th><td>\(SamplingWords.environment(version.environment))</td>\
        \(if: version.isEnd, "<td colspan=\"2\" class=\"note\">follows the project again</td><td class=\"fold\"></td>")\
        \(if: !version.isEnd, "<td class=\"n\">\(SamplingWords.share(version.policy.payloads))</td><td class=\"n\">\(SamplingWords.share(version.policy.spans))</td><td class=\"fold note\">\(SamplingWords.rules(version.policy.keep))</td>")\
        <td class="fold note">\(work.moment(version.createdAt)), \(version.createdBy)</td></tr>
        """
      })</tbody></table></section>
      """
  }
}
