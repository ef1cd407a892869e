import Domain

/// Usage times price, in whole pico-USD.
struct ChargedUsage: Sendable {
  /// Sum of the priced buckets; nil when none has a price.
  var total: USD?
  /// Threshold of the context tier that held; nil: the base price.
  var tierOver: Int64?
  /// Buckets with a count and no price.
  var unpriced: [UsageBucket] = []
  /// A count is negative, or the sum is more than a call can cost.
  var isAbsurd = false
}

enum CostCalculator {
  /// More than this no call costs; it is also the most that one row holds (9.2 million US dollars).
  static let most = USD(pico: Int128(Int64.max))

  /// The context tier is chosen by the whole prompt, cached tokens included, and holds for the whole request.
  /// - Parameter calls: The usage is the sum over so many equal calls.
  static func charge(_ usage: Usage, at table: ChargeTable, calls: Int64 = 1) -> ChargedUsage {
    var result = ChargedUsage()
    let prompt = table.hasTiers ? promptTokens(usage) / max(1, calls) : 0
    for (position, count) in billable(usage, at: table, calls: calls).enumerated() where count != 0 {
      if count < 0 { result.isAbsurd = true }
      guard let charge = table.charges[position] else {
        // Requests without a price of their own are no unit of sale.
        if position != UsageBucket.requests.position { result.unpriced.append(UsageBucket.allCases[position]) }
        continue
      }
      let (pico, over) = charge.pico(promptTokens: prompt)
      if let over { result.tierOver = max(over, result.tierOver ?? 0) }
      let amount = USD(pico: Int128(count) * Int128(pico))
      if amount > mostOfMany { result.isAbsurd = true }
      result.total = (result.total ?? .zero) + amount
    }
    if let total = result.total, total > (calls == 1 ? most : mostOfMany) { result.isAbsurd = true }
    return result
  }

  /// Where sums of a hundred such amounts still cannot overflow.
  private static let mostOfMany = USD(pico: Int128.max / 100)

  /// One line for each bucket that counts.
  static func lines(_ usage: Usage, at table: ChargeTable, list: ChargeTable?, calls: Int64 = 1) -> [CostLine] {
    let prompt = promptTokens(usage) / max(1, calls)
    var lines: [CostLine] = []
    for (position, count) in billable(usage, at: table, calls: calls).enumerated() where count != 0 {
      let bucket = UsageBucket.allCases[position]
      let listed = list?.charges[position].map { USD(pico: Int128(count) * Int128($0.pico(promptTokens: prompt).pico)) }
      if let charge = table.charges[position] {
        lines.append(CostLine(bucket, count, charge, promptTokens: prompt, list: listed))
      } else if bucket != .requests {
        lines.append(.unpriced(bucket, count, list: listed))
      }
    }
    return lines
  }

  /// Counts by position; a price per request is due once for a call that counted none.
  private static func billable(_ usage: Usage, at table: ChargeTable, calls: Int64) -> [Int64] {
    guard table.chargesRequests, usage[.requests] == 0 else { return usage.positional }
    var usage = usage
    usage[.requests] = calls
    return usage.positional
  }

  /// Saturating: a hostile count must not come out as a small prompt.
  static func promptTokens(_ usage: Usage) -> Int64 {
    usage.entries.reduce(0) { sum, entry in
      guard entry.bucket.isInput else { return sum }
      let (next, overflow) = sum.addingReportingOverflow(entry.count)
      return overflow ? .max : next
    }
  }
}
