import Domain
import HTML

/// Endpoints beside what requests of their kind usually cost: those outside first, with what drives it.
public struct EndpointsPage: Sendable {
  public var work: WorkFrame
  public var bar: SharedBar
  /// In the order of the page.
  public var lines: [EndpointLine]
  public var types: [OperationType]
  /// What the last form held that was not accepted.
  public var draft: OperationDraft?

  public init(work: WorkFrame, bar: SharedBar, lines: [EndpointLine], types: [OperationType], draft: OperationDraft? = nil) {
    self.work = work
    self.bar = bar
    self.lines = lines
    self.types = types
    self.draft = draft
  }

  private var address: PageAddress { bar.address }
  private var frame: PageFrame { work.frame }

  public func render() -> HTML {
    work.page("Endpoints", tab: CostTab.endpoints, bar: bar.render(frame), notice: work.problemNote, "\(content)\(bands)")
  }

  private var content: HTML {
    guard !lines.isEmpty else {
      return """
        \(EmptyState(
          title: "Endpoints will be here", text: "An endpoint is the feature or route that caused a call. It comes from the endpoint or feature "
            + "metadata, the route of the server span, or the trace’s name; rules can name it too.", action: frame.action(.editRules, "See the rules", Route.rules)))
        """
    }
    return """
      <p class="note band-note">\(summary) A request is one call of a model with a full price.</p>
      <table class="rows endpoints"><thead><tr><th scope="col">Endpoint</th><th scope="col" class="of-type">Type</th><th scope="col" class="n fold">Calls</th>\
      <th scope="col" class="n">Per request</th><th scope="col" class="n fold">Usual</th><th scope="col" class="state">Status</th>\
      <th scope="col" class="fold">What drives it</th></tr></thead><tbody>\(shown, { row($0) })</tbody></table>\(more)
      """
  }

  private var summary: String {
    let outside = lines.filter { $0.place == .over || $0.place == .under }.count
    let typed = lines.filter { $0.type != nil }.count
    if typed == 0 { return "Give endpoints a type, and those that cost more or less than usual are listed first." }
    return "\(outside) of \(typed) endpoints with a type \(outside == 1 ? "is" : "are") outside the usual band."
  }

  private var isLong: Bool { address.showAll.contains("endpoints") }
  private var shown: ArraySlice<EndpointLine> { isLong ? lines.prefix(500) : lines.prefix(25) }

  private var more: HTML {
    guard lines.count > 25 else { return "" }
    let target = address.with { $0.showAll = isLong ? [] : ["endpoints"] }
    return "<p class=\"more\"><a href=\"\(url: target.url)\">\(isLong ? "Show the first 25" : "Show all \(lines.count)")</a></p>"
  }

  private func row(_ line: EndpointLine) -> HTML {
    let costs = address.going(to: Route.costs).keeping(.endpoint, line.endpoint).with { $0.by = [.model] }
    let traces = address.traces.keeping(.endpoint, line.endpoint)
    return """
      <tr><th scope="row"><span class="cell"><a class="row" href="\(url: costs.url)" title="\(line.endpoint)">\(line.endpoint)</a>\
      <a class="only above" href="\(url: traces.url)">traces</a>\(UnpricedNote(count: line.measures.unpricedCalls, address: traces))</span>\
      <small class="under">\(CountText(line.measures.calls)) calls\(if: line.type != nil, " · \(status(line))")\
      \(DriverWords(line: line, before: before).cause, some: { ", \($0)" })</small></th>\
      <td class="of-type">\(typeMenu(line))</td><td class="n fold">\(CountText(line.measures.calls))</td>\
      <td class="n main">\(CostFigure.costPerRequest.html(line.measures))</td><td class="n fold note">\(line.type.map(Self.band) ?? "")</td>\
      <td class="state">\(status(line))</td><td class="fold drives">\(if: line.type != nil || line.sinceBefore?.main != nil, DriverWords(line: line, before: before).html)</td></tr>
      """
  }

  private var before: String { address.range.before }

