import Domain
import HTML

/// Traces that fit the filters, newest first unless sorted otherwise; those that a search found, with where.
public struct TraceListPage: Sendable {
  public var frame: PageFrame
  public var bar: SharedBar
  public var traces: [TraceItem]
  /// Cursor of the page after; nil at the end.
  public var next: String?
  /// Over all traces that fit, where the caller knows it.
  public var total: Measures?
  /// Of the calls behind `total`; nil where the reader may see the traces of all.
  public var visible: VisibleCalls?
  /// Offered while typing in the filter form.
  public var models: [String]
  public var endpoints: [String]
  public var hasAnyData: Bool
  /// nil without a text to search for.
  public var search: SearchOutcome?

  public init(
    frame: PageFrame, bar: SharedBar, traces: [TraceItem], next: String?, total: Measures? = nil, visible: VisibleCalls? = nil, models: [String] = [],
    endpoints: [String] = [], hasAnyData: Bool, search: SearchOutcome? = nil
  ) {
    self.frame = frame
    self.bar = bar
    self.traces = traces
    self.next = next
    self.total = total
    self.visible = visible
    self.models = models
    self.endpoints = endpoints
    self.hasAnyData = hasAnyData
    self.search = search
  }

  public func render() -> HTML {
    frame.page("Traces", section: .traces, address: bar.address, bar: bar.render(frame), content)
  }

  private var address: PageAddress { bar.address }

  private var content: HTML {
    if frame.reachesNothing { return NothingOpen(frame: frame).html }
    guard hasAnyData else {
      return
        "\(EmptyState(title: "Traces will be here", text: "Each request of your applications is one trace, with every call to a model, its tokens, its cost and what was said.", action: frame.action(.seeRequests, "Connect an application", Route.connect)))"
    }
    let form = TraceFilterForm(frame: frame, bar: bar, models: models, endpoints: endpoints)
    guard !traces.isEmpty else {
      if let search { return "\(form)\n\(search.empty(address, next: next, frame.viewerZone))" }
      return """
        \(form)
        \(EmptyState(title: "No trace fits", text: "No trace in this range passes all filters.\(hidden.map { " \($0)." } ?? "")", action: ("Remove all filters", PageAddress(path: Route.traces).url)))
        """
    }
    return """
      \(form)
      <table class="rows traces"><thead><tr>\(headers)</tr>\(total, some: totalRow)</thead><tbody>\
      \(traces, { row($0) })</tbody></table>
      \(paging)
      """
  }

  private var headers: HTML {
    // A search has one order.
    let isSearch = search != nil
    let columns = [
      SortHeader(label: "Time", key: "time", folds: true), SortHeader(label: "Name"),
      SortHeader(label: frame.tellsUsers ? "User" : "", folds: true),
      SortHeader(label: "Tokens", key: "tokens", isNumber: true, folds: true),
      SortHeader(label: "Cost", key: "cost", isNumber: true),
      SortHeader(label: "Duration", key: "duration", isNumber: true),
      SortHeader(label: "Errors", isNumber: true, folds: true),
    ]
    let current = address.sort.flatMap(TraceSort.init(rawValue:)) ?? .time
    return "\(columns, { $0.asPlain(isSearch).render(address, current: current.rawValue) })"
  }

  private func totalRow(_ total: Measures) -> HTML {
    """
    <tr class="total"><td class="fold"></td><th scope="row">Total \
    \(UnpricedNote(count: total.unpricedCalls, address: address))\
    \(hidden, some: { "<small class=\"note\">\($0)</small>" })<small class="under">\(TokenText(total.usage.totalTokens)) tokens</small></th><td class="fold"></td>\
    <td class="n fold">\(TokenText(total.usage.totalTokens))</td><td class="n">\
    \(MoneyText(total))</td>\
    <td></td><td class="n fold">\(if: total.errors > 0, "\(CountText(total.errors))")</td></tr>
    """
  }

  /// nil when every call behind the total can be looked at.
  private var hidden: String? {
    guard let visible, visible.visible < visible.calls else { return nil }
    return "\(CountText(visible.visible).text) of \(CountText(visible.calls).text) calls visible to you"
  }

  private func row(_ item: TraceItem) -> HTML {
    let time = TimeText(item.startedAt, in: frame.viewerZone, style: .second)
    var target = PageAddress(path: Route.trace(project: item.projectSlug, trace: item.displayID))
    if case .body(_, let step?) = search?.match(of: item)?.place { target.observation = step.id }
    return """
      <tr><td class="fold time">\(time)</td><th scope="row"><a class="row" href="\(url: target.url)">\(name(item))</a>\
      \(if: !["default", "production"].contains(item.environment), " <span class=\"tag\">\(item.environment)</span>")\
      \(item.tags.prefix(3), { " <span class=\"tag fold\">\($0)</span>" })\
      \(UnpricedNote(count: item.measures.unpricedCalls, address: target))\(under(item, time))\(search?.match(of: item), some: { MatchLine(match: $0).html })</th><td class="fold">\
      \(user(item))</td>\
      <td class="n fold">\(TokenText(item.measures.usage.totalTokens))</td><td class="n">\(cost(item))</td>\
      <td class="n">\(DurationText(microseconds: item.durationMicroseconds, unknown: "Nothing in it has ended yet"))\
      </td>\
      <td class="n fold">\(errors(item))</td></tr>
      """
  }

  private func name(_ item: TraceItem) -> HTML {
    if let name = item.name, !name.isEmpty { return HTML(text: name) }
    return "\(IDText(id: item.displayID))"
  }

  private func cost(_ item: TraceItem) -> HTML {
    if item.measures.calls == 0 { return "<span class=\"note\" title=\"No call to a model in it\">–</span>" }
    return MoneyText(item.measures, fine: true).html
  }

  private func user(_ item: TraceItem) -> HTML {
    guard let user = item.user, !user.isEmpty else { return "" }
    return
      "<a class=\"above plain-link\" href=\"\(url: address.keeping(.user, user).url)\" title=\"\(user)\">\(user)</a>"
  }

  private func errors(_ item: TraceItem) -> HTML {
    guard item.measures.errors > 0 else { return "" }
    return
      "<span class=\"error\">\(CountText(item.measures.errors)) \(item.measures.errors == 1 ? "error" : "errors")</span>"
  }

  private func under(_ item: TraceItem, _ time: TimeText) -> HTML {
    """
    <small class="under">\(time.text), \(TokenText(item.measures.usage.totalTokens)) tokens\(if: item.measures.errors > 0, ", \(errors(item))")</small>\
    \(item.user, some: { "<small class=\"under one\">\($0)</small>" })
    """
  }

  private var paging: HTML {
    let first = address.with { $0.cursor = nil }
    return """
      <p class="more">\(if: address.cursor != nil, "<a href=\"\(url: first.url)\">First page</a> ")\
      \(search, some: { $0.progress(address, next: next, frame.viewerZone) })\
      \(search == nil ? next : nil, some: { cursor in "<a href=\"\(url: address.with { $0.cursor = cursor }.url)\" rel=\"next\">Next page</a>" })\
      \(if: next == nil && search == nil, "<span class=\"note\">\(traces.count == 1 ? "1 trace" : "\(traces.count) traces"), the end of the list</span>")</p>
      """
  }
}
