import Domain
import HTML

/// One trace: its tree at the left, what is selected at the right. (`TracePage` is Domain's page of a trace list.)
public struct TraceDetailPage: Sendable {
  public enum Pane: Sendable {
    /// Nothing is selected: the trace's own input and output.
    case trace(ContentState)
    case observation(ObservationPane)
  }

  public var frame: PageFrame
  /// With `observation` and `find`.
  public var address: PageAddress
  public var projectName: String
  public var detail: TraceDetail
  public var pane: Pane
  /// What the project keeps of content now.
  public var level = ContentLevel.full

  public init(frame: PageFrame, address: PageAddress, projectName: String, detail: TraceDetail, pane: Pane) {
    self.frame = frame
    self.address = address
    self.projectName = projectName
    self.detail = detail
    self.pane = pane
  }

  private var item: TraceItem { detail.item }
  private var title: String { item.name.flatMap { $0.isEmpty ? nil : $0 } ?? "Trace \(item.displayID.prefix(12))" }
  private var path: String { Route.trace(project: item.projectSlug, trace: item.displayID) }

  public func render() -> HTML {
    let outline = TraceOutline(detail.observations)
    return frame.page(
      title, section: .traces, address: address, bar: facts, wide: true,
      """
      <div class="trace" data-trace="\(path)">
      <section class="tree" aria-label="Observations">\(toolbar(outline))
      <div class="lines">\(tree(outline))</div></section>
      <section class="pane" id="pane" aria-label="Selected" tabindex="-1">\(selected)</section>
      </div>
      """)
  }

  /// The line under the title: the trace in figures and its context.
  private var facts: HTML {
    let m = item.measures
    return """
      <ul class="line"><li>\(TimeText(item.startedAt, in: frame.viewerZone, style: .second)) <span class="note">\
      \(frame.viewerZone.name)</span></li>\
      <li><b>\(m.calls == 0 ? HTML("no calls") : MoneyText(m, fine: true).html)</b>\
      \(if: m.unpricedCalls > 0, " <span class=\"amber\">\(CountText(m.unpricedCalls)) unpriced</span>")</li>\
      <li>\(TokenText(m.usage.totalTokens)) tokens</li><li>\(CountText(m.calls)) \(m.calls == 1 ? "call" : "calls")\
      \(if: item.isCountingPending, pending)</li>\
      <li>\(DurationText(microseconds: item.durationMicroseconds, unknown: "Nothing has ended yet"))</li>\
      \(if: m.errors > 0, "<li class=\"error\">\(CountText(m.errors)) \(m.errors == 1 ? "error" : "errors")</li>")\
      <li>\(link { $0.filter[.project] = [item.projectSlug] } label: { projectName })</li>\
      <li>\(link { $0.filter[.environment] = [item.environment] } label: { item.environment })</li>\
      \(item.user, some: { user in "<li><span class=\"note\">user</span> \(link { $0.filter[.user] = [user] } label: { user })</li>" })\
      \(item.session, some: { session in "<li><span class=\"note\">session</span> \(link { $0.session = session } label: { session })</li>" })\
      \(item.release, some: { "<li><span class=\"note\">release</span> \($0)</li>" })\
      \(item.tags, { "<li class=\"tag\">\($0)</li>" })<li>\(IDText(id: item.displayID))</li></ul>
      """
  }

  private var pending: HTML {
    let why = "This trace is large. New rows count as calls of their own until the whole trace is looked at, within a minute."
    return " <span class=\"amber\" title=\"\(why)\">counting pending</span>"
  }

  private func link(_ change: (inout PageAddress) -> Void, label: () -> String) -> HTML {
    "<a href=\"\(url: PageAddress(path: Route.traces).with(change).url)\">\(label())</a>"
  }

  private func toolbar(_ outline: TraceOutline) -> HTML {
    """
    <form class="tree-head" method="get" action="\(url: path)" role="search"><label class="hidden" for="find">Find in \
    this trace</label>\
    <input id="find" name="find" value="\(address.find)" placeholder="Find in \
    \(CountText(Int64(detail.observations.count))) observations" data-search data-tree-filter>\
    <span class="n">Cost</span><span class="n">Tokens</span><span class="n">Time</span>\
    <span class="axis"><span>0</span><span>\(DurationText(microseconds: outline.spanMicroseconds))</span></span></form>
    """
  }

  private func tree(_ outline: TraceOutline) -> HTML {
    let isTrace = address.observation == nil
    let rows = OutlineRows(observations: detail.observations, outline: outline, address: address).html
    return """
      <a class="r whole" href="\(url: path)"\(if: isTrace, " aria-current=\"true\"")><b><i>trace</i>\(title)</b>\
      <span>\(MoneyText(item.measures, fine: true).text)</span><span>\
      \(TokenText(item.measures.usage.totalTokens).text)</span>\
      <span>\(item.durationMicroseconds.map(DurationText.short) ?? "–")</span></a>\(rows)\
      \(if: rows.isEmpty && (address.find != nil || detail.omitted.total == 0), nothing)\(OmittedNotice(omitted: detail.omitted))
      """
  }

  private var nothing: HTML {
    if let find = address.find {
      return "<p class=\"note\">Nothing in this trace has “\(find)” in it. <a href=\"\(url: path)\">Show all</a></p>"
    }
    return
      "<p class=\"note\">The trace is known, its observations have not arrived yet. Load the page again in a moment.</p>"
  }

  private var selected: HTML {
    switch pane {
    case .observation(var pane):
      pane.reader = frame.access.member.role.contentAccess
      pane.level = level
      return pane.render()
    case .trace(let state):
      let scores = ScoreTable(scores: detail.scores.filter { $0.observation == nil }, zone: frame.viewerZone)
      return "<div class=\"pane-head\"><p class=\"kind\">trace</p><h2>\(title)</h2></div>\(content(state))\(scores)"
    }
  }

  private func content(_ state: ContentState) -> HTML {
    switch state {
    case .visible(let bodies) where bodies == Bodies() && detail.notes.isEmpty:
      "<p class=\"note\">The trace itself carries no input or output. Choose an observation to see its own.</p>"
    case .visible(let bodies): ContentBodies(bodies: bodies, level: level, notes: detail.notes).html
    case .withheld:
      ContentWithheld(reader: frame.access.member.role.contentAccess).html + ContentNotices(notes: detail.notes, tellsMasked: false).html
    case .expired: ContentExpired(notes: detail.notes).html
    }
  }
}
