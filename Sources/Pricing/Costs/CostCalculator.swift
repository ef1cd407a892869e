import Domain

/// One bucket of a call's usage, charged.
public struct CostLine: Sendable, Hashable {
  public let bucket: UsageBucket
  /// Tokens, calls, characters, pages or milliseconds.
  public let quantity: Int64
  /// As listed, US dollars per `unit`; nil: no price.
  public let unitPrice: String?
  /// "million tokens".
  public let unit: String?
  /// quantity × price, exact; nil: no price.
  public let amount: USD?
  /// Why another price than the bucket's own was used, or why there is none.
  public let note: String?

  static func unpriced(_ bucket: UsageBucket, _ quantity: Int64) -> CostLine {
    CostLine(bucket: bucket, quantity: quantity, unitPrice: nil, unit: nil, amount: nil, note: "no price is listed")
  }
}

/// Usage times price, in whole pico-USD.
struct ChargedUsage: Sendable {
  var lines: [CostLine] = []
  /// Sum of the priced lines; nil when no line has a price.
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
  static func charge(_ usage: Usage, at prices: ResolvedPrices, hasLines: Bool = true) -> ChargedUsage {
    var result = ChargedUsage()
    let prompt = promptTokens(usage)
    for (bucket, count) in billable(usage, at: prices) {
      if count < 0 { result.isAbsurd = true }
      guard let found = prices.price(for: bucket) else {
        result.unpriced.append(bucket)
        if hasLines { result.lines.append(.unpriced(bucket, count)) }
        continue
      }
      let (rate, over) = found.price.rate(promptTokens: prompt)
      if let over { result.tierOver = max(over, result.tierOver ?? 0) }
      let amount = USD(pico: Int128(count) * Int128(rate.picoPerUnit))
      result.total = (result.total ?? .zero) + amount
      if !hasLines { continue }
      result.lines.append(
        CostLine(
          bucket: bucket, quantity: count, unitPrice: rate.decimal, unit: found.price.unit.label, amount: amount,
          note: found.standIn))
    }
    if let total = result.total, total > most { result.isAbsurd = true }
    return result
  }

  /// A price per request is due once for a call that counted none; requests without such a price are no unit of sale.
  private static func billable(_ usage: Usage, at prices: ResolvedPrices) -> [(bucket: UsageBucket, count: Int64)] {
    var entries = usage.entries
    if prices.price(.requests) == nil {
      entries.removeAll { $0.bucket == .requests }
    } else if usage[.requests] == 0 {
      entries.append((.requests, 1))
    }
    return entries
  }

  /// Saturating: a hostile count must not come out as a small prompt.
  private static func promptTokens(_ usage: Usage) -> Int64 {
    usage.entries.reduce(0) { sum, entry in
      guard entry.bucket.isInput else { return sum }
      let (next, overflow) = sum.addingReportingOverflow(entry.count)
      return overflow ? .max : next
    }
  }
}
