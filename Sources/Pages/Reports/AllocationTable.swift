import Domain
import HTML

/// The teams of a report, each one row that adds up from left to right, and a total that adds up from top to bottom.
struct AllocationTable: HTMLConvertible {
  let report: AllocationReport
  let choice: AllocationChoice
  /// Own lines as the calls stand now, for a closed month; nil: the report is of now.
  let now: [AllocationLine]?
  let sums: [AllocationSums]
  let total: AllocationSums
  private let whole: ReportMoney
  private let hasShared: Bool
  private let hasCorrections: Bool
  private let nowByTeam: [TeamID?: [AllocationLine]]
  /// Of a team's lines on the page; the files have all.
  private static let partsMax = 300

  init(report: AllocationReport, choice: AllocationChoice, now: [AllocationLine]? = nil) {
    self.report = report
    self.choice = choice
    self.now = now
    // An empty Unallocated line is printed too, but not first.
    let all = AllocationSums.of(report.lines)
    let isEmpty: (AllocationSums) -> Bool = { $0.team == nil && $0.calls == 0 && $0.total.isZero }
    sums = all.filter { $0.team == nil && !isEmpty($0) } + all.filter { $0.team != nil } + all.filter(isEmpty)
    total = AllocationSums.total(report)
    whole = total.total
    hasShared = sums.contains { !$0.shared.isZero }
    hasCorrections = sums.contains { !$0.corrections.isZero }
    nowByTeam = Dictionary(grouping: now ?? [], by: \.team)
  }

  private var hasParts: Bool { hasShared || hasCorrections }
  private var hasPrevious: Bool { total.previous != nil }

  var html: HTML {
    """
    <div class="ledger-wrap"><table class="rows ledger"><thead><tr><th scope="col">Team\(breakdownName)</th>\(head("Calls", "fold"))\(head("Tokens", "fold tokens"))\
    \(head("List", "fold", "Own calls at list prices"))\(head("Contracted", "fold mid", "Own calls at your own prices and terms"))\(head("Effective", hasParts ? "fold" : "", "What counts: a trusted sender’s stated cost wins over the contracted one"))\
    \(if: hasShared, head("Shared", "fold"))\(if: hasCorrections, head("Corrections", "fold"))\(if: hasParts, head("Total", ""))\
    \(head("Share", "share-cell"))\(if: hasPrevious, head("Previous", "fold wide", "\(hasParts ? "Total" : "Effective cost") in the period before") + head("Change", "fold"))\(head("Per request", "fold mid", "Effective cost of own calls, per call with a full price"))</tr></thead>
    <tbody>\(sums, row)</tbody><tfoot>\(totalRow)</tfoot></table></div>
    """
  }

  private var breakdownName: String {
    choice.breakdown.isEmpty ? "" : " and " + choice.breakdown.map { ReportWords.dimension($0, report.declared).lowercased() }.joined(separator: ", ")
  }

