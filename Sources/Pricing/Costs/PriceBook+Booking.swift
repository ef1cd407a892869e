import Domain

extension PriceBook {
  /// Fills provider, model and cost of one settled observation. What was booked stays booked (design §3.2): a stored call whose
  /// evidence didn't change keeps its cost, whatever the book says now.
  /// - Parameters:
  ///   - stored: The row as it is stored, with its decision; nil: it is new.
  ///   - trust: What the key says of a cost that came with the call; nil: the default of its source.
  public func price(_ observation: inout Observation, stored: Observation? = nil, trust: CostTrust? = nil) {
    observation.decision.firstCharge = stored?.decision.firstCharge ?? observation.decision.firstCharge
    if let stored, stored.decision.isBooked, observation.decision.isCall, observation.decision.shadowedBy == nil,
      observation.hasSamePricingEvidence(as: stored)
    {
      observation.decision.provider = stored.decision.provider
      observation.decision.model = stored.decision.model
      observation.decision.cost = stored.decision.cost
      return
    }
    decide(&observation, trust)
    if let stored, observation.hasSamePricingEvidence(as: stored) { keepPrice(of: stored.decision.cost, &observation.decision) }
  }

  /// A row that comes under a shadow, or out of one, keeps the price that it was first decided by: nobody asked for another.
  private func keepPrice(of old: CostOutcome, _ decision: inout Decision) {
    guard old.status == .shadowed || decision.shadowedBy != nil else { return }
    if decision.cost.avoided != nil { decision.cost.avoided = old.avoided ?? decision.cost.avoided }
    guard let computed = old.computed, let label = old.price else { return }
    var cost = decision.cost
    (cost.computed, cost.list, cost.price) = (computed, old.list, label)
    (cost.rates, cost.rateID) = (old.rates, old.rateID)
    (cost.revision, cost.priceRevision) = (old.revision, old.priceRevision)
    if cost.status == .priced || cost.status == .partial || cost.status == .unpriced {
      if cost.price != decision.cost.price || cost.computed != decision.cost.computed {
        cost.reason = "priced by \(label), as first decided"
      }
      cost.status = cost.status == .partial ? .partial : .priced
      cost.cost = computed
    }
    decision.cost = cost
  }

  /// Decides a stored observation anew at today's prices; what was charged first is kept beside.
  public func reprice(_ observation: inout Observation, trust: CostTrust? = nil) {
    let old = observation.decision
    decide(&observation, trust)
    observation.decision.keepFirstCharge(of: old)
  }

  private func decide(_ observation: inout Observation, _ trust: CostTrust?) {
    let priced = decide(observation: observation, trust: trust)
    observation.decision.provider = priced.provider
    observation.decision.model = priced.model
    observation.decision.cost = priced.outcome
  }
}
