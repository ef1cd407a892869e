import Domain

/// What a request of an endpoint is made of: so many tokens at such a price, most of the money for one model.
public struct CostMakeUp: Sendable, Hashable {
  /// Of calls with a full price.
  public var tokensPerRequest: Int64
  /// On average of all buckets and models.
  public var costPerMillionTokens: USD
  public var mainModel: String
  /// Of the cost, 0…1.
  public var mainShare: Double

  /// nil without cost or tokens.
  init?(_ models: [String: Measures]) {
    let sum = models.values.reduce(Measures(), +)
    guard let cost = sum.cost, cost.pico > 0, sum.usage.totalTokens > 0, sum.calls > sum.unpricedCalls,
      let main = models.max(by: { ($0.value.cost ?? .zero, $1.key) < ($1.value.cost ?? .zero, $0.key) })
    else { return nil }
    tokensPerRequest = sum.usage.totalTokens / (sum.calls - sum.unpricedCalls)
    costPerMillionTokens = USD(pico: cost.pico &* 1_000_000 / Int128(sum.usage.totalTokens))
    mainModel = main.key
    mainShare = Double((main.value.cost ?? .zero).pico) / Double(cost.pico)
  }

  /// "1.9 k tokens a request at $0.30 a million, 80 % for gpt-4o-mini".
  var sentence: String {
    "\(TokenText(tokensPerRequest).text) tokens a request at \(MoneyText(costPerMillionTokens).text) a million, "
      + "\(Digits.fixed(mainShare * 100, places: 0))\u{A0}% for \(mainModel.isEmpty ? "calls without a model" : mainModel)"
  }
}
