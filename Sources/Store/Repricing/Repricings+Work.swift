import Domain
import Postgres

/// What became of an attempt to work.
public enum RepricingStep: Sendable, Hashable {
  /// There is no run.
  case nothingToDo
  /// A part of a run is done, and it goes on.
  case workedOn(RepricingID)
  case finished(RepricingID)
  /// Another process is at work on it.
  case elsewhere(RepricingID)
  /// This process's catalogue is older than the run's.
  case catalogueTooOld(RepricingID)
}

extension Repricings {
  /// Time looked through at once.
  static let windowMicroseconds: Int64 = 6 * 3_600_000_000

  /// Does a part of the oldest run that is not finished: up to a quarter of a day, or 20,000 traces. Call it again while
  /// it says `workedOn`.
  ///
  /// *Errors:* `StaleDecision` (read the agreements again and go on), `DatabaseError`. Nothing is lost by either.
  public func work(_ pricer: Pricer) async throws -> RepricingStep {
    let sql: SQL = "\(Repricing.select) where finished_at is null order by id limit 1"
    guard var run = try await pool.run({ c in try c.first(sql, Repricing.init(row:)) }) else { return .nothingToDo }
    if pricer.revisions.catalogue < run.target.catalogue { return .catalogueTooOld(run.id) }
    if pricer.revisions.agreements < run.target.agreements {
      throw StaleDecision(organisation: run.organisation, decidedBy: pricer.revisions, needed: run.target)
    }
    do {
      if pricer.revisions != run.target { run = try await retarget(run, pricer.revisions) }
      return run.doneBefore < run.range.to ? try await advance(run, pricer) : try await finish(run)
    } catch is RepricingElsewhere {
      return .elsewhere(run.id)
    } catch is RepricingEnded {
      return .workedOn(run.id)
    }
  }

  /// Works until nothing is left to do; for the command line and tests.
  public func workToEnd(_ pricer: Pricer) async throws {
    while true {
      switch try await work(pricer) {
      case .workedOn: continue
      case .elsewhere: try await Task.sleep(for: .milliseconds(200))
      case .finished: return
      case .nothingToDo, .catalogueTooOld: return
      }
    }
  }

  /// Prices have changed while it ran: everything is looked through once more by the new ones.
  private func retarget(_ run: Repricing, _ target: DecisionRevisions) async throws -> Repricing {
    try await pool.transaction { c in
      try PriceLock.takeAlone(run.organisation, c)
      try Self.raise(to: target, run.organisation, c)
      let sql: SQL = """
        update repricings set revision = \(target.catalogue), price_revision = \(target.agreements), done_before = from_time
        where id = \(run.id) and finished_at is null
        """
      guard try c.execute(sql) > 0 else { throw RepricingEnded() }
      try Repricing.audit(run.id, run.organisation, run.createdBy, "re-pricing follows new prices", c)
      return try c.first("\(Repricing.select) where id = \(run.id)", Repricing.init(row:)) ?? run
    }
  }

  private func advance(_ run: Repricing, _ pricer: Pricer) async throws -> RepricingStep {
    let window = Self.window(run)
    let found = try await candidates(run, window)
    if found.isEmpty {
      try await pass(run, to: try await nextDay(run, after: window) ?? run.range.to)
      return .workedOn(run.id)
    }
    let selection = RepricingSelection(range: run.range, models: run.models)
    let repricing = TraceRepricing(selection: selection, price: pricer.price)
    for (project, traces) in found.sorted(by: { $0.key < $1.key }) {
      for start in stride(from: 0, to: traces.count, by: tracesAtOnce) {
        try Task.checkCancellation()
        let part = Array(traces[start..<min(start + tracesAtOnce, traces.count)])
        try await door.reprice(part, in: project, repricing, decidedBy: run.target, countedFor: run.id)
      }
    }
    if try await candidates(run, window) == found { try await fail(run, window) }
    return .workedOn(run.id)
  }

  private static func window(_ run: Repricing) -> TimeRange {
    let start = UTCDay.floored(run.doneBefore.microseconds, by: windowMicroseconds)
    let end = Timestamp(microseconds: start &+ windowMicroseconds)
    return TimeRange(spanning: run.doneBefore, min(end, run.range.to))
  }

