import Domain
import Foundation
import Pages

/// Times of the API: ISO 8601, out in UTC with microseconds.
enum ISOTime {
  /// "2026-11-22T16:30:15.123456Z"; the fraction is left out when it is zero.
  static func text(_ time: Timestamp) -> String { TimeText.rfc3339(time) }

  /// A time with offset or Z, a local time or a date (both read in the zone), or milliseconds since 1970.
  static func parse(_ text: String, zone: String) -> Timestamp? {
    if text.count >= 11, let milliseconds = Int64(text) {
      let (microseconds, isTooFar) = milliseconds.multipliedReportingOverflow(by: 1000)
      return isTooFar ? nil : Timestamp(microseconds: microseconds)
    }
    return Moment(text)?.start(in: ClockZone(zone))
  }
}

extension Timestamp {
  static var now: Timestamp { Timestamp(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded())) }
}
