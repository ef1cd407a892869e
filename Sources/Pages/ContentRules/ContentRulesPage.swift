import Domain
import HTML

/// What one project keeps of content: its rules, a text to try them on, and what they took out so far.
public struct ContentRulesPage: Sendable {
  /// A text before and after.
  public struct Trial: Sendable {
    public var sent: String
    public var left: String
    public var found: [ContentCount]

    public init(sent: String, left: String, found: [ContentCount]) {
      self.sent = sent
      self.left = left
      self.found = found
    }
  }

  public var work: WorkFrame
  public var project: Project
  public var draft: ContentDraft
  public var saved: ContentRules
  public var changedAt: Timestamp?
  public var changedBy: String?
  /// Of the last 30 days.
  public var counts: [ContentCount]
  public var trial: Trial?

  public init(
    work: WorkFrame, project: Project, draft: ContentDraft, saved: ContentRules, changedAt: Timestamp?, changedBy: String?,
    counts: [ContentCount], trial: Trial? = nil
  ) {
    self.work = work
    self.project = project
    self.draft = draft
    self.saved = saved
    self.changedAt = changedAt
    self.changedBy = changedBy
    self.counts = counts
    self.trial = trial
  }

  public func render() -> HTML {
    work.page(
      "Content of \(project.name)", tab: SettingsTab.content,
      """
      <p class="note intro"><a href="\(url: Route.contentRules)">All projects</a> · \(since)</p>
      \(work.problemNote)<form class="entry wide content-rules" method="post" action="\(url: Route.contentRules(project.slug))">\(work.token)
      \(levels)\(masks)\(limit)
      <div class="actions"><button class="primary">Save</button><span class="note">Holds for what arrives from now on; what is stored stays as it is.</span></div>
      \(preview)</form>
      \(countTable)
      """)
  }

  private var since: HTML {
    guard let changedAt else { return "As it came with the installation: \(ContentWords.level(saved.level).lowercased())." }
    return "Set by \(changedBy) on \(work.moment(changedAt))."
  }

  private var levels: HTML {
    """
    <fieldset class="levels"><legend>Level</legend>\(ContentLevel.allCases, { level in
      """
      <label class="check"><input type="radio" name="level" value="\(level.name)"\(if: draft.level == level.name, " checked")>\
      <span><b>\(ContentWords.level(level))</b><small>\(ContentWords.explanation(level))</small></span></label>
      """
    })</fieldset>
    """
  }

  private var masks: HTML {
    """
    <fieldset class="masks"><legend>Values that masking takes out</legend>\(MaskKind.allCases, { kind in
      """
      <label class="check"><input type="checkbox" name="kind" value="\(kind.rawValue)"\(if: draft.kinds.contains(kind.rawValue), " checked")>\
      <span>\(ContentWords.kind(kind)) <code>[\(kind.mark)]</code></span></label>
      """
    })</fieldset>
    <fieldset class="levels"><label class="check"><input type="checkbox" name="hashed" value="1"\(if: draft.isHashed, " checked")>\
    <span><b>Keep equal values equal</b><small>A keyed hash stands beside the kind, <code>[email:1a2b3c4d]</code>: the same address has the same hash in all projects, and nobody can \
    compute it without the organisation’s secret.</small></span></label>
    <label class="check"><input type="checkbox" name="identifiers" value="1"\(if: draft.masksIdentifiers, " checked")>\
    <span><b>Names, users, sessions and tags too</b><small>Otherwise only content is masked. Rules, user groups and reports then see what masking left: without hashes all users who are \
    e-mail addresses become one.</small></span></label></fieldset>
    <label>Own patterns, one a line: name = regular expression (PCRE2)<textarea name="patterns" rows="3" spellcheck="false" placeholder="customer = \\bKD-\\d{6}\\b">\(draft.patterns)</textarea></label>
    """
  }

  private var limit: HTML {
    """
    <fieldset><label>Longest field, in KiB<input name="kilobytes" inputmode="numeric" value="\(draft.kilobytes)" required></label></fieldset>
    <p class="note">Longer inputs, outputs and metadata are cut, with their length and SHA-256 said. Pictures and files in base64 are taken out before, and stored once.</p>
    """
  }

  private var preview: HTML {
    """
    <section class="measure" id="try"><h2>Try it</h2><label>A text or JSON; it is not stored<textarea name="text" rows="4" maxlength="20000" \
    placeholder="Write to ada@example.org or +49 170 1234567">\(trial?.sent)</textarea></label>
    <div class="actions"><button formaction="\(url: Route.contentPreview(project.slug))#try" formnovalidate>Show what is masked</button></div>
    \(trial, some: Self.outcome)</section>
    """
  }

  private static func outcome(_ trial: Trial) -> HTML {
    """
    <pre class="masked">\(trial.left)</pre><p class="note">\(if: trial.found.isEmpty, "Nothing is masked.")\(trial.found.enumerated(), { i, count in
      "\(if: i > 0, " · ")\(ContentWords.counted(count.what)): \(CountText(count.count))"
    })</p>
    """
  }

  private var countTable: HTML {
    if counts.isEmpty { return "" }
    return """
      <section class="measure"><h2>Taken out in the last 30 days</h2><table class="rows counts"><thead><tr><th scope="col">What</th>\
      <th scope="col" class="n">Count</th></tr></thead><tbody>\(counts, { count in
        "<tr><th scope=\"row\">\(ContentWords.counted(count.what))</th><td class=\"n\">\(CountText(count.count))</td></tr>"
      })</tbody></table><p class="note">By day of arrival (UTC); what is sent again counts again.</p></section>
      """
  }
}
