import Domain

/// A UTC day, counted from 1970-01-01; what tables of observations and payloads are partitioned by.
struct UTCDay: Sendable, Hashable, Comparable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  /// The day that holds `time`.
  init(_ time: Timestamp) {
    let day = time.microseconds / 86_400_000_000
    let isFloored = time.microseconds >= 0 || time.microseconds % 86_400_000_000 == 0
    number = Int32(truncatingIfNeeded: isFloored ? day : day - 1)
  }

  static func < (a: Self, b: Self) -> Bool { a.number < b.number }
  func adding(_ days: Int32) -> UTCDay { UTCDay(number &+ days) }
  var start: Timestamp { Timestamp(microseconds: Int64(number) * 86_400_000_000) }

  /// "2026-11-22"
  var iso: String { text(separator: "-") }
  /// "20261122"
  var compact: String { text(separator: "") }

  private func text(separator: String) -> String {
    let (year, month, day) = civil
    return padded(year, 4) + separator + padded(month, 2) + separator + padded(day, 2)
  }

  private func padded(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }

  /// Proleptic Gregorian date, by Howard Hinnant's `civil_from_days`.
  private var civil: (year: Int, month: Int, day: Int) {
    let z = Int(number) + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }
}
