import Domain
import HTML

/// A large export, made in the background.
public struct ExportView: Sendable {
  public var id: ExportID
  /// "FOCUS, October 2026, booked month".
  public var name: String
  /// Rows written so far.
  public var rows: Int64
  /// Size of the file so far.
  public var bytes: Int64
  /// 0…1 where it is known.
  public var progress: Double?
  public var createdAt: Timestamp
  public var createdBy: String
  public var finishedAt: Timestamp?
  /// Until when the file is kept.
  public var expiresAt: Timestamp?
  public var failure: String?

  public init(
    id: ExportID, name: String, rows: Int64, bytes: Int64, progress: Double?, createdAt: Timestamp, createdBy: String,
    finishedAt: Timestamp?, expiresAt: Timestamp? = nil, failure: String?
  ) {
    self.id = id
    self.name = name
    self.rows = rows
    self.bytes = bytes
    self.progress = progress
    self.createdAt = createdAt
    self.createdBy = createdBy
    self.finishedAt = finishedAt
    self.expiresAt = expiresAt
    self.failure = failure
  }

  var isRunning: Bool { finishedAt == nil && failure == nil }
}

/// Exports that are too large to wait for.
public struct ExportListPage: Sendable {
  public var work: WorkFrame
  /// Newest first.
  public var exports: [ExportView]
  public var months: [Statement]
  public var formats: [(value: String, label: String)]
  /// Chosen in the form.
  public var month: String
  public var format: String
  public var view: String

  public init(
    work: WorkFrame, exports: [ExportView], months: [Statement], formats: [(value: String, label: String)], month: String,
    format: String, view: String = ReportView.bookedMonth.rawValue
  ) {
    self.work = work
    self.exports = exports
    self.months = months
    self.formats = formats
    self.month = month
    self.format = format
    self.view = view
  }

  public func render() -> HTML {
    work.page(
      "Exports", tab: ReportTab.exports,
      """
      <p class="note intro">Every charge of a month, one row a day and token meter: as large as it gets. It is written in the background and kept here; small \
      reports are downloaded right from <a href="\(Route.allocation)">Cost allocation</a>.</p>
      \(work.problemNote)\(if: work.canChange, form)\(if: exports.isEmpty && work.canChange, Self.none)\(if: !exports.isEmpty, list)
      """)
  }

  private static let none: HTML = """
    <section class="empty"><h2>No export yet</h2><p>Choose a month and start one: its progress, then its file stand here. You can leave the page meanwhile.</p></section>
    """

  private var form: HTML {
    """
    <form class="filters" method="post" action="\(Route.exports)">\(work.token)
    <label class="long">Month\(Select(name: "month", options: months.compactMap { month in month.period.month.map { ($0, "\(CalendarWords.month($0)), \(ReportWords.state(month.state))") } }, chosen: month))</label>\
    <label>View\(Select(name: "view", options: [ReportView.bookedMonth, .usageMonth].map { ($0.rawValue, ReportWords.view($0)) }, chosen: view))</label>\
    <label>Format\(Select(name: "format", options: formats, chosen: format))</label><button>Start</button></form>
    """
  }

  private var list: HTML {
    """
    <table class="rows exports"><thead><tr><th scope="col">Export</th><th scope="col">State</th><th scope="col" class="n fold">Rows</th><th scope="col" class="n fold">Size</th>\
    <th scope="col" class="fold">Asked for</th><th scope="col" class="n"><span class="hidden">Download or remove</span></th></tr></thead><tbody>\(exports, row)</tbody></table>
    """
  }

  private func row(_ export: ExportView) -> HTML {
    """
    <tr><th scope="row">\(export.name)<small class="under">\(CountText(export.rows)) rows, \(SizeText(export.bytes))</small></th>\
    <td>\(state(export))</td><td class="n fold">\(CountText(export.rows))</td><td class="n fold">\(SizeText(export.bytes))</td>\
    <td class="fold note">\(work.moment(export.createdAt)) by \(export.createdBy)</td>\
    <td class="n">\(if: export.finishedAt != nil && export.failure == nil, "<a href=\"\(url: Route.exportFile(export.id))\" download>Download</a> ")\
    \(if: work.canChange, remove(export))</td></tr>
    """
  }

  private func remove(_ export: ExportView) -> HTML {
    """
    <form method="post" action="\(Route.exports)/remove">\(work.token)<button class="quiet" name="id" value="\(export.id.description)">\
    \(export.isRunning ? "Stop" : "Remove")<span class="hidden"> \(export.name)</span></button></form>
    """
  }

  private func state(_ export: ExportView) -> HTML {
    if let failure = export.failure { return "<span class=\"error\" title=\"\(failure)\">stopped by an error</span><small class=\"under show\">\(failure)</small>" }
    if export.finishedAt != nil {
      return "done\(export.expiresAt, some: { " <small class=\"under show\">kept until \(work.moment($0))</small>" })"
    }
    guard let progress = export.progress else { return "running" }
    let percent = Digits.fixed(min(99, max(0, progress * 100)), places: 0)
    return "running, \(percent)\u{A0}% <progress max=\"100\" value=\"\(percent)\" aria-label=\"\(export.name)\">\(percent)\u{A0}%</progress>"
  }
}
