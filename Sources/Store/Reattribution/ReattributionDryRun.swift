import Domain
import Postgres

/// Some calls and what they cost.
public struct AttributedSum: Sendable, Hashable {
  public var calls: Int64 = 0
  /// nil: no call has a known cost.
  public var cost: USD?
  /// Calls without a full price.
  public var unpriced: Int64 = 0

  public init() {}

  mutating func add(_ call: Observation) {
    calls &+= 1
    if let amount = call.decision.cost.cost { cost = (cost ?? .zero) + amount }
    if call.decision.cost.status.isUnpriced { unpriced &+= 1 }
  }
}

/// One team's calls, as they are and as they would be.
public struct TeamMovement: Sendable, Hashable {
  /// nil is Unallocated.
  public var team: Team?
  public var before = AttributedSum()
  public var after = AttributedSum()
}

/// A call that reports would show elsewhere.
public struct ReattributedCall: Sendable, Hashable {
  public var project: ProjectID
  public var projectSlug: String
  public var trace: TraceID
  public var observation: ObservationID
  public var startedAt: Timestamp
  /// As sent.
  public var model: String?
  public var cost: USD?
  public var before: Place
  public var after: Place

  /// Names; nil is none.
  public struct Place: Sendable, Hashable {
    public var team: String?
    public var endpoint: String?
    public var userGroup: String?
    public var step: OwnerStep
    /// The rule that gives the team.
    public var rule: String?
  }
}

/// A month whose statement is closed: what changes in it becomes a correction in a later one.
public struct TouchedMonth: Sendable, Hashable {
  /// "2026-10".
  public var month: String
  public var calls: Int64 = 0
  public var cost: USD?
}

/// What rules would change of calls that are booked. Nothing was written.
public struct ReattributionDryRun: Sendable {
  /// All calls looked at.
  public var total = AttributedSum()
  /// Those with another team.
  public var moved = AttributedSum()
  /// Those with another team, endpoint, group or dimension. Values beyond the guard's 1,000 a day count as unchanged.
  public var changed: Int64 = 0
  /// By owner; largest movement first.
  public var teams: [TeamMovement] = []
  /// Some of those that change.
  public var examples: [ReattributedCall] = []
  /// Closed months with calls that get another team.
  public var closedMonths: [TouchedMonth] = []
  /// Of the rules that it was decided by.
  public var revision: Int32 = 0
  /// What was looked at: less than was asked for when time was short, then the latest part.
  public var covered: TimeRange
  public var isComplete = true
}

/// What a rule that is being written would change of the last seven days, compared with the rules as they are.
public struct RulePreview: Sendable {
  public var outcome: ReattributionDryRun
  /// Calls that the rule would give its team.
  public var owned = AttributedSum()
  /// Declared keys that it reads: their values are known of calls since then.
  public var keys: [DeclaredKey] = []
}

extension Reattributions {
  /// Calls in `ReattributionDryRun.examples`.
  public static let examplesMax = 100

  /// What the current rules, or `rules` in their place, would change of the calls of a period. *Cost:* reads every trace of the range, an
  /// hour at a time, in constant memory. *Errors:* `ReattributionRefusal`, `DatabaseError`.
  public func dryRun(_ request: ReattributionRequest, rules: [AttributionRule]? = nil, scope: AccessScope) async throws
    -> ReattributionDryRun
  {
    var asked = request
    if asked.reason.isEmpty { asked.reason = "dry run" }
    let request = try Self.checked(asked, scope)
    try await pool.run { c in try Self.checkFrozen(request, scope.organisation, c) }
    let after = try await directory(of: scope.organisation, rules: rules).directory
    let scan = ReattributionScan(pool: pool, organisation: scope.organisation, before: nil, after: after)
    return try await scan.run(request.range, until: nil).0
  }

  /// What `draft` would change of the calls of the last seven days, put in the place of `replacing`, else at `position`, else behind the
  /// other rules. Looks at the latest hours first and stops after `longest`; what it has seen by then is said. *Errors:* those of
  /// `RuleStore.save`, `DatabaseError`.
  public func preview(
    _ draft: RuleDraft, replacing: RuleID? = nil, at position: Int32? = nil, now: Timestamp, longest: Duration = .seconds(20),
    scope: AccessScope
  ) async throws -> RulePreview {
    let draft = try RuleChecks.checked(draft, patterns)
    _ = try Self.checked(ReattributionRequest(range: TimeRange(spanning: now, now.adding(seconds: 1)), reason: "preview"), scope)
    let (before, current) = try await directory(of: scope.organisation)
    if let replacing, !current.contains(where: { $0.id == replacing }) { throw StructureError.unknown("rule") }
    var after = before
    after.take(Self.rules(current, with: draft, replacing: replacing, at: position), patterns: patterns)
    let range = CostFrame.clamped(TimeRange(spanning: now.adding(seconds: -7 * 86_400), now.adding(seconds: 60)))
    let scan = ReattributionScan(pool: pool, organisation: scope.organisation, before: before, after: after)
    let (outcome, owned) = try await scan.run(range, until: ContinuousClock.now + longest)
    let keys = draft.conditions.compactMap { condition in
      if case .metadata(let key) = condition.field { after.declaredKeys.first { $0.key == key } } else { nil }
    }
    return RulePreview(outcome: outcome, owned: owned, keys: keys)
  }

  /// The draft has the id 0.
  static func rules(
    _ current: [AttributionRule], with draft: RuleDraft, replacing: RuleID?, at position: Int32?
  ) -> [AttributionRule] {
    var rules = current
    let given = draft.rule(RuleID(0), position: 0)
    if let replacing, let place = rules.firstIndex(where: { $0.id == replacing }) {
      rules[place] = given
    } else {
      let place = min(max(Int(position ?? .max), 1), rules.count + 1) - 1
      rules.insert(given, at: place)
    }
    for i in rules.indices { rules[i].position = Int32(clamping: i + 1) }
    return rules
  }
}
