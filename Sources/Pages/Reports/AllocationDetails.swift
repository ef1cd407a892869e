import Domain
import HTML

/// Parts of shared costs, each with where it comes from and what it was split by.
struct SharedLines: HTMLConvertible {
  let lines: [AllocationLine]
  var title = "Shared costs"

  var html: HTML {
    lines.isEmpty
      ? ""
      : """
        <section class="measure"><h2>\(title)</h2><table class="rows lines"><thead><tr><th scope="col">Pool</th><th scope="col">Team</th>\
        <th scope="col" class="fold">Method</th><th scope="col" class="n fold">Driver</th><th scope="col" class="n">Amount</th></tr></thead>
        <tbody>\(lines, row)</tbody>\(LinesTotal(lines: lines, span: 4))</table>
        <p class="more note">\(if: lines.contains { $0.shared?.method == .even }, "Evenly is among all teams that are valid in the month, also those without a call. ")\
        Shared costs are not corrected: a closed month keeps them as they were split at its close.</p></section>
        """
  }

  private func row(_ line: AllocationLine) -> HTML {
    """
    <tr><th scope="row">\(line.shared?.poolName)\(line.shared, some: { "<small class=\"under\">\(ReportWords.method($0.method)), \(ReportWords.driver($0))</small>" })</th>\
    <td>\(line.team == nil ? "Unallocated" : line.name)</td><td class="fold">\(line.shared, some: { "\(ReportWords.method($0.method)) <span class=\"note\">\($0.method.rawValue)</span>" })</td>\
    <td class="n fold">\(line.shared, some: { "\(ReportWords.driver($0))" })</td><td class="n">\(ReportMoney(line, \.effective))</td></tr>
    """
  }
}

/// Corrections of closed months, posted in this one.
struct CorrectionLines: HTMLConvertible {
  let lines: [AllocationLine]
  var title = "Corrections of closed months"
  /// What the report keeps, for the traces behind a line.
  var filter: CostFilter = [:]

  var html: HTML {
    lines.isEmpty
      ? ""
      : """
        <section class="measure" id="corrections"><h2>\(title)</h2><table class="rows lines"><thead><tr><th scope="col">Team</th><th scope="col">Corrects</th>\
        <th scope="col" class="n fold">Calls</th><th scope="col" class="n fold">List</th><th scope="col" class="n fold">Contracted</th><th scope="col" class="n">Effective</th></tr></thead>
        <tbody>\(lines, row)</tbody>\(LinesTotal(lines: lines, span: 2, hasCalls: true))</table>\
        \(if: lines.contains { $0.calls < 0 }, "<p class=\"note\">Fewer calls than were booked: their owner was decided anew, and the lines of the same month with more calls have them now.</p>")</section>
        """
  }

  private func row(_ line: AllocationLine) -> HTML {
    """
    <tr><th scope="row">\(line.team == nil ? "Unallocated" : line.name)<small class="under">\(calls(line)) calls</small></th>\
    <td>\(line.correctionOf, some: { "<a href=\"\(url: Route.statement($0))\">\(CalendarWords.month($0))</a>" })</td><td class="n fold">\(calls(line))</td>\
    <td class="n fold">\(ReportMoney(line, \.list))</td><td class="n fold">\(ReportMoney(line, \.contracted))</td><td class="n">\(ReportMoney(line, \.effective))</td></tr>
    """
  }
}

extension CorrectionLines {
  /// How many more or fewer there are now, and the calls of the corrected month as they stand.
  private func calls(_ line: AllocationLine) -> HTML {
    // Calls that left are with others now, in another line of the same month.
    guard let month = line.correctionOf, line.calls > 0 else { return CountText(line.calls).html }
    let name = line.team == nil ? "Unallocated" : line.name
    return """
      <a class="above" href="\(url: traces(line, month).url)" title="Calls of \(name) in \(CalendarWords.month(month)) as they stand now">\(CountText(line.calls))</a>
      """
  }

  private func traces(_ line: AllocationLine, _ month: String) -> PageAddress {
    var address = PageAddress(path: Route.traces)
    address.range = .custom(from: Moment(month + "-01"), to: Moment(CalendarWords.before(CalendarWords.after(month) + "-01")))
    address.filter = filter
    address.filter[.team] = [line.team == nil ? "" : line.name]
    return address
  }
}

/// The foot of a table of lines.
struct LinesTotal: HTMLConvertible {
  let lines: [AllocationLine]
  /// Columns before the first figure.
  let span: Int
  var hasCalls = false

  private func sum(_ path: KeyPath<Amounts, USD>) -> ReportMoney { lines.reduce(.zero) { $0 + ReportMoney($1, path) } }

  var html: HTML {
    """
    <tfoot><tr class="sum-row"><th scope="row">Total</th>\((1..<max(2, span)), { "<td\(if: span == 4 && $0 > 1, " class=\"fold\"")></td>" })\
    \(if: hasCalls, "<td class=\"n fold\">\(CountText(lines.reduce(0) { $0 &+ $1.calls }))</td><td class=\"n fold\">\(sum(\.list))</td><td class=\"n fold\">\(sum(\.contracted))</td>")\
    <td class="n">\(sum(\.effective))</td></tr></tfoot>
    """
  }
}

/// Why the ledger of a month and what was booked in it differ.
struct BridgeTable: HTMLConvertible {
  let bridge: StatementBridge
  let month: String

  var html: HTML {
    """
    <section class="measure bridge"><h2>From the usage month to the booked month</h2><table class="rows"><tbody>\(rows, { entry in
      """
      <tr\(if: entry.isSum, " class=\"sum-row\"")><th scope="row">\(entry.label)\(if: !entry.note.isEmpty, "<small class=\"under show\">\(entry.note)</small>")</th>\
      <td class="n">\(MoneyText(entry.amount))</td></tr>
      """
    })</tbody></table></section>
    """
  }

  private struct Step {
    var label: String
    var note = ""
    var amount: USD
    var isSum = false
  }

  private var rows: [Step] {
    let name = CalendarWords.month(month)
    var rows = [Step(label: "Own calls of \(name) as they stand now", note: "the usage month without its shared costs", amount: bridge.ledger)]
    if let frozen = bridge.frozen {
      if bridge.postedLater.pico != 0 {
        rows.append(Step(label: "less changes since the close", note: "posted as corrections in later months", amount: .zero - bridge.postedLater))
      }
      if bridge.waiting.pico != 0 {
        rows.append(Step(label: "less changes that are not posted yet", note: "become corrections when the next month closes", amount: .zero - bridge.waiting))
      }
      rows.append(Step(label: "Frozen at the close", amount: frozen, isSum: true))
    }
    rows.append(Step(label: "plus corrections of earlier months", amount: bridge.corrections))
    rows.append(Step(label: "plus shared costs", amount: bridge.shared))
    rows.append(Step(label: bridge.frozen == nil ? "Would be booked in \(name)" : "Booked in \(name)", note: "booked month", amount: bridge.booked, isSum: true))
    return rows
  }
}
