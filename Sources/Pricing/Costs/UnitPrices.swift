import Domain

/// The unit prices that a sheet charges, one object for each tier of prompt size: calls share them (`CostOutcome.rates`).
struct UnitPrices: Sendable {
  private struct Tier: Sendable {
    /// Prompt tokens above which it holds; −1 for the base.
    let over: Int64
    /// With the catalogue's list where it is known.
    let listed: CallRates
    /// For a usage that the list has no whole amount for: its list prices are what it was charged at.
    let unlisted: CallRates
  }
  /// By rising threshold, the base first.
  private let tiers: [Tier]
  /// Some unit price depends on the size of the prompt.
  var hasTiers: Bool { tiers.count > 1 }

  init(_ table: ChargeTable, list: ChargeTable?, isFree: Bool, label: String, variant: String?) {
    let thresholds = Set(([table, list].compactMap(\.self)).flatMap(\.thresholds)).sorted()
    tiers = ([-1] + thresholds).map { over in
      // Just above the threshold; those above it don't hold yet.
      let prompt = over == .max ? over : over + 1
      let contracted = isFree ? [Int64?](repeating: 0, count: UsageBucket.allCases.count) : table.picos(prompt)
      let contextOver = table.thresholds.filter { $0 <= over }.max()
      func rates(_ listed: [Int64?], _ chargesRequests: Bool) -> CallRates {
        CallRates(
          price: label, variant: variant, contextOver: contextOver, contracted: contracted, list: listed,
          chargesRequests: chargesRequests)
      }
      let own = !isFree && table.chargesRequests
      let unlisted = rates(contracted, own)
      let listed = list.map { rates($0.picos(prompt), own || $0.chargesRequests) }
      return Tier(over: over, listed: listed ?? unlisted, unlisted: unlisted)
    }
  }

  /// - Parameter isListed: The usage has an amount at list prices.
  func rates(promptTokens: Int64, isListed: Bool) -> CallRates? {
    guard let tier = tiers.last(where: { promptTokens > $0.over }) ?? tiers.first else { return nil }
    return isListed ? tier.listed : tier.unlisted
  }
}

extension ChargeTable {
  /// Of all buckets' context tiers.
  fileprivate var thresholds: [Int64] { charges.flatMap { $0?.tiers.map(\.over) ?? [] } }

  fileprivate func picos(_ promptTokens: Int64) -> [Int64?] { charges.map { $0?.pico(promptTokens: promptTokens).pico } }
}
