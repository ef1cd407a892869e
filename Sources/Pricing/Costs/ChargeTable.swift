import Domain

/// What each bucket costs, by its position: all that the arithmetic of a call needs.
struct ChargeTable: Sendable {
  struct Charge: Sendable {
    let price: BucketPrice
    /// Pico-USD per smallest unit.
    let base: Int64
    /// By rising threshold of prompt tokens.
    let tiers: [(over: Int64, pico: Int64)]

    func pico(promptTokens: Int64) -> (pico: Int64, over: Int64?) {
      if tiers.isEmpty { return (base, nil) }
      guard let tier = tiers.last(where: { promptTokens > $0.over }) else { return (base, nil) }
      return (tier.pico, tier.over)
    }
  }
  /// By position in `UsageBucket.allCases`.
  let charges: [Charge?]
  /// Some price depends on the size of the prompt.
  let hasTiers: Bool

  init(_ set: PriceSet) {
    charges = UsageBucket.allCases.map { bucket in
      set.price(for: bucket).map { found in
        let price = found.unit.price
        return Charge(
          price: found, base: price.base.picoPerUnit(times: found.unit.factor, of: price.unit),
          tiers: price.tiers.map { ($0.over, $0.rate.picoPerUnit(times: found.unit.factor, of: price.unit)) })
      }
    }
    hasTiers = charges.contains { $0.map { !$0.tiers.isEmpty } ?? false }
  }

  var chargesRequests: Bool { charges[UsageBucket.requests.position] != nil }
}
