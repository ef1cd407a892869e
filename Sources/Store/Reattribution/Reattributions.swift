import Domain
import Postgres

/// Re-attribution: says what rules would change of booked calls, and changes it, a few hundred traces at a time. One run an organisation;
/// what a run has done is committed with its progress, so that any process can go on with it.
public struct Reattributions: Sendable {
  let pool: ConnectionPool
  let door: ObservationDoor
  let patterns: PatternCompiler
  /// Traces of one transaction.
  var tracesAtOnce = 300

  /// `patterns` compiles the regular expressions of rules.
  public init(pool: ConnectionPool, door: ObservationDoor, patterns: @escaping PatternCompiler) {
    self.pool = pool
    self.door = door
    self.patterns = patterns
  }

  /// Runs, newest first.
  public func list(scope: AccessScope, limit: Int = 100) async throws -> [Reattribution] {
    let sql: SQL = """
      \(Reattribution.select) where organisation_id = \(scope.organisation) order by id desc limit \(min(max(limit, 1), 1000))
      """
    return try await pool.run { c in try c.query(sql, Reattribution.init(row:)) }
  }

  /// nil when there is none of this id in the organisation.
  public func find(_ id: ReattributionID, scope: AccessScope) async throws -> Reattribution? {
    let sql: SQL = "\(Reattribution.select) where organisation_id = \(scope.organisation) and id = \(id)"
    return try await pool.run { c in try c.first(sql, Reattribution.init(row:)) }
  }

  /// Makes a run, which `work` then does. From here on nothing that was decided by older rules is written.
  ///
  /// *Errors:* `ReattributionRefusal` (frozen time, another run, not all of the organisation in reach), `StructureError`.
  public func begin(_ request: ReattributionRequest, scope: AccessScope, by actor: String) async throws -> Reattribution {
    let request = try Self.checked(request, scope)
    return try await pool.transaction { c in
      let change = try StructureChange(scope, actor, c)
      try Self.checkFrozen(request, scope.organisation, c)
      let running: SQL = "select 1 from reattributions where organisation_id = \(scope.organisation) and finished_at is null"
      guard try c.first(running, { _ in true }) == nil else {
        throw ReattributionRefusal(message: "Another re-attribution is at work. Accepted: after it has finished or was stopped.")
      }
      let revision = try change.raise()
      let sql: SQL = """
        insert into reattributions (organisation_id, from_time, to_time, reason, revision, created_by, done_before)
        values (\(scope.organisation), \(request.range.from), \(request.range.to), \(request.reason), \(revision), \(change.actor),
          \(request.range.from))
        returning id
        """
      guard let id: ReattributionID = try c.first(sql, { try $0.id(0) }) else { throw MissingRow() }
      try Reattribution.audit(id, scope.organisation, change.actor, "re-attribution begun", c)
      guard let run = try c.first("\(Reattribution.select) where id = \(id)", Reattribution.init(row:)) else { throw MissingRow() }
      return run
    }
  }

  /// Ends a run where it stands; what it has changed stays. False when it has ended already.
  public func stop(_ id: ReattributionID, scope: AccessScope, by actor: String) async throws -> Bool {
    let actor = try StructureChecks.text(actor, "actor", most: 300)
    return try await pool.transaction { c in
      let sql: SQL = """
        update reattributions set finished_at = now(), failed = \("Stopped by " + actor)
        where id = \(id) and organisation_id = \(scope.organisation) and finished_at is null
        """
      guard try c.execute(sql) > 0 else { return false }
      try Reattribution.audit(id, scope.organisation, actor, "re-attribution stopped", c)
      return true
    }
  }

  static func checked(_ request: ReattributionRequest, _ scope: AccessScope) throws -> ReattributionRequest {
    guard scope.teams == .all, scope.projects == .all else {
      throw ReattributionRefusal(message: "Re-attribution moves the money of the whole organisation, and not all of it is in reach.")
    }
    var checked = request
    checked.range = CostFrame.clamped(request.range)
    checked.reason = try StructureChecks.text(request.reason, "reason", most: 1000)
    guard checked.range.from < checked.range.to else {
      throw ReattributionRefusal(message: "The range is empty. Accepted: a start before the end.")
    }
    return checked
  }

  static func checkFrozen(_ request: ReattributionRequest, _ organisation: OrganisationID, _ c: Connection) throws {
    let sql: SQL = "select max(frozen_before) from projects where organisation_id = \(organisation)"
    guard let frozen = try c.first(sql, { try $0.timestampOrNil(0) }) ?? nil, request.range.from < frozen else { return }
    throw ReattributionRefusal(
      message: "What starts before \(UTCDay(frozen).iso) is frozen and is not changed any more. Accepted: a later start.")
  }

  /// Keys, people and rules as of one moment; with `rules` in place of the current ones.
  func directory(
    of organisation: OrganisationID, rules: [AttributionRule]? = nil
  ) async throws -> (directory: AttributionDirectory, rules: [AttributionRule]) {
    let (directory, current) = try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      (try AttributionDirectory.read(organisation, c), try AttributionRule.current(organisation, c))
    }
    var complete = directory
    complete.take(rules ?? current, patterns: patterns)
    return (complete, current)
  }
}
