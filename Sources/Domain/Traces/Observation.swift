/// A stored observation: the evidence, the start it is filed under, and what was decided from it.
public struct Observation: Sendable, Hashable {
  public var facts: ObservationFacts
  /// The start it is filed under: the sent start, else its end, else the time of receipt.
  public var startedAt: Timestamp
  /// The start was absent or absurd and had to be taken from elsewhere.
  public var isStartAssumed: Bool
  public var receivedAt: Timestamp
  public var decision: Decision

  public init(
    facts: ObservationFacts, startedAt: Timestamp, isStartAssumed: Bool, receivedAt: Timestamp, decision: Decision = Decision()
  ) {
    self.facts = facts
    self.startedAt = startedAt
    self.isStartAssumed = isStartAssumed
    self.receivedAt = receivedAt
    self.decision = decision
  }

  /// nil while it has not ended.
  public var durationMicroseconds: Int64? { facts.endedAt.map { max(0, $0.since(startedAt)) } }
  public var kind: ObservationKind { facts.kind ?? .span }
  public var isError: Bool { facts.level == .error }
  public var carriesUsage: Bool { facts.usage.map { !$0.usage.isEmpty } ?? false }
  public var carriesUsageOrCost: Bool { carriesUsage || facts.reportedCost != nil }
  /// Asked for or served model, the served one first.
  public var sentModel: String? { facts.responseModel ?? facts.requestModel }
}

/// All that is derived from the evidence of a trace: context, counting, price and owner. Re-made whenever the evidence changes.
public struct Decision: Sendable, Hashable {
  // Context, inherited from the trace where the observation itself says nothing.
  public var user: String?
  public var session: String?
  public var environment: String = "default"
  public var endpoint: String?
  public var userGroup: UserGroupID?

  // Counting once.
  /// An unshadowed observation that carries usage or cost, or is of kind generation or embedding.
  public var isCall = false
  /// The row that counts in its place.
  public var shadowedBy: ObservationID?
  public var shadowReason: ShadowReason?

  // Price.
  /// The catalogue's provider and model where one matched, else as sent.
  public var provider: String?
  public var model: String?
  public var cost: CostOutcome = .none
  /// nil: never re-priced.
  public var firstCharge: FirstCharge?

  // Owner.
  /// nil is Unallocated.
  public var team: TeamID?
  public var ownerStep: OwnerStep = .unallocated
  /// The rule that gave `team`, when the step is `.rule`.
  public var rule: RuleID?
  /// Effective values of the declared dimensions by place from 1 (index 0 … 3), "" for none; empty when there are none.
  public var extras: [String] = []

  public init() {}
}

/// Why an observation's usage is not counted.
public enum ShadowReason: String, Sendable, Hashable, CaseIterable {
  /// Another row carries the same provider response id.
  case responseID
  /// A descendant carries the usage that this wrapper repeats.
  case descendant
  /// The SDK's own span and an instrumentation's describe the same call.
  case sibling
  /// The enclosing row carries the usage of this call.
  case ancestor
}

/// Which step of the order in design §3.9 gave the owner.
public enum OwnerStep: Int16, Sendable, Hashable, CaseIterable {
  case unallocated = 0
  case fixedKey = 1
  case rule = 2
  case userGroup = 3
  case defaultKey = 4
}
