/// What a cost report sums or counts.
public enum CostMeasure: Sendable, Hashable {
  case calls, errors
  /// Calls without a full price.
  case unpriced
  /// Effective, at list prices, at the organisation's own prices, and what cached answers would have cost.
  case cost, listCost, contractedCost, avoidedCost
  case usage(UsageBucket)
  /// The histogram that p50, p95 and p99 are read from.
  case latency
  /// Distinct end users: ever seen up to the range's end, and seen in the range.
  case users, activeUsers

  public static let basic: Set<CostMeasure> = [.calls, .errors, .unpriced, .cost]
  /// The token buckets.
  public static let tokens = Set(UsageBucket.allCases.filter(\.isTokens).map(CostMeasure.usage))
  /// The other buckets too.
  public static let usage = Set(UsageBucket.allCases.map(CostMeasure.usage))
  public static let standard = basic.union(usage)
  public static let money: Set<CostMeasure> = [.cost, .listCost, .contractedCost, .avoidedCost]

  /// Adds up over rows; distinct users don't.
  public var isSummed: Bool { self != .users && self != .activeUsers }
}

/// What reports, files and pages print: sums, and what is worked out from them. Raw values are names in the API.
public enum CostFigure: String, Sendable, Hashable, CaseIterable, Codable {
  case calls, errors, unpricedCalls, cost, listCost, contractedCost, avoidedCost
  /// Every bucket.
  case tokens
  case inputTokens, outputTokens, totalTokens
  case costPerRequest, costPerThousandOutputTokens, costPerUser, costPerActiveUser
  case cacheHitRate, unpricedShare
  case latencyP50 = "latencyP50Milliseconds"
  case latencyP95 = "latencyP95Milliseconds"
  case latencyP99 = "latencyP99Milliseconds"
  case users, activeUsers

  /// What has to be asked for.
  public var measures: Set<CostMeasure> {
    switch self {
    case .calls: [.calls]
    case .errors: [.errors]
    case .unpricedCalls, .unpricedShare: [.unpriced]
    case .cost: [.cost]
    case .listCost: [.listCost]
    case .contractedCost: [.contractedCost]
    case .avoidedCost: [.avoidedCost]
    case .tokens: CostMeasure.usage
    case .totalTokens: CostMeasure.tokens
    case .inputTokens, .cacheHitRate: Self.usage { $0.isInput }
    case .outputTokens: Self.usage { $0.isOutput }
    case .costPerRequest: [.cost, .unpriced]
    case .costPerThousandOutputTokens: Self.usage { $0.isOutput }.union([.cost])
    case .costPerUser: [.cost, .users]
    case .costPerActiveUser: [.cost, .activeUsers]
    case .latencyP50, .latencyP95, .latencyP99: [.latency]
    case .users: [.users]
    case .activeUsers: [.activeUsers]
    }
  }

  /// What is printed when nothing is named.
  public static let standard: [CostFigure] = [.calls, .errors, .unpricedCalls, .tokens, .cost]

  private static func usage(_ isIncluded: (UsageBucket) -> Bool) -> Set<CostMeasure> {
    Set(UsageBucket.allCases.filter(isIncluded).map(CostMeasure.usage))
  }
}
