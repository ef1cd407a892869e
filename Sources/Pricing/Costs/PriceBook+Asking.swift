import Domain

/// Questions about prices that are not about one booked call.
extension PriceBook {
  /// Buckets with a count that the price of the call has none for; empty where the call has no price, or nothing to price.
  public func unpricedUsage(of observation: Observation) -> [UsageBucket] {
    guard !observation.facts.isServedFromCache, let usage = observation.facts.usage?.usage,
      let sheet = pricedCall(observation).sheet, !sheet.isFree
    else { return [] }
    return CostCalculator.charge(usage, at: sheet.table).unpriced
  }

  /// Whether the catalogue, or an own listing of whatever dates, knows what the alias stands for. One that names no provider
  /// stands for the model of whoever is sent with a call: some provider must know it.
  public func knowsTarget(of alias: ModelAlias) -> Bool {
    let provider = alias.targetProvider ?? alias.provider
    func isFound(_ provider: String?) -> Bool { resolver.resolve(provider: provider, model: alias.targetModel).isFound }
    if isFound(provider) { return true }
    let wanted = provider.map(catalogue.comparable)
    let isOwn = agreements.listings.contains { listing in
      guard listing.pattern.fits(model: alias.targetModel) else { return false }
      guard let wanted, let of = listing.provider else { return true }
      return catalogue.comparable(of) == wanted
    }
    return isOwn || (provider == nil && catalogue.providers.contains { isFound($0.id) })
  }
}
