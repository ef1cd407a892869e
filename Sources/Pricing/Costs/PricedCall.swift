import Domain

/// All about a call's price that doesn't depend on its counts: made once for a stretch of time in which nothing of it changes, then
/// kept by `PriceMemory`. Immutable.
final class PricedCall: Sendable {
  /// The price that holds.
  struct Sheet: Sendable {
    let label: String
    let set: PriceSet
    let table: ChargeTable
    /// At the catalogue's list, where that is not `table` itself.
    let list: ChargeTable?
    let unitPrices: UnitPrices
    /// The list amount counts only when every bucket has one.
    let needsWholeList: Bool
    /// What was met, "service_tier flex", in words for the reason.
    let variant: String?
    let own: OwnListing?
    let row: PriceRow?
    let term: OwnTerm?
    let isFree: Bool
    /// "priced by openai/gpt-4o@always".
    let reason: String
    /// ", service_tier flex, × 0.85 by term 3".
    let reasonEnd: String
    /// The two joined.
    let plainReason: String
  }
  /// The stretch for which this holds.
  let from: Timestamp
  let to: Timestamp
  let provider: String?
  let model: String?
  let resolution: Resolution?
  /// How the model was found, or why not.
  let sentence: String
  let names: CallNames
  let conditions: PriceConditions
  /// nil: there is no price, `sentence` says why.
  let sheet: Sheet?

  init(
    stretch: (from: Timestamp, to: Timestamp), provider: String?, model: String?, resolution: Resolution?, sentence: String,
    names: CallNames, conditions: PriceConditions, sheet: Sheet?
  ) {
    (from, to) = stretch
    self.provider = provider
    self.model = model
    self.resolution = resolution
    self.sentence = sentence
    self.names = names
    self.conditions = conditions
    self.sheet = sheet
  }

  func holds(at time: Timestamp) -> Bool { from <= time && time < to }
}

/// What of a call, besides start and counts, its price depends on.
struct PriceKey: Hashable, Sendable {
  let provider: String?
  let served: String?
  let requested: String?
  let tier: String?
  let region: String?

  init(_ facts: ObservationFacts) {
    provider = facts.provider
    served = facts.responseModel
    requested = facts.requestModel
    tier = facts.serviceTier
    region = facts.region
  }

  init(provider: String?, served: String?) {
    self.provider = provider
    self.served = served
    (requested, tier, region) = (nil, nil, nil)
  }

  var byteCount: Int {
    [provider, served, requested, tier, region].reduce(0) { $0 + ($1?.utf8.count ?? 0) }
  }
}
