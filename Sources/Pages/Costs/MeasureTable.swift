import Domain
import HTML

/// Calls, tokens, cost and share by one dimension: totals on top, ten rows and "show all", each row a link to its traces.
struct MeasureTable: HTMLConvertible {
  let dimension: CostDimension
  let report: CostReport
  let address: PageAddress
  let styles: [DimensionValue: SeriesStyle]
  /// Where "only" leads and what links to traces keep, on a page that is about one part of all calls.
  var within: PageAddress?
  static let shortCount = 10

  private var traces: PageAddress { (within ?? address).traces }

  var html: HTML {
    let rows = sorted
    let shown = address.showAll.contains(dimension.rawValue) ? rows[...] : rows.prefix(Self.shortCount)
    return """
      <section class="measure" id="by-\(dimension.rawValue)"><h2>By \(DimensionWords.name(dimension).lowercased())</h2>
      <table class="rows"><thead><tr>\(headers)</tr>\(totalRow)</thead><tbody>\(shown, { row($0) })</tbody></table>
      \(more(rows.count, shown.count))</section>
      """
  }

  private var sortKey: String {
    let known = ["name", "calls", "tokens", "cost"]
    return address.sort.flatMap { known.contains($0) ? $0 : nil } ?? "cost"
  }

  private var sorted: [CostRow] {
    let ordered = report.rows.sorted { isBefore($0.measures, $1.measures, Self.label($0), Self.label($1)) }
    return address.ascending == (sortKey == "name") ? ordered : ordered.reversed()
  }

  /// Largest first; names from A.
  private func isBefore(_ a: Measures, _ b: Measures, _ nameA: String, _ nameB: String) -> Bool {
    switch sortKey {
    case "name": nameA.lowercased() < nameB.lowercased()
    case "calls": (a.calls, nameB) > (b.calls, nameA)
    case "tokens": (a.usage.totalTokens, nameB) > (b.usage.totalTokens, nameA)
    default: (a.cost ?? .zero, nameB) > (b.cost ?? .zero, nameA)
    }
  }

  private static func label(_ row: CostRow) -> String { row.values.first?.label ?? "" }

  private var headers: HTML {
    let columns = [
      SortHeader(label: DimensionWords.name(dimension), key: "name"),
      SortHeader(label: "Calls", key: "calls", isNumber: true, folds: true),
      SortHeader(label: "Tokens", key: "tokens", isNumber: true, folds: true),
      SortHeader(label: "Cost", key: "cost", isNumber: true),
      SortHeader(label: "Share", isNumber: true),
    ]
    return "\(columns, { $0.render(address, current: sortKey, fragment: "#by-\(dimension.rawValue)") })"
  }

  private var totalRow: HTML {
    let total = report.total
    return """
      <tr class="total"><th scope="row"><span class="cell"><a class="row" href="\(url: traces.url)">Total</a>\
      \(UnpricedNote(count: total.unpricedCalls, address: traces))</span>\(under(total))</th>\
      \(cells(total, hasBar: false))</tr>
      """
  }

  private func row(_ row: CostRow) -> HTML {
    let value = row.values.first ?? DimensionValue(value: nil, label: DimensionWords.none(dimension))
    let traces = self.traces.keeping(dimension, value.value)
    let only = within.map { CostDrill.deeper($0, by: [dimension], values: [value]) } ?? address.keeping(dimension, value.value)
    return """
      <tr><th scope="row"><span class="cell">\(styles[value]?.swatch)<a class="row\(if: value.value == nil, " none")" \
      href="\(url: traces.url)" title="\(value.label)">\(value.label)</a>\
      <a class="only above" href="\(url: only.url)" title="Show only this on this page">only</a>\
      \(UnpricedNote(count: row.measures.unpricedCalls, address: traces))</span>\(under(row.measures))</th>\
      \(cells(row.measures))</tr>
      """
  }

  private func cells(_ measures: Measures, hasBar: Bool = true) -> HTML {
    let money = MoneyText(measures)
    let share = ShareText(
      measures.cost.map { Double($0.pico) } ?? 0,
      of: money.isKnown ? report.total.cost.map { Double($0.pico) } ?? 0 : 0)
    return """
      <td class="n fold">\(CountText(measures.calls))</td><td class="n fold">\(TokenText(measures.usage.totalTokens))\
      </td>\
      <td class="n">\(money)</td>\
      <td class="n with-share">\(if: hasBar, ShareBar(percent: share.percent).html)\(share)</td>
      """
  }

  /// What folds under the name on phones.
  private func under(_ measures: Measures) -> HTML {
    "<small class=\"under\">\(CountText(measures.calls)) calls, \(TokenText(measures.usage.totalTokens)) tokens</small>"
  }

  private func more(_ count: Int, _ shown: Int) -> HTML {
    if count <= Self.shortCount { return "" }
    let isAll = shown == count
    let target = address.with {
      if isAll { $0.showAll.remove(dimension.rawValue) } else { $0.showAll.insert(dimension.rawValue) }
    }
    return """
      <p class="more"><a href="\(url: target.url)#by-\(dimension.rawValue)">\
      \(isAll ? "Show the first \(Self.shortCount)" : "Show all \(count)")</a></p>
      """
  }
}
