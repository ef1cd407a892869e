import Domain
import HTML

@testable import Pages

/// Reports of Meridian & Sons: October 2026 with shared costs and corrections, November 2026 still open.
enum ReportSamples {
  static func work(_ path: String, canChange: Bool = true, problem: String? = nil) -> WorkFrame {
    WorkFrame(frame: Sample.frame, address: PageAddress(path: path), canChange: canChange, problem: problem)
  }

  static let october = ReportPeriod(
    month: "2026-10", firstDay: "2026-10-01", endDay: "2026-11-01",
    range: TimeRange(spanning: Sample.zone.instant(CivilTime(year: 2026, month: 10, day: 1)), Sample.zone.instant(CivilTime(year: 2026, month: 11, day: 1))),
    timeZone: "Europe/Berlin")

  static func period(_ year: Int, _ month: Int) -> ReportPeriod {
    let start = Sample.zone.instant(CivilTime(year: year, month: month, day: 1))
    let end = Sample.zone.startOfMonth(start, addingMonths: 1)
    let name = Sample.zone.civil(start).date.dropLast(3)
    return ReportPeriod(
      month: String(name), firstDay: Sample.zone.civil(start).date, endDay: Sample.zone.civil(end).date, range: TimeRange(spanning: start, end),
      timeZone: "Europe/Berlin")
  }

  static let digest = "9f2c4e1ab37d5608c1d2e3f405162738495a6b7c8d9e0f1a2b3c4d5e6f708192"

  static func statement(_ year: Int, _ month: Int, _ state: Statement.State, total: String? = nil) -> Statement {
    let period = period(year, month)
    var statement = Statement(period: period, state: state, closableFrom: period.range.to.adding(seconds: 72 * 3600))
    guard state == .closed else { return statement }
    statement.id = StatementID(Int32(month))
    statement.closedAt = period.range.to.adding(seconds: 4 * 86_400 + 30_000)
    statement.closedBy = "grace@meridian.example"
    statement.comment = "Agrees with the invoices of OpenAI and Anthropic"
    statement.sha256 = digest
    statement.total = total.map(Sample.usd)
    return statement
  }

  static let months = [
    statement(2026, 11, .open), statement(2026, 10, .ready), statement(2026, 9, .closed, total: "38114.20"), statement(2026, 8, .closed, total: "35020.88"),
    statement(2026, 7, .closed, total: "29874.02"),
  ]

  private static func line(
    _ kind: AllocationLine.Kind, _ team: Int32?, _ name: String, _ calls: Int64, _ cost: String, previous: String? = nil, books: (String, String, String)? = nil
  ) -> AllocationLine {
    var line = AllocationLine(kind: kind, team: team.map { TeamID($0) }, name: name)
    line.calls = calls
    line.usage[.input] = calls * 1840
    line.usage[.output] = calls * 310
    let effective = Sample.usd(cost)

    line.exact = Amounts(list: USD(pico: effective.pico * 115 / 100), contracted: effective, effective: effective)
    line.previous = previous.map(Sample.usd)
    (line.costCentre, line.glAccount, line.owner) = (books?.0, books?.1, books?.2)
    return line
  }

  private static func shared(_ team: Int32, _ name: String, _ driver: String, _ cost: String) -> AllocationLine {
    var line = line(.shared, team, name, 0, cost)
    line.shared = SharedOrigin(
      pool: PoolID(1), poolName: "GPU node a100-1", method: .proportionalCost, driver: Sample.usd(driver).pico, driverTotal: Sample.usd("41203.118204").pico)
    return line
  }

  private static func correction(_ team: Int32?, _ name: String, _ calls: Int64, _ cost: String) -> AllocationLine {
    var line = line(.adjustment, team, name, calls, cost)
    line.correctionOf = "2026-09"
    return line
  }

