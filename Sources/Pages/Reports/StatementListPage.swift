import Domain
import HTML

/// The months with their books, newest first.
public struct StatementListPage: Sendable {
  public var work: WorkFrame
  public var statements: [StatementSummary]

  public init(work: WorkFrame, statements: [StatementSummary]) {
    self.work = work
    self.statements = statements
  }

  public func render() -> HTML {
    work.page("Statements", tab: ReportTab.statements, "\(work.problemNote)\(statements.isEmpty ? Self.empty : list)")
  }

  private static let empty: HTML = """
    <section class="empty"><h2>No months yet</h2><p>Each month with calls gets a statement here. When the month is over and late calls were waited for, \
    it is closed: its lines are frozen, and what is found later becomes a correction in another month.</p>
    <p><a class="button" href="/connect">Connect an application</a></p></section>
    """

  private var list: HTML {
    """
    <p class="note intro">A month that is over waits for late calls, then it can be closed. Closing freezes its lines; what changes later is posted as \
    corrections in the month that is closed next.</p>
    <table class="rows statements"><thead><tr><th scope="col">Month</th><th scope="col">State</th><th scope="col" class="n">Total</th>\
    <th scope="col" class="n fold">of which corrections</th><th scope="col" class="fold">Closed</th><th scope="col" class="fold">Comment</th></tr></thead>
    <tbody>\(statements, row)</tbody></table>
    """
  }

  private func row(_ entry: StatementSummary) -> HTML {
    let statement = entry.statement
    let month = statement.period.month ?? statement.period.firstDay
    return """
      <tr><th scope="row"><a class="row" href="\(url: Route.statement(month))">\(CalendarWords.month(month))</a>\
      \(statement.closedAt, some: { "<small class=\"under\">closed \(work.moment($0))\(statement.closedBy, some: { " by \($0)" })</small>" })</th>\
      <td>\(StatementState(state: statement.state))</td>\
      <td class="n">\(MoneyText(entry.total, unknown: "Not computed yet"))</td><td class="n fold">\(MoneyText(entry.corrections, unknown: "Known when the month is closed"))</td>\
      <td class="fold note">\(closed(statement))</td><td class="fold note"\(statement.comment, some: { " title=\"\($0)\"" })>\(statement.comment)</td></tr>
      """
  }

  private func closed(_ statement: Statement) -> HTML {
    switch statement.state {
    case .closed: "\(statement.closedAt, some: { "\(work.moment($0))" })\(statement.closedBy, some: { " by \($0)" })"
    case .ready: "can be closed now"
    case .before: "its calls are corrections of later months"
    case .open, .closing: "can be closed from \(work.moment(statement.closableFrom))"
    }
  }
}

/// A month in the list.
public struct StatementSummary: Sendable {
  public var statement: Statement
  /// Booked so far, or frozen; nil: not known.
  public var total: USD?
  /// The part of it that corrects earlier months.
  public var corrections: USD?

  public init(statement: Statement, total: USD?, corrections: USD?) {
    self.statement = statement
    self.total = total
    self.corrections = corrections
  }
}

/// The state of a month; what asks for an act is in the colour of attention.
struct StatementState: HTMLConvertible {
  let state: Statement.State
  var html: HTML {
    state == .ready
      ? "<span class=\"amber\">\(ReportWords.state(state))</span>" : "<span class=\"tag\">\(ReportWords.state(state))</span>"
  }
}
