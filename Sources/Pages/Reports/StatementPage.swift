import Domain
import HTML

/// One month's books: what closing it would freeze, or what was frozen.
public struct StatementPage: Sendable {
  public var work: WorkFrame
  public var statement: Statement
  /// The booked view of the month: frozen, or what would be.
  public var report: AllocationReport
  public var bridge: StatementBridge?
  /// Own lines as the calls stand now, of a closed month.
  public var now: [AllocationLine]?
  /// Whether the hash is still right; nil: not asked.
  public var isVerified: Bool?
  /// Typed into the form, given back when it was not accepted.
  public var typed: String
  public var comment: String

  public init(
    work: WorkFrame, statement: Statement, report: AllocationReport, bridge: StatementBridge?,
    now: [AllocationLine]? = nil, isVerified: Bool? = nil, typed: String = "", comment: String = ""
  ) {
    self.work = work
    self.statement = statement
    self.report = report
    self.bridge = bridge
    self.now = now
    self.isVerified = isVerified
    self.typed = typed
    self.comment = comment
  }

  private var month: String { statement.period.month ?? "" }
  private var name: String { CalendarWords.month(month) }

  public func render() -> HTML {
    work.page(
      "Statement of \(name)", tab: ReportTab.statements,
      """
      \(standing)\(tiles)
      \(if: statement.sha256 != nil, proof)
      \(work.problemNote)\(if: statement.state == .ready && work.canChange, closeForm)
      <section class="measure"><h2>\(statement.state == .closed ? "Frozen lines" : "What would be frozen")</h2>
      \(AllocationTable(report: report, choice: AllocationChoice(month: month), now: now))</section>
      \(SharedLines(lines: report.lines.filter { $0.kind == .shared && !$0.isGone }))
      \(CorrectionLines(lines: corrections, title: statement.state == .closed ? "Corrections of closed months" : "Corrections that will be posted"))
      \(bridge, some: { BridgeTable(bridge: $0, month: month).html })
      <p class="more"><a href="\(url: AllocationChoice(month: month).url)">The same as a report to print and download</a></p>
      """)
  }

  private var corrections: [AllocationLine] { report.lines.filter { $0.kind == .adjustment && !$0.isGone } }

  /// Where the month stands, and what happens next.
  private var standing: HTML {
    switch statement.state {
    case .open:
      "<p class=\"notice\"><b>Open.</b> The month is not over. It can be closed from \(work.moment(statement.closableFrom)).</p>"
    case .closing:
      """
      <p class="notice"><b>Waiting for late calls.</b> The month is over; calls that are sent late still count until \(work.moment(statement.closableFrom)). \
      Then it can be closed.</p>
      """
    case .ready:
      """
      <p class="notice amber"><b>Ready to close.</b> The month is over and late calls were waited for until \(work.moment(statement.closableFrom)).\
      \(if: !work.canChange, " Owners and finance close it.")</p>
      """
    case .before:
      """
      <p class="notice"><b>Before the books.</b> The first month that was closed came after it. What its calls cost is posted as corrections in the month \
      that is closed next.</p>
      """
    case .closed:
      """
      <p class="notice"><b>Closed</b>\(statement.closedAt, some: { " \(work.moment($0))" })\(statement.closedBy, some: { " by \($0)" }).\
      \(statement.comment, some: { " “\($0)”" }) Nobody can change it; what is found later is a correction in the month that is closed next.</p>
      """
    }
  }

  private var tiles: HTML {
    let sums = AllocationSums.total(report)
    return """
      <div class="tiles four"><div class="tile main"><h2>\(statement.state == .closed ? "Booked" : "Would be booked")</h2>\
      <span class="figure">\(ReportMoney(report.total, \.effective))</span></div>\
      <div class="tile"><h2>Own calls</h2><span class="figure">\(sums.amount(\.effective))</span>\
      <p>\(CountText(sums.ownCalls)) calls\(if: sums.ownUnpriced > 0, ", <span class=\"amber\">\(CountText(sums.ownUnpriced)) unpriced</span>")</p></div>\
      <div class="tile"><h2>Shared costs</h2><span class="figure">\(sums.shared)</span></div>\
      <div class="tile"><h2>Corrections</h2><span class="figure">\(sums.corrections)</span>\
      <p>\(corrections.isEmpty ? "no closed month has changed" : "of \(Set(corrections.compactMap(\.correctionOf)).sorted().map(CalendarWords.month).joined(separator: ", "))")</p></div></div>
      """
  }

  private var proof: HTML {
    """
    <section class="measure proof"><h2>Proof</h2><p>SHA-256 of the canonical CSV: names, lines and charges</p>\(statement.sha256, some: { "<p><code data-copy=\"\($0)\">\($0)</code></p>" })
    <p class="actions"><a class="button" href="\(url: Route.statement(month))?verify=1">Verify</a>\
    \(if: work.frame.access.extent(.export) == .all, "<a class=\"button\" href=\"\(url: Route.statement(month))/text\" download>Canonical CSV</a>")\
    <span class="note"><code>sha256sum</code> of the file gives the same digits.</span></p>\(isVerified, some: outcome)</section>
    """
  }

  private func outcome(_ isVerified: Bool) -> HTML {
    isVerified
      ? "<p class=\"notice\" role=\"status\"><b>It matches.</b> The frozen rows were written and hashed again just now and give the same digits.</p>"
      : """
        <p class="notice error" role="alert"><b>It does not match.</b> The frozen rows give other digits. Rows of a closed statement can’t be changed through Quipu: \
        look into the database and its backups.</p>
        """
  }

  private var closeForm: HTML {
    let own = AllocationSums.total(report).ownCalls
    return """
    <section class="measure close"><h2>Close \(name)</h2>
    <ul class="reasons"><li>\(CountText(own)) calls of \(CalendarWords.period(report.period)) are frozen as the lines below, \
    \(ReportMoney(report.total, \.effective)) in total. They can’t be changed after that.</li>
    \(if: report.total.unpricedCalls > 0, "<li class=\"amber\">\(CountText(report.total.unpricedCalls)) calls have no price and are frozen as nothing. Set their prices first, or they become corrections. <a href=\"\(url: Route.unpriced)\">Unpriced models</a></li>")
    <li>\(corrections.isEmpty ? "No closed month has changed: no corrections are posted." : "\(corrections.count) \(corrections.count == 1 ? "correction" : "corrections") of closed months, listed below, are posted with it.")</li>
    <li>Calls of \(name) that arrive later become corrections in the month that is closed next.</li></ul>
    <form class="entry wide" method="post" action="\(url: Route.statement(month))/close">\(work.token)<fieldset>\
    <label>Type \(month) to confirm<input name="confirm" value="\(typed)" required autocomplete="off" placeholder="\(month)" maxlength="20"></label>\
    <label class="span">Comment, kept with the statement<input name="comment" value="\(comment)" maxlength="500" placeholder="approved by"></label></fieldset>
    <p class="actions"><button class="primary">Close \(name)</button></p></form></section>
    """
  }
}
