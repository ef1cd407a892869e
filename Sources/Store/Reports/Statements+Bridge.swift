import Domain
import Postgres

extension Statements {
  /// Why usage month and booked month differ, in exact effective cost: ledger = frozen + postedLater + waiting for a closed month.
  /// *Errors:* `StatementRefusal` for readers who don't see all money, `CostQueryRefusal` when it is no month.
  public func bridge(_ month: String, scope: AccessScope, organisation: Organisation) async throws -> StatementBridge {
    guard scope.seesAllMoney else {
      throw StatementRefusal(message: "The bridge is over the money of the whole organisation, and not all of it is in reach.")
    }
    return try await read(scope, organisation) { c in
      let run = try AllocationRun(AllocationRequest(period: .month(month)), scope: scope, organisation: organisation, c)
      return try Self.bridge(run, c)
    }
  }

  private static func bridge(_ run: AllocationRun, _ c: Connection) throws -> StatementBridge {
    let usage = AllocationRequest(period: run.request.period, view: .usageMonth)
    let ledger = try AllocationRun(usage, scope: run.scope, organisation: run.organisation, c).direct()
    var bridge = StatementBridge(
      ledger: sum(ledger), frozen: nil, postedLater: .zero, waiting: .zero, corrections: sum(try run.adjustments()),
      shared: sum(try run.shared()), booked: .zero)
    if let closed = run.closed {
      bridge.frozen = sum(try run.direct())
      bridge.postedLater = try postedLater(closed, run.organisation, c)
      if run.book.changed.contains(closed.month) {
        bridge.waiting = try waiting([closed.month], run.organisation, c).first?.amounts.effective ?? .zero
      }
    }
    bridge.booked = (bridge.frozen ?? bridge.ledger) + bridge.corrections + bridge.shared
    return bridge
  }

  private static func sum(_ lines: [AllocationLine]) -> USD { lines.reduce(.zero) { $0 + $1.exact.effective } }

  private static func postedLater(_ closed: StatementRow, _ organisation: Organisation, _ c: Connection) throws -> USD {
    let sql: SQL = """
      select coalesce(sum(f.cost_pico), 0) from statements t join statement_charges f on f.statement_id = t.id
        and f.month = \(closed.month.firstDay)::text::date
      where t.organisation_id = \(organisation.id) and t.id <> \(closed.id)
      """
    return try c.first(sql) { USD(pico: try $0.numericInteger(0)) } ?? .zero
  }

  /// The closed months that a range touches, each with what its ledger differs by from all that is booked of it: what the next close
  /// will post. Zero where nothing changed. *Shape:* by month.
  public func correctionsWaiting(_ range: TimeRange, scope: AccessScope, organisation: Organisation) async throws -> [WaitingCorrection] {
    guard scope.seesAllMoney, range.from < range.to else { return [] }
    let range = CostFrame.clamped(range)
    return try await read(scope, organisation) { c in
      let book = try StatementBook.read(organisation, c)
      guard let last = book.lastClosed else { return [] }
      let from = try Self.month(of: range.from, organisation, c)
      let to = try Self.month(of: range.to.adding(microseconds: -1), organisation, c)
      let closed = try StatementRow.all(organisation.id, c).map(\.month)
      let asked = Set(closed + book.changed).filter { $0 >= from && $0 <= min(to, last) }.sorted()
      let differing = try Self.waiting(book.changed.filter(asked.contains), organisation, c)
      let known = Dictionary(differing.map { ($0.month, $0) }, uniquingKeysWith: { a, _ in a })
      return asked.map { known[$0.text] ?? WaitingCorrection(month: $0.text, amounts: Amounts(), charges: 0) }
    }
  }

  private static func waiting(_ months: [CalendarMonth], _ organisation: Organisation, _ c: Connection) throws -> [WaitingCorrection] {
    if months.isEmpty { return [] }
    let projects = try c.query("select id from projects where organisation_id = \(organisation.id) order by id") {
      try $0.id(0, as: ProjectID.self)
    }
    let days = try months.map { try ReportDays.read($0, organisation, c) }
    let sql: SQL = """
      select to_char(x.month, 'YYYY-MM'), count(*), \(unescaped: ChargeMeasures.sums)
      from (\(ChargeSQL.corrections(days, projects: projects, organisation: organisation))) x group by 1 order by 1
      """
    return try c.query(sql.named("CorrectionsWaiting").uncached()) { row in
      WaitingCorrection(month: try row.string(0), amounts: try ChargeMeasures(row: row, from: 2).amounts, charges: try row.int64(1))
    }
  }
}
