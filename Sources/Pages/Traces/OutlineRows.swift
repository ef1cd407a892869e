import Domain
import HTML

/// The left side of a trace page. Ten thousand lines must open at once: a line is one link of few elements, and blocks of lines are
/// laid out only when they come into view.
struct OutlineRows: HTMLConvertible {
  let observations: [Observation]
  let outline: TraceOutline
  let address: PageAddress
  /// Lines in a block that the browser may skip.
  static let block = 100
  static let deepest = 20

  var html: HTML {
    let lines = found
    let prefix = linkPrefix
    let selected = address.observation.map { ObservationID.named($0).id }
    var html: HTML = ""
    html.reserveCapacity(lines.count * 340)
    for start in stride(from: 0, to: lines.count, by: Self.block) {
      html += "<div class=\"block\">"
      for line in lines[start..<min(start + Self.block, lines.count)] {
        html += row(line, prefix, isSelected: observations[line.index].facts.id == selected)
      }
      html += "</div>"
    }
    return html
  }

  /// All lines, or those with the searched text in name, model or kind.
  private var found: [TraceOutline.Line] {
    guard let find = address.find?.lowercased(), !find.isEmpty else { return outline.lines }
    return outline.lines.filter { line in
      let o = observations[line.index]
      return [o.facts.name, o.sentModel, o.kind.rawValue, o.isError ? "error" : nil].contains {
        $0?.lowercased().contains(find) == true
      }
    }
  }

  private var linkPrefix: String {
    "?" + (address.find.map { "find=\(QueryText.encoded($0))&" } ?? "") + "observation="
  }

  private func row(_ line: TraceOutline.Line, _ prefix: String, isSelected: Bool) -> HTML {
    let o = observations[line.index]
    let id = o.facts.id.hex
    let bar = outline.bar(o)
    let name = o.facts.name ?? o.kind.rawValue
    // Short names are never cut, and ten thousand rows count every byte.
    let isLong = name.utf8.count + 2 * min(line.depth, Self.deepest) > 24
    return """
      <a class="r d\(min(line.depth, Self.deepest))\(flags(o, line))" id="o\(id)" href="\(prefix)\(id)#o\(id)"\
      \(if: isSelected, " aria-current=\"true\"")><b\(if: isLong, " title=\"\(name)\"")>\(DoubtMark(observation: o))\
      \(if: line.hasChildren, "<u></u>")<i>\(Self.mark(o.kind))</i>\
      \(name)\(levelMark(o))</b>\(figures(o, line))\
      <svg><rect x="\(xy: bar.x)%" width="\(xy: bar.width)%"/></svg></a>

      """
  }

  private func flags(_ o: Observation, _ line: TraceOutline.Line) -> String {
    Self.tone(o.kind) + (line.hasChildren ? " p" : "") + (o.decision.shadowedBy != nil ? " shadow" : "")
      + (o.isError ? " err" : "")
  }

  private func levelMark(_ o: Observation) -> HTML {
    switch o.facts.level {
    case .error: "<em>error</em>"
    case .warning: "<em class=\"w\">warning</em>"
    default: ""
    }
  }

  /// Cost, tokens, duration. A line that is no call shows the sum of the calls below it, set back.
  private func figures(_ o: Observation, _ line: TraceOutline.Line) -> HTML {
    let isMoment = o.kind == .event && o.durationMicroseconds ?? 0 == 0
    let duration = isMoment ? "" : o.durationMicroseconds.map(DurationText.short) ?? "–"
    if o.decision.shadowedBy != nil { return "<span class=\"t\">shadowed</span><span></span><span>\(duration)</span>" }
    if o.decision.isCall {
      let tokens = o.facts.usage?.usage.totalTokens ?? 0
      return
        "<span>\(cost(o))</span><span>\(if: tokens > 0, "\(TokenText(tokens).text)")</span><span>\(duration)</span>"
    }
    guard line.measures.calls > 0 else { return "<span></span><span></span><span>\(duration)</span>" }
    let sum = line.measures.cost.map { MoneyText($0, fine: true).text } ?? "–"
    return
      "<span class=\"t\">\(sum)</span><span class=\"t\">\(TokenText(line.measures.tokens).text)</span><span>\(duration)</span>"
  }

  private func cost(_ o: Observation) -> HTML {
    let outcome = o.decision.cost
    if let cost = outcome.cost {
      return "\(MoneyText(cost, fine: true).text)\(if: outcome.status == .partial, "<em class=\"w\">part</em>")"
    }
    return "<em class=\"w\">unpriced</em>"
  }

  static func mark(_ kind: ObservationKind) -> String {
    switch kind {
    case .generation: "gen"
    case .span: "span"
    case .embedding: "embed"
    case .tool: "tool"
    case .agent: "agent"
    case .chain: "chain"
    case .retriever: "retr"
    case .evaluator: "eval"
    case .guardrail: "guard"
    case .event: "event"
    }
  }

  /// Class of the line: what costs money, what acts, what only groups.
  private static func tone(_ kind: ObservationKind) -> String {
    switch kind {
    case .generation, .embedding: " g"
    case .tool, .retriever: " to"
    case .agent, .chain: " ag"
    default: ""
    }
  }
}