  static func band(_ type: OperationType) -> HTML { "\(amount(type.low)) – \(amount(type.high))" }
  /// Bounds are round: "$0.005" and not "$0.005000".
  private static func amount(_ amount: USD) -> String { amount.pico == 0 ? "$0" : TickScale.label(amount) }

  private func status(_ line: EndpointLine) -> HTML {
    switch line.place {
    case .over: "<span class=\"amber\">over, \(DriverWords.times(line.distance))</span>"
    case .under: "<span class=\"amber\">under, \(DriverWords.times(1 / line.distance))</span>"
    case .within: "within"
    case nil: line.type == nil ? "" : "<span class=\"note\">no price</span>"
    }
  }

  private func typeMenu(_ line: EndpointLine) -> HTML {
    guard work.canChange else { return "\(line.type?.name ?? "–")" }
    return """
      <details class="menu left above"><summary aria-label="Type of \(line.endpoint)"\(if: line.type == nil, " class=\"note\"")>\(line.type?.name ?? "none")</summary>
      <div class="sheet"><form method="post" action="\(Route.endpoints)/type" class="choices">\(work.token)\
      <input type="hidden" name="return" value="\(address.url)"><input type="hidden" name="endpoint" value="\(line.endpoint)">\
      \(types, { type in
        "<button name=\"type\" value=\"\(type.name)\"\(if: type.name == line.type?.name, " aria-pressed=\"true\"")>\(type.name)</button>"
      })<button name="type" value=""\(if: line.type == nil, " aria-pressed=\"true\"")>none</button></form></div></details>
      """
  }

  private var bands: HTML {
    """
    <section class="measure" id="types"><h2>Operation types</h2>
    <p class="note">What a request usually costs, in US dollars. Changes count at once and for every range; they move no money.</p>
    <table class="rows bands"><thead><tr><th scope="col">Type</th><th scope="col" class="n">From</th><th scope="col" class="n">To</th>\
    <th scope="col" class="n">Endpoints</th>\(if: work.canChange, "<th scope=\"col\"></th>")</tr></thead><tbody>\(types, { band($0) })</tbody></table>
    \(if: work.canChange, addForm)</section>
    """
  }

  private func band(_ type: OperationType) -> HTML {
    let count = lines.filter { $0.type?.name == type.name }.count
    return """
      <tr><th scope="row">\(type.name)</th><td class="n">\(Self.amount(type.low))</td><td class="n">\(Self.amount(type.high))</td>\
      <td class="n">\(count)</td>\(if: work.canChange, "<td class=\"do\">\(bandMenu(type))</td>")</tr>
      """
  }

  private func bandMenu(_ type: OperationType) -> HTML {
    """
    <div class="actions"><details class="menu"><summary>Change</summary><div class="sheet"><form method="post" action="\(Route.endpoints)/types">\
    \(work.token)<input type="hidden" name="name" value="\(type.name)">\(fields(type.low.decimal, type.high.decimal))<button>Save</button></form></div></details>\
    <form method="post" action="\(Route.endpoints)/types/remove">\(work.token)<input type="hidden" name="name" value="\(type.name)">\
    <button title="Endpoints of it have no type then">Remove</button></form></div>
    """
  }

  private func fields(_ low: String, _ high: String) -> HTML {
    """
    <label>From, US dollars<input name="low" value="\(low)" inputmode="decimal" required maxlength="40"></label>\
    <label>To, included<input name="high" value="\(high)" inputmode="decimal" required maxlength="40"></label>
    """
  }

  private var addForm: HTML {
    """
    <details class="add"\(if: draft != nil, " open")><summary>Add a type</summary><form class="filters" method="post" action="\(Route.endpoints)/types">\(work.token)\
    <input type="hidden" name="new" value="1"><label class="long">Name<input name="name" value="\(draft?.name)" required maxlength="80"></label>\
    \(fields(draft?.low ?? "", draft?.high ?? ""))<button>Add</button></form></details>
    """
  }
}

/// A band as it was typed.
public struct OperationDraft: Sendable {
  public var name: String
  public var low: String
  public var high: String
  public init(name: String, low: String, high: String) {
    self.name = name
    self.low = low
    self.high = high
  }
}
