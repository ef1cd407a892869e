import Domain
import Postgres

/// A month by its name, "2026-10"; counted from year 0.
struct CalendarMonth: Sendable, Hashable, Comparable {
  var index: Int

  init(index: Int) { self.index = index }

  /// nil for anything but a month from 1970-01 to 2099-12.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 7, bytes[4] == UInt8(ascii: "-") else { return nil }
    let digits = bytes[0..<4] + bytes[5..<7]
    guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    let numbers = digits.map { Int($0) - 48 }
    let year = numbers[0] * 1000 + numbers[1] * 100 + numbers[2] * 10 + numbers[3]
    let month = numbers[4] * 10 + numbers[5]
    guard (1970...2099).contains(year), (1...12).contains(month) else { return nil }
    index = year * 12 + month - 1
  }

  static func < (a: Self, b: Self) -> Bool { a.index < b.index }
  var next: CalendarMonth { CalendarMonth(index: index + 1) }
  var previous: CalendarMonth { CalendarMonth(index: index - 1) }

  var text: String {
    let (year, month) = index.quotientAndRemainder(dividingBy: 12)
    return Self.padded(year, 4) + "-" + Self.padded(month + 1, 2)
  }
  var firstDay: String { text + "-01" }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// Whole days of a report as the tables name them.
struct ReportDays: Sendable, Hashable {
  var period: ReportPeriod
  /// Days since 1970-01-01; `to` is the first after.
  var from: Int32
  var to: Int32

  /// Months that lie in it as a whole, rising.
  var months: [CalendarMonth] {
    guard let first = CalendarMonth(String(period.firstDay.prefix(7))), let last = CalendarMonth(String(period.endDay.prefix(7))) else {
      return []
    }
    let start = period.firstDay.hasSuffix("-01") ? first : first.next
    return start < last ? (start.index..<last.index).map(CalendarMonth.init(index:)) : []
  }

  /// The database's calendar does it, so that it can't disagree with the one that made the sums. *Errors:* `CostQueryRefusal`.
  static func read(_ period: AllocationRequest.Period, _ organisation: Organisation, _ c: Connection) throws -> ReportDays {
    switch period {
    case .month(let text):
      guard let month = CalendarMonth(text) else {
        throw CostQueryRefusal(message: "\(text) is no month. Accepted: a month such as 2026-10.")
      }
      return try read(month.firstDay, month.next.firstDay, organisation, c)
    case .days(let from, let to):
      guard isDay(from), isDay(to), from < to else {
        throw CostQueryRefusal(
          message: "Accepted: days such as 2026-10-01, the first before the end (the first day that is not in it any more).")
      }
      return try read(from, to, organisation, c)
    }
  }

  static func read(_ month: CalendarMonth, _ organisation: Organisation, _ c: Connection) throws -> ReportDays {
    try read(.month(month.text), organisation, c)
  }

  private static func read(_ from: String, _ to: String, _ organisation: Organisation, _ c: Connection) throws -> ReportDays {
    let sql: SQL = """
      select f, t, f::timestamp at time zone \(organisation.timeZone), t::timestamp at time zone \(organisation.timeZone)
      from (select \(from)::date as f, \(to)::date as t) days
      """
    do {
      let found = try c.first(sql.named("ReportDays")) {
        (try $0.dateDays(0), try $0.dateDays(1), try $0.timestamp(2), try $0.timestamp(3))
      }
      guard let (first, end, start, stop) = found else { throw MissingRow() }
      let isMonth = from.hasSuffix("-01") && CalendarMonth(String(from.prefix(7)))?.next.firstDay == to
      let period = ReportPeriod(
        month: isMonth ? String(from.prefix(7)) : nil, firstDay: from, endDay: to, range: TimeRange(spanning: start, stop),
        timeZone: organisation.timeZone)
      return ReportDays(period: period, from: first, to: end)
    } catch let error as DatabaseError where error.sqlState == "22008" || error.sqlState == "22007" {
      throw CostQueryRefusal(message: "Accepted: days of the calendar such as 2026-10-01.")
    }
  }

  private static func isDay(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[7] == UInt8(ascii: "-"), CalendarMonth(String(text.prefix(7))) != nil else { return false }
    return bytes[8...].allSatisfy { (48...57).contains($0) }
  }

  /// The period of equal length before: the month before a month.
  func previous(_ organisation: Organisation, _ c: Connection) throws -> ReportDays {
    if let month = period.month.flatMap(CalendarMonth.init) { return try Self.read(month.previous, organisation, c) }
    let sql: SQL = "select (\(PostgresValue.date(from))::date - (\(PostgresValue.date(to))::date - \(PostgresValue.date(from))::date))::text"
    guard let first = try c.first(sql, { try $0.string(0) }) else { throw MissingRow() }
    return try Self.read(first, period.firstDay, organisation, c)
  }
}
