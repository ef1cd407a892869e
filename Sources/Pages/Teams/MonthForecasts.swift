import Domain
import HTML

/// Forecasts to the end of the running month, of all calls and of each value of a dimension, from one report by day.
public struct MonthForecasts: Sendable {
  private let byValue: [String?: Forecast]
  public let total: Forecast?
  /// Of the month so far.
  private let spentByValue: [String?: USD]

  /// What the report must cover: the running month and six weeks before today, up to the end of today.
  public static func range(now: Timestamp, zone: ClockZone) -> TimeRange {
    let first = min(zone.startOfMonth(now), zone.startOfDay(now, addingDays: -Forecast.daysMax))
    return TimeRange(spanning: first, zone.startOfDay(now, addingDays: 1))
  }

  /// `report` is by day and one dimension, over `range`.
  public init(_ report: CostReport, now: Timestamp, zone: ClockZone) {
    let calendar = Calendar(now: now, zone: zone)
    var costs: [String?: [Timestamp: USD]] = [:]
    var all: [Timestamp: USD] = [:]
    for row in report.rows {
      guard let start = row.start, let cost = row.measures.cost else { continue }
      let value = row.values.first?.value
      costs[value, default: [:]][start, default: .zero] += cost
      all[start, default: .zero] += cost
    }
    byValue = costs.compactMapValues { calendar.forecast($0) }
    spentByValue = costs.mapValues { calendar.spent($0) }
    total = calendar.forecast(all)
  }

  /// nil is "none".
  public subscript(value: String?) -> Forecast? { byValue[value] }
  public func spent(_ value: String?) -> USD { spentByValue[value] ?? .zero }

  /// The days around today.
  private struct Calendar {
    var monthStart: Timestamp
    var today: (start: Timestamp, weekday: Int)
    var before: [(start: Timestamp, weekday: Int)]
    var left: [Int]

    init(now: Timestamp, zone: ClockZone) {
      monthStart = zone.startOfMonth(now)
      let start = zone.startOfDay(now)
      today = (start, zone.weekday(start))
      before = (1...Forecast.daysMax).reversed().map {
        let day = zone.startOfDay(now, addingDays: -$0)
        return (day, zone.weekday(day))
      }
      let end = zone.startOfMonth(now, addingMonths: 1)
      left = (1...31).map { zone.startOfDay(now, addingDays: $0) }.filter { $0 < end }.map(zone.weekday)
    }

    func spent(_ costs: [Timestamp: USD]) -> USD { costs.reduce(.zero) { $1.key >= monthStart ? $0 + $1.value : $0 } }

    func forecast(_ costs: [Timestamp: USD]) -> Forecast? {
      Forecast(
        spent: spent(costs), today: .init(weekday: today.weekday, cost: costs[today.start] ?? .zero), left: left,
        history: before.map { .init(weekday: $0.weekday, cost: costs[$0.start] ?? .zero) })
    }
  }
}

extension ClockZone {
  /// 0 Monday … 6 Sunday.
  func weekday(_ time: Timestamp) -> Int {
    let days = Int((Double(civil(time).secondsSince1970) / 86_400).rounded(.down))
    return ((days + 3) % 7 + 7) % 7
  }

  /// "November".
  func monthWord(_ time: Timestamp) -> String {
    let civil = civil(time)
    let text = CalendarWords.month("\(CivilTime.padded(civil.year, 4))-\(CivilTime.padded(civil.month))")
    return String(text.split(separator: " ").first ?? "")
  }
}

/// A forecast in a cell: the amount, and on hover how it was made.
struct ForecastText: HTMLConvertible, TileFigure {
  let forecast: Forecast?

  var text: String { forecast.map { MoneyText($0.cost).text } ?? "–" }
  var html: HTML {
    guard let forecast else { return "<span title=\"Not enough data: less than \(Forecast.daysMin) days\">–</span>" }
    return "<span title=\"\(MoneyText(forecast.spent).text) so far; the rest from \(forecast.days) days\">\(text)</span>"
  }

  /// How, in words.
  static func method(_ frame: PageFrame) -> String {
    "Forecast to the end of \(frame.moneyZone.monthWord(frame.now)): what is spent so far, and for each day left the median of that "
      + "weekday over the last \(Forecast.daysMax / 7) weeks; today costs at least what it has cost. "
      + "Each line by itself, so lines add up to the total only about. “–”: less than \(Forecast.daysMin) days to go by."
  }
}
