import Domain
import HTML

/// What lies on the disk, how fast it grows, and how long each project keeps its payloads.
public struct StoragePage: Sendable {
  public var work: WorkFrame
  public var report: StorageReport
  public var moves: [PayloadMove]
  /// Class of projects that chose none.
  public var installationDays: Int16
  /// nil without a budget.
  public var budgetBytes: Int64?
  /// Of the disk that holds the database; nil where that is another machine's.
  public var freeBytes: Int64?

  public init(
    work: WorkFrame, report: StorageReport, moves: [PayloadMove], installationDays: Int16, budgetBytes: Int64?, freeBytes: Int64?
  ) {
    self.work = work
    self.report = report
    self.moves = moves
    self.installationDays = installationDays
    self.budgetBytes = budgetBytes
    self.freeBytes = freeBytes
  }

  public func render() -> HTML {
    work.page(
      "Storage", tab: SettingsTab.storage,
      """
      \(figures)\(work.problemNote)
      <section class="measure"><h2>Projects</h2>\(projects)
      <p class="note">Inputs, outputs and metadata go after the days of their class, whole days at once; calls, tokens and cost stay for years. A new class holds for \
      what arrives from now on; older payloads keep theirs until “Move older payloads” brings them to the new one. Counted once a day, up to yesterday.</p></section>
      \(if: !moves.isEmpty, moveList)
      <section class="measure"><h2>Tables</h2>\(tables)</section>
      """)
  }

  private var figures: HTML {
    """
    <div class="tiles four"><div class="tile main"><h2>Database</h2><span class="figure">\(SizeText(report.databaseBytes))</span></div>\
    <div class="tile"><h2>Growth a day</h2><span class="figure">\(growth)</span></div>\
    <div class="tile"><h2>Disk budget</h2><span class="figure">\(budgetBytes.map { SizeText($0).html } ?? "none")</span></div>\
    <div class="tile"><h2>Full in</h2>\(room)</div></div>
    """
  }

  private var growth: HTML {
    guard let growth = report.growthBytesPerDay else { return "–" }
    return growth > 0 ? SizeText(growth).html : "none"
  }

  /// What is left until the budget or the disk is full, and how long that lasts.
  private var room: HTML {
    guard let room = [budgetBytes.map { $0 - report.databaseBytes }, freeBytes].compactMap(\.self).min().map({ max(0, $0) }) else {
      return "<span class=\"figure\">–</span><p>a disk budget would tell</p>"
    }
    guard let growth = report.growthBytesPerDay, growth > 0 else {
      return "<span class=\"figure\">–</span><p>\(SizeText(room)) left; growth is known after two days</p>"
    }
    return "<span class=\"figure\">\(CountText(room / growth))\u{A0}days</span><p>\(SizeText(room)) left</p>"
  }

  private var projects: HTML {
    """
    <table class="rows storage"><thead><tr><th scope="col">Project</th><th scope="col" class="n fold">Observations</th><th scope="col" class="n fold">Payload blocks</th>\
    <th scope="col" class="n">Size</th><th scope="col">Payloads are kept</th></tr></thead><tbody>\(report.projects, row)</tbody></table>
    """
  }

  private func row(_ share: StorageReport.ProjectShare) -> HTML {
    """
    <tr><th scope="row">\(share.project.name)</th><td class="n fold">\(CountText(share.observations))<small class="under show">\(SizeText(share.observationBytes))</small></td>\
    <td class="n fold">\(CountText(share.blocks))<small class="under show">\(SizeText(share.payloadBytes))</small></td><td class="n">\(SizeText(share.bytes))</td><td>\(choice(share))</td></tr>
    """
  }

  private func choice(_ share: StorageReport.ProjectShare) -> HTML {
    let options = [("", "\(installationDays) days (standard)")] + [7, 30, 90, 400].map { (String($0), "\($0) days") }
    let chosen = share.isChosen ? String(share.retentionDays) : ""
    guard work.canChange else { return "\(share.retentionDays)\u{A0}days" }
    return """
      <form class="actions" method="post" action="\(Route.storage)">\(work.token)<input type="hidden" name="project" value="\(share.project.id.description)">\
      <label class="bare"><span class="hidden">Days of \(share.project.name)</span>\(Select(name: "days", options: options, chosen: chosen))</label>\
      <button name="do" value="choose">Save</button> <button class="quiet" name="do" value="move" title="Bring what was stored under another class to this one">Move older payloads</button></form>
      """
  }

  private var moveList: HTML {
    """
    <section class="measure"><h2>Moves of older payloads</h2><table class="rows payload-moves"><thead><tr><th scope="col">Project</th><th scope="col">To</th><th scope="col">State</th>\
    <th scope="col" class="n">Moved</th><th scope="col" class="n">Too old, removed</th><th scope="col" class="fold">Asked for</th></tr></thead><tbody>\(moves, { move in
      """
      <tr><th scope="row">\(move.project.name)</th><td>\(String(move.toDays))\u{A0}days</td><td>\(move.finishedAt == nil ? "running" : "done")</td>\
      <td class="n">\(CountText(move.blocksMoved))</td><td class="n">\(CountText(move.blocksRemoved))</td><td class="fold note">\(work.moment(move.createdAt)) by \(move.createdBy)</td></tr>
      """
    })</tbody></table></section>
    """
  }

  private var tables: HTML {
    """
    <table class="rows"><thead><tr><th scope="col">Table</th><th scope="col" class="n fold">Parts</th><th scope="col" class="n fold">Rows and bodies</th>\
    <th scope="col" class="n fold">Indexes</th><th scope="col" class="n">Size</th></tr></thead><tbody>\(report.tables.prefix(25).map(\.self), { table in
      """
      <tr><th scope="row">\(table.name)</th><td class="n fold">\(CountText(Int64(table.parts)))</td><td class="n fold">\(SizeText(table.tableBytes))</td>\
      <td class="n fold">\(SizeText(table.indexBytes))</td><td class="n">\(SizeText(table.bytes))</td></tr>
      """
    })</tbody></table>
    """
  }
}

extension Route {
  public static let storage = "/settings/storage"
}
