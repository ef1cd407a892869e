import Domain
import Foundation

/// ISO 8601 in and out, in UTC with microseconds.
enum ISOTime {
  /// "2026-11-22T16:30:15.123456Z"; the fraction is left out when it is zero.
  static func text(_ time: Timestamp) -> String {
    let day = floorDivide(time.microseconds, 86_400_000_000)
    let within = time.microseconds - day * 86_400_000_000
    let (year, month, date) = civil(day)
    let seconds = within / 1_000_000, micros = within % 1_000_000
    let clock = "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    let fraction = micros == 0 ? "" : "." + String(repeating: "0", count: 6 - String(micros).count) + String(micros)
    return "\(year)-\(two(month))-\(two(date))T\(clock)\(fraction)Z"
  }

  /// A time with offset or Z, a local time or a date (both read in `zone`), or milliseconds since 1970.
  static func parse(_ text: String, zone: TimeZone) -> Timestamp? {
    if text.count >= 11, let milliseconds = Int64(text) { return Timestamp(microseconds: milliseconds.multipliedReportingOverflow(by: 1000).partialValue) }
    let hasOffset = text.hasSuffix("Z") || text.dropFirst(10).contains { $0 == "+" || $0 == "-" }
    let forms: [Date.ISO8601FormatStyle] = [
      .init(includingFractionalSeconds: true, timeZone: zone), .init(includingFractionalSeconds: false, timeZone: zone),
    ]
    for form in forms where hasOffset {
      if let date = try? form.parse(text) { return timestamp(date) }
    }
    return hasOffset ? nil : local(text, zone)
  }

  private static func local(_ text: String, _ zone: TimeZone) -> Timestamp? {
    let numbers = text.split { !$0.isNumber }.map { Int($0) ?? -1 }
    guard (3...6).contains(numbers.count), !numbers.contains(-1), text.count <= 19, text.first?.isNumber == true else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    var parts = DateComponents()
    (parts.year, parts.month, parts.day) = (numbers[0], numbers[1], numbers[2])
    (parts.hour, parts.minute, parts.second) = (numbers.at(3) ?? 0, numbers.at(4) ?? 0, numbers.at(5) ?? 0)
    guard parts.isValidDate(in: calendar) else { return nil }
    return calendar.date(from: parts).map(timestamp)
  }

  static func timestamp(_ date: Date) -> Timestamp {
    Timestamp(microseconds: Int64((date.timeIntervalSince1970 * 1_000_000).rounded()))
  }

  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : -((b - 1 - a) / b) }
  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }

  /// Year, month, day of a count of days since 1970-01-01 (proleptic Gregorian).
  private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthShifted = (5 * dayOfYear + 2) / 153
    let month = monthShifted < 10 ? monthShifted + 3 : monthShifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthShifted + 2) / 5 + 1)
  }
}

extension Array {
  func at(_ index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

extension Timestamp {
  static var now: Timestamp { ISOTime.timestamp(Date()) }
}
