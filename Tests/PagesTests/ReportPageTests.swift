import Domain
import HTML
import Testing

@testable import Pages

@Suite struct ReportPageTests {
  @Test func rowsAddUpAcrossAndDown() {
    let report = ReportSamples.report(ReportSamples.lines)
    let sums = AllocationSums.of(report.lines)
    let total = AllocationSums.total(report)
    #expect(total.total.exact == report.total.exact.effective && total.total.rounded == report.total.rounded.effective)
    #expect(sums.reduce(USD.zero) { $0 + $1.total.rounded } == report.total.rounded.effective)
    for sum in sums { #expect(sum.total.rounded == sum.amount(\.effective).rounded + sum.shared.rounded + sum.corrections.rounded) }
  }

  @Test func theTotalIsTheReportsWithCorrectedCallsAndAllThatWasBefore() throws {
    var report = ReportSamples.report(ReportSamples.lines)
    // A pool that ended had a line before and has none now.
    report.total.previous = Sample.usd("60000")
    let total = AllocationSums.total(report)
    #expect(total.calls == report.total.calls && total.previous == report.total.previous && total.total.exact == report.total.exact.effective)
    let search = try #require(AllocationSums.of(report.lines).first { $0.name == "Search" })
    #expect(search.calls == 1_204_118 + 812 && search.ownCalls == 1_204_118)
    let foot = try #require(AllocationTable(report: report, choice: AllocationChoice(month: "2026-10")).html.string.elements("<tfoot>", "</tfoot>").first)
    #expect(foot.contains("$60,000.00") && foot.contains(ChangeText(from: Sample.usd("60000"), to: report.total.exact.effective).text))
  }

  @Test func teamsAreComparedWithAllOfTheirLines() throws {
    var lines = ReportSamples.lines
    for i in lines.indices where lines[i].kind == .shared { lines[i].previous = Sample.usd("100") }
    let search = try #require(AllocationSums.of(lines).first { $0.name == "Search" })
    #expect(search.previous == Sample.usd("15122.40") && search.total.exact == Sample.usd("18466.828220155"))
  }

  @Test func aRequestCostsWhatCallsWithAFullPriceCost() throws {
    var measures = Measures()
    let line = try #require(ReportSamples.lines.first { $0.name == "Search" })
    (measures.calls, measures.unpricedCalls, measures.cost) = (line.calls, line.unpricedCalls, line.exact.effective)
    let cost = try #require(measures.costPerRequest)
    #expect(AllocationLine.costPerRequest(ReportSamples.lines.filter { $0.name == "Search" }) == cost)
    #expect(ReportSamples.allocation().render().string.contains(MoneyText(cost, fine: true).text))
    #expect(AllocationLine.costPerRequest(ReportSamples.lines.filter { !$0.isOwn }) == nil)
  }

  @Test func aClosedLineSaysWhatItsCallsAreNow() {
    let text = ReportSamples.allocation(statement: ReportSamples.statement(2026, 10, .closed)).render().string
    #expect(text.contains("href=\"/traces?from=2026-10-01&amp;to=2026-10-31&amp;team=Search\">1,204,142 now</a>, 24 came after the close"))
    #expect(text.contains("802,337 now</a>, 7 left after the close") && text.contains("17 came after the close"))
    #expect(text.elements("class=\"under show since\"", "</small>").count == 3)
    #expect(!ReportSamples.allocation().render().string.contains("after the close</small>"))
  }

  @Test func correctionsLeadToTheCallsOfTheirMonth() {
    let text = CorrectionLines(lines: ReportSamples.lines.filter { $0.kind == .adjustment }, filter: [.model: ["gpt-4o"]]).html.string
    #expect(text.contains("href=\"/traces?from=2026-09-01&amp;to=2026-09-30&amp;team=Search&amp;model=gpt-4o\"") && !text.contains("team=-&amp;model=gpt-4o"))
    #expect(text.contains("Fewer calls than were booked"), "calls that left are not among those that stayed")
    #expect(CalendarWords.after("2026-12") == "2027-01" && CalendarWords.after("2026-09") == "2026-10" && CalendarWords.after("x") == "x")
  }

  @Test func sharedCostsSayWhomTheyCountAndThatTheyStay() {
    var lines = ReportSamples.lines.filter { $0.kind == .shared }
    #expect(SharedLines(lines: lines).html.string.contains("not corrected") && !SharedLines(lines: lines).html.string.contains("valid in the month"))
    lines[0].shared?.method = .even
    #expect(SharedLines(lines: lines).html.string.contains("all teams that are valid in the month"))
    var pool = ReportSamples.pools[0]
    pool.method = .even
    #expect(PoolWords.split(pool, []) == "evenly among all teams valid in the month")
  }

  @Test func unallocatedComesFirstWhenItIsNotEmptyAndSaysWhy() throws {
    let text = ReportSamples.allocation().render().string
    let body = try #require(text.elements("<tbody>", "</tbody>").first)
    let first = try #require(body.elements("<tr>", "</tr>").first)
    #expect(first.contains(">Unallocated</a>") && first.contains("#unallocated\">why</a>") && first.contains("href=\"/teams?from=2026-10-01&amp;to=2026-10-31#unallocated"))
    let empty = ReportSamples.empty.render().string
    #expect(empty.contains(">Unallocated</a>") && !empty.contains(">why</a>") && empty.contains("No calls in this period"))
  }

  @Test func correctionsAreLinesOfTheirOwnThatNameTheMonth() throws {
    let text = ReportSamples.allocation().render().string
    let section = try #require(text.elements("<section class=\"measure\" id=\"corrections\">", "</section>").first)
    #expect(section.contains("href=\"/reports/statements/2026-09\">September 2026</a>") && section.contains("$14.22") && section.contains("−$9.18"))
  }

  @Test func sharedLinesNamePoolMethodAndDriver() throws {
    let text = ReportSamples.allocation().render().string
    for part in ["GPU node a100-1", "PROPORTIONAL_COST", "$18,240.12 of $41,203.12"] { #expect(text.contains(part), "\(part)") }
    let even = SharedOrigin(pool: PoolID(1), poolName: "a", method: .even, driver: 1, driverTotal: 6)
    let fixed = SharedOrigin(pool: PoolID(1), poolName: "a", method: .fixedPercent, driver: 62_500_000, driverTotal: 100_000_000)
    #expect(ReportWords.driver(even) == "1 of 6 teams" && ReportWords.driver(fixed) == "62.5\u{A0}%")
  }

  @Test func lessThanACentIsNeverShownAsNothing() {
    #expect(ReportMoney(rounded: .zero, exact: Sample.usd("0.00034")).text == "$0.0003400")
    #expect(ReportMoney(rounded: Sample.usd("1.23"), exact: Sample.usd("1.2345")).html.string == "<span title=\"$1.2345\">$1.23</span>")
    #expect(ReportMoney.zero.text == "$0")
  }

  @Test func everyFormIsDownloadedWithTheSameQuestion() {
    let choice = AllocationChoice(month: "2026-10", view: .usageMonth, breakdown: [.model], filter: [.team: [""], .model: ["a&b"]])
    let query = "month=2026-10&view=usageMonth&breakdown=model&team=-&model=a%26b"
    #expect(choice.url == "/reports/allocation?" + query && choice.file("csv", dialect: "excel") == "/reports/allocation/file?format=csv&dialect=excel&" + query)
    let text = ReportSamples.allocation().render().string
    for format in ["csv", "csv&amp;dialect=excel", "xlsx", "json", "focus"] { #expect(text.contains("/reports/allocation/file?format=\(format)&amp;month=2026-10\" download")) }
  }

  @Test func rowsLeadDownToCostsAndTracesOfTheSameDays() {
    let text = ReportSamples.broken.render().string
    #expect(text.contains("href=\"/costs?from=2026-10-01&amp;to=2026-10-31&amp;project=support&amp;team=Search&amp;model=gpt-4o\""))
    #expect(text.contains("href=\"/traces?from=2026-10-01&amp;to=2026-10-31&amp;project=support&amp;team=Search&amp;model=gpt-4o\""))
  }

  @Test func theHeadSaysPeriodZoneViewStatementPricesAndTime() {
    let text = ReportSamples.allocation(statement: ReportSamples.statement(2026, 10, .closed)).render().string
    for part in ["1 Oct 2026 – 31 Oct 2026, Europe/Berlin", "Booked month", "catalogue 12, own prices 3", "22 Nov 2026 14:05", "SHA-256 \(ReportSamples.digest)"] {
      #expect(text.contains(part), "\(part)")
    }
  }

  @Test func aMonthIsClosedOnlyWhenItIsReadyAndByThoseWhoMay() {
    func hasForm(_ page: StatementPage) -> Bool { page.render().string.contains("action=\"/reports/statements/2026-10/close\"") }
    #expect(hasForm(ReportSamples.statementPage(.ready)))
    for state in [Statement.State.open, .closing, .closed] { #expect(!hasForm(ReportSamples.statementPage(state)), "\(state)") }
    var reader = ReportSamples.statementPage(.ready)
    reader.work.canChange = false
    #expect(!hasForm(reader))
  }

  @Test func whatWasTypedStaysBesideTheReason() throws {
    let text = ReportSamples.statementPage(.ready, problem: "Type 2026-10 to confirm.").render().string
    #expect(text.contains("value=\"october\"") && text.contains("value=\"Approved by Grace\"") && text.contains("role=\"alert\"><b>Not done.</b> Type 2026-10"))
  }

  @Test func theBridgeSaysOnlyTheStepsThatThereAre() {
    let whole = BridgeTable(bridge: ReportSamples.bridge, month: "2026-10").html.string
    for part in ["$41,219.32", "−$14.20", "−$2.00", "$41,203.12", "$41,688.16"] { #expect(whole.contains(part), "\(part)") }
    var open = ReportSamples.bridge
    open.frozen = nil
    let text = BridgeTable(bridge: open, month: "2026-10").html.string
    #expect(!text.contains("Frozen") && text.contains("Would be booked in October 2026") && text.contains("Own calls of October 2026 as they stand now"))
    #expect(whole.contains(">Booked in October 2026"))
  }

  @Test func onlyThoseWhoMayGetForms() {
    var pages: [HTML] = []
    func add(_ page: (WorkFrame) -> HTML) { pages.append(page(ReportSamples.work("/reports", canChange: false))) }
    add { StatementListPage(work: $0, statements: []).render() }
    add { PoolListPage(work: $0, pools: ReportSamples.pools, teams: [], month: "2026-10", lines: []).render() }
    pages.append(ReportSamples.exportPage(ReportSamples.exports, canChange: false).render())
    add { RuleListPage(work: $0, rules: StructureSamples.rules, teams: [], groups: []).render() }
    add { TeamListPage(work: $0, teams: StructureSamples.teams).render() }
    add { DimensionPage(work: $0, declared: StructureSamples.declared).render() }
    add { UserGroupPage(work: $0, groups: [], teams: [], rules: []).render() }
    for page in pages {
      let forms = page.string.elements("<form", ">").filter { $0.contains("method=\"post\"") }
      #expect(forms.allSatisfy { $0.contains("/sign-out") || $0.contains("/theme") }, "\(forms)")
    }
  }

  @Test func calendarWords() {
    #expect(CalendarWords.month("2026-10") == "October 2026" && CalendarWords.before("2026-03-01") == "2026-02-28")
    #expect(CalendarWords.period(ReportSamples.october) == "October 2026")
    var days = ReportSamples.october
    days.month = nil
    days.endDay = "2026-10-15"
    #expect(CalendarWords.period(days) == "1 Oct – 14 Oct 2026")
  }
}

@Suite struct StructurePageTests {
  @Test func aRuleIsSavedExactlyAsPreviewed() throws {
    let text = StructureSamples.ruleForm(preview: true).render().string
    let form = try #require(text.elements("<form method=\"post\" action=\"/settings/rules\">", "</form>").first)
    for part in [
      "name=\"id\" value=\"2\"", "name=\"field.0\" value=\"metadata:tenant\"", "name=\"match.0\" value=\"prefix\"", "name=\"values.0\" value=\"law-\"", "name=\"team\" value=\"3\"",
      "name=\"userGroup\" value=\"1\"", "name=\"place\" value=\"2\"", "name=\"do\" value=\"save\"",
    ] { #expect(form.contains(part), "\(part)") }
    #expect(!StructureSamples.ruleForm(preview: false).render().string.contains("value=\"save\""))
  }

  @Test func thePreviewSaysSinceWhenADeclaredKeyCounts() {
    let text = StructureSamples.ruleForm(preview: true).render().string
    #expect(text.contains("metadata tenant</b> counts since") && text.contains("914</b> of 48,120 calls would change; 812"))
  }

  @Test func rulesReadAsSentences() {
    let text = RuleWords.conditions(StructureSamples.rules[0].conditions).string
    #expect(text.contains("tag <span class=\"note\">is</span> <code>search</code> or <code>ranking</code>") && text.contains("is not</span> <code>staging</code>"))
    #expect(RuleWords.conditions([]).string == "every call")
    #expect(RuleWords.gives(StructureSamples.rules[1], StructureSamples.teams, StructureSamples.groups) == "team Contract review, group Enterprise <customers>")
  }

  @Test func theFirstRuleGoesOnlyDownAndTheLastOnlyUp() {
    let rows = RuleListPage(work: StructureSamples.work("/settings/rules"), rules: StructureSamples.rules, teams: [], groups: []).render().string
      .elements("<form class=\"above moves\"", "</form>")
    #expect(rows.map { $0.contains("value=\"up\"") } == [false, true, true] && rows.map { $0.contains("value=\"down\"") } == [true, true, false])
  }

  @Test func aDryRunNamesTheCorrectionsOfClosedMonths() {
    let text = StructureSamples.dryRun.render().string
    for part in ["href=\"/reports/statements/2026-09\">September 2026</a>", "Cost that is corrected", "$340.11", "Re-attribute 40,122 calls"] { #expect(text.contains(part), "\(part)") }
  }

  @Test func groupsNameTheRulesThatFillThem() {
    let text = StructureSamples.groupPage(StructureSamples.groups).render().string
    #expect(text.contains("rule Tenants of the contract desk</a>") && text.contains("Enterprise &lt;customers&gt;"))
  }

  @Test func fourDimensionsAreAllThereAre() {
    let full = (1...4).map { DeclaredKey(key: "k\($0)", place: $0, label: "K\($0)", declaredAt: Sample.now) }
    let text = DimensionPage(work: StructureSamples.work("/settings/dimensions"), declared: full).render().string
    #expect(text.contains("All four dimensions are taken") && text.contains("value=\"1\" disabled"))
  }
}