  private func head(_ label: String, _ kind: String, _ title: String? = nil) -> HTML {
    "<th scope=\"col\" class=\"n \(kind)\"\(title, some: { " title=\"\($0)\"" })>\(label)</th>"
  }

  private func row(_ sum: AllocationSums) -> HTML {
    let target = choice.keeping(.team, sum.team == nil ? nil : sum.name)
    let down = choice.breakdown.isEmpty ? target.with { $0.breakdown = [.project] } : target
    return """
      <tr><th scope="row"><a class="row\(if: sum.team == nil, " none")" href="\(url: down.url)">\(sum.name)</a>\
      \(if: sum.team == nil && sum.ownCalls > 0, " <a class=\"above why\" href=\"\(url: choice.elsewhere(Route.teams, report.period).url)#unallocated\">why</a>")\
      \(unpriced(sum.unpriced, target))\(books(sum))\(under(sum))\(since(sum, nowByTeam[sum.team] ?? [], target))</th>\(cells(sum, target))</tr>\
      \(if: !choice.breakdown.isEmpty, parts(sum))
      """
  }

  /// Cost centre, account and owner: who is charged.
  private func books(_ sum: AllocationSums) -> HTML {
    let words = [sum.costCentre.map { "cost centre \($0)" }, sum.glAccount.map { "GL account \($0)" }, sum.owner].compactMap { $0 }
    let short = [sum.costCentre, sum.glAccount, sum.owner].compactMap { $0 }
    return words.isEmpty ? "" : "<small class=\"under show\" title=\"\(words.joined(separator: ", "))\">\(short.joined(separator: " · "))</small>"
  }

  private func under(_ sum: AllocationSums) -> HTML {
    "<small class=\"under\">\(CountText(sum.ownCalls)) calls\(if: hasParts, ", \(sum.amount(\.effective)) own")\(if: !sum.corrections.isZero, ", \(sum.corrections) corrections")</small>"
  }

  /// The calls of a closed line are looked up as they stand now, which can be others than were frozen.
  private func since(_ sum: AllocationSums, _ lines: [AllocationLine], _ target: AllocationChoice) -> HTML {
    let count = lines.reduce(0) { $0 &+ $1.calls }, more = count &- sum.ownCalls
    guard now != nil, more != 0 else { return "" }
    let words = more > 0 ? "\(CountText(more).text) came after the close" : "\(CountText(0 &- more).text) left after the close"
    return """
      <small class="under show since"><a class="above" href="\(url: target.elsewhere(Route.traces, report.period).url)">\(CountText(count)) now</a>, \(words)</small>
      """
  }

  private func unpriced(_ count: Int64, _ choice: AllocationChoice) -> HTML {
    UnpricedNote(count: count, address: choice.elsewhere(Route.traces, report.period)).html
  }

  /// The lines of a breakdown, under their team.
  private func parts(_ sum: AllocationSums) -> HTML {
    let own = sum.own, more = own.count - Self.partsMax
    return """
      \(Array(own.prefix(Self.partsMax)), { line in part(line, sum) })\
      \(if: more > 0, "<tr class=\"part\"><th scope=\"row\" class=\"note\" colspan=\"2\">\(CountText(Int64(more))) more, in the files</th></tr>")
      """
  }

  private func part(_ line: AllocationLine, _ sum: AllocationSums) -> HTML {
    var target = choice.keeping(.team, sum.team == nil ? nil : sum.name)
    for (dimension, value) in zip(choice.breakdown, line.values) { target = target.keeping(dimension, value.value) }
    var one = AllocationSums(team: sum.team, name: line.values.map(\.label).joined(separator: " · "))
    (one.lines, one.previous) = ([line], line.previous)
    return """
      <tr class="part"><th scope="row"><a class="row" href="\(url: target.elsewhere(Route.costs, report.period).url)" title="\(one.name)">\(one.name)</a>\
      \(unpriced(line.unpricedCalls, target))<small class="under">\(CountText(line.calls)) calls</small>\(since(one, nowByTeam[sum.team]?.filter { $0.values.map(\.value) == line.values.map(\.value) } ?? [], target))</th>\(cells(one, target, isPart: true))</tr>
      """
  }

  private func cells(_ sum: AllocationSums, _ target: AllocationChoice, isPart: Bool = false, isTotal: Bool = false) -> HTML {
    let calls = CountText(sum.ownCalls).html
    let traces = target.elsewhere(Route.traces, report.period)
    let share = ShareText(Double(sum.total.exact.pico), of: Double(whole.exact.pico))
    return """
      <td class="n fold">\(sum.ownCalls > 0 && !isTotal ? "<a class=\"above\" href=\"\(url: traces.url)\" title=\"\(tracesTitle(sum))\">\(calls)</a>" : calls)</td>\
      <td class="n fold tokens">\(TokenText(sum.tokens))</td><td class="n fold">\(sum.amount(\.list))</td><td class="n fold mid">\(sum.amount(\.contracted))</td>\
      <td class="n\(hasParts ? " fold" : "")">\(sum.amount(\.effective))</td>\
      \(if: hasShared, "<td class=\"n fold\">\(part(sum.shared, hide: isPart))</td>")\(if: hasCorrections, "<td class=\"n fold\">\(part(sum.corrections, hide: isPart))</td>")\
      \(if: hasParts, "<td class=\"n\"><b>\(part(sum.total, hide: isPart))</b></td>")\
      <td class="n with-share share-cell">\(if: !isTotal, ShareBar(percent: share.percent).html)\(share)</td>\
      \(if: hasPrevious, "<td class=\"n fold wide\">\(MoneyText(sum.previous, unknown: "Not known"))</td><td class=\"n fold\"\(sum.previous, some: { " title=\"from \(MoneyText($0).text)\"" })>\(ChangeText(from: sum.previous, to: sum.total.exact).text)</td>")\
      <td class="n fold mid">\(perRequest(sum))</td>
      """
  }

  /// Shared costs and corrections are a team's, not its breakdown's.
  private func part(_ amount: ReportMoney, hide: Bool) -> HTML {
    hide ? "" : amount.isZero ? "<span class=\"zero\">$0</span>" : amount.html
  }

  private func tracesTitle(_ sum: AllocationSums) -> String {
    let corrected = sum.calls &- sum.ownCalls
    return corrected == 0 ? "Its traces" : "Traces of its \(CountText(sum.ownCalls).text) calls in the period; \(CountText(corrected).text) are of corrected months, below"
  }

  private func perRequest(_ sum: AllocationSums) -> HTML {
    AllocationLine.costPerRequest(sum.lines).map { MoneyText($0, fine: true).html } ?? "–"
  }

  private var totalRow: HTML {
    """
    <tr class="sum-row"><th scope="row">Total\(unpriced(total.unpriced, choice))\(under(total))\(since(total, now ?? [], choice))</th>\(cells(total, choice, isTotal: true))</tr>
    """
  }
}
