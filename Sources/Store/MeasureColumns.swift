import Domain

/// The columns that every table with sums shares: one list, so that SQL texts and rows can't disagree.
enum MeasureColumns {
  /// `usage_…`, in the order of `UsageBucket.allCases`.
  static let usage: [String] = UsageBucket.allCases.map(\.column)
  /// Columns of a rollup that are summed, without the histogram and the money.
  static let counts = ["calls", "errors", "unpriced", "costed"]
  /// What counts, at list prices, at the organisation's own prices (pico-USD over the calls with a cost), and what
  /// answers from a cache would have cost.
  static let money = ["cost_pico", "list_cost_pico", "contracted_cost_pico", "avoided_cost_pico"]
  /// Upper bounds of the latency histogram in milliseconds; one more place holds what is above the last.
  static let latencyBoundsMilliseconds: [Int64] = [
    50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 7500, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000,
    300_000,
  ]
  /// `latency_le_50` … `latency_over`, by place.
  static let latency: [String] = latencyBoundsMilliseconds.map { "latency_le_\($0)" } + ["latency_over"]

  /// Place in the histogram, from 0; −1 when there is no duration.
  static func latencyPlace(durationMicroseconds: Int64?) -> Int16 {
    guard let duration = durationMicroseconds else { return -1 }
    return Int16(latencyBoundsMilliseconds.firstIndex { duration <= $0 * 1000 } ?? latencyBoundsMilliseconds.count)
  }
}

extension UsageBucket {
  /// "cacheWrite1h" → "usage_cache_write_1h".
  var column: String {
    var text = "usage_"
    var isAfterDigit = false
    for character in rawValue {
      let startsWord = character.isUppercase || (character.isNumber && !isAfterDigit)
      text += (startsWord ? "_" : "") + character.lowercased()
      isAfterDigit = character.isNumber
    }
    return text
  }
}
