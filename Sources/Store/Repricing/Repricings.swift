import Domain
import Postgres

/// Re-pricing: says what today's prices would change, and changes it, a few hundred traces at a time. One run an
/// organisation; what a run has done is committed with its progress, so that any process can go on with it.
public struct Repricings: Sendable {
  let pool: ConnectionPool
  let door: ObservationDoor
  /// Traces of one transaction.
  var tracesAtOnce = 300
  /// Traces looked for at once.
  var tracesFound = 20_000

  public init(pool: ConnectionPool, door: ObservationDoor) {
    self.pool = pool
    self.door = door
  }

  /// Runs, newest first.
  public func list(scope: AccessScope, limit: Int = 100) async throws -> [Repricing] {
    let sql: SQL = """
      \(Repricing.select) where organisation_id = \(scope.organisation) order by id desc limit \(min(max(limit, 1), 1000))
      """
    return try await pool.run { c in try c.query(sql, Repricing.init(row:)) }
  }

  /// nil when there is none of this id in the organisation.
  public func find(_ id: RepricingID, scope: AccessScope) async throws -> Repricing? {
    let sql: SQL = "\(Repricing.select) where organisation_id = \(scope.organisation) and id = \(id)"
    return try await pool.run { c in try c.first(sql, Repricing.init(row:)) }
  }

  /// Makes a run, which `work` then does. From here on nothing that was decided by less than `pricer` is written.
  ///
  /// *Errors:* `RepricingRefusal` (frozen time, another run, an older catalogue than the organisation's, no reason, not
  /// all of the organisation in reach), `StaleDecision` (read the agreements again), `PriceStoreError`.
  public func begin(_ request: RepricingRequest, pricer: Pricer, scope: AccessScope, by actor: String) async throws
    -> Repricing
  {
    let request = try Self.checked(request, scope)
    let actor = try PriceEntryChecks.text(actor, "actor")
    return try await pool.transaction { c in
      try PriceLock.takeAlone(scope.organisation, c)
      try Self.raise(to: pricer.revisions, scope.organisation, c)
      try Self.checkFrozen(request, scope.organisation, c)
      let running: SQL = "select 1 from repricings where organisation_id = \(scope.organisation) and finished_at is null"
      guard try c.first(running, { _ in true }) == nil else {
        throw RepricingRefusal(message: "Another re-pricing is at work. Accepted: after it has finished or was stopped.")
      }
      let (target, range) = (pricer.revisions, request.range)
      let sql: SQL = """
        insert into repricings (organisation_id, from_time, to_time, models, reason, revision, price_revision, created_by,
          done_before)
        values (\(scope.organisation), \(range.from), \(range.to), \(request.models), \(request.reason),
          \(target.catalogue), \(target.agreements), \(actor), \(range.from))
        returning id
        """
      guard let id: RepricingID = try c.first(sql, { try $0.id(0) }) else { throw MissingRow() }
      try Repricing.audit(id, scope.organisation, actor, "re-pricing begun", c)
      guard let run = try c.first("\(Repricing.select) where id = \(id)", Repricing.init(row:)) else { throw MissingRow() }
      return run
    }
  }

  /// Ends a run where it stands; what it has changed stays. False when it has ended already.
  public func stop(_ id: RepricingID, scope: AccessScope, by actor: String) async throws -> Bool {
    let actor = try PriceEntryChecks.text(actor, "actor")
    return try await pool.transaction { c in
      let sql: SQL = """
        update repricings set finished_at = now(), failed = \("Stopped by " + actor)
        where id = \(id) and organisation_id = \(scope.organisation) and finished_at is null
        """
      guard try c.execute(sql) > 0 else { return false }
      try Repricing.audit(id, scope.organisation, actor, "re-pricing stopped", c)
      return true
    }
  }

  /// The caller holds the lock of prices. Keeps everything decided by less out from now on.
  static func raise(to revisions: DecisionRevisions, _ organisation: OrganisationID, _ c: Connection) throws {
    let sql: SQL = "select catalogue_revision, price_revision from organisations where id = \(organisation)"
    let known = try c.first(sql) { DecisionRevisions(catalogue: try $0.int32(0), agreements: try $0.int32(1)) }
    guard let known else { throw PriceStoreError.unknownOrganisation }
    guard revisions.catalogue >= known.catalogue else {
      throw RepricingRefusal(
        message: "This process has price catalogue \(revisions.catalogue); a process with \(known.catalogue) was here. "
          + "Accepted: from a process with that catalogue or a later one.")
    }
    guard revisions.agreements == known.agreements else {
      throw StaleDecision(organisation: organisation, decidedBy: revisions, needed: known)
    }
    try c.execute(
      """
      update organisations set catalogue_revision = greatest(catalogue_revision, \(revisions.catalogue)),
        repriced_catalogue_revision = greatest(repriced_catalogue_revision, \(revisions.catalogue))
      where id = \(organisation)
      """)
  }

  static func checked(_ request: RepricingRequest, _ scope: AccessScope) throws -> RepricingRequest {
    guard scope.teams == .all, scope.projects == .all else {
      throw RepricingRefusal(message: "Re-pricing changes the money of the whole organisation, and not all of it is in reach.")
    }
    var checked = request
    checked.range = CostFrame.clamped(request.range)
    checked.reason = try PriceEntryChecks.text(request.reason, "reason", most: 1000)
    checked.models = Array(Set(request.models.map { RepricingSelection.folded($0.trimmedBlanks) })).sorted()
    guard checked.range.from < checked.range.to else {
      throw RepricingRefusal(message: "The range is empty. Accepted: a start before the end.")
    }
    guard checked.models.count <= 1000, checked.models.allSatisfy(\.isStorable) else {
      throw RepricingRefusal(message: "Accepted: at most 1000 models.")
    }
    return checked
  }

  static func checkFrozen(_ request: RepricingRequest, _ organisation: OrganisationID, _ c: Connection) throws {
    let sql: SQL = "select max(frozen_before) from projects where organisation_id = \(organisation)"
    guard let frozen = try c.first(sql, { try $0.timestampOrNil(0) }) ?? nil, request.range.from < frozen else { return }
    throw RepricingRefusal(
      message: "What starts before \(UTCDay(frozen).iso) is frozen and is not changed any more. Accepted: a later start.")
  }
}