  static var lines: [AllocationLine] {
    var lines = [
      line(.unallocated, nil, "Unallocated", 48_211, "1204.551204", previous: "2210.10"),
      line(.team, 1, "Search", 1_204_118, "18240.118220155", previous: "15022.40", books: ("4711", "655000", "Ada Lovelace")),
      line(.team, 2, "Support desk", 802_344, "12110.402", previous: "13101.77", books: ("4712", "655000", "Grace Hopper")),
      line(.team, 3, "Contract review", 90_112, "6402.998812", previous: "4002", books: ("4720", "655010", "katherine@meridian.example")),
      line(.team, 4, "Internal tools", 120_004, "3245.04788", books: ("4790", "655000", "Dorothy Vaughan")),
      line(.team, 5, "Research", 14, "0.00034"),
      shared(1, "Search", "18240.118220155", "212.49"), shared(2, "Support desk", "12110.402", "141.09"), shared(3, "Contract review", "6402.998812", "74.59"),
      shared(4, "Internal tools", "3245.04788", "37.80"), shared(5, "Research", "0.00034", "14.03"),
      correction(1, "Search", 812, "14.22"), correction(nil, "Unallocated", -400, "-9.18"),
    ]
    lines[1].unpricedCalls = 12
    let rounded = LargestRemainder.round(lines.map(\.exact.effective))
    let list = LargestRemainder.round(lines.map(\.exact.list)), contracted = LargestRemainder.round(lines.map(\.exact.contracted))
    for i in lines.indices { lines[i].rounded = Amounts(list: list[i], contracted: contracted[i], effective: rounded[i]) }
    return lines
  }

  static func total(_ lines: [AllocationLine]) -> AllocationLine {
    var total = AllocationLine(kind: .total, name: "Total")
    for line in lines {
      total.calls += line.calls
      total.unpricedCalls += line.unpricedCalls
      total.usage = total.usage + line.usage
      total.exact = total.exact + line.exact
      total.rounded = total.rounded + line.rounded
      if let before = line.previous { total.previous = (total.previous ?? .zero) + before }
    }
    return total
  }

  static func report(_ lines: [AllocationLine], _ period: ReportPeriod = october, statement: Statement? = nil, view: ReportView = .bookedMonth) -> AllocationReport {
    var report = AllocationReport(
      organisation: "Meridian & Sons", period: period, view: view, lines: lines, total: total(lines), priceSet: "catalogue 12, own prices 3",
      generatedAt: Sample.now)
    report.statement = statement
    report.declared = [DeclaredKey(key: "tenant", place: 1, label: "Tenant", declaredAt: Sample.ago(40 * 86_400))]
    return report
  }

  /// Search got 24 calls after the close, Support desk lost 7.
  static var now: [AllocationLine] {
    lines.filter(\.isOwn).map { line in
      var line = line
      line.calls += line.name == "Search" ? 24 : line.name == "Support desk" ? -7 : 0
      return line
    }
  }

  static let bridge = StatementBridge(
    ledger: Sample.usd("41219.32"), frozen: Sample.usd("41203.12"), postedLater: Sample.usd("14.20"), waiting: Sample.usd("2.00"),
    corrections: Sample.usd("5.04"), shared: Sample.usd("480"), booked: Sample.usd("41688.16"))

  static func allocation(
    choice: AllocationChoice = AllocationChoice(month: "2026-10"), statement: Statement = statement(2026, 10, .ready), problem: String? = nil
  ) -> AllocationPage {
    var made = report(lines, statement: statement, view: choice.view)
    made.filter = choice.filter
    return AllocationPage(
      work: work(choice.url, problem: problem), choice: choice, report: made, months: months, bridge: choice.view == .bookedMonth ? bridge : nil,
      now: statement.state == .closed ? now : nil)
  }

  /// Broken down by model.
  static var broken: AllocationPage {
    let choice = AllocationChoice(month: "2026-10", breakdown: [.model], filter: [.project: ["support"], .team: [""]])
    var page = allocation(choice: choice)
    let parts = lines.flatMap { line -> [AllocationLine] in
      guard line.kind == .team || line.kind == .unallocated else { return [line] }
      return [("gpt-4o", 6), ("claude-sonnet-4-20250514-v1:0-with-a-long-name", 4)].map { model, tenths in
        var part = line
        part.values = [DimensionValue(value: model, label: model)]
        part.calls = line.calls * Int64(tenths) / 10
        part.exact.effective = USD(pico: line.exact.effective.pico * Int128(tenths) / 10)
        part.rounded.effective = USD(pico: line.rounded.effective.pico * Int128(tenths) / 10)
        return part
      }
    }
    page.report?.lines = parts
    page.report?.breakdown = [.model]
    return page
  }

  static var empty: AllocationPage {
    var page = allocation()
    var line = AllocationLine(kind: .unallocated, name: "Unallocated")
    line.previous = .zero
    page.report = report([line], statement: statement(2026, 10, .ready))
    page.bridge = nil
    return page
  }

  static func statementPage(_ state: Statement.State, verified: Bool? = nil, problem: String? = nil) -> StatementPage {
    StatementPage(
      work: work("/reports/statements/2026-10", problem: problem), statement: statement(2026, 10, state), report: report(lines, statement: statement(2026, 10, state)),
      bridge: state == .closed ? bridge : nil, now: state == .closed ? now : nil, isVerified: verified,
      typed: problem == nil ? "" : "october", comment: problem == nil ? "" : "Approved by Grace")
  }

