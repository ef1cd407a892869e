import HTML

/// The tabs of a group of pages that are open to the reader; where there are many, a row of clusters stands above those of the current one.
struct TabBar<Tab: PageTab>: HTMLConvertible {
  let tab: Tab
  let open: [Tab]

  /// The first open tab of each cluster, in order.
  private var clusters: [Tab] {
    open.reduce(into: []) { firsts, tab in
      if !firsts.contains(where: { $0.cluster == tab.cluster }) { firsts.append(tab) }
    }
  }

  var html: HTML {
    let clusters = clusters, beside = open.filter { $0.cluster == tab.cluster }
    return """
      \(if: clusters.count > 1, """
        <nav class="tabs clusters" aria-label="\(Tab.group)">\(clusters, { link($0, $0.cluster, isCurrent: $0.cluster == tab.cluster) })</nav>
        """)\
      \(if: clusters.count < 2 || beside.count > 1, """
        <nav class="tabs" aria-label="\(tab.cluster.isEmpty ? Tab.group : tab.cluster)">\(beside, { link($0, $0.label, isCurrent: $0 == tab) })</nav>
        """)
      """
  }

  private func link(_ entry: Tab, _ label: String, isCurrent: Bool) -> HTML {
    "<a href=\"\(url: entry.path)\"\(if: isCurrent, " aria-current=\"page\"")>\(label)</a>"
  }
}