  /// Traces of the window with rows below the target, in key order.
  private func candidates(_ run: Repricing, _ window: TimeRange) async throws -> [ProjectID: [TraceID]] {
    let selection = RepricingSelection(range: run.range, models: run.models)
    return try await pool.transaction(Self.reading) { c in
      let projects = try Self.projects(run.organisation, c)
      let sql: SQL = """
        select distinct o.project_id, o.trace_id from observations o join projects p on p.id = o.project_id
        where \(selection.condition(window, projects: projects)) and \(RepricingSelection.isBelow(run.target))
        order by 1, 2 limit \(tracesFound)
        """
      let rows = try c.query(sql.named("RepricingCandidates").uncached()) { row -> (ProjectID, TraceID) in
        (try row.id(0), try row.traceID(1))
      }
      return rows.reduce(into: [:]) { $0[$1.0, default: []].append($1.1) }
    }
  }

  /// Where the search goes on after an empty window: its end, or the next day that has rows at all.
  private func nextDay(_ run: Repricing, after window: TimeRange) async throws -> Timestamp? {
    let days = try await pool.run { c in try Self.observationDays(c) }
    let day = UTCDay(window.to)
    if days.contains(day) { return window.to }
    guard let next = days.filter({ $0 > day }).min() else { return nil }
    return min(next.start, run.range.to)
  }

  private func pass(_ run: Repricing, to time: Timestamp) async throws {
    try await pool.transaction { c in
      let sql: SQL = """
        update repricings set done_before = greatest(done_before, \(time)) where id = \(run.id) and finished_at is null
          and revision = \(run.target.catalogue) and price_revision = \(run.target.agreements)
        """
      try c.execute(sql)
    }
  }

  /// Once nothing of the whole range is below the target; else it is looked through again.
  private func finish(_ run: Repricing) async throws -> RepricingStep {
    let left = try await firstLeft(run)
    return try await pool.transaction { c in
      if let left {
        let start = UTCDay(left).start
        try c.execute(
          "update repricings set done_before = greatest(from_time, least(done_before, \(start))) where id = \(run.id)")
        return .workedOn(run.id)
      }
      let sql: SQL = "update repricings set finished_at = now() where id = \(run.id) and finished_at is null"
      guard try c.execute(sql) > 0 else { return .finished(run.id) }
      try Repricing.audit(run.id, run.organisation, run.createdBy, "re-pricing finished", c)
      return .finished(run.id)
    }
  }

  /// Start of the first row of the range that is below the target. A day at a time, so that no statement is long.
  private func firstLeft(_ run: Repricing) async throws -> Timestamp? {
    let selection = RepricingSelection(range: run.range, models: run.models)
    for day in try await pool.run({ c in try Self.observationDays(c) }).sorted() {
      let window = TimeRange(spanning: day.start, day.adding(1).start)
      guard window.from < run.range.to, window.to > run.range.from else { continue }
      let left: Timestamp? = try await pool.transaction(Self.reading) { c in
        let sql: SQL = """
          select o.started_at from observations o join projects p on p.id = o.project_id
          where \(selection.condition(window, projects: try Self.projects(run.organisation, c)))
            and \(RepricingSelection.isBelow(run.target))
          limit 1
          """
        return try c.first(sql.named("RepricingLeft").uncached()) { try $0.timestamp(0) }
      }
      if left != nil { return left }
    }
    return nil
  }

  /// Deciding again has not raised the revision of what was found: it would be found for ever.
  private func fail(_ run: Repricing, _ window: TimeRange) async throws {
    try await pool.transaction { c in
      let text = "Calls that start on \(UTCDay(window.from).iso) could not be decided by these prices."
      let sql: SQL = """
        update repricings set finished_at = now(), failed = \(text) where id = \(run.id) and finished_at is null
        """
      guard try c.execute(sql) > 0 else { return }
      try Repricing.audit(run.id, run.organisation, run.createdBy, "re-pricing failed", c)
    }
  }

  /// Looks through days; minutes where nothing matches.
  static let reading = TransactionOptions(
    isolation: .repeatableRead, readOnly: true, statementTimeoutMilliseconds: 600_000)

  static func projects(_ organisation: OrganisationID, _ c: Connection) throws -> [ProjectID] {
    try c.query("select id from projects where organisation_id = \(organisation) order by id") { try $0.id(0) }
  }

  /// Days that have a partition.
  static func observationDays(_ c: Connection) throws -> Set<UTCDay> {
    let sql: SQL = """
      select (to_date(right(c.relname, 8), 'YYYYMMDD') - date '1970-01-01')::integer
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'observations'::regclass and c.relname ~ '^observations_[0-9]{8}$'
      """
    return Set(try c.query(sql) { UTCDay(try $0.int32(0)) })
  }
}
