import Domain
import Postgres

/// A closed month as stored.
struct StatementRow: Sendable {
  var id: StatementID
  var month: CalendarMonth
  var timeZone: String
  var priceSet: String
  var activeUsers: Int64?
  var total: USD
  var sha256: String
  var comment: String?
  var closedAt: Timestamp
  var closedBy: String

  private static let select: SQL = """
    select id, to_char(month, 'YYYY-MM'), time_zone, price_set, active_users, effective_pico, encode(sha256, 'hex'), comment,
      closed_at, closed_by
    from statements
    """

  static func find(_ month: CalendarMonth, _ organisation: OrganisationID, _ c: Connection) throws -> StatementRow? {
    try c.first(
      "\(select) where organisation_id = \(organisation) and month = \(month.firstDay)::date and closed_at is not null",
      StatementRow.init(row:))
  }

  /// Rising.
  static func all(_ organisation: OrganisationID, _ c: Connection) throws -> [StatementRow] {
    try c.query(
      "\(select) where organisation_id = \(organisation) and closed_at is not null order by month", StatementRow.init(row:))
  }

  private init(row: Row) throws {
    id = try row.id(0)
    month = CalendarMonth(try row.string(1)) ?? CalendarMonth(index: 0)
    timeZone = try row.string(2)
    priceSet = try row.string(3)
    activeUsers = try row.int64OrNil(4)
    total = USD(pico: try row.numericInteger(5))
    sha256 = try row.string(6)
    comment = try row.stringOrNil(7)
    closedAt = try row.timestamp(8)
    closedBy = try row.string(9)
  }
}

/// Which months are closed, which one comes next, and which changed since.
struct StatementBook: Sendable {
  var lastClosed: CalendarMonth?
  /// Of the earliest call; nil without one.
  var firstWithCalls: CalendarMonth?
  var lateHours: Int64
  /// Months up to the last closed one whose ledger may differ from what is booked.
  var changed: [CalendarMonth]

  static func read(_ organisation: Organisation, _ c: Connection) throws -> StatementBook {
    let sql: SQL = """
      select (select to_char(max(month), 'YYYY-MM') from statements where organisation_id = o.id),
        (select to_char(min(h.hour) at time zone o.time_zone, 'YYYY-MM') from projects p
          cross join lateral (select hour from spend_hour where project_id = p.id and calls <> 0 order by hour limit 1) h
          where p.organisation_id = o.id),
        o.late_data_hours
      from organisations o where o.id = \(organisation.id)
      """
    let found = try c.first(sql.named("StatementBook")) {
      (try $0.stringOrNil(0), try $0.stringOrNil(1), try $0.int64(2))
    }
    guard let (last, first, hours) = found else { throw MissingRow() }
    let changed = try c.query(
      "select to_char(month, 'YYYY-MM') from months_to_correct where organisation_id = \(organisation.id) order by month"
    ) { try $0.string(0) }
    return StatementBook(
      lastClosed: last.flatMap(CalendarMonth.init), firstWithCalls: first.flatMap(CalendarMonth.init), lateHours: hours,
      changed: changed.compactMap(CalendarMonth.init))
  }

  /// The month is the one to be closed next: corrections that wait are posted in it.
  func isNext(_ month: CalendarMonth) -> Bool {
    if let lastClosed { return month == lastClosed.next }
    return firstWithCalls.map { month <= $0 } ?? true
  }

  func closableFrom(_ days: ReportDays) -> Timestamp { days.period.range.to.adding(seconds: lateHours * 3600) }

  /// Its calls are booked as corrections only: the first close began the books after it. For months without a statement.
  func isBeforeBooks(_ month: CalendarMonth) -> Bool { lastClosed.map { month <= $0 } ?? false }

  /// The state of a month that isn't closed.
  func statement(_ days: ReportDays, now: Timestamp) -> Statement {
    let from = closableFrom(days)
    let isBefore = days.period.month.flatMap(CalendarMonth.init).map(isBeforeBooks) ?? false
    let state: Statement.State = isBefore ? .before : now < days.period.range.to ? .open : now < from ? .closing : .ready
    return Statement(period: days.period, state: state, closableFrom: from)
  }

  func statement(_ days: ReportDays, closed: StatementRow) -> Statement {
    var statement = Statement(period: days.period, state: .closed, closableFrom: closableFrom(days))
    statement.id = closed.id
    statement.closedAt = closed.closedAt
    statement.closedBy = closed.closedBy
    statement.comment = closed.comment
    statement.sha256 = closed.sha256
    statement.total = closed.total
    return statement
  }
}
