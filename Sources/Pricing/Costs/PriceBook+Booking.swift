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
