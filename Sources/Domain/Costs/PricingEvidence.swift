extension ObservationFacts {
  /// Nothing that a price depends on differs: a row booked by the one may keep its cost with the other. The time the call
  /// started is not among it: see `Observation.hasSamePricingEvidence`.
  public func hasSamePricingEvidence(as other: ObservationFacts) -> Bool {
    provider == other.provider && requestModel == other.requestModel && responseModel == other.responseModel
      && serviceTier == other.serviceTier && region == other.region && reportedCost == other.reportedCost
      && countedUsage == other.countedUsage && hasUnreadableCount == other.hasUnreadableCount
      && isServedFromCache == other.isServedFromCache
      && (carriesUsage || unbilled == other.unbilled)
  }

  /// Absent and all-zero usage cost the same but are explained differently.
  private var countedUsage: Usage? { usage?.usage }
  public var carriesUsage: Bool { usage.map { !$0.usage.isEmpty } ?? false }
  /// A count was sent that could not be read.
  public var hasUnreadableCount: Bool { usage?.flags.contains(.unreadable) ?? false }

  /// The framework answered from its own cache: no provider was asked.
  public var isServedFromCache: Bool { usage?.flags.contains(.servedFromCache) ?? false }

  /// Something shows that the provider answered: output that has come or is stored, its own id, or a first token.
  /// The output's stamp outlives its parts, which retention and missing rights take away.
  public var isAnswered: Bool {
    firstTokenAt != nil || responseID != nil || stamps[.output] != nil
      || bodies.contains { $0.kind == .output } || parts.contains { $0.kind == .output }
  }

  /// A call without usage is free only when it failed before the provider answered.
  private var unbilled: Bool { level == .error && !isAnswered }
}

extension Observation {
  /// Facts and start give the same price by the same book.
  public func hasSamePricingEvidence(as other: Observation) -> Bool {
    startedAt == other.startedAt && facts.hasSamePricingEvidence(as: other.facts)
  }
}

extension Decision {
  /// A cost was decided for a call: what a resent span keeps.
  public var isBooked: Bool { cost.status != .none && cost.status != .shadowed }

  /// What a re-pricing does to the record of the first charge: the first one stays; there is none until a charge changes.
  public mutating func keepFirstCharge(of old: Decision) {
    firstCharge = old.firstCharge
    guard firstCharge == nil, old.isBooked, isBooked else { return }
    if old.cost.status != cost.status || old.cost.cost != cost.cost {
      firstCharge = FirstCharge(status: old.cost.status, cost: old.cost.cost)
    }
  }
}
