import Domain

@testable import Store

/// Settles, then prices every token of a call at 1000 pico-USD (3000 for "large"; list prices are 250 more), and gives it
/// to the team that its user's name ends with. Embeddings are charged for requests too; a cost that was sent counts; what
/// a cache answered costs nothing.
enum FixedPrices {
  static let decide: Decide = decide(picoPerToken: 1000)

  static func decide(picoPerToken: Int64) -> Decide {
    { snapshot in
      Settle.settle(&snapshot)
      for i in snapshot.observations.indices {
        price(&snapshot.observations[i], picoPerToken)
        attribute(&snapshot.observations[i].decision)
      }
    }
  }

  /// The price alone, as a re-pricing asks for it.
  static func price(picoPerToken: Int64) -> Reprice { { price(&$0, picoPerToken) } }

  private static func price(_ o: inout Observation, _ picoPerToken: Int64) {
    o.decision.model = o.sentModel
    o.decision.provider = o.facts.provider
    o.decision.cost = o.decision.shadowedBy == nil ? .none : CostOutcome(status: .shadowed, reason: "counted elsewhere")
    if o.decision.isCall { o.decision.cost = outcome(o, picoPerToken * (o.sentModel == "large" ? 3 : 1)) }
  }

  private static func attribute(_ decision: inout Decision) {
    let team = decision.user?.utf8.last.map { Int32($0) - 48 }
    decision.team = team.flatMap { (1...3).contains($0) ? TeamID($0) : nil }
    decision.ownerStep = decision.team == nil ? .unallocated : .userGroup
  }

  private static func outcome(_ o: Observation, _ picoPerToken: Int64) -> CostOutcome {
    let usage = o.facts.usage?.usage ?? Usage()
    var outcome = CostOutcome(status: .unpriced, reason: "no usage", revision: 1)
    if usage.totalTokens > 0 {
      let rates = rates(o, picoPerToken)
      let amount = charged(usage, rates.contracted, rates)
      outcome = CostOutcome(status: .priced, cost: amount, computed: amount, price: "test", revision: 1)
      outcome.list = charged(usage, rates.list, rates)
      outcome.rates = rates
    }
    if let reported = o.facts.reportedCost {
      outcome.status = .reported
      outcome.cost = reported.amount
    } else if o.facts.isServedFromCache {
      outcome.avoided = outcome.computed
      (outcome.status, outcome.cost, outcome.computed, outcome.list) = (.free, .zero, .zero, .zero)
    }
    return outcome
  }

  private static func rates(_ o: Observation, _ picoPerToken: Int64) -> CallRates {
    func prices(_ token: Int64, _ request: Int64) -> [Int64?] {
      UsageBucket.allCases.map { $0.isTokens ? token : $0 == .requests && o.kind == .embedding ? request : nil }
    }
    return CallRates(
      price: "test/\(o.sentModel ?? "none")", variant: nil, contextOver: nil, contracted: prices(picoPerToken, 7_000),
      list: prices(picoPerToken + 250, 9_000), chargesRequests: o.kind == .embedding)
  }

  private static func charged(_ usage: Usage, _ prices: [Int64?], _ rates: CallRates) -> USD {
    var usage = usage
    if rates.chargesRequests, usage[.requests] == 0 { usage[.requests] = 1 }
    return zip(usage.positional, prices).reduce(.zero) { $0 + USD(pico: Int128($1.0) * Int128($1.1 ?? 0)) }
  }
}
