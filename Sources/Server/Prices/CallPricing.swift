import Domain
import Pricing
import Store

/// Real calls at other prices.
enum CallPricing {
  /// A call as if nothing had been decided about it.
  static func undecided(_ call: Observation) -> Observation {
    var other = call
    other.decision = Decision()
    other.decision.isCall = true
    return other
  }

  /// A call of a model name with the usage and start of another, as if it had been made so; what it was said to cost is not for that.
  static func asked(
    _ call: Observation, provider: String?, model: String?, serviceTier: String? = nil, region: String? = nil
  ) -> Observation {
    var other = undecided(call)
    other.facts.reportedCost = nil
    if let provider { other.facts.provider = provider }
    if let model {
      other.facts.requestModel = model
      other.facts.responseModel = nil
    }
    if let serviceTier { other.facts.serviceTier = serviceTier }
    if let region { other.facts.region = region }
    return other
  }
}

/// What one model name costs and would cost.
struct CallSums: Sendable {
  var calls: Int64 = 0
  var tokens: Int64 = 0
  /// nil: no call has a known cost.
  var now: USD?
  var then: USD?
  var unpricedNow: Int64 = 0
  var unpricedThen: Int64 = 0
  /// Calls whose cache writes count as plain input then, and the tokens.
  var callsWithPlainWrites: Int64 = 0
  var plainWrites: Int64 = 0

  /// Nothing but calls without a price behind a zero is unknown, not free.
  var knownNow: USD? { now?.pico == 0 && unpricedNow > 0 ? nil : now }

  mutating func add(_ call: Observation, _ outcome: CostOutcome) {
    calls &+= 1
    tokens &+= call.facts.usage?.usage.totalTokens ?? 0
    if let cost = call.decision.cost.cost { now = (now ?? .zero) + cost }
    if let cost = outcome.cost { then = (then ?? .zero) + cost }
    if call.decision.cost.status.isUnpriced { unpricedNow &+= 1 }
    if outcome.status.isUnpriced { unpricedThen &+= 1 }
  }

  mutating func add(_ call: Observation, _ moved: MovedCall) {
    add(call, moved.outcome)
    guard moved.plainWrites > 0 else { return }
    callsWithPlainWrites &+= 1
    plainWrites &+= moved.plainWrites
  }

  /// nil while a call has no full price then: what is known of the sum would look like a saving.
  var difference: USD? {
    guard unpricedThen == 0, let now, let then else { return nil }
    return then - now
  }

  static func += (a: inout CallSums, b: CallSums) {
    a.calls &+= b.calls
    a.tokens &+= b.tokens
    a.now = b.now.map { $0 + (a.now ?? .zero) } ?? a.now
    a.then = b.then.map { $0 + (a.then ?? .zero) } ?? a.then
    a.unpricedNow &+= b.unpricedNow
    a.unpricedThen &+= b.unpricedThen
    a.callsWithPlainWrites &+= b.callsWithPlainWrites
    a.plainWrites &+= b.plainWrites
  }
}

/// A call on another model.
struct MovedCall: Sendable {
  var outcome: CostOutcome
  /// Cache-write tokens that count as plain input, because the model there has no price for writing its cache.
  var plainWrites: Int64 = 0
}
