import Domain
import Postgres

/// Calls of one team or model, as booked and as they would be.
public struct RepricingSum: Sendable, Hashable {
  public var calls: Int64 = 0
  /// With another cost or status.
  public var changed: Int64 = 0
  /// nil only when no call has a cost.
  public var before: USD?
  public var after: USD?
  /// Calls without a full price.
  public var unpricedBefore: Int64 = 0
  public var unpricedAfter: Int64 = 0

  public init() {}

  mutating func add(_ old: CostOutcome, _ new: CostOutcome) {
    calls &+= 1
    if old.status != new.status || old.cost != new.cost { changed &+= 1 }
    if let cost = old.cost { before = (before ?? .zero) + cost }
    if let cost = new.cost { after = (after ?? .zero) + cost }
    if old.status.isUnpriced { unpricedBefore &+= 1 }
    if new.status.isUnpriced { unpricedAfter &+= 1 }
  }
}

/// A call that would have another cost.
public struct RepricedCall: Sendable, Hashable {
  public var project: ProjectID
  public var projectSlug: String
  public var trace: TraceID
  public var observation: ObservationID
  public var startedAt: Timestamp
  /// As sent.
  public var model: String?
  public var before: USD?
  public var after: USD?
  /// Of the new cost.
  public var reason: String
}

/// What a re-pricing would change. Nothing was written.
public struct RepricingDryRun: Sendable {
  public var total = RepricingSum()
  /// By owner, nil is Unallocated; largest change first.
  public var teams: [(team: Team?, sum: RepricingSum)] = []
  /// By the model as booked, nil is none; largest change first.
  public var models: [(model: String?, sum: RepricingSum)] = []
  /// Some of those that change, of the earliest days, by time.
  public var changes: [RepricedCall] = []
  /// What it was decided by.
  public var revisions: DecisionRevisions
}

extension Repricings {
  /// Calls in `RepricingDryRun.changes`.
  public static let changesMax = 100

  /// Decides all calls of the request by `pricer` and adds up. *Cost:* reads every call of the range, a day at a time,
  /// in constant memory. *Errors:* `RepricingRefusal`, `DatabaseError`.
  public func dryRun(_ request: RepricingRequest, pricer: Pricer, scope: AccessScope) async throws -> RepricingDryRun {
    var asked = request
    if asked.reason.isEmpty { asked.reason = "dry run" }
    let request = try Self.checked(asked, scope)
    let (days, directory) = try await pool.transaction(Self.reading) { c in
      try Self.checkFrozen(request, scope.organisation, c)
      return (try Self.observationDays(c), try CostDirectory.read([.team], scope.organisation, c))
    }
    let selection = RepricingSelection(range: request.range, models: request.models)
    let repricing = TraceRepricing(selection: selection, price: pricer.price)
    var sums = DryRunSums()
    let projects = directory.projects.keys.sorted()
    for day in days.sorted() {
      let window = TimeRange(spanning: day.start, day.adding(1).start)
      guard window.from < request.range.to, window.to > request.range.from else { continue }
      let sql: SQL = """
        select \(unescaped: ObservationColumns.list("o")) from observations o join projects p on p.id = o.project_id
        where o.is_call and \(selection.condition(window, projects: projects))
        """
      try await pool.cursor(
        sql.named("RepricingDryRun"), chunkRows: 500, statementTimeoutMilliseconds: 600_000,
        decode: { try ObservationColumns.read($0) }
      ) { rows in
        for row in rows where selection.includes(row) { sums.add(row, repricing.repriced(row)) }
      }
    }
    return sums.result(directory, pricer.revisions)
  }
}

/// As it goes.
private struct DryRunSums {
  private var total = RepricingSum()
  private var teams: [TeamID?: RepricingSum] = [:]
  private var models: [String?: RepricingSum] = [:]
  private var changes: [RepricedCall] = []

  mutating func add(_ old: Observation, _ new: Observation) {
    let (was, now) = (old.decision.cost, new.decision.cost)
    total.add(was, now)
    teams[old.decision.team, default: RepricingSum()].add(was, now)
    models[old.decision.model, default: RepricingSum()].add(was, now)
    guard changes.count < Repricings.changesMax, was.status != now.status || was.cost != now.cost else { return }
    changes.append(
      RepricedCall(
        project: old.facts.project, projectSlug: "", trace: old.facts.trace, observation: old.facts.id,
        startedAt: old.startedAt, model: old.sentModel, before: was.cost, after: now.cost, reason: now.reason))
  }

  func result(_ directory: CostDirectory, _ revisions: DecisionRevisions) -> RepricingDryRun {
    var result = RepricingDryRun(revisions: revisions)
    result.total = total
    result.teams = teams.map { (team: $0.key.flatMap { directory.teams[$0] }, sum: $0.value) }
      .sorted { Self.precedes(($0.sum, $0.team?.name), ($1.sum, $1.team?.name)) }
    result.models = models.map { (model: $0.key, sum: $0.value) }
      .sorted { Self.precedes(($0.sum, $0.model), ($1.sum, $1.model)) }
    result.changes = changes.sorted { ($0.startedAt, $0.observation.rawValue) < ($1.startedAt, $1.observation.rawValue) }
      .map { call in
        var call = call
        call.projectSlug = directory.projects[call.project]?.slug ?? ""
        return call
      }
    return result
  }

  private static func precedes(_ a: (RepricingSum, String?), _ b: (RepricingSum, String?)) -> Bool {
    let (left, right) = (difference(a.0), difference(b.0))
    return left == right ? (a.1 ?? "") < (b.1 ?? "") : left > right
  }

  private static func difference(_ sum: RepricingSum) -> Int128 {
    let difference = (sum.after ?? .zero) - (sum.before ?? .zero)
    return difference.pico < 0 ? -difference.pico : difference.pico
  }
}
