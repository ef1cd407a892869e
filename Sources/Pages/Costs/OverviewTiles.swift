import Domain
import HTML

/// The total and the four figures beside it, each with its change against the period before.
struct OverviewTiles: HTMLConvertible {
  let page: OverviewPage

  private var total: Measures { page.total }
  private var previous: Measures { page.previous }
  private var traces: PageAddress { page.bar.address.traces }

  var html: HTML {
    """
    <section class="tiles" aria-label="Totals">\(tile(
      "Total cost", MoneyText(total), ChangeText(from: previous.cost, to: total.cost),
      "\(CountText(total.calls)) \(total.calls == 1 ? "call" : "calls")", class: "main", unpriced))\
    \(tile("Tokens", TokenText(total.usage.totalTokens),
      ChangeText(from: Double(previous.usage.totalTokens), to: Double(total.usage.totalTokens)),
      "\(TokenText(total.usage.inputTokens)) in, \(TokenText(total.usage.outputTokens)) out"))\
    \(tile("Cost per request", MoneyText(Self.perCall(total), fine: true, unknown: "No call has a full price"),
      ChangeText(from: Self.perCall(previous), to: Self.perCall(total)),
      "\(CountText(total.calls &- total.unpricedCalls)) priced calls"))\
    \(endpointTile)\(tile("Cache hit rate", share(total.cacheHitRate),
      ChangeText(pointsFrom: previous.cacheHitRate, to: total.cacheHitRate),
      "of \(TokenText(total.usage.inputTokens)) prompt tokens"))
    </section>
    """
  }

  private var unpriced: HTML { UnpricedNote(count: total.unpricedCalls, address: traces).html }

  private func tile(
    _ name: String, _ figure: any TileFigure, _ change: ChangeText, _ note: HTML, class kind: String = "",
    _ extra: HTML = ""
  ) -> HTML {
    let isLong = figure.text.count > (kind == "main" ? 13 : 9)
    return """
    <div class="tile \(kind)"><h2>\(name)</h2><a class="figure\(if: isLong, " long")" \
    href="\(url: traces.url)">\(figure.html)</a>
    <p class="change">\(self.change(change, isMain: kind == "main"))</p><p>\(note)\
    \(if: !extra.isEmpty, ", \(extra)")</p></div>
    """
  }

  /// The change; the first tile says against what. Nothing to compare with is said once, not under every figure.
  private func change(_ change: ChangeText, isMain: Bool) -> HTML {
    let before = page.bar.address.range.before
    guard previous.calls > 0 else { return isMain ? "<span class=\"note\">no calls in \(before)</span>" : "&nbsp;" }
    return isMain
      ? "\(change.text) <span class=\"note\">against \(before)</span>"
      : "<span title=\"Against \(before)\">\(change.text)</span>"
  }

  private var endpointTile: HTML {
    let now = Self.perEndpoint(page.tables[.endpoint])
    let before = Self.perEndpoint(page.previousEndpoints)
    let note: HTML = now.map { "\($0.count) \($0.count == 1 ? "endpoint" : "endpoints")" } ?? "no endpoint is known"
    let figure = PlainFigure(now.map { Self.rate($0.calls) }, unknown: "No call names its endpoint")
    return tile("Requests per endpoint", figure, ChangeText(from: before?.calls, to: now?.calls), note)
  }

  /// Cost of the calls with a full price; their number divides, so that unknown costs don't pull it down.
  static func perCall(_ measures: Measures) -> USD? {
    let priced = measures.calls &- measures.unpricedCalls
    guard let cost = measures.cost, priced > 0 else { return nil }
    return USD(pico: (cost.pico + Int128(priced) / 2) / Int128(priced))
  }

  /// Mean over the endpoints that are named.
  static func perEndpoint(_ report: CostReport?) -> (calls: Double, count: Int)? {
    let rows = (report?.rows ?? []).filter { $0.values.first?.value != nil }
    guard !rows.isEmpty else { return nil }
    let calls = rows.reduce(Int64(0)) { $0 &+ $1.measures.calls }
    return (Double(calls) / Double(rows.count), rows.count)
  }

  private static func rate(_ value: Double) -> String {
    value < 100 ? Digits.fixed(value, places: 1) : Digits.grouped(Int64(min(value, 1e15).rounded()))
  }

  private func share(_ rate: Double?) -> PlainFigure {
    PlainFigure(rate.map { ShareText($0, of: 1).text }, unknown: "No prompt tokens in this range")
  }
}

/// What a tile shows large. Its length decides about the size, so that long amounts stay in their tile.
protocol TileFigure: HTMLConvertible {
  var text: String { get }
}
extension MoneyText: TileFigure {}
extension TokenText: TileFigure {}

/// A figure that needs no exact form, or "–" with the reason.
struct PlainFigure: TileFigure {
  let text: String
  private let reason: String?

  init(_ text: String?, unknown reason: String) {
    self.text = text ?? "–"
    self.reason = text == nil ? reason : nil
  }
  var html: HTML { "<span\(reason, some: { " title=\"\($0)\"" })>\(text)</span>" }
}
