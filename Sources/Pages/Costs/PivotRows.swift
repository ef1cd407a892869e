import Domain
import HTML

/// The pivot as a table: totals on top, second values below their first ones, each row a link one level deeper.
struct PivotRows: HTMLConvertible {
  let frame: PageFrame
  let address: PageAddress
  let pivot: PivotTable
  let styles: [DimensionValue: SeriesStyle]
  /// The last step of the trends is not over.
  let lastIsOpen: Bool

  private var columns: [CostFigure] { address.columns.filter { $0 != address.measure } }
  private var measure: CostFigure { address.measure }

  var html: HTML {
    """
    <section class="measure pivot" id="rows"><h2 class="hidden">\(title)</h2>
    <div class="scroll"><table class="rows"><thead><tr>\(headers)</tr>\(line(pivot.total))</thead>\
    <tbody>\(pivot.lines.dropFirst(), { line($0) })</tbody></table></div>\(more)\(guardNote)</section>
    """
  }

  private var title: String { "By " + pivot.by.map { frame.name($0).lowercased() }.joined(separator: " and ") }

  private var headers: HTML {
    let order = PivotOrder(address)
    let sorted = address.with { $0.ascending = order.ascending }
    let named = pivot.by.map(frame.name).joined(separator: ", ")
    var heads = [SortHeader(label: named, key: "name"), SortHeader(label: "Trend", isNumber: false, folds: true)]
    heads += columns.map { SortHeader(label: $0.label, key: $0.rawValue, isNumber: true, folds: true) }
    heads.append(SortHeader(label: measure.label, key: measure.rawValue, isNumber: true))
    heads.append(SortHeader(label: "Share", isNumber: true))
    if pivot.total.previous != nil {
      heads += [SortHeader(label: "Before", isNumber: true, folds: true), SortHeader(label: "Change", key: "change", isNumber: true, folds: true)]
    }
    return "\(heads, { $0.render(sorted, current: order.key, fragment: "#rows") })"
  }

  private func line(_ line: PivotTable.Line) -> HTML {
    let share = measure.amount(line.measures).flatMap { part in
      measure.amount(pivot.total.measures).map { ShareText(Double(part.pico), of: Double($0.pico)) }
    }
    let isTotal = line.kind == .total
    return """
      <tr\(if: isTotal, " class=\"total\"")\(if: line.kind == .part, " class=\"sub\"")><th scope="row">\(name(line))\(under(line))</th>\
      <td class="fold">\(Sparkline(amounts: line.trend, lastIsIncomplete: lastIsOpen))</td>\
      \(columns, { "<td class=\"n fold\">\($0.html(line.measures))</td>" })<td class="n main">\(measure.html(line.measures))</td>\
      <td class="n with-share">\(if: !isTotal, ShareBar(percent: share?.percent ?? 0).html)\(share?.text ?? "–")</td>\
      \(line.previous, some: { before in
        """
        <td class="n fold note">\(measure.text(before))</td><td class="n fold">\(change(line, before).text)</td>
        """
      })</tr>
      """
  }

  private func change(_ line: PivotTable.Line, _ before: USD) -> ChangeText {
    ChangeText(from: before, to: measure.amount(line.measures) ?? .zero)
  }

  private func name(_ line: PivotTable.Line) -> HTML {
    let traces = self.traces(line)
    let unpriced = UnpricedNote(count: line.measures.unpricedCalls, address: traces).html
    switch (line.kind, line.isOther) {
    case (.total, _): return "<span class=\"cell\"><a class=\"row\" href=\"\(url: traces.url)\">Total</a>\(unpriced)</span>"
    case (_, true): return "<span class=\"cell\">\(SeriesStyle.grey.swatch)\(otherName(line))</span>"
    case (_, false):
      let value = line.values.last ?? DimensionValue(value: nil, label: "")
      let deeper = CostDrill.deeper(address, by: pivot.by, values: line.values)
      return """
        <span class="cell">\(if: line.kind == .row, styles[value]?.swatch ?? "")<a class="row\(if: value.value == nil, " none")" \
        href="\(url: deeper.url)" title="\(value.label)">\(value.label)</a>\
        <a class="only above" href="\(url: traces.url)" title="The calls behind this row">traces</a>\(unpriced)</span>
        """
    }
  }

  private func otherName(_ line: PivotTable.Line) -> HTML {
    let deeper = line.kind == .part ? CostDrill.deeper(address, by: pivot.by, values: line.values) : address.with { $0.showAll = ["rows"] }
    return line.measures.calls > 0 && !(line.kind == .row && isLong)
      ? "<a class=\"row none\" href=\"\(url: deeper.url)\">\(line.label)</a>" : "<span class=\"none\">\(line.label)</span>"
  }

  private func traces(_ line: PivotTable.Line) -> PageAddress {
    zip(pivot.by, line.values).reduce(address.traces) { $0.keeping($1.0, $1.1.value) }
  }

  /// What folds under the name on phones.
  private func under(_ line: PivotTable.Line) -> HTML {
    let parts = columns.prefix(2).map { "\($0.html(line.measures)) \($0.label.lowercased())" as HTML }
    let change = line.previous.map { "\(self.change(line, $0).text)" as HTML }
    let all = parts + [change].compactMap { $0 }
    return "<small class=\"under\">\(all.indices, { "\(if: $0 > 0, " · ")\(all[$0])" })</small>"
  }

  private var isLong: Bool { address.showAll.contains("rows") }

  private var more: HTML {
    let hasOther = pivot.lines.contains { $0.kind == .row && $0.isOther && $0.measures.calls > 0 }
    guard hasOther || isLong else { return "" }
    let target = address.with { $0.showAll = isLong ? [] : ["rows"] }
    let label = isLong ? "Show the first \(PivotTable.shortCount)" : "Show all"
    return "<p class=\"more\"><a href=\"\(url: target.url)#rows\">\(label)</a></p>"
  }

  /// Values beyond the guard are told as one.
  private var guardNote: HTML {
    let has = pivot.lines.contains { $0.values.contains { $0.value == "(other)" } }
    return has ? "<p class=\"more note\">“(other)” stands for the values beyond the first 1,000 of a day and project, and of several declared keys for all but the first where their combination was beyond the first 1,000 new ones.</p>" : ""
  }
}
