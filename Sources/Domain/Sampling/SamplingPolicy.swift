/// What keeps a trace whatever the share is. Texts are compared whole; empty lists and nil ask nothing.
public struct KeepRules: Sendable, Hashable {
  public var errors = false
  /// Traces that cost more than this.
  public var costAbove: USD?
  /// Traces that took longer, from first start to last end.
  public var durationAboveMilliseconds: Int64?
  public var users: [String] = []
  public var tags: [String] = []
  public var endpoints: [String] = []
  /// Traces that were judged.
  public var scored = false

  public init() {}
  public var isEmpty: Bool { self == KeepRules() }
}

/// What is kept of a project's traces, or of those of one environment. Usage, calls and cost are no part of it: they are always
/// stored in full (design §3.3).
public struct SamplingPolicy: Sendable, Hashable {
  /// Traces whose inputs, outputs, metadata and attributes are kept.
  public var payloads: SamplingShare
  /// Traces of which also the spans are kept that are no calls and stand above none.
  public var spans: SamplingShare
  public var keep: KeepRules
  /// The version these settings are; 0 for none.
  public var version: Int32

  public init(payloads: SamplingShare = .all, spans: SamplingShare = .all, keep: KeepRules = KeepRules(), version: Int32 = 0) {
    self.payloads = payloads
    self.spans = spans
    self.keep = keep
    self.version = version
  }

  public static let everything = SamplingPolicy()
  public var keepsEverything: Bool { payloads == .all && spans == .all }

  /// What the settings are about.
  public enum Part: String, Sendable, Hashable, CaseIterable { case payloads, spans }

  public func share(of part: Part) -> SamplingShare { part == .payloads ? payloads : spans }
}

/// Why a trace is kept. Raw values are shown; the order is that in which rules are asked.
public enum KeepReason: String, Sendable, Hashable, CaseIterable {
  case share, error, cost, duration, user, tag, endpoint, score
}

/// What of a trace the keep rules look at: all that is known of it at the moment of deciding.
public struct SamplingEvidence: Sendable, Hashable {
  public var trace: TraceID
  /// Those of its rows; never empty.
  public var environments: Set<String>
  public var hasError = false
  /// Sum over its calls; nil when none has a cost.
  public var cost: USD?
  public var durationMicroseconds: Int64?
  public var users: Set<String> = []
  public var tags: Set<String> = []
  public var endpoints: Set<String> = []
  public var isScored = false

  public init(trace: TraceID, environments: Set<String>) {
    self.trace = trace
    self.environments = environments.isEmpty ? [Self.standardEnvironment] : environments
  }

  /// Where nothing was said.
  public static let standardEnvironment = "default"

  /// From the rows of a trace, decided.
  public init(_ facts: TraceFacts, _ rows: [Observation], isScored: Bool) {
    let arrived = rows.lazy.filter(\.facts.isArrived)
    self.init(trace: facts.id, environments: Set(arrived.map(\.decision.environment)))
    if arrived.isEmpty, let environment = facts.environment { environments = [environment] }
    users = Set(arrived.compactMap(\.decision.user)).union(facts.user.map { [$0] } ?? [])
    endpoints = Set(arrived.compactMap(\.decision.endpoint))
    tags = Set(facts.tags)
    hasError = arrived.contains(where: \.isError)
    for row in arrived where row.decision.isCall {
      if let amount = row.decision.cost.cost { cost = (cost ?? .zero) + amount }
    }
    if let start = arrived.map(\.startedAt).min(), let end = arrived.compactMap(\.facts.endedAt).max() {
      durationMicroseconds = max(0, end.since(start))
    }
    self.isScored = isScored
  }
}

extension KeepRules {
  /// The first rule that keeps the trace; nil when none does.
  public func reason(_ trace: SamplingEvidence) -> KeepReason? {
    if errors, trace.hasError { return .error }
    if let limit = costAbove, let cost = trace.cost, cost > limit { return .cost }
    if let limit = durationAboveMilliseconds, let took = trace.durationMicroseconds, took / 1000 >= limit, took % 1000 > 0 || took / 1000 > limit {
      return .duration
    }
    if !users.isEmpty, users.contains(where: trace.users.contains) { return .user }
    if !tags.isEmpty, tags.contains(where: trace.tags.contains) { return .tag }
    if !endpoints.isEmpty, endpoints.contains(where: trace.endpoints.contains) { return .endpoint }
    return scored && trace.isScored ? .score : nil
  }
}
