import Domain
import Postgres

/// Which rows of a trace are attributed anew, and by what.
struct TraceReattribution: Sendable {
  var range: TimeRange
  var directory: AttributionDirectory

  /// The rows as they would be booked now, before the guard against unbounded values: of those in the range all that attribution decides,
  /// nothing else.
  func reattributed(_ facts: TraceFacts, _ rows: [Observation], frozenBefore: Timestamp) -> [Observation] {
    var snapshot = TraceSnapshot(facts: facts, observations: rows)
    Settle.context(&snapshot)
    Attribution.attribute(&snapshot, directory: directory)
    var result = rows
    for i in result.indices where result[i].facts.isArrived && range.contains(result[i].startedAt) && result[i].startedAt >= frozenBefore {
      result[i].decision.take(owner: snapshot.observations[i].decision)
    }
    return result
  }
}

extension Decision {
  /// All that attribution decides.
  fileprivate mutating func take(owner other: Decision) {
    endpoint = other.endpoint
    userGroup = other.userGroup
    team = other.team
    ownerStep = other.ownerStep
    rule = other.rule
    extras = other.extras
  }

  /// Whether reports show the call elsewhere. A value that the guard folded counts as the same.
  func isAttributedLike(_ other: Decision) -> Bool {
    guard team == other.team, userGroup == other.userGroup, Self.isLike(endpoint, other.endpoint) else { return false }
    if extras == other.extras { return true }
    return (0..<4).allSatisfy { i in
      let (a, b) = (extras.indices.contains(i) ? extras[i] : "", other.extras.indices.contains(i) ? other.extras[i] : "")
      return Self.isLike(a, b)
    }
  }

  private static func isLike(_ a: String?, _ b: String?) -> Bool {
    a == b || (a == ValueGuard.other && b?.isEmpty == false) || (b == ValueGuard.other && a?.isEmpty == false)
  }
}

extension TraceChanger {
  /// nil when no row changes.
  func reattributed(_ stored: StoredTrace, _ reattribution: TraceReattribution, _ limits: ProjectLimits) -> TraceChange? {
    let rows = reattribution.reattributed(stored.facts, stored.observations, frozenBefore: limits.frozenBefore)
    var change = TraceChange(
      row: TraceRow(facts: stored.facts, receivedAt: stored.receivedAt, summary: TraceSummary(rows)))
    change.row.settleDueAt = stored.settleDueAt
    Self.compare(rows, stored.observations, into: &change)
    change.keepOmitted(of: stored)
    return change.written.isEmpty ? nil : change
  }
}

/// What one transaction of a run did, counted with it.
struct ReattributionProgress {
  private var changed: Int64 = 0
  private var moved: Int128 = 0

  init(_ changes: [TraceChange]) {
    for change in changes {
      let old = Dictionary(change.replaced.map { ($0.facts.id, $0.decision) }, uniquingKeysWith: { a, _ in a })
      for row in change.written where row.decision.isCall {
        guard let was = old[row.facts.id], !was.isAttributedLike(row.decision) else { continue }
        changed &+= 1
        if was.team != row.decision.team { moved &+= row.decision.cost.cost?.pico ?? 0 }
      }
    }
  }

  /// Makes the transaction the only one that works on the run. *Errors:* `ReattributionElsewhere`.
  static func take(_ run: ReattributionID, _ c: Connection) throws {
    let sql: SQL = "select pg_try_advisory_xact_lock(\(lockClass), \(run))"
    if try c.first(sql, { try $0.bool(0) }) != true { throw ReattributionElsewhere() }
  }

  /// *Errors:* `ReattributionEnded`: nothing of the transaction is committed.
  func add(to run: ReattributionID, _ c: Connection) throws {
    let sql: SQL = """
      update reattributions set rows_changed = rows_changed + \(changed), cost_pico_moved = cost_pico_moved + \(moved)
      where id = \(run) and finished_at is null
      """
    if try c.execute(sql) == 0 { throw ReattributionEnded() }
  }

  private static let lockClass: Int32 = 1_903_521_911
}

/// Another process is at work on the run at this moment.
struct ReattributionElsewhere: Error {}

/// The run was stopped, or finished by another process.
struct ReattributionEnded: Error {}
