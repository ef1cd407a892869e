import Domain
import HTML

/// What the costs page splits by, what it measures, and which columns it shows: links, so that all of it is in the address.
struct CostControls: HTMLConvertible {
  let frame: PageFrame
  let address: PageAddress
  let by: [CostDimension]

  var html: HTML {
    """
    <div class="pivot-bar">\(menu("Rows", 0))\(menu("then by", 1))\
    <p class="switch" role="group" aria-label="Measure">\(CostFigure.measurable, { measureLink($0) })</p>\
    <span class="push">\(columnMenu)<a class="button" href="\(url: address.with { $0.compares.toggle() }.url)" \
    aria-pressed="\(address.compares ? "true" : "false")" role="button">Compare</a>\
    \(if: frame.allows(.export), "<a class=\"button\" href=\"\(url: file.url)\" title=\"Exactly what is on this page\">CSV</a>")</span></div>
    """
  }

  private var file: PageAddress { address.with { $0.path = Route.costsFile } }

  private func measureLink(_ figure: CostFigure) -> HTML {
    let target = address.with { $0.measure = figure; $0.sort = nil; $0.ascending = false }
    return """
      <a href="\(url: target.url)" title="\(figure.meaning)"\(if: figure == address.measure, " aria-current=\"true\"")>\(figure.label)</a>
      """
  }

  /// Dimensions that people know: declared ones by their label, others not at all.
  private var dimensions: [CostDimension] {
    let first: [CostDimension] = [.team, .endpoint, .model, .provider, .userGroup, .user, .project, .environment, .service, .key, .kind]
    return first.filter { $0 != .user || frame.access.scope.users != .hidden } + CostDimension.extras.filter { frame.declared[$0] != nil }
  }

  private func menu(_ title: String, _ place: Int) -> HTML {
    let current = by.count > place ? by[place] : nil
    let others = by.enumerated().filter { $0.offset != place }.map(\.element)
    return """
      <details class="menu left"><summary aria-label="\(title)"><span class="note">\(title)</span> \(current.map(frame.name) ?? "nothing else")</summary>
      <div class="sheet"><ul>\(if: place == 1, entry("Nothing else", Array(by.prefix(1)), isCurrent: current == nil))\
      \(dimensions.filter { !others.contains($0) }, { dimension in
        entry(frame.name(dimension), place == 0 ? [dimension] + by.dropFirst() : Array(by.prefix(1)) + [dimension], isCurrent: dimension == current)
      })</ul></div></details>
      """
  }

  private func entry(_ label: String, _ by: [CostDimension], isCurrent: Bool) -> HTML {
    let target = address.with { $0.by = by; $0.sort = nil; $0.ascending = false; $0.showAll = [] }
    return "<li><a href=\"\(url: target.url)\"\(if: isCurrent, " aria-current=\"true\"")>\(label)</a></li>"
  }

  private var columnMenu: HTML {
    """
    <details class="menu"><summary>Columns</summary><div class="sheet"><ul>\(CostFigure.columns.filter { $0 != address.measure }, { figure in
      let isShown = address.columns.contains(figure)
      let target = address.with { address in
        address.columns = CostFigure.columns.filter { $0 == figure ? !isShown : address.columns.contains($0) }
      }
      return """
        <li><a href="\(url: target.url)" title="\(figure.meaning)"\(if: isShown, " aria-current=\"true\"")>\(isShown ? "✓ " : "")\(figure.label)</a></li>
        """
    })</ul></div></details>
    """
  }
}
