import Domain
import Foundation

/// A date and clock time of the proleptic Gregorian calendar, in some zone.
public struct CivilTime: Sendable, Hashable {
  public var year: Int
  public var month: Int
  public var day: Int
  public var hour = 0
  public var minute = 0
  public var second = 0

  public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// From seconds since 1970 on a clock without offset (Hinnant's civil_from_days).
  init(secondsSince1970 seconds: Int64) {
    let days = Int((Double(seconds) / 86_400).rounded(.down))
    let rest = Int(seconds) - days * 86_400
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let mp = (5 * dayOfYear + 2) / 153
    let month = mp < 10 ? mp + 3 : mp - 9
    self.init(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month, day: dayOfYear - (153 * mp + 2) / 5 + 1,
      hour: rest / 3600, minute: rest % 3600 / 60, second: rest % 60)
  }

  /// Seconds since 1970 on a clock without offset; days and months past their end roll over.
  var secondsSince1970: Int64 {
    let months = year * 12 + month - 1
    let y0 = months >= 0 ? months / 12 : (months - 11) / 12
    let m = months - y0 * 12 + 1
    let y = m <= 2 ? y0 - 1 : y0
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + day - 1
    let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    return Int64(days * 86_400 + hour * 3600 + minute * 60 + second)
  }

  /// 28 to 31; `month` from 1.
  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// "2026-11-01".
  public var date: String { "\(Self.padded(year, 4))-\(Self.padded(month))-\(Self.padded(day))" }
  /// "14:05".
  public var clock: String { "\(Self.padded(hour)):\(Self.padded(minute))" }
  /// "1 Nov".
  public var dayAndMonth: String { "\(day) \(monthName)" }
  public var monthName: String {
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return names.indices.contains(month - 1) ? names[month - 1] : "?"
  }

  static func padded(_ number: Int, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// A named time zone and its calendar.
public struct ClockZone: Sendable, Hashable {
  /// IANA name, as shown.
  public let name: String
  private let zone: TimeZone

  /// An unknown name becomes UTC, and says so by its name.
  public init(_ name: String) {
    if let zone = TimeZone(identifier: name) {
      self.name = name
      self.zone = zone
    } else {
      self.name = "UTC"
      self.zone = TimeZone(secondsFromGMT: 0) ?? .current
    }
  }

  public static let utc = ClockZone("UTC")

  public func civil(_ time: Timestamp) -> CivilTime {
    // Four digits of year, so that no input leads out of the calendar.
    let seconds = min(max(Self.wholeSeconds(time), -62_135_596_800), 253_402_300_799)
    return CivilTime(secondsSince1970: seconds + Int64(offset(at: seconds)))
  }

  /// The instant of a clock reading. In an hour that happens twice the first; in one that is skipped the one after it.
  public func instant(_ civil: CivilTime) -> Timestamp {
    let local = civil.secondsSince1970
    let first = local - Int64(offset(at: local - Int64(offset(at: local))))
    let earlier = local - Int64(offset(at: first - 86_400))
    return Timestamp(seconds: earlier + Int64(offset(at: earlier)) == local ? earlier : first)
  }

  public func startOfHour(_ time: Timestamp) -> Timestamp {
    let c = civil(time)
    return time.adding(seconds: -Int64(c.minute * 60 + c.second)).adding(microseconds: -Self.fraction(time))
  }
  public func startOfDay(_ time: Timestamp, addingDays days: Int = 0) -> Timestamp {
    let c = civil(time)
    return instant(CivilTime(year: c.year, month: c.month, day: c.day + days))
  }
  public func startOfMonth(_ time: Timestamp, addingMonths months: Int = 0) -> Timestamp {
    let c = civil(time)
    return instant(CivilTime(year: c.year, month: c.month + months, day: 1))
  }

  /// Starts of the steps that touch `range`, at most `limit`.
  public func steps(of range: TimeRange, by interval: CostInterval, limit: Int = 1000) -> [Timestamp] {
    var starts: [Timestamp] = []
    var start = self.start(of: range.from, by: interval)
    while start < range.to, starts.count < limit {
      starts.append(start)
      let next = self.next(after: start, by: interval)
      guard start < next else { break }
      start = next
    }
    return starts
  }

  func start(of time: Timestamp, by interval: CostInterval) -> Timestamp {
    switch interval {
    case .hour: startOfHour(time)
    case .day: startOfDay(time)
    case .month: startOfMonth(time)
    }
  }

  func next(after start: Timestamp, by interval: CostInterval) -> Timestamp {
    switch interval {
    case .hour: start.adding(seconds: 3600)
    case .day: startOfDay(start, addingDays: 1)
    case .month: startOfMonth(start, addingMonths: 1)
    }
  }

  private func offset(at seconds: Int64) -> Int {
    zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds)))
  }
  static func wholeSeconds(_ time: Timestamp) -> Int64 {
    let (q, r) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return r < 0 ? q - 1 : q
  }
  /// Microseconds past the whole second.
  static func fraction(_ time: Timestamp) -> Int64 {
    let r = time.microseconds % 1_000_000
    return r < 0 ? r + 1_000_000 : r
  }
}
