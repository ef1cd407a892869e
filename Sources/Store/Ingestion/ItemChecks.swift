import Domain

/// What is refused or put right before the database is asked.
enum ItemChecks {
  /// Times outside are slips of unit or missing values (0), not times: 2001-09-09 to 2200-01-01.
  static let sensible = Timestamp(seconds: 1_000_000_000)..<Timestamp(seconds: 7_258_118_400)
  /// Clocks of senders may be ahead by as much.
  static let aheadSecondsMax: Int64 = 86_400
  /// Keeps every sum of a rollup far from the end of bigint.
  static let countMax: Int64 = 1_000_000_000_000
  /// Amounts are stored in eight bytes.
  static let amountMax = USD(pico: 9_000_000_000_000_000_000)

  /// Puts absurd times to nil, together with the stamp that would make them win.
  static func clean(_ facts: inout ObservationFacts) {
    if isAbsurd(facts.startedAt) { (facts.startedAt, facts.stamps[.startedAt]) = (nil, nil) }
    if isAbsurd(facts.endedAt) { (facts.endedAt, facts.stamps[.endedAt]) = (nil, nil) }
    if isAbsurd(facts.firstTokenAt) { (facts.firstTokenAt, facts.stamps[.firstTokenAt]) = (nil, nil) }
  }

  private static func isAbsurd(_ time: Timestamp?) -> Bool { time.map { !sensible.contains($0) } ?? false }

  static func clean(_ facts: inout TraceFacts) {
    guard let time = facts.timestamp, !sensible.contains(time) else { return }
    facts.timestamp = nil
    facts.stamps[.timestamp] = nil
  }

  /// Why these facts can't be stored; nil when they can. Call after `clean`.
  static func refusal(
    of facts: ObservationFacts, receivedAt: Timestamp, limits: ProjectLimits
  ) -> (reason: Rejection.Reason, detail: String)? {
    let start = facts.startedAt ?? facts.endedAt ?? receivedAt
    if start < limits.frozenBefore { return (.tooOld, tooOldDetail(limits)) }
    if start > receivedAt.adding(seconds: aheadSecondsMax) {
      return (.tooNew, "The start time is more than 24 hours ahead of the time of receipt.")
    }
    if let entry = facts.usage?.usage.entries.first(where: { !(0...countMax).contains($0.count) }) {
      return (.invalidField, "Usage \"\(entry.bucket.rawValue)\" must be between 0 and 10^12.")
    }
    if let cost = facts.reportedCost?.amount, cost > amountMax || cost < USD(pico: -amountMax.pico) {
      return (.invalidField, "A cost must be less than 9 million USD a call.")
    }
    return nil
  }

  static func tooOldDetail(_ limits: ProjectLimits) -> String {
    "The start time is before \(UTCDay(limits.frozenBefore).iso), the earliest this project still accepts."
  }
}
