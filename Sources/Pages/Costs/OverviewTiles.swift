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
      "Total cost", MoneyText(total.cost, unknown: "No call in this range has a known price").html,
      ChangeText(from: previous.cost, to: total.cost), "\(CountText(total.calls)) calls", class: "main", unpriced))\
    \(tile("Tokens", TokenText(total.usage.totalTokens).html,
      ChangeText(from: Double(previous.usage.totalTokens), to: Double(total.usage.totalTokens)),
      "\(TokenText(total.usage.inputTokens)) in, \(TokenText(total.usage.outputTokens)) out"))\
    \(tile("Cost per request", MoneyText(Self.perCall(total), fine: true, unknown: "No request has a full price").html,
      ChangeText(from: Self.perCall(previous), to: Self.perCall(total)),
      "\(CountText(total.calls &- total.unpricedCalls)) priced requests"))\
    \(endpointTile)\(tile("Cache hit rate", share(total.cacheHitRate),
      ChangeText(pointsFrom: previous.cacheHitRate, to: total.cacheHitRate),
      "of \(TokenText(total.usage.inputTokens)) prompt tokens"))
    </section>
    """
  }

  private var unpriced: HTML { UnpricedNote(count: total.unpricedCalls, address: traces).html }

  private func tile(
    _ name: String, _ figure: HTML, _ change: ChangeText, _ note: HTML, class kind: String = "", _ extra: HTML = ""
  ) -> HTML {
    """
    <div class="tile \(kind)"><h2>\(name)</h2><a class="figure" href="\(url: traces.url)">\(figure)</a>
    <p class="change" title="Against the period of equal length before">\(change.text)</p><p>\(note)\
    \(if: !extra.isEmpty, ", \(extra)")</p></div>
    """
  }

  private var endpointTile: HTML {
    let now = Self.perEndpoint(page.tables[.endpoint])
    let before = Self.perEndpoint(page.previousEndpoints)
    let note: HTML = now.map { "\($0.count) \($0.count == 1 ? "endpoint" : "endpoints")" } ?? "no endpoint is known"
    let figure: HTML =
      now.map { HTML(text: Self.rate($0.calls)) } ?? "<span title=\"No call names its endpoint\">–</span>"
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

  private func share(_ rate: Double?) -> HTML {
    guard let rate else { return "<span title=\"No prompt tokens in this range\">–</span>" }
    return "\(ShareText(rate, of: 1))"
  }
}