  static let pools = [
    CostPool(
      id: PoolID(1), name: "GPU node a100-1", amount: .hourly(Sample.usd("0.6667"), hours: "720"), purchase: "reserved", method: .proportionalCost,
      monthFrom: "2026-06"),
    CostPool(
      id: PoolID(2), name: "Observability", amount: .monthly(Sample.usd("120")), purchase: nil, method: .fixedPercent,
      percentages: [TeamID(1): "62.5", TeamID(2): "37.5"], monthFrom: "2026-01", monthTo: "2026-10"),
  ]
  static let teams = StructureSamples.teams

  private static func origin(_ cost: String) -> SharedOrigin {
    SharedOrigin(
      pool: PoolID(1), poolName: "", method: .proportionalCost, driver: Sample.usd(cost).pico, driverTotal: Sample.usd("36753.52").pico)
  }

  static var poolForm: PoolFormPage {
    PoolFormPage(
      work: work("/reports/pools/1"), draft: PoolInput(pools[0]), teams: teams,
      preview: PoolPreview(
        month: "2026-10", amount: Sample.usd("480.02"),
        parts: [
          .init(team: "Search", origin: origin("18240.12"), amount: Sample.usd("218.90")), .init(team: "Support desk", origin: origin("12110.40"), amount: Sample.usd("145.33")),
          .init(team: "Contract review", origin: origin("6403.00"), amount: Sample.usd("115.79")),
        ]))
  }

  static let exports = [
    ExportView(
      id: ExportID(3), name: "FOCUS 1.2, October 2026, booked month", rows: 412_000, bytes: 88_120_400, progress: 0.42, createdAt: Sample.ago(60), createdBy: "ada@meridian.example",
      finishedAt: nil, failure: nil),
    ExportView(
      id: ExportID(2), name: "CSV, September 2026, usage month", rows: 981_204, bytes: 210_448_112, progress: 1, createdAt: Sample.ago(9 * 86_400), createdBy: "ada@meridian.example",
      finishedAt: Sample.ago(9 * 86_400 - 80), expiresAt: Sample.now.adding(seconds: 5 * 86_400), failure: nil),
    ExportView(
      id: ExportID(1), name: "FOCUS 1.2, August 2026, booked month", rows: 12_000, bytes: 2_110_448, progress: 0.1, createdAt: Sample.ago(12 * 86_400), createdBy: "grace@meridian.example",
      finishedAt: nil, failure: "the disk is full"),
  ]

  static func exportPage(_ exports: [ExportView], canChange: Bool = true) -> ExportListPage {
    ExportListPage(
      work: work("/reports/exports", canChange: canChange), exports: exports, months: months, formats: [("focus", "FOCUS 1.2"), ("csv", "CSV")], month: "2026-10",
      format: "focus")
  }

  static var all: [(name: String, html: HTML)] {
    [
      ("report", allocation().render()), ("report-closed", allocation(statement: statement(2026, 10, .closed, total: "41688.16")).render()),
      ("report-usage", allocation(choice: AllocationChoice(month: "2026-10", view: .usageMonth)).render()), ("report-model", broken.render()),
      ("report-empty", empty.render()),
      (
        "report-refused",
        AllocationPage(work: work("/reports/allocation", problem: "The month is \"2026-13\"."), choice: AllocationChoice(month: "2026-13"), report: nil, months: months).render()
      ),
      (
        "statements",
        StatementListPage(
          work: work("/reports/statements"),
          statements: months.map { StatementSummary(statement: $0, total: $0.total, corrections: $0.state == .closed ? Sample.usd("-12.5") : nil) }
        ).render()
      ),
      ("statements-empty", StatementListPage(work: work("/reports/statements"), statements: []).render()),
      ("statement-open", statementPage(.open).render()), ("statement-ready", statementPage(.ready).render()),
      ("statement-refused", statementPage(.ready, problem: "Type 2026-10 to confirm.").render()), ("statement-closed", statementPage(.closed, verified: true).render()),
      ("statement-broken", statementPage(.closed, verified: false).render()),
      ("pools", PoolListPage(work: work("/reports/pools"), pools: pools, teams: teams, month: "2026-10", lines: lines.filter { $0.kind == .shared }).render()),
      ("pools-empty", PoolListPage(work: work("/reports/pools"), pools: [], teams: [], month: "2026-10", lines: []).render()), ("pool", poolForm.render()),
      ("exports", exportPage(exports).render()), ("exports-empty", exportPage([]).render()),
    ]
  }
}
