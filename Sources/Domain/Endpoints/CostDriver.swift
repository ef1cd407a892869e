/// Why a request of one set of calls costs what it does beside one of another: the ratio of their costs per request, as the product of
/// three. Shares of unpriced calls don't matter: cost is taken by priced calls, tokens by all.
public struct CostDriver: Sendable, Hashable {
  /// Cost per request, this to that.
  public var cost: Double
  /// Tokens per request.
  public var tokens: Double
  /// What a token costs because other models do the work, each at its price of that set.
  public var mix: Double
  /// What a token costs because the same models do (their prices, their share of output, of cached prompts).
  public var price: Double

  public enum Cause: String, Sendable, Hashable, CaseIterable { case tokens, mix, price }

  /// What moves the cost most in the direction that it moved; nil: it hardly moved (less than 5 %).
  public var main: Cause? {
    guard cost < 0.95 || cost > 1.05 else { return nil }
    let causes: [(Cause, Double)] = [(.tokens, tokens), (.mix, mix), (.price, price)]
    let towards = causes.filter { cost > 1 ? $0.1 > 1 : $0.1 < 1 }
    return towards.max { Self.size($0.1) < Self.size($1.1) }?.0
  }

  private static func size(_ factor: Double) -> Double { factor >= 1 ? factor : 1 / factor }

  /// Sums by model of the one set and of the other. nil when either has no priced call or no tokens: nothing can be told apart.
  public init?(_ models: [String: Measures], against others: [String: Measures]) {
    guard let here = Sums(models), let there = Sums(others) else { return nil }
    cost = here.perRequest / there.perRequest
    tokens = here.tokensPerRequest / there.tokensPerRequest
    // Today's models at the other set's prices; a model that was not there at its own.
    let atTheirPrices = here.models.reduce(0.0) { $0 + $1.value.share * (there.models[$1.key]?.perToken ?? $1.value.perToken) }
    guard atTheirPrices > 0 else { return nil }
    mix = atTheirPrices / there.perToken
    price = here.perToken / atTheirPrices
    guard [cost, tokens, mix, price].allSatisfy({ $0.isFinite && $0 > 0 }) else { return nil }
  }

  private struct Sums {
    /// Of each model: its share of the tokens, and what one of them costs.
    var models: [String: (share: Double, perToken: Double)] = [:]
    var perRequest = 0.0
    var perToken = 0.0
    var tokensPerRequest = 0.0

    /// Models without a priced call are left out with their tokens.
    init?(_ measures: [String: Measures]) {
      let priced = measures.compactMapValues { measures -> (cost: Double, calls: Double, tokens: Double)? in
        guard let cost = measures.cost, measures.calls > measures.unpricedCalls, measures.usage.totalTokens > 0 else { return nil }
        return (Double(cost.pico), Double(measures.calls &- measures.unpricedCalls), Double(measures.usage.totalTokens))
      }
      let tokens = priced.values.reduce(0) { $0 + $1.tokens }, calls = priced.values.reduce(0) { $0 + $1.calls }
      let cost = priced.values.reduce(0) { $0 + $1.cost }
      guard tokens > 0, calls > 0, cost > 0 else { return nil }
      models = priced.mapValues { ($0.tokens / tokens, $0.cost / $0.tokens) }
      (perRequest, perToken, tokensPerRequest) = (cost / calls, cost / tokens, tokens / calls)
    }
  }
}
