import Domain
import HTML

/// The page that a setting of projects begins with: what each has, every row leading to the project's own page.
struct ProjectSettingList {
  struct Column {
    var name: String
    /// Figures stand right.
    var isNumber = false
    /// Secondary words; left out on narrow pages.
    var folds = false

    var cellClass: String { [isNumber ? "n" : nil, folds ? "fold" : nil, folds && !isNumber ? "note" : nil].compactMap { $0 }.joined(separator: " ") }
  }

  struct Line {
    var project: Project
    /// Of the project's page.
    var address: String
    /// One per column.
    var cells: [HTML]
  }

  var work: WorkFrame
  var tab: SettingsTab
  /// What the setting is, above the table.
  var intro: String
  var columns: [Column]
  var lines: [Line]

  func render() -> HTML {
    work.page(tab.label, tab: tab, "<p class=\"note intro\">\(intro)</p>\n\(lines.isEmpty ? Self.empty : table)")
  }

  private static let empty: HTML = """
    <section class="empty"><h2>No project is yours to set</h2><p>Whoever administers a project sets it here. Ask an owner or admin for one.</p></section>
    """

  private var table: HTML {
    """
    <table class="rows settings"><thead><tr><th scope="col">Project</th>\(columns, { "<th scope=\"col\" class=\"\($0.cellClass)\">\($0.name)</th>" })</tr></thead>
    <tbody>\(lines, row)</tbody></table>
    """
  }

  private func row(_ line: Line) -> HTML {
    """
    <tr><th scope="row"><a class="row" href="\(url: line.address)">\(line.project.name)</a></th>\
    \(zip(columns, line.cells).map { $0 }, { "<td class=\"\($0.0.cellClass)\">\($0.1)</td>" })</tr>
    """
  }
}
